import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, string } from "../../engine/word.ts";
import { offsetOutOfRange } from "../../keyspace/failure.ts";
import { setStringRange } from "../../keyspace/string.ts";

export const setrange = command({
  name: "SETRANGE",
  summary:
    "Writes bytes into a string at an offset, first lengthening it with zero bytes if need be.",
  since: "2.2.0",
  group: "string",
  complexity: "O(N) for N written bytes; a string that must grow may be copied.",
  flags: ["write", "denyoom"],
  words: [key("key", "RW update"), integer("offset"), string("value")],

  run({ args, db, reply }) {
    const offset = integerArgument(args, 2);
    if (offset < 0) throw offsetOutOfRange;
    reply.integer(setStringRange(db, args, 1, offset, 3));
  },
});
