// The option COUNT, as SCAN, SSCAN, HSCAN and ZSCAN have it.
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument } from "../../engine/argument.ts";
import { syntaxError } from "../../keyspace/failure.ts";

const defaultCount = 10;

/** The count at argument `index`, or the default when that is 0. */
export function scanCount(args: Slices, index: number): number {
  if (index === 0) return defaultCount;
  const count = integerArgument(args, index);
  if (count < 1) throw syntaxError;
  return count;
}
