// Hashes: the operations behind HSET, HGET, HDEL and their kin. Counting is in `hash-increment.ts`,
// when fields expire in `hash-expire.ts`, random fields in `hash-random.ts`.
//
// Every function takes the database, the arguments and the index of the key among them, reports its
// own change, and throws `wrongType` for a key of another type. A hash that becomes empty is
// deleted with its key. A field whose time is over is not there for those that read: whoever comes
// upon it deletes it (`readField`) or passes it over (a walk through all fields).
import type { Slice, Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import type { HashCursor } from "./hash-cursor.ts";
import { headOf } from "./hash-expiries.ts";
import { convertToTable, expiryOfOld, removeField, setField } from "./hash-field-changes.ts";
import {
  HashState,
  countFields,
  countOver,
  earliestTime,
  fieldTime,
  findField,
  loadHash,
  makeListpackHash,
  readValue,
  storeHash,
} from "./hash-fields.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import { encoding, keyLength, keyOffset, recordType } from "./record.ts";

/** Scratch of the operations on one hash. */
const current = new HashState();

/** Reports a change of the record's key. */
export function reportHash(db: Database, ref: Ref, event: KeyEvent): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  const bytes = arena.bytes[ref >>> 16];
  keyspace.changed(db, bytes, keyOffset(arena, ref), keyLength(arena, ref), event);
}

/** Writes back a hash of which fields may have come, gone or got other times. */
export function finishHash(db: Database, ref: Ref, hash: HashState): void {
  const { arena } = db.keyspace;
  storeHash(arena, ref, hash);
  const head = headOf(arena, hash.encoding, hash.root);
  if (head !== noRef) db.hashExpiries.setTime(ref, head, earliestTime(arena, hash));
}

/** Whether a field with that time (-1: none) is no longer there for those that read. */
export function isOverTime(db: Database, timeMs: number): boolean {
  return timeMs >= 0 && timeMs < db.keyspace.nowMs && db.keyspace.passesOverExpired;
}

/** Removes a field whose time is over. `finishExpired` must follow. */
export function dropExpired(
  db: Database,
  ref: Ref,
  hash: HashState,
  found: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const { keyspace } = db;
  keyspace.statistics.expiredFields++;
  keyspace.observer?.fieldExpired?.(db, ref, bytes, offset, length);
  removeField(keyspace, hash, found);
}

/**
 * Reports that fields of the hash have expired, and deletes it when none is left; whether it is
 * still there.
 */
export function finishExpired(db: Database, ref: Ref, hash: HashState): boolean {
  const { keyspace } = db;
  const { dirty } = keyspace;
  finishHash(db, ref, hash);
  reportHash(db, ref, keyEvents.hexpired);
  const isGone = deleteIfEmpty(db, ref, hash);
  // What expires is no change that a command has made, and is not counted as one.
  keyspace.dirty = dirty;
  return !isGone;
}

/** Deletes the key when its hash has no fields; whether it was so. */
export function deleteIfEmpty(db: Database, ref: Ref, hash: HashState): boolean {
  if (countFields(db.keyspace, hash) > 0) return false;
  db.remove(ref, keyEvents.del);
  return true;
}

/**
 * Makes `hash` the hash of the key, for a command that reads; its record, none when there is no
 * such key.
 */
export function readHash(db: Database, args: Slices, key: number, hash: HashState): Ref {
  const ref = db.readOfType(args, key, recordType.hash);
  if (ref !== noRef) loadHash(db.keyspace.arena, ref, hash);
  return ref;
}

/** The same for a command that writes. */
export function writeHash(db: Database, args: Slices, key: number, hash: HashState): Ref {
  const ref = db.writeOfType(args, key, recordType.hash);
  if (ref !== noRef) loadHash(db.keyspace.arena, ref, hash);
  return ref;
}

/** Finds the key's hash or makes an empty one, which the caller then fills. */
export function writeOrMakeHash(db: Database, args: Slices, key: number, hash: HashState): Ref {
  const ref = writeHash(db, args, key, hash);
  if (ref !== noRef) return ref;
  makeListpackHash(db.keyspace.arena, hash);
  return db.addCollection(args, key, recordType.hash, hash.encoding, hash.root);
}

/** HGET: points `value` at the field's value; false when there is none. */
export function readField(
  db: Database,
  args: Slices,
  key: number,
  field: number,
  value: Slice,
): boolean {
  const ref = readHash(db, args, key, current);
  if (ref === noRef) return false;
  const { bytes, offsets, lengths } = args;
  const found = liveField(db, ref, current, bytes, offsets[field], lengths[field]);
  if (found === 0) return false;
  readValue(db.keyspace.arena, current, found, value);
  return true;
}

/**
 * The field, unless its time is over: then it is deleted, and the hash with it when it was the
 * last.
 */
export function liveField(
  db: Database,
  ref: Ref,
  hash: HashState,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const { keyspace } = db;
  const found = findField(keyspace, hash, bytes, offset, length);
  if (found === 0 || hash.encoding === encoding.listpack) return found;
  if (!isOverTime(db, fieldTime(keyspace.arena, hash, found))) return found;
  if (!keyspace.expires) return 0;
  dropExpired(db, ref, hash, found, bytes, offset, length);
  if (!finishExpired(db, ref, hash)) hash.root = noRef;
  return 0;
}

