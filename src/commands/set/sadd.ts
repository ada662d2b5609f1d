import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { addMembers } from "../../keyspace/set.ts";

export const sadd = command({
  name: "SADD",
  summary: "Adds members to a set, making the key when there is none.",
  since: "1.0.0",
  group: "set",
  complexity: "O(N) for N members.",
  flags: ["write", "denyoom", "fast"],
  history: [["2.4.0", "More than one member may be given."]],
  words: [key("key", "RW insert"), many(string("member"))],

  run({ args, db, reply }) {
    reply.integer(addMembers(db, args, 1, 2));
  },
});
