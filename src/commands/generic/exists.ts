import { command } from "../../engine/command.ts";
import { key, many } from "../../engine/word.ts";
import { noRef } from "../../memory/arena.ts";

export const exists = command({
  name: "EXISTS",
  summary: "Counts how many of the keys there are; a key that is named twice counts twice.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(N) for N keys.",
  flags: ["readonly", "fast"],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  history: [["3.0.3", "Takes several keys."]],
  words: [many(key("key", "RO"))],

  run({ args, db, reply }) {
    let count = 0;
    for (let index = 1; index < args.count; index++) {
      if (db.inspect(args, index) !== noRef) count++;
    }
    reply.integer(count);
  },
});
