// COMMAND: what the server tells clients about its commands.
import { command } from "../../engine/command.ts";

export const commandCommand = command({
  name: "COMMAND",
  summary: "Describes every command.",
  since: "2.8.13",
  group: "server",
  complexity: "O(N) where N is the number of commands",
  flags: ["loading", "stale", "sentinel"],
  categories: ["connection"],
  tips: ["nondeterministic_output_order"],
  arity: -1,
  words: [],

  run({ reply }) {
    reply.array(0);
  },
});
