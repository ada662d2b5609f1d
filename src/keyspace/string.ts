// Strings: the operations behind SET, APPEND, SETRANGE and their kin; the numbers among them are in
// `increment.ts`.
//
// A string is `int` when its bytes spell a canonical signed 64-bit integer (we keep the digits
// themselves: a reply copies them, and INCR reads and writes about ten of them), `embstr` when it
// is short and was set whole, else `raw`. Every function takes the database, the arguments and the
// index of the key among them, reports its own change, and throws `wrongType` for a key of another
// type.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slice, Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { stringTooLong, wrongType } from "./failure.ts";
import { keyEvents } from "./key-event.ts";
import {
  embeddedBytesMax,
  encoding,
  expiryOf,
  externalCapacity,
  fitsInline,
  hasExpiry,
  inlineBytesMax,
  isExternal,
  makeExternal,
  makeRecord,
  recordSize,
  recordType,
  setEncoding,
  setExternalLength,
  setInlineLength,
  sliceString,
  stringLength,
  typeOf,
  valueRef,
  writeExpiry,
} from "./record.ts";
import { freeValue } from "./value.ts";

/** For `expiryMs`: the key loses its expiry, or keeps the one it has. */
export const noExpiry = -1;
export const keepExpiry = -2;

/** Digits of the largest int64, to compare texts of the same length with. */
const signed64MaxDigits = "9223372036854775807";
/** Growing strings take this much more than they need at most. */
const spareBytesMax = 1024 * 1024;

/** Points `slice` at the string of the key, for a command that reads; false when there is none. */
export function readString(db: Database, args: Slices, key: number, slice: Slice): boolean {
  const ref = db.read(args, key);
  if (ref === noRef) return false;
  const { arena } = db.keyspace;
  if (typeOf(arena, ref) !== recordType.string) throw wrongType;
  sliceString(arena, ref, slice);
  return true;
}

/** The same, but for a key of another type there is none either: MGET. */
export function findString(db: Database, args: Slices, key: number, slice: Slice): boolean {
  const ref = db.read(args, key);
  if (ref === noRef || typeOf(db.keyspace.arena, ref) !== recordType.string) return false;
  sliceString(db.keyspace.arena, ref, slice);
  return true;
}

/** SET without conditions: whatever was there is gone, its expiry too unless `keepExpiry`. */
export function setString(
  db: Database,
  args: Slices,
  key: number,
  value: number,
  expiryMs: number,
): void {
  const ref = db.write(args, key);
  storeString(db, args, key, ref, args.bytes, args.offsets[value], args.lengths[value], expiryMs);
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.set);
  if (expiryMs < 0) return;
  keyspace.event(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.expire);
}

/**
 * Writes a whole value over `ref`, the key's record or none, choosing the encoding by the bytes.
 * Reports nothing.
 */
export function storeString(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  expiryMs: number,
): void {
  const kind = encodingOfText(bytes, offset, length);
  storeEncoded(db, args, key, ref, bytes, offset, length, kind, expiryMs);
}

/** The encoding of a string that is set whole. */
export function encodingOfText(bytes: Uint8Array, offset: number, length: number): number {
  if (length <= 20 && isInteger64(bytes, offset, length)) return encoding.int;
  return length <= embeddedBytesMax ? encoding.embstr : encoding.raw;
}

/** The same with an encoding that the caller has chosen. */
export function storeEncoded(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  kind: number,
  expiryMs: number,
): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  let expiry = expiryMs;
  if (ref !== noRef) {
    if (expiry === keepExpiry) expiry = expiryOf(arena, ref);
    const isSameShape = hasExpiry(arena, ref) === expiry >= 0;
    if (isSameShape && length <= inlineBytesMax && fitsInline(arena, ref, length)) {
      setInlineLength(arena, ref, length);
      setEncoding(arena, ref, kind);
      if (expiry >= 0) writeExpiry(arena, ref, expiry);
      sliceString(arena, ref, keyspace.value);
      copyBytes(bytes, offset, keyspace.value.bytes, keyspace.value.offset, length);
      return;
    }
  }
  const hash = db.hash;
  const made = makeString(db, args, key, length, kind, expiry);
  sliceString(arena, made, keyspace.value);
  copyBytes(bytes, offset, keyspace.value.bytes, keyspace.value.offset, length);
  if (ref === noRef) {
    insertNew(db, args, key, made, hash);
    return;
  }
  db.replace(ref, made);
  freeValue(keyspace, ref);
  arena.free(ref, recordSize(arena, ref));
}

function insertNew(db: Database, args: Slices, key: number, made: Ref, hash: number): void {
  db.insert(made, hash);
  db.keyspace.event(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.new);
}

/** A record for a string of `length` bytes, the bytes not yet written. */
function makeString(
  db: Database,
  args: Slices,
  key: number,
  length: number,
  kind: number,
  expiryMs: number,
): Ref {
  const { arena, shape } = db.keyspace;
  const isInline = length <= inlineBytesMax;
  shape.keyBytes = args.bytes;
  shape.keyOffset = args.offsets[key];
  shape.keyLength = args.lengths[key];
  shape.type = recordType.string;
  shape.encoding = kind;
  shape.expiryMs = expiryMs < 0 ? noExpiry : expiryMs;
  shape.access = db.keyspace.newAccess;
  shape.inlineLength = isInline ? length : -1;
  shape.value = isInline ? noRef : makeExternal(arena, length, length);
  return makeRecord(arena, shape);
}

/**
 * Makes the string `length` bytes long, keeping what it has; new bytes are undefined. The value is
 * raw afterwards.
 */
