// MEMORY: where the memory is.
import { command } from "../../engine/command.ts";

export const memory = command({
  name: "MEMORY",
  summary: "Answers questions about memory.",
  since: "4.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: [],
  arity: -2,
  words: [],

  run({ reply }) {
    reply.ok();
  },
});
