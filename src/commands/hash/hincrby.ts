import { exactIntegerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { double, integer, key, string } from "../../engine/word.ts";
import { incrementField, incrementFieldByFloat } from "../../keyspace/hash-increment.ts";

export const hincrby = command({
  name: "HINCRBY",
  summary: "Adds a number to the integer in a field; a missing field counts as 0.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update"), string("field"), integer("increment")],

  run({ args, db, reply }) {
    const increment = exactIntegerArgument(args, 3);
    reply.integer(incrementField(db, args, 1, 2, increment));
  },
});

export const hincrbyfloat = command({
  name: "HINCRBYFLOAT",
  summary: "Adds a number with a fraction to the number in a field; a missing field counts as 0.",
  since: "2.6.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update"), string("field"), double("increment")],

  run({ args, db, reply }) {
    const text = incrementFieldByFloat(db, args, 1, 2, 3);
    reply.bulk(text, 0, text.length);
  },
});
