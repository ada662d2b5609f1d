import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { readString } from "../../keyspace/string.ts";

export const get = command({
  name: "GET",
  summary: "Replies with the string that a key holds.",
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    const { value } = db.keyspace;
    if (readString(db, args, 1, value)) reply.bulk(value.bytes, value.offset, value.length);
    else reply.nil();
  },
});
