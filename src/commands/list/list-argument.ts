// Arguments that several commands on lists share.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { exactIntegerArgument, isArgument } from "../../engine/argument.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import type { ListEnd } from "../../keyspace/list.ts";

const left = asciiBytes("left");
const right = asciiBytes("right");
const signed64Min = -(2n ** 63n);
const noOpposite = new Failure(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);

/** LEFT or RIGHT. */
export function endArgument(args: Slices, index: number): ListEnd {
  if (isArgument(args, index, left)) return "first";
  if (isArgument(args, index, right)) return "last";
  throw syntaxError;
}

/** A count whose sign says from which end: any 64-bit integer but the one that has no opposite. */
export function signedCountArgument(args: Slices, index: number): number {
  const value = exactIntegerArgument(args, index);
  if (value === signed64Min) throw noOpposite;
  return Number(value);
}
