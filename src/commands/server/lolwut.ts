// LOLWUT: a small picture, and the version.
import { command } from "../../engine/command.ts";
import { integer, optional } from "../../engine/word.ts";

export const lolwut = command({
  name: "LOLWUT",
  summary: "Draws a picture out of characters and names the version.",
  since: "5.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  arity: -1,
  words: [optional(integer("version", { token: "VERSION" }))],

  run({ reply }) {
    reply.verbatim("txt", "");
  },
});