/**
 * HMGET: hands over the value of each field from argument `first` on; `absent` is called for those
 * that are not there.
 */
export function readFields(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  value: Slice,
  visitor: { present(value: Slice): void; absent(): void },
): void {
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  const ref = readHash(db, args, key, current);
  let expired = 0;
  for (let index = first; index < args.count; index++) {
    const found =
      ref === noRef ? 0 : findField(keyspace, current, bytes, offsets[index], lengths[index]);
    if (found !== 0 && isOverTime(db, fieldTime(keyspace.arena, current, found))) {
      if (keyspace.expires) {
        dropExpired(db, ref, current, found, bytes, offsets[index], lengths[index]);
        expired++;
      }
      visitor.absent();
    } else if (found === 0) {
      visitor.absent();
    } else {
      readValue(keyspace.arena, current, found, value);
      visitor.present(value);
    }
  }
  if (expired > 0) finishExpired(db, ref, current);
}

/** HLEN: number of fields, also of those whose time is over but that nobody has come upon. */
export function countHash(db: Database, args: Slices, key: number): number {
  return readHash(db, args, key, current) === noRef ? 0 : countFields(db.keyspace, current);
}

/** Begins a walk through the fields of the key; their number, 0 when there is no such key. */
export function openFields(db: Database, args: Slices, key: number, cursor: HashCursor): number {
  const { keyspace } = db;
  if (readHash(db, args, key, current) === noRef) return 0;
  cursor.openLive(keyspace, current.encoding, current.root);
  const over = keyspace.passesOverExpired ? countOver(keyspace.arena, current, keyspace.nowMs) : 0;
  return countFields(keyspace, current) - over;
}

/**
 * HSET and HMSET: sets the fields and values from argument `first` on; how many fields were new.
 */
export function setFields(db: Database, args: Slices, key: number, first: number): number {
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  const ref = writeOrMakeHash(db, args, key, current);
  prepareFor(db, args, first, current);
  let created = 0;
  for (let index = first; index < args.count; index += 2) {
    const isNew = setField(
      keyspace,
      current,
      bytes,
      offsets[index],
      lengths[index],
      bytes,
      offsets[index + 1],
      lengths[index + 1],
      expiryOfOld.dropped,
    );
    if (isNew) created++;
  }
  finishHash(db, ref, current);
  keyspace.changed(db, bytes, offsets[key], lengths[key], keyEvents.hset);
  keyspace.dirty += (args.count - first) / 2 - 1;
  return created;
}

/**
 * Turns a compact hash into a table before it is given the fields and values from argument `first`
 * on, if they are too many or long.
 */
export function prepareFor(db: Database, args: Slices, first: number, hash: HashState): void {
  if (hash.encoding === encoding.hashtable) return;
  const { keyspace } = db;
  const { hashMaxListpackEntries, hashMaxListpackValue } = keyspace.limits;
  const count = (args.count - first) / 2;
  let isLarge = count > hashMaxListpackEntries;
  for (let index = first; index < args.count && !isLarge; index++) {
    isLarge = args.lengths[index] > hashMaxListpackValue;
  }
  if (isLarge) convertToTable(keyspace, hash, Math.max(count, countFields(keyspace, hash)));
}

/** HSETNX: whether the field was set; not when it is there. */
export function setFieldIfAbsent(db: Database, args: Slices, key: number, field: number): boolean {
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  let ref = writeHash(db, args, key, current);
  if (ref !== noRef) {
    const found = liveField(db, ref, current, bytes, offsets[field], lengths[field]);
    if (found !== 0) return false;
  }
  if (ref === noRef || current.root === noRef) ref = writeOrMakeHash(db, args, key, current);
  prepareFor(db, args, field, current);
  setField(
    keyspace,
    current,
    bytes,
    offsets[field],
    lengths[field],
    bytes,
    offsets[field + 1],
    lengths[field + 1],
    expiryOfOld.dropped,
  );
  finishHash(db, ref, current);
  keyspace.changed(db, bytes, offsets[key], lengths[key], keyEvents.hset);
  return true;
}

/** HDEL: deletes the fields from argument `first` on; how many were there. */
export function deleteFields(db: Database, args: Slices, key: number, first: number): number {
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  const ref = writeHash(db, args, key, current);
  if (ref === noRef) return 0;
  let left = countFields(keyspace, current);
  const before = left;
  for (let index = first; index < args.count && left > 0; index++) {
    const found = findField(keyspace, current, bytes, offsets[index], lengths[index]);
    if (found === 0) continue;
    removeField(keyspace, current, found);
    left--;
  }
  finishHash(db, ref, current);
  if (left === before) return 0;
  keyspace.changed(db, bytes, offsets[key], lengths[key], keyEvents.hdel);
  keyspace.dirty += before - left - 1;
  deleteIfEmpty(db, ref, current);
  return before - left;
}
