// DEBUG: switches and probes that Redis's test-suite uses.
import { command } from "../../engine/command.ts";

export const debug = command({
  name: "DEBUG",
  summary: "Looks into the server and switches parts of it, for tests.",
  since: "1.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: ["admin", "noscript", "loading", "stale", "protected"],
  arity: -2,
  words: [],

  run({ reply }) {
    reply.ok();
  },
});
