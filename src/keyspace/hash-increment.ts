// Numbers in the fields of hashes: HINCRBY and HINCRBYFLOAT. They are kept as their digits; only
// integers beyond 2^53 need BigInt, and only floats the 80-bit arithmetic of the C library that
// Redis uses. A field that expires keeps its time.
import { asciiBytes } from "../bytes/ascii.ts";
import { parseInteger, parseInteger64, writeInteger } from "../bytes/integer.ts";
import type { LongDouble } from "../bytes/long-double.ts";
import {
  addLongDouble,
  formatLongDoubleHuman,
  isFiniteLongDouble,
  parseLongDouble,
} from "../bytes/long-double.ts";
import { Slice } from "../bytes/slices.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { Failure, incrementNotFinite, incrementOverflow, notFloat } from "./failure.ts";
import { expiryOfOld, setField } from "./hash-field-changes.ts";
import { HashState, fieldTime, findField, listpackOf, readValue } from "./hash-fields.ts";
import { addToTupleValue } from "./hash-listpack.ts";
import { finishHash, liveField, writeHash, writeOrMakeHash } from "./hash.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import { encoding } from "./record.ts";

const valueNotInteger = new Failure("ERR hash value is not an integer");
const valueNotFloat = new Failure("ERR hash value is not a float");
const deltaNotFinite = new Failure("ERR value is NaN or Infinity");
const signed64Max = 2n ** 63n - 1n;
const signed64Min = -(2n ** 63n);

const current = new HashState();
const old = new Slice();
/** The key's record while one of the operations below runs. */
let record: Ref = noRef;

/** The field, 0 when there is none. */
function findOld(db: Database, args: Slices, key: number, field: number): number {
  record = writeHash(db, args, key, current);
  if (record === noRef) return 0;
  const { bytes, offsets, lengths } = args;
  const found = liveField(db, record, current, bytes, offsets[field], lengths[field]);
  // The field was the last one, and its time was over: its key is gone.
  if (current.root === noRef) record = noRef;
  return found;
}

function writeNew(
  db: Database,
  args: Slices,
  key: number,
  field: number,
  value: Uint8Array,
  length: number,
  event: KeyEvent,
): void {
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  if (record === noRef) record = writeOrMakeHash(db, args, key, current);
  const kept = expiryOfOld.kept;
  setField(keyspace, current, bytes, offsets[field], lengths[field], value, 0, length, kept);
  finishHash(db, record, current);
  keyspace.changed(db, bytes, offsets[key], lengths[key], event);
}

/** HINCRBY; returns the new value, a BigInt when it is not a safe integer. */
export function incrementField(
  db: Database,
  args: Slices,
  key: number,
  field: number,
  delta: number | bigint,
): number | bigint {
  const { keyspace } = db;
  const { arena, digits } = keyspace;
  const found = findOld(db, args, key, field);
  if (found !== 0 && current.encoding !== encoding.hashtable && typeof delta === "number") {
    const listpack = listpackOf(arena, current.encoding, current.root);
    const sum = addToTupleValue(arena, listpack, found, delta);
    if (!Number.isNaN(sum)) {
      keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.hincrby);
      return sum;
    }
  }
  let value: number | bigint = 0;
  if (found !== 0) {
    readValue(arena, current, found, old);
    value = parseInteger(old.bytes, old.offset, old.length);
    if (Number.isNaN(value)) value = parseLarge();
  }
  const sum = addIntegers(value, delta);
  const length = writeDecimal(digits, sum);
  writeNew(db, args, key, field, digits, length, keyEvents.hincrby);
  return sum;
}

function parseLarge(): bigint {
  const value = parseInteger64(old.bytes, old.offset, old.length);
  if (value === undefined) throw valueNotInteger;
  return value;
}

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
 * HINCRBYFLOAT; `increment` is the index of its argument. Returns the new value's text, as the
 * reply has it.
 */
export function incrementFieldByFloat(
  db: Database,
  args: Slices,
  key: number,
  field: number,
  increment: number,
): Uint8Array {
  const { bytes, offsets, lengths } = args;
  const delta = parseLongDouble(bytes, offsets[increment], lengths[increment]);
  if (delta === undefined) throw notFloat;
  if (!isFiniteLongDouble(delta)) throw deltaNotFinite;
  const found = findOld(db, args, key, field);
  if (found !== 0) readValue(db.keyspace.arena, current, found, old);
  const sum = found === 0 ? delta : addLongDouble(oldFloat(), delta);
  if (!isFiniteLongDouble(sum)) throw incrementNotFinite;
  const text = asciiBytes(formatLongDoubleHuman(sum));
  writeNew(db, args, key, field, text, text.length, keyEvents.hincrbyfloat);
  return text;
}

/** When the field that HINCRBYFLOAT has just changed expires, in ms since 1970; -1: never. */
export function timeOfIncremented({ keyspace }: Database, args: Slices, field: number): number {
  const { bytes, offsets, lengths } = args;
  const found = findField(keyspace, current, bytes, offsets[field], lengths[field]);
  return fieldTime(keyspace.arena, current, found);
}

function oldFloat(): LongDouble {
  const value = parseLongDouble(old.bytes, old.offset, old.length);
  if (value === undefined) throw valueNotFloat;
  return value;
}
