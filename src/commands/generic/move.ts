import { databaseArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key } from "../../engine/word.ts";
import { sameObject } from "../../keyspace/failure.ts";
import { moveKey } from "../../keyspace/keys.ts";

export const move = command({
  name: "MOVE",
  summary: "Moves a key to another database unless there is one of its name.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["write", "fast"],
  words: [key("key", "RW access update"), integer("db")],

  run({ args, db, reply }) {
    const target = databaseArgument(args, 2, db.keyspace);
    if (target === db) throw sameObject;
    reply.integer(moveKey(db, target, args, 1) ? 1 : 0);
  },
});
