import { command } from "../../engine/command.ts";
import { optional, string } from "../../engine/word.ts";

export const ping = command({
  name: "PING",
  summary: "Answers, which shows that the server is alive.",
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["fast", "sentinel"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  words: [optional(string("message"))],

  run({ args, reply, engine }) {
    if (args.count > 2) throw engine.wrongArity();
    if (args.count === 1) reply.pong();
    else reply.bulk(args.bytes, args.offsets[1], args.lengths[1]);
  },
});
