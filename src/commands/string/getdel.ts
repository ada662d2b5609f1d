import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { deleteKey } from "../../keyspace/keys.ts";
import { readString } from "../../keyspace/string.ts";

export const getdel = command({
  name: "GETDEL",
  summary: "Replies with the string that a key holds and deletes the key.",
  since: "6.2.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "fast"],
  words: [key("key", "RW access delete")],

  run({ args, db, reply, engine }) {
    const { value } = db.keyspace;
    if (!readString(db, args, 1, value)) {
      reply.nil();
      return;
    }
    reply.bulk(value.bytes, value.offset, value.length);
    deleteKey(db, args, 1);
    engine.propagation.begin(db, 2).text("DEL").argument(args, 1);
  },
});
