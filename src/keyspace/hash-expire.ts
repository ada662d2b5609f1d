// When fields of hashes end: HEXPIRE, HPERSIST and their kin, the options of HGETEX and HSETEX, and
// the cycle that deletes fields nobody asks for. Every function reports its own change; per field
// it hands a code to a visitor, those that Redis replies with.
import type { Slices } from "../bytes/slices.ts";
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import type { ExpirySlice } from "./expiry.ts";
import { expiryCondition } from "./expiry.ts";
import {
  expiryOfOld,
  prepareTimes,
  removeField,
  setField,
  setFieldTime,
} from "./hash-field-changes.ts";
import {
  HashState,
  earliestField,
  earliestTime,
  fieldTime,
  findField,
  loadHash,
  readValue,
} from "./hash-fields.ts";
import {
  deleteIfEmpty,
  dropExpired,
  finishExpired,
  finishHash,
  isOverTime,
  prepareFor,
  readHash,
  reportHash,
  writeHash,
  writeOrMakeHash,
} from "./hash.ts";
import { keyEvents } from "./key-event.ts";

/** What became of a field: the codes of HEXPIRE's, HTTL's and HPERSIST's replies. */
export const fieldOutcome = {
  missing: -2,
  neverExpires: -1,
  conditionNotMet: 0,
  done: 1,
  /** The time was past, so that the field is deleted. */
  deleted: 2,
} as const;

/** Told of a field: an outcome, or its time. */
export type FieldReceiver = (code: number) => void;

/** The arguments that name fields: every `step`-th of those from `first` on. */
export interface FieldRange {
  readonly first: number;
  readonly step: number;
}

/** How a time is given to fields. */
export interface FieldExpiry {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** Of `expiryCondition`. */
  readonly condition: number;
}

const current = new HashState();

/** What a run through several fields has done to them. */
class Tally {
  updated = 0;
  deleted = 0;
  expired = 0;
}

/** HEXPIRE and its kin. */
export function expireFields(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  expiry: FieldExpiry,
  receive: FieldReceiver,
): void {
  const ref = writeHash(db, args, key, current);
  const { keyspace } = db;
  const tally = new Tally();
  if (ref !== noRef) prepareTimes(keyspace, current);
  for (let index = first; index < args.count; index++) {
    const { bytes, offsets, lengths } = args;
    const found =
      ref === noRef ? 0 : findField(keyspace, current, bytes, offsets[index], lengths[index]);
    if (found === 0) receive(fieldOutcome.missing);
    else receive(expireOne(db, ref, args, index, found, expiry, tally));
  }
  if (ref === noRef) return;
  finishHash(db, ref, current);
  const changed = tally.updated + tally.deleted;
  if (changed === 0) return;
  reportHash(db, ref, tally.deleted > 0 ? keyEvents.hdel : keyEvents.hexpire);
  keyspace.dirty += changed - 1;
  if (tally.deleted > 0) deleteIfEmpty(db, ref, current);
}

function expireOne(
  db: Database,
  ref: Ref,
  args: Slices,
  field: number,
  found: number,
  { timeMs, condition }: FieldExpiry,
  tally: Tally,
): number {
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  const oldMs = fieldTime(keyspace.arena, current, found);
  if (!allows(condition, oldMs, timeMs)) return fieldOutcome.conditionNotMet;
  if (timeMs <= keyspace.nowMs && keyspace.expires) {
    dropExpired(db, ref, current, found, bytes, offsets[field], lengths[field]);
    tally.deleted++;
    return fieldOutcome.deleted;
  }
  // A time of 0 would mean that the field never expires; only while nothing expires can it get
  // here.
  const time = Math.max(1, timeMs);
  setFieldTime(keyspace, current, found, bytes, offsets[field], lengths[field], time);
  tally.updated++;
  return fieldOutcome.done;
}

/** A field that never expires counts as the latest for LT, and as not comparable for GT. */
function allows(condition: number, oldMs: number, timeMs: number): boolean {
  switch (condition) {
    case expiryCondition.nx:
      return oldMs < 0;
    case expiryCondition.xx:
      return oldMs >= 0;
    case expiryCondition.gt:
      return oldMs >= 0 && oldMs < timeMs;
    case expiryCondition.lt:
      return oldMs < 0 || oldMs > timeMs;
    default:
      return true;
  }
}

