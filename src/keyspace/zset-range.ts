// Ranges of sorted sets. Whatever a range is given by (ranks, scores, members), it is a run of
// ranks; LIMIT and REV are arithmetic with them, counting it is a subtraction, and deleting it is
// `removeRanks`.
import { asciiBytes, equalsWord } from "../bytes/ascii.ts";
import { parseDouble } from "../bytes/double.ts";
import { parseFloatText } from "../bytes/float-text.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { countOfMembersBelow, countOfScoresBelow } from "../structures/sorted-index.ts";
import { Failure } from "./failure.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, valueRef } from "./record.ts";
import { countSmallMembersBelow, countSmallScoresBelow } from "./zset-listpack.ts";
import { zsetCount } from "./zset.ts";
import { indexOf } from "./zset-value.ts";

export const boundNotFloat = new Failure("ERR min or max is not a float");
export const boundNotMember = new Failure("ERR min or max not valid string range item");

const infinity = asciiBytes("+inf");
const minusInfinity = asciiBytes("-inf");
const parenthesis = 0x28;
const bracket = 0x5b;
const plus = 0x2b;
const minus = 0x2d;

/** Scores from `min` to `max`, either of them excluded when its flag is 1. */
export class ScoreRange {
  min = 0;
  max = 0;
  minExcluded = 0;
  maxExcluded = 0;

  /** Reads two arguments; throws `boundNotFloat`. */
  parse(args: Slices, min: number, max: number): void {
    this.minExcluded = isExcluded(args, min);
    this.maxExcluded = isExcluded(args, max);
    this.min = boundOf(args, min, this.minExcluded);
    this.max = boundOf(args, max, this.maxExcluded);
  }
}

function isExcluded(args: Slices, index: number): number {
  return args.lengths[index] > 0 && args.bytes[args.offsets[index]] === parenthesis ? 1 : 0;
}

function boundOf(args: Slices, index: number, skipped: number): number {
  const offset = args.offsets[index] + skipped;
  const length = args.lengths[index] - skipped;
  // The two bounds that most requests have.
  if (equalsWord(args.bytes, offset, length, infinity)) return Infinity;
  if (equalsWord(args.bytes, offset, length, minusInfinity)) return -Infinity;
  return parseDouble(args.bytes, offset, length) ?? unusualBound(args.latin1(index).slice(skipped));
}

/**
 * What C's strtod takes for a number and ZADD does not: nothing at all, blanks in front, numbers
 * beyond the largest.
 */
function unusualBound(text: string): number {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, "");
  if (text === "") return 0;
  const parsed = parseFloatText(trimmed);
  if (parsed === undefined) throw boundNotFloat;
  if (parsed.kind === "infinity") return parsed.isNegative ? -Infinity : Infinity;
  if (parsed.kind === "decimal") return Number(trimmed);
  return (parsed.isNegative ? -1 : 1) * Number(`0x${parsed.digits}`) * 2 ** parsed.exponent;
}

/** A bound of a range of members: `-`, `+`, `[member` or `(member`. */
class MemberBound {
  /** -1 before all members, 1 behind all, 0 at the member in the argument. */
  side = 0;
  isExcluded = 0;
  offset = 0;
  length = 0;

  parse(args: Slices, index: number): void {
    const first = args.lengths[index] === 0 ? 0 : args.bytes[args.offsets[index]];
    this.side = 0;
    this.isExcluded = first === parenthesis ? 1 : 0;
    this.offset = args.offsets[index] + 1;
    this.length = args.lengths[index] - 1;
    if (first === parenthesis || first === bracket) return;
    if (this.length !== 0 || (first !== plus && first !== minus)) throw boundNotMember;
    this.side = first === plus ? 1 : -1;
  }
}

/** Members from `min` to `max` in the order of their bytes. */
export class MemberRange {
  readonly min = new MemberBound();
  readonly max = new MemberBound();
  bytes: Uint8Array = new Uint8Array(0);

  /** Reads two arguments; throws `boundNotMember`. */
  parse(args: Slices, min: number, max: number): void {
    this.bytes = args.bytes;
    this.min.parse(args, min);
    this.max.parse(args, max);
  }
}

/** A run of ranks: `count` from `first` on. */
export class RankRun {
  first = 0;
  count = 0;

  set(first: number, end: number): void {
    this.first = first;
    this.count = end > first ? end - first : 0;
  }

  /** From `start` to `stop` inclusive, negative ones counted from the end, as ZRANGE has them. */
  setRanks(start: number, stop: number, total: number): void {
    const first = start < 0 ? Math.max(0, start + total) : start;
    const last = stop < 0 ? stop + total : stop;
    this.set(first, Math.min(last + 1, total));
  }

  /** The ranks of the scores in the range. */
  setScores(keyspace: Keyspace, ref: Ref, range: ScoreRange): void {
    const { min, max } = range;
    const total = zsetCount(keyspace, ref);
    const { arena } = keyspace;
    const isAll = max === Infinity && range.maxExcluded === 0;
    const end = isAll ? total : scoresBelow(arena, ref, max, 1 - range.maxExcluded);
    const isFromFirst = end === 0 || (min === -Infinity && range.minExcluded === 0);
    this.set(isFromFirst ? 0 : scoresBelow(arena, ref, min, range.minExcluded), end);
  }

  /** The ranks of the members in the range, for a set whose scores are all the same. */
  setMembers(keyspace: Keyspace, ref: Ref, range: MemberRange): void {
    const { min, max, bytes } = range;
    const { arena } = keyspace;
    const total = zsetCount(keyspace, ref);
    const first = membersBelow(arena, ref, bytes, min, min.isExcluded, total);
    const end = membersBelow(arena, ref, bytes, max, 1 - max.isExcluded, total);
    this.set(first, end);
  }

  /**
   * LIMIT: passes over `offset` members and leaves at most `count` (all when negative); `reverse` 1
   * counts from the end.
   */
  limit(offset: number, count: number, reverse: number): void {
    const skipped = offset < 0 ? this.count : Math.min(offset, this.count);
    const left = this.count - skipped;
    const taken = count < 0 ? left : Math.min(count, left);
    this.first += reverse === 0 ? skipped : left - taken;
    this.count = taken;
  }
}

function scoresBelow(arena: Arena, ref: Ref, score: number, orEqual: number): number {
  const root = valueRef(arena, ref);
  return encodingOf(arena, ref) === encoding.listpack
    ? countSmallScoresBelow(arena, root, score, orEqual)
    : countOfScoresBelow(arena, indexOf(root), score, orEqual);
}

function membersBelow(
  arena: Arena,
  ref: Ref,
  bytes: Uint8Array,
  bound: MemberBound,
  orEqual: number,
  total: number,
): number {
  if (bound.side !== 0) return bound.side < 0 ? 0 : total;
  const root = valueRef(arena, ref);
  return encodingOf(arena, ref) === encoding.listpack
    ? countSmallMembersBelow(arena, root, bytes, bound.offset, bound.length, orEqual)
    : countOfMembersBelow(arena, indexOf(root), bytes, bound.offset, bound.length, orEqual);
}
