import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { block, integer, key, oneOf, optional, token } from "../../engine/word.ts";
import { countBits, findBit } from "../../keyspace/bitmap.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { readString } from "../../keyspace/string.ts";
import { bitRange, rangeArguments } from "./bit-argument.ts";

const notBit = new Failure("ERR The bit argument must be 1 or 0.");
const unit = oneOf("unit", [token("byte"), token("bit")], { since: "7.0.0" });

export const bitcount = command({
  name: "BITCOUNT",
  summary: "Counts the set bits of a string, or of a part of it.",
  since: "2.6.0",
  group: "bitmap",
  complexity: "O(N) for N bytes.",
  flags: ["readonly"],
  history: [["7.0.0", "`BYTE` and `BIT` came in."]],
  words: [
    key("key", "RO access"),
    optional(block("range", [integer("start"), integer("end"), optional(unit)])),
  ],
  optionsAt: 0,

  run({ args, db, reply }) {
    if (args.count === 3 || args.count > 5) throw syntaxError;
    const ends = args.count === 2 ? undefined : rangeArguments(args, 2, true);
    const { value } = db.keyspace;
    if (!readString(db, args, 1, value)) {
      reply.integer(0);
      return;
    }
    if (ends === undefined) {
      reply.integer(countBits(value, 0, value.length * 8 - 1));
      return;
    }
    const isBackwards = ends.start < 0 && ends.end < 0 && ends.start > ends.end;
    const range = bitRange(ends, value.length);
    reply.integer(isBackwards ? 0 : countBits(value, range.first, range.last));
  },
});

export const bitpos = command({
  name: "BITPOS",
  summary: "Finds the first bit of a string, or of a part of it, that is 0 or 1.",
  since: "2.8.7",
  group: "bitmap",
  complexity: "O(N) for N bytes.",
  flags: ["readonly"],
  history: [["7.0.0", "`BYTE` and `BIT` came in."]],
  words: [
    key("key", "RO access"),
    integer("bit"),
    optional(
      block("range", [
        integer("start"),
        optional(block("end-unit-block", [integer("end"), optional(unit)])),
      ]),
    ),
  ],
  optionsAt: 0,

  run({ args, db, reply }) {
    const bit = integerArgument(args, 2);
    if (bit !== 0 && bit !== 1) throw notBit;
    if (args.count > 6) throw syntaxError;
    const hasEnd = args.count >= 5;
    const ends =
      args.count === 3 ? { start: 0, end: -1, isInBits: false } : rangeArguments(args, 3, hasEnd);
    const { value } = db.keyspace;
    if (!readString(db, args, 1, value)) {
      reply.integer(bit === 1 ? -1 : 0);
      return;
    }
    const { first, last } = bitRange(ends, value.length);
    const found = findBit(value, bit, first, last);
    // Without an end the string goes on with zeros for ever.
    const isBehind = found < 0 && bit === 0 && !hasEnd && first <= last;
    reply.integer(isBehind ? value.length * 8 : found);
  },
});