/** HPEXPIRETIME: hands over each field's time in ms since 1970, or an outcome below 0. */
export function readFieldTimes(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  receive: FieldReceiver,
): void {
  const ref = readHash(db, args, key, current);
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  for (let index = first; index < args.count; index++) {
    const found =
      ref === noRef ? 0 : findField(keyspace, current, bytes, offsets[index], lengths[index]);
    const time = found === 0 ? -1 : fieldTime(keyspace.arena, current, found);
    const isThere = found !== 0 && !isOverTime(db, time);
    receive(isThere ? time : fieldOutcome.missing);
  }
}

/** HPERSIST: takes the fields' times away. */
export function persistFields(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  receive: FieldReceiver,
): void {
  const ref = writeHash(db, args, key, current);
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  let persisted = 0;
  for (let index = first; index < args.count; index++) {
    const found =
      ref === noRef ? 0 : findField(keyspace, current, bytes, offsets[index], lengths[index]);
    const time = found === 0 ? -1 : fieldTime(keyspace.arena, current, found);
    if (found === 0 || isOverTime(db, time)) {
      receive(fieldOutcome.missing);
    } else if (time < 0) {
      receive(fieldOutcome.neverExpires);
    } else {
      setFieldTime(keyspace, current, found, bytes, offsets[index], lengths[index], -1);
      persisted++;
      receive(fieldOutcome.done);
    }
  }
  if (persisted === 0) return;
  finishHash(db, ref, current);
  reportHash(db, ref, keyEvents.hpersist);
}

/** Receives the values of several fields. */
export interface ValueVisitor {
  present(value: Slice): void;
  absent(): void;
}

/**
 * What HGETEX does to the fields that it reads: gives them a time, takes it away (-1), or nothing.
 */
export type TimeChange = number | "none";

const value = new Slice();
const name = new Slice();

/** HGETEX: reads the fields from argument `first` on and changes their times. */
export function readAndExpireFields(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  change: TimeChange,
  visitor: ValueVisitor,
): void {
  const ref = writeHash(db, args, key, current);
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  const tally = new Tally();
  if (ref !== noRef && typeof change === "number" && change >= 0) prepareTimes(keyspace, current);
  for (let index = first; index < args.count; index++) {
    const found = findLive(db, ref, args, index, tally);
    if (found === 0) {
      visitor.absent();
      continue;
    }
    readValue(keyspace.arena, current, found, value);
    visitor.present(value);
    if (change === "none") continue;
    if (change >= 0) {
      const expiry = { timeMs: change, condition: expiryCondition.always };
      expireOne(db, ref, args, index, found, expiry, tally);
    } else if (fieldTime(keyspace.arena, current, found) >= 0) {
      setFieldTime(keyspace, current, found, bytes, offsets[index], lengths[index], -1);
      tally.updated++;
    }
  }
  finishTally(db, ref, tally, change === -1);
}

/** The field of the current hash; one whose time is over is dropped. */
function findLive(db: Database, ref: Ref, args: Slices, field: number, tally: Tally): number {
  if (ref === noRef) return 0;
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  const found = findField(keyspace, current, bytes, offsets[field], lengths[field]);
  if (found === 0 || !isOverTime(db, fieldTime(keyspace.arena, current, found))) return found;
  if (!keyspace.expires) return 0;
  dropExpired(db, ref, current, found, bytes, offsets[field], lengths[field]);
  tally.expired++;
  return 0;
}

/** Reports what a run through fields did, each kind once, and deletes the hash when it is empty. */
function finishTally(db: Database, ref: Ref, tally: Tally, isPersist: boolean): void {
  const { updated, deleted, expired } = tally;
  if (ref === noRef) return;
  // Also when no field was there: the hash may have got another encoding on the way.
  finishHash(db, ref, current);
  if (updated + deleted + expired === 0) return;
  if (expired > 0) reportHash(db, ref, keyEvents.hexpired);
  if (updated > 0) reportHash(db, ref, isPersist ? keyEvents.hpersist : keyEvents.hexpire);
  if (deleted > 0) reportHash(db, ref, keyEvents.hdel);
  db.keyspace.dirty += Math.max(0, updated - 1) + Math.max(0, deleted - 1);
  deleteIfEmpty(db, ref, current);
}

/** HGETDEL: reads the fields from argument `first` on and deletes them. */
export function readAndDeleteFields(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  visitor: ValueVisitor,
): void {
  const ref = writeHash(db, args, key, current);
  const tally = new Tally();
  for (let index = first; index < args.count; index++) {
    const found = findLive(db, ref, args, index, tally);
    if (found === 0) {
      visitor.absent();
      continue;
    }
    readValue(db.keyspace.arena, current, found, value);
    visitor.present(value);
    removeField(db.keyspace, current, found);
    tally.deleted++;
  }
  finishTally(db, ref, tally, false);
}

