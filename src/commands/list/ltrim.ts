import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key } from "../../engine/word.ts";
import { trimList } from "../../keyspace/list.ts";

export const ltrim = command({
  name: "LTRIM",
  summary: "Deletes all elements but those between two indexes, both inclusive.",
  since: "1.0.0",
  group: "list",
  complexity: "O(N) for N elements that are deleted.",
  flags: ["write"],
  words: [key("key", "RW delete"), integer("start"), integer("stop")],

  run({ args, db, reply }) {
    const start = integerArgument(args, 2);
    const stop = integerArgument(args, 3);
    trimList(db, args, 1, start, stop);
    reply.ok();
  },
});
