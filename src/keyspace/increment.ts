// Numbers in strings: INCR, INCRBYFLOAT and their kin. A number is kept as its digits, so counting
// means reading and writing about ten of them; only integers beyond 2^53 need BigInt, and only
// floats the 80-bit arithmetic of the C library that Redis uses.
import { asciiBytes } from "../bytes/ascii.ts";
import { integerLength, parseInteger, parseInteger64, writeInteger } from "../bytes/integer.ts";
import {
  addLongDouble,
  formatLongDoubleHuman,
  isFiniteLongDouble,
  parseLongDouble,
} from "../bytes/long-double.ts";
import type { LongDouble } from "../bytes/long-double.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import {
  incrementNotFinite,
  incrementOverflow,
  notFloat,
  notInteger,
  wrongType,
} from "./failure.ts";
import { keyEvents } from "./key-event.ts";
import {
  embeddedBytesMax,
  encoding,
  fitsInline,
  recordType,
  setEncoding,
  setInlineLength,
  sliceString,
  typeOf,
} from "./record.ts";
import { keepExpiry, noExpiry, storeEncoded } from "./string.ts";

const signed64Max = 2n ** 63n - 1n;
const signed64Min = -(2n ** 63n);

/**
 * INCRBY; returns the new value, a BigInt when it is not a safe integer. Throws `notInteger` and
 * `incrementOverflow`.
 */
export function incrementString(
  db: Database,
  args: Slices,
  key: number,
  delta: number | bigint,
): number | bigint {
  const ref = db.write(args, key);
  const { keyspace } = db;
  let old: number | bigint = 0;
  if (ref !== noRef) {
    if (typeOf(keyspace.arena, ref) !== recordType.string) throw wrongType;
    sliceString(keyspace.arena, ref, keyspace.value);
    if (typeof delta === "number") {
      const counted = countInPlace(db, ref, delta);
      if (!Number.isNaN(counted)) {
        keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.incrby);
        return counted;
      }
    }
    const { bytes, offset, length } = keyspace.value;
    old = parseInteger(bytes, offset, length);
    if (Number.isNaN(old)) old = parseLarge(bytes, offset, length);
  }
  const sum = addIntegers(old, delta);
  const digits = keyspace.digits;
  const length = writeDecimal(digits, sum);
  storeEncoded(db, args, key, ref, digits, 0, length, encoding.int, keptExpiry(ref));
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.incrby);
  return sum;
}

/**
 * The common case: a small number whose new digits fit where the old ones are, which `value` points
 * at. Returns the new number, or NaN when it is not that simple and nothing was done.
 */
function countInPlace(db: Database, ref: Ref, delta: number): number {
  const { arena, value } = db.keyspace;
  const sum = parseInteger(value.bytes, value.offset, value.length) + delta;
  if (!Number.isSafeInteger(sum)) return NaN;
  const length = integerLength(sum);
  if (!fitsInline(arena, ref, length)) return NaN;
  setInlineLength(arena, ref, length);
  setEncoding(arena, ref, encoding.int);
  writeInteger(value.bytes, value.offset, sum);
  return sum;
}

function keptExpiry(ref: Ref): number {
  return ref === noRef ? noExpiry : keepExpiry;
}

function parseLarge(bytes: Uint8Array, offset: number, length: number): bigint {
  const value = parseInteger64(bytes, offset, length);
  if (value === undefined) throw notInteger;
  return value;
}

/** The sum of two signed 64-bit integers; throws when it is none. */
function addIntegers(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(a) + BigInt(b);
  if (sum > signed64Max || sum < signed64Min) throw incrementOverflow;
  return sum;
}

function writeDecimal(bytes: Uint8Array, value: number | bigint): number {
  if (typeof value === "number") return writeInteger(bytes, 0, value);
  const text = asciiBytes(value.toString());
  bytes.set(text);
  return text.length;
}

/**
 * INCRBYFLOAT; `increment` is the index of its argument. Returns the new value's text, as the reply
 * has it. Works in 80-bit floats as Redis does on x86. The text is never `int`, even when it spells
 * an integer.
 */
export function incrementStringByFloat(
  db: Database,
  args: Slices,
  key: number,
  increment: number,
): Uint8Array {
  const ref = db.write(args, key);
  const { keyspace } = db;
  const { value } = keyspace;
  let old: LongDouble | undefined;
  if (ref !== noRef) {
    if (typeOf(keyspace.arena, ref) !== recordType.string) throw wrongType;
    sliceString(keyspace.arena, ref, value);
    old = floatIn(value.bytes, value.offset, value.length);
  }
  const delta = floatIn(args.bytes, args.offsets[increment], args.lengths[increment]);
  const sum = old === undefined ? delta : addLongDouble(old, delta);
  if (!isFiniteLongDouble(sum)) throw incrementNotFinite;
  const text = asciiBytes(formatLongDoubleHuman(sum));
  const kind = text.length <= embeddedBytesMax ? encoding.embstr : encoding.raw;
  storeEncoded(db, args, key, ref, text, 0, text.length, kind, keptExpiry(ref));
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.incrbyfloat);
  return text;
}

function floatIn(bytes: Uint8Array, offset: number, length: number): LongDouble {
  const value = parseLongDouble(bytes, offset, length);
  if (value === undefined) throw notFloat;
  return value;
}
