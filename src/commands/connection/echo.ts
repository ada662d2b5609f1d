import { command } from "../../engine/command.ts";
import { string } from "../../engine/word.ts";

export const echo = command({
  name: "ECHO",
  summary: "Sends its argument back.",
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["loading", "stale", "fast"],
  words: [string("message")],

  run({ args, reply }) {
    reply.bulk(args.bytes, args.offsets[1], args.lengths[1]);
  },
});
