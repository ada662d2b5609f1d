// Arguments as numbers, for handlers: each function reads one argument of the request and throws
// the Failure that Redis would reply.
//
// Redis's integers have 64 bits, ours 53. Where the exact value matters (INCRBY) ask
// `exactIntegerArgument`; everywhere else (counts, indexes, timeouts) a number beyond 2^53 means
// "very many", and the nearest double does.
import { equalsWord } from "../bytes/ascii.ts";
import { parseDouble } from "../bytes/double.ts";
import { parseInteger, parseInteger64, parseUnsigned64 } from "../bytes/integer.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import {
  Failure,
  databaseOutOfRange,
  invalidCursor,
  notFloat,
  notInteger,
  notPositive,
} from "../keyspace/failure.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

const int32Min = -2147483648;
const int32Max = 2147483647;
const signed64Max = 2n ** 63n - 1n;
/** Together with the time of day it must fit 64 bits. */
const timeoutMsMax = 2 ** 63 - 2 ** 42;
const timeoutNotFloat = new Failure("ERR timeout is not a float or out of range");
const timeoutNegative = new Failure("ERR timeout is negative");
const timeoutOutOfRange = new Failure("ERR timeout is out of range");

/** Whether the argument is the word, whatever its case; `word` is in lower case. */
export function isArgument(args: Slices, index: number, word: Uint8Array): boolean {
  return equalsWord(args.bytes, args.offsets[index], args.lengths[index], word);
}

/** A signed 64-bit integer as a number: exact up to 2^53, the nearest double beyond. */
export function integerArgument(
  args: Slices,
  index: number,
  failure: Failure = notInteger,
): number {
  const value = parseInteger(args.bytes, args.offsets[index], args.lengths[index]);
  return Number.isNaN(value) ? Number(bigIntegerArgument(args, index, failure)) : value;
}

/** A signed 64-bit integer, exactly: a BigInt when it is beyond 2^53. */
export function exactIntegerArgument(
  args: Slices,
  index: number,
  failure: Failure = notInteger,
): number | bigint {
  const value = parseInteger(args.bytes, args.offsets[index], args.lengths[index]);
  return Number.isNaN(value) ? bigIntegerArgument(args, index, failure) : value;
}

/** A signed 64-bit integer as a BigInt. For cold paths. */
export function bigIntegerArgument(
  args: Slices,
  index: number,
  failure: Failure = notInteger,
): bigint {
  const value = parseInteger64(args.bytes, args.offsets[index], args.lengths[index]);
  if (value === undefined) throw failure;
  return value;
}

/**
 * An integer from `min` to `max`. With a `failure` of its own that is thrown for everything else,
 * also for what is no integer.
 */
export function rangeArgument(
  args: Slices,
  index: number,
  min: number,
  max: number,
  failure?: Failure,
): number {
  const value = integerArgument(args, index, failure);
  if (value >= min && value <= max) return value;
  throw failure ?? outOfRange(min, max);
}

function outOfRange(min: number, max: number): Failure {
  return new Failure(`ERR value is out of range, value must between ${min} and ${max}`);
}

/** An integer that fits 32 bits. */
export function int32Argument(args: Slices, index: number, failure?: Failure): number {
  return rangeArgument(args, index, int32Min, int32Max, failure);
}

/** An integer from 0 up. */
export function positiveArgument(
  args: Slices,
  index: number,
  failure: Failure = notPositive,
): number {
  return rangeArgument(args, index, 0, Infinity, failure);
}

/** A double, infinities included, never NaN. */
export function doubleArgument(args: Slices, index: number, failure: Failure = notFloat): number {
  const value = parseDouble(args.bytes, args.offsets[index], args.lengths[index]);
  if (value === undefined) throw failure;
  return value;
}

/**
 * How long a command may wait, in whole ms: the argument is in seconds and may have fractions. 0
 * means for ever.
 */
export function timeoutArgument(args: Slices, index: number): number {
  const timeoutMs = Math.ceil(doubleArgument(args, index, timeoutNotFloat) * 1000);
  if (timeoutMs > timeoutMsMax) throw timeoutOutOfRange;
  if (timeoutMs < 0) throw timeoutNegative;
  return timeoutMs;
}

/** The database of that number. */
export function databaseArgument(args: Slices, index: number, keyspace: Keyspace): Database {
  const number = int32Argument(args, index);
  if (number < 0 || number >= keyspace.databases.length) throw databaseOutOfRange;
  return keyspace.databases[number];
}

/**
 * The cursor of SCAN and its kin: any unsigned 64-bit integer, of which our cursors are the low 32
 * bits.
 */
export function cursorArgument(args: Slices, index: number): number {
  const value = parseInteger(args.bytes, args.offsets[index], args.lengths[index]);
  if (value >= 0) return value >>> 0;
  const large = parseUnsigned64(args.bytes, args.offsets[index], args.lengths[index]);
  if (large === undefined) throw invalidCursor;
  return Number(BigInt.asUintN(32, large));
}

/** What an argument that says when a key expires counts in. */
export interface ExpiryUnit {
  /** Milliseconds in one of the argument's units: 1 or 1000. */
  readonly unitMs: number;
  /** Whether it counts from now, not from 1970. */
  readonly isRelative: boolean;
}

/** The four ways to say it, by the option of SET that means it. */
export const expiryUnits = {
  ex: { unitMs: 1000, isRelative: true },
  px: { unitMs: 1, isRelative: true },
  exat: { unitMs: 1000, isRelative: false },
  pxat: { unitMs: 1, isRelative: false },
} as const satisfies Record<string, ExpiryUnit>;

/**
 * The time that the argument names, in ms since 1970. A time in the past is one, and may be
 * negative; one that 64 bits cannot hold is not. `commandName`, in lower case, is for the message.
 *
 * Redis differs: it keeps times beyond 2^53 ms (the year 287,396) exactly, for us they are all that
 * one.
 */
export function expiryArgument(
  args: Slices,
  index: number,
  unit: ExpiryUnit,
  nowMs: number,
  commandName: string,
): number {
  const value = exactIntegerArgument(args, index);
  const baseMs = unit.isRelative ? nowMs : 0;
  if (typeof value === "number") {
    const expiryMs = value * unit.unitMs + baseMs;
    if (Number.isSafeInteger(expiryMs)) return expiryMs;
  }
  return largeExpiry(BigInt(value) * BigInt(unit.unitMs), BigInt(baseMs), commandName);
}

function largeExpiry(offsetMs: bigint, baseMs: bigint, commandName: string): number {
  const isTooLarge = offsetMs + baseMs > signed64Max || offsetMs < -signed64Max - 1n;
  if (isTooLarge) throw invalidExpiry(commandName);
  const expiryMs = Number(offsetMs + baseMs);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, expiryMs));
}

/**
 * The same for SET and its kin, which refuse times up to 1970 and relative ones that are not ahead.
 */
export function futureExpiryArgument(
  args: Slices,
  index: number,
  unit: ExpiryUnit,
  nowMs: number,
  commandName: string,
): number {
  const expiryMs = expiryArgument(args, index, unit, nowMs, commandName);
  if (expiryMs <= (unit.isRelative ? nowMs : 0)) throw invalidExpiry(commandName);
  return expiryMs;
}

function invalidExpiry(commandName: string): Failure {
  return new Failure(`ERR invalid expire time in '${commandName}' command`);
}
