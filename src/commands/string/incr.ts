import { exactIntegerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key } from "../../engine/word.ts";
import { decrementOverflow } from "../../keyspace/failure.ts";
import { incrementString } from "../../keyspace/increment.ts";

const signed64Min = -(2n ** 63n);

export const incr = command({
  name: "INCR",
  summary: "Adds one to an integer; a missing key counts as 0.",
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update")],

  run({ args, db, reply }) {
    reply.integer(incrementString(db, args, 1, 1));
  },
});

export const decr = command({
  name: "DECR",
  summary: "Takes one from an integer; a missing key counts as 0.",
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update")],

  run({ args, db, reply }) {
    reply.integer(incrementString(db, args, 1, -1));
  },
});

export const incrby = command({
  name: "INCRBY",
  summary: "Adds a number to an integer; a missing key counts as 0.",
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update"), integer("increment")],

  run({ args, db, reply }) {
    reply.integer(incrementString(db, args, 1, exactIntegerArgument(args, 2)));
  },
});

export const decrby = command({
  name: "DECRBY",
  summary: "Takes a number from an integer; a missing key counts as 0.",
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update"), integer("decrement")],

  run({ args, db, reply }) {
    const decrement = exactIntegerArgument(args, 2);
    // Its negative is no 64-bit integer.
    if (decrement === signed64Min) throw decrementOverflow;
    reply.integer(incrementString(db, args, 1, -decrement));
  },
});
