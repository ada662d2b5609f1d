import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { persistKey } from "../../keyspace/expiry.ts";

export const persist = command({
  name: "PERSIST",
  summary: "Lets a key that would expire live for ever.",
  since: "2.2.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["write", "fast"],
  words: [key("key", "RW update")],

  run({ args, db, reply }) {
    reply.integer(persistKey(db, args, 1) ? 1 : 0);
  },
});
