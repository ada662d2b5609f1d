import { command } from "../../engine/command.ts";
import { integer, key, string } from "../../engine/word.ts";
import { removeElements } from "../../keyspace/list-search.ts";
import { signedCountArgument } from "./list-argument.ts";

export const lrem = command({
  name: "LREM",
  summary: "Deletes the first or last few elements that equal a value, or all of them.",
  since: "1.0.0",
  group: "list",
  complexity: "O(N+M) for a list of N elements of which M are deleted.",
  flags: ["write"],
  words: [key("key", "RW delete"), integer("count"), string("element")],

  run({ args, db, reply }) {
    const count = signedCountArgument(args, 2);
    reply.integer(removeElements(db, args, 1, count, 3));
  },
});
