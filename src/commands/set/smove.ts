import { command } from "../../engine/command.ts";
import { key, string } from "../../engine/word.ts";
import { moveMember } from "../../keyspace/set.ts";

export const smove = command({
  name: "SMOVE",
  summary: "Moves a member from one set to another.",
  since: "1.0.0",
  group: "set",
  complexity: "O(1)",
  flags: ["write", "fast"],
  words: [key("source", "RW access delete"), key("destination", "RW insert"), string("member")],

  run({ args, db, reply }) {
    reply.integer(moveMember(db, args, 1, 2, 3) ? 1 : 0);
  },
});
