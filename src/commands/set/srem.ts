import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { removeMembers } from "../../keyspace/set.ts";

export const srem = command({
  name: "SREM",
  summary: "Removes members from a set. The key goes with its last member.",
  since: "1.0.0",
  group: "set",
  complexity: "O(N) for N members.",
  flags: ["write", "fast"],
  history: [["2.4.0", "More than one member may be given."]],
  words: [key("key", "RW delete"), many(string("member"))],

  run({ args, db, reply }) {
    reply.integer(removeMembers(db, args, 1, 2));
  },
});
