import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { removeMembers } from "../../keyspace/zset.ts";

export const zrem = command({
  name: "ZREM",
  summary: "Deletes members of a sorted set, and the key with the last of them.",
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(M*log(N)) for M of N members.",
  flags: ["write", "fast"],
  history: [["2.4.0", "Several members at once."]],
  words: [key("key", "RW delete"), many(string("member"))],

  run({ args, db, reply }) {
    reply.integer(removeMembers(db, args, 1, 2));
  },
});
