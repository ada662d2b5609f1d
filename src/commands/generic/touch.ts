import { command } from "../../engine/command.ts";
import { key, many } from "../../engine/word.ts";
import { noRef } from "../../memory/arena.ts";

export const touch = command({
  name: "TOUCH",
  summary: "Marks keys as just used and replies with how many of them there are.",
  since: "3.2.1",
  group: "generic",
  complexity: "O(N) for N keys.",
  flags: ["readonly", "fast"],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  words: [many(key("key", "RO"))],

  run({ args, db, reply }) {
    let count = 0;
    // Even a client that otherwise leaves no trace asks for one here.
    db.keyspace.touches = true;
    for (let index = 1; index < args.count; index++) {
      if (db.read(args, index) !== noRef) count++;
    }
    reply.integer(count);
  },
});
