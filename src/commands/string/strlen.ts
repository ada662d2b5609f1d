import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { readString } from "../../keyspace/string.ts";

export const strlen = command({
  name: "STRLEN",
  summary: "Replies with the length of a string in bytes.",
  since: "2.2.0",
  group: "string",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO")],

  run({ args, db, reply }) {
    const { value } = db.keyspace;
    reply.integer(readString(db, args, 1, value) ? value.length : 0);
  },
});
