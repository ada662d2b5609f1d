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

  isForSubscribers: true,
  isHealthCheck: true,

  run({ args, reply, session, engine }) {
    if (args.count > 2) throw engine.wrongArity();
    if (session.protocol === 2 && session.subscriptionCount > 0) {
      reply.array(2);
      reply.bulkLatin1("pong");
      if (args.count === 1) reply.bulkLatin1("");
      else reply.bulk(args.bytes, args.offsets[1], args.lengths[1]);
      return;
    }
    if (args.count === 1) reply.pong();
    else reply.bulk(args.bytes, args.offsets[1], args.lengths[1]);
  },
});
