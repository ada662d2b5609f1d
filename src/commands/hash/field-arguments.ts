// The arguments that the commands on the expiry of fields share: `FIELDS numfields field ...` and
// times.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { ExpiryUnit } from "../../engine/argument.ts";
import { integerArgument, isArgument, rangeArgument } from "../../engine/argument.ts";
import { integer, many, block, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";

const fieldsWord = asciiBytes("fields");
const fieldsMissing = new Failure(
  "ERR Mandatory argument FIELDS is missing or not at the right position",
);
export const countNotPositive = new Failure("ERR Number of fields must be a positive integer");
const countWrong = new Failure("ERR The `numfields` parameter must match the number of arguments");
const timeNegative = new Failure("ERR invalid expire time, must be >= 0");
/** Times have 46 bits: the year 4199. Redis keeps two more for itself. */
const timeMsMax = 2 ** 46 - 1;

/** The words from FIELDS on. */
export const fieldsWords = block("fields", [integer("numfields"), many(string("field"))], {
  token: "FIELDS",
});

/** The first field's index; FIELDS must be at `index`, and the number of fields right. */
export function fieldsArgument(args: Slices, index: number, badCount: Failure): number {
  if (index + 1 >= args.count || !isArgument(args, index, fieldsWord)) throw fieldsMissing;
  const count = rangeArgument(args, index + 1, 1, Infinity, badCount);
  if (count !== args.count - index - 2) throw countWrong;
  return index + 2;
}

/**
 * The time that the argument names, in ms since 1970. `commandName`, in lower case, is for the
 * message.
 */
export function fieldTimeArgument(
  args: Slices,
  index: number,
  unit: ExpiryUnit,
  nowMs: number,
  commandName: string,
): number {
  const value = integerArgument(args, index);
  if (value < 0) throw timeNegative;
  const timeMs = value * unit.unitMs + (unit.isRelative ? nowMs : 0);
  if (timeMs > timeMsMax) {
    throw new Failure(`ERR invalid expire time in '${commandName}' command`);
  }
  return timeMs;
}
