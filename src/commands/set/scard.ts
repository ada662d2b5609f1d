import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { countSet } from "../../keyspace/set.ts";

export const scard = command({
  name: "SCARD",
  summary: "Tells how many members a set has.",
  since: "1.0.0",
  group: "set",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO")],

  run({ args, db, reply }) {
    reply.integer(countSet(db, args, 1));
  },
});
