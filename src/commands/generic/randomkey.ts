import { command } from "../../engine/command.ts";
import { randomKey } from "../../keyspace/keys.ts";
import { keyLength, keyOffset } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";

export const randomkey = command({
  name: "RANDOMKEY",
  summary: "Picks a key at random.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly"],
  tips: ["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
  words: [],

  run({ db, reply, engine }) {
    engine.propagation.separate();
    const ref = randomKey(db);
    const { arena } = db.keyspace;
    if (ref === noRef) reply.nil();
    else reply.bulk(arena.bytes[ref >>> 16], keyOffset(arena, ref), keyLength(arena, ref));
  },
});
