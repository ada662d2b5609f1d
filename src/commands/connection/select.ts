import { databaseArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer } from "../../engine/word.ts";

export const select = command({
  name: "SELECT",
  summary: "Chooses the database that the connection's commands work on.",
  since: "1.0.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["loading", "stale", "fast"],
  words: [integer("index")],

  run({ args, reply, session, engine }) {
    session.db = databaseArgument(args, 1, engine.keyspace);
    reply.ok();
  },
});
