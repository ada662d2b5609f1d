// Arguments of the bit commands: offsets, ranges in bytes or bits.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { parseInteger } from "../../bytes/integer.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";

const offsetInvalid = new Failure("ERR bit offset is not an integer or out of range");
const byte = asciiBytes("byte");
const bit = asciiBytes("bit");
const hash = 0x23;

/**
 * An offset in bits, within a string of at most `stringBytesMax` bytes. With a `width`, `#2` is the
 * place of the third field of that width.
 */
export function bitOffsetArgument(
  args: Slices,
  index: number,
  stringBytesMax: number,
  width = 0,
): number {
  const start = args.offsets[index];
  const isCounted = width > 0 && args.lengths[index] > 0 && args.bytes[start] === hash;
  const skipped = isCounted ? 1 : 0;
  const value = parseInteger(args.bytes, start + skipped, args.lengths[index] - skipped);
  const offset = isCounted ? value * width : value;
  if (!(offset >= 0) || Math.floor(offset / 8) >= stringBytesMax) throw offsetInvalid;
  return offset;
}

/** A range in bits, both ends included; first > last when it is empty. */
export interface BitRange {
  readonly first: number;
  readonly last: number;
}

/** Whether the argument at `index`, if there is one, says that the range counts in bits. */
export function isInBits(args: Slices, index: number): boolean {
  if (index >= args.count) return false;
  if (isArgument(args, index, bit)) return true;
  if (isArgument(args, index, byte)) return false;
  throw syntaxError;
}

/** The ends of a range as they are given. */
export interface RangeEnds {
  readonly start: number;
  readonly end: number;
  readonly isInBits: boolean;
}

export function rangeArguments(args: Slices, start: number, hasEnd: boolean): RangeEnds {
  const from = integerArgument(args, start);
  const isBits = isInBits(args, start + 2);
  const end = hasEnd ? integerArgument(args, start + 1) : -1;
  return { start: from, end, isInBits: isBits };
}

/** The range within a string of `length` bytes: negative ends count from its end. */
export function bitRange(ends: RangeEnds, length: number): BitRange {
  const total = ends.isInBits ? length * 8 : length;
  const first = Math.max(0, ends.start < 0 ? ends.start + total : ends.start);
  const end = Math.max(0, ends.end < 0 ? ends.end + total : ends.end);
  const last = Math.min(end, total - 1);
  if (ends.isInBits || first > last) return { first, last };
  return { first: first * 8, last: last * 8 + 7 };
}
