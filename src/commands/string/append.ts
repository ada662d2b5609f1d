import { command } from "../../engine/command.ts";
import { key, string } from "../../engine/word.ts";
import { appendString } from "../../keyspace/string.ts";

export const append = command({
  name: "APPEND",
  summary: "Adds bytes to the end of a string, making it when there is none.",
  since: "2.0.0",
  group: "string",
  complexity: "O(1) amortised: the spare room doubles when it runs out.",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW insert"), string("value")],

  run({ args, db, reply }) {
    reply.integer(appendString(db, args, 1, 2));
  },
});
