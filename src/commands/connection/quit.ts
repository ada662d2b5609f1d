import { command } from "../../engine/command.ts";

export const quit = command({
  name: "QUIT",
  summary: "Closes the connection, after a last reply.",
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["allow_busy", "noscript", "loading", "stale", "fast", "no_auth"],
  deprecated: { since: "7.2.0", replacedBy: "just closing the connection" },
  words: [],
  arity: -1,
  isNeverQueued: true,
  isForSubscribers: true,

  run({ reply, session }) {
    reply.ok();
    session.link.closeAfterReply();
  },
});