/** What HSETEX asks for beside the fields themselves. */
export interface SetExpiring {
  /** `all` must be there, or `none` of them, or it does not matter. */
  readonly condition: "all" | "none" | "any";
  /** A time in ms since 1970, that which a field has, or none. */
  readonly time: number | "keep" | "none";
}

/**
 * HSETEX: sets fields and values from argument `first` on and gives them a time; whether the
 * condition was met.
 */
export function setExpiringFields(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  options: SetExpiring,
): boolean {
  const { keyspace } = db;
  let ref = writeHash(db, args, key, current);
  if (options.condition !== "any" && !meetsCondition(db, ref, args, first, options.condition)) {
    return false;
  }
  // The look at the condition may have deleted the key with its last field.
  if (ref === noRef || current.root === noRef) ref = writeOrMakeHash(db, args, key, current);
  prepareFor(db, args, first, current);
  const { time } = options;
  if (typeof time === "number") prepareTimes(keyspace, current);
  const kept = time === "keep" ? expiryOfOld.kept : expiryOfOld.dropped;
  const tally = new Tally();
  for (let index = first; index < args.count; index += 2) {
    setOne(db, args, index, kept);
    if (typeof time !== "number") continue;
    const { bytes, offsets, lengths } = args;
    const found = findField(keyspace, current, bytes, offsets[index], lengths[index]);
    const expiry = { timeMs: time, condition: expiryCondition.always };
    expireOne(db, ref, args, index, found, expiry, tally);
  }
  finishHash(db, ref, current);
  reportHash(db, ref, keyEvents.hset);
  keyspace.dirty += (args.count - first) / 2 - 1;
  if (tally.updated + tally.deleted > 0) {
    reportHash(db, ref, tally.deleted > 0 ? keyEvents.hdel : keyEvents.hexpire);
  }
  deleteIfEmpty(db, ref, current);
  return true;
}

function setOne(db: Database, args: Slices, index: number, expiry: number): void {
  const { bytes, offsets, lengths } = args;
  setField(
    db.keyspace,
    current,
    bytes,
    offsets[index],
    lengths[index],
    bytes,
    offsets[index + 1],
    lengths[index + 1],
    expiry,
  );
}

function meetsCondition(
  db: Database,
  ref: Ref,
  args: Slices,
  first: number,
  condition: "all" | "none",
): boolean {
  if (ref === noRef) return condition === "none";
  const tally = new Tally();
  let isMet = true;
  for (let index = first; index < args.count && isMet; index += 2) {
    isMet = (findLive(db, ref, args, index, tally) !== 0) === (condition === "all");
  }
  if (tally.expired > 0 && !finishExpired(db, ref, current)) current.root = noRef;
  return isMet;
}

/**
 * Deletes up to `limit` fields of the hash whose time is over; returns how many. When none is left
 * the record is gone and the state's root none.
 */
function sweep(db: Database, ref: Ref, hash: HashState, limit: number): number {
  const { keyspace } = db;
  const { arena, nowMs } = keyspace;
  let swept = 0;
  while (swept < limit) {
    const time = earliestTime(arena, hash);
    if (time === 0 || time >= nowMs) break;
    if (swept === 0) keyspace.snapshot?.preserve(db, ref);
    const found = earliestField(arena, hash, name);
    dropExpired(db, ref, hash, found, name.bytes, name.offset, name.length);
    swept++;
  }
  if (swept > 0 && !finishExpired(db, ref, hash)) hash.root = noRef;
  return swept;
}

/** Deletes all fields of the record's hash whose time is over; whether the hash is still there. */
export function dropAllExpired(db: Database, ref: Ref, hash: HashState): boolean {
  if (db.keyspace.expires) sweep(db, ref, hash, Infinity);
  return hash.root !== noRef;
}

const swept = new HashState();

/**
 * Deletes up to `fieldsMax` fields whose time is over, of the hashes with the earliest fields. The
 * caller repeats it, within its time budget, while as many were found as were asked for.
 */
export function expireFieldsSlice(db: Database, fieldsMax: number, result: ExpirySlice): void {
  const { keyspace } = db;
  result.sampled = fieldsMax;
  result.expired = 0;
  while (result.expired < fieldsMax && db.hashExpiries.firstTimeMs < keyspace.nowMs) {
    const ref = db.hashExpiries.first;
    loadHash(keyspace.arena, ref, swept);
    result.expired += sweep(db, ref, swept, fieldsMax - result.expired);
  }
}
