import { command } from "../../engine/command.ts";
import { pattern } from "../../engine/word.ts";
import { forEachKey, patternIndex } from "../../keyspace/keys.ts";
import { keyLength, keyOffset } from "../../keyspace/record.ts";

export const keys = command({
  name: "KEYS",
  summary: "Lists all keys whose names match a pattern.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(N) for N keys in the database.",
  flags: ["readonly"],
  categories: ["dangerous"],
  tips: ["request_policy:all_shards", "nondeterministic_output_order"],
  words: [pattern("pattern")],

  run({ args, db, reply }) {
    const { arena } = db.keyspace;
    const filter = { args, pattern: patternIndex(args, 1), type: -1 };
    const mark = reply.open();
    let count = 0;
    forEachKey(db, filter, (ref) => {
      reply.bulk(arena.bytes[ref >>> 16], keyOffset(arena, ref), keyLength(arena, ref));
      count++;
    });
    reply.close(mark, "array", count);
  },
});