function resizeString(db: Database, args: Slices, key: number, ref: Ref, length: number): Ref {
  const { keyspace } = db;
  const { arena } = keyspace;
  if (length > keyspace.stringBytesMax) throw stringTooLong;
  const old = stringLength(arena, ref);
  if (isExternal(arena, ref)) {
    const block = valueRef(arena, ref);
    if (length <= externalCapacity(arena, block)) {
      setExternalLength(arena, block, length);
      setEncoding(arena, ref, encoding.raw);
      return ref;
    }
  } else if (length <= inlineBytesMax && fitsInline(arena, ref, length)) {
    setInlineLength(arena, ref, length);
    setEncoding(arena, ref, encoding.raw);
    return ref;
  }
  const made = makeString(db, args, key, growthOf(length), encoding.raw, expiryOf(arena, ref));
  sliceString(arena, ref, keyspace.value);
  const { bytes, offset } = keyspace.value;
  sliceString(arena, made, keyspace.value);
  copyBytes(bytes, offset, keyspace.value.bytes, keyspace.value.offset, Math.min(old, length));
  if (isExternal(arena, made)) setExternalLength(arena, valueRef(arena, made), length);
  db.replace(ref, made);
  freeValue(keyspace, ref);
  arena.free(ref, recordSize(arena, ref));
  return made;
}

/**
 * A string that grew once will grow again: it gets as much again, up to 1 MiB more. Inline ones
 * stay exact.
 */
function growthOf(length: number): number {
  if (length <= inlineBytesMax) return length;
  return length + Math.min(length, spareBytesMax);
}

/** APPEND; returns the new length in bytes. */
export function appendString(db: Database, args: Slices, key: number, value: number): number {
  const ref = db.write(args, key);
  const { keyspace } = db;
  const { arena } = keyspace;
  const offset = args.offsets[value];
  const added = args.lengths[value];
  let length = added;
  if (ref === noRef) {
    storeString(db, args, key, ref, args.bytes, offset, added, noExpiry);
  } else {
    if (typeOf(arena, ref) !== recordType.string) throw wrongType;
    const old = stringLength(arena, ref);
    length = old + added;
    const grown = resizeString(db, args, key, ref, length);
    sliceString(arena, grown, keyspace.value);
    copyBytes(args.bytes, offset, keyspace.value.bytes, keyspace.value.offset + old, added);
  }
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.append);
  return length;
}

/** SETRANGE; returns the length in bytes. Bytes between the old end and `start` become 0. */
export function setStringRange(
  db: Database,
  args: Slices,
  key: number,
  start: number,
  value: number,
): number {
  const { keyspace } = db;
  const { arena } = keyspace;
  const added = args.lengths[value];
  let ref = db.write(args, key);
  if (ref !== noRef && typeOf(arena, ref) !== recordType.string) throw wrongType;
  const old = ref === noRef ? 0 : stringLength(arena, ref);
  if (added === 0) return old;
  const end = start + added;
  if (end > keyspace.stringBytesMax) throw stringTooLong;
  if (ref === noRef) {
    const hash = db.hash;
    ref = makeString(db, args, key, end, encoding.raw, noExpiry);
    insertNew(db, args, key, ref, hash);
  } else {
    ref = resizeString(db, args, key, ref, Math.max(old, end));
  }
  sliceString(arena, ref, keyspace.value);
  const { bytes, offset } = keyspace.value;
  if (start > old) bytes.fill(0, offset + old, offset + start);
  copyBytes(args.bytes, args.offsets[value], bytes, offset + start, added);
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.setrange);
  return Math.max(old, end);
}

/**
 * Makes the key's string at least `length` bytes long, new bytes 0, and points `slice` at it, for
 * changes in place: SETBIT and its kin. True when it was made or has grown. The caller reports the
 * change.
 */
export function openString(
  db: Database,
  args: Slices,
  key: number,
  length: number,
  slice: Slice,
): boolean {
  const { keyspace } = db;
  const { arena } = keyspace;
  let ref = db.write(args, key);
  if (ref !== noRef && typeOf(arena, ref) !== recordType.string) throw wrongType;
  if (length > keyspace.stringBytesMax) throw stringTooLong;
  const old = ref === noRef ? 0 : stringLength(arena, ref);
  if (ref === noRef) {
    const hash = db.hash;
    ref = makeString(db, args, key, length, encoding.raw, noExpiry);
    insertNew(db, args, key, ref, hash);
  } else {
    ref = resizeString(db, args, key, ref, Math.max(old, length));
  }
  sliceString(arena, ref, slice);
  if (length > old) slice.bytes.fill(0, slice.offset + old, slice.offset + length);
  return length > old;
}

/**
 * Whether the bytes spell a signed 64-bit integer in the one way that Redis itself would print it.
 */
function isInteger64(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length === 0) return false;
  const isNegative = bytes[offset] === 0x2d;
  const first = isNegative ? offset + 1 : offset;
  const end = offset + length;
  const digits = end - first;
  const lead = bytes[first] - 0x30;
  if (digits === 0 || digits > 19 || !(lead >= 0 && lead <= 9)) return false;
  if (lead === 0) return digits === 1 && !isNegative;
  for (let index = first + 1; index < end; index++) {
    const digit = bytes[index] - 0x30;
    if (digit < 0 || digit > 9) return false;
  }
  return digits < 19 || isWithinSigned64(bytes, first, isNegative ? 1 : 0);
}

function isWithinSigned64(bytes: Uint8Array, first: number, slack: number): boolean {
  for (let index = 0; index < 19; index++) {
    const limit = signed64MaxDigits.charCodeAt(index) + (index === 18 ? slack : 0);
    if (bytes[first + index] !== limit) return bytes[first + index] < limit;
  }
  return true;
}
