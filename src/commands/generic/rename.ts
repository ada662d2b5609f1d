import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { renameKey } from "../../keyspace/keys.ts";

export const rename = command({
  name: "RENAME",
  summary: "Gives a key another name; a key that had this name is gone.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(1), and the cost of deleting the key that had the name.",
  flags: ["write"],
  words: [key("key", "RW access delete"), key("newkey", "OW update")],

  run({ args, db, reply }) {
    renameKey(db, args, 1, 2, { unlessExists: false });
    reply.ok();
  },
});

export const renamenx = command({
  name: "RENAMENX",
  summary: "Gives a key another name unless there is a key of that name.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history: [["3.2.0", "Two equal names are no error any more."]],
  words: [key("key", "RW access delete"), key("newkey", "OW insert")],

  run({ args, db, reply }) {
    reply.integer(renameKey(db, args, 1, 2, { unlessExists: true }) ? 1 : 0);
  },
});
