// When keys end: setting, clearing and reading a key's expiry, and the cycle that deletes keys
// nobody asks for.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { keyEvents } from "./key-event.ts";
import {
  accessOf,
  encodingOf,
  expiryOf,
  hasExpiry,
  isExternal,
  keyLength,
  keyOffset,
  makeRecord,
  recordSize,
  recordType,
  sliceString,
  stringLength,
  typeOf,
  valueRef,
  writeExpiry,
} from "./record.ts";

/**
 * Gives the key an expiry, in place of the one it has or not; returns the record, which may have
 * moved.
 */
export function setExpiry(db: Database, ref: Ref, expiryMs: number): Ref {
  const { arena } = db.keyspace;
  if (!hasExpiry(arena, ref)) return rebuild(db, ref, expiryMs);
  writeExpiry(arena, ref, expiryMs);
  return ref;
}

/** Takes the key's expiry away; returns the record, which may have moved. */
export function clearExpiry(db: Database, ref: Ref): Ref {
  return hasExpiry(db.keyspace.arena, ref) ? rebuild(db, ref, -1) : ref;
}

/**
 * Moves a record to a new block, with or without room for an expiry. The value stays or moves
 * along.
 */
function rebuild(db: Database, ref: Ref, expiryMs: number): Ref {
  const { arena } = db.keyspace;
  const made = copyRecord(
    db,
    ref,
    arena.bytes[ref >>> 16],
    keyOffset(arena, ref),
    keyLength(arena, ref),
    expiryMs,
  );
  db.replace(ref, made);
  arena.free(ref, recordSize(arena, ref));
  return made;
}

/**
 * A new record under the given key with the value of `ref`: an inline string is copied, a block is
 * shared.
 */
export function copyRecord(
  db: Database,
  ref: Ref,
  keyBytes: Uint8Array,
  keyStart: number,
  keyBytesCount: number,
  expiryMs: number,
): Ref {
  const { arena, shape, value } = db.keyspace;
  const type = typeOf(arena, ref);
  const isInline = type === recordType.string && !isExternal(arena, ref);
  shape.keyBytes = keyBytes;
  shape.keyOffset = keyStart;
  shape.keyLength = keyBytesCount;
  shape.type = type;
  shape.encoding = encodingOf(arena, ref);
  shape.expiryMs = expiryMs;
  shape.access = accessOf(arena, ref);
  shape.inlineLength = isInline ? stringLength(arena, ref) : -1;
  shape.value = valueRef(arena, ref);
  const made = makeRecord(arena, shape);
  if (isInline) {
    sliceString(arena, ref, value);
    const { bytes, offset, length } = value;
    sliceString(arena, made, value);
    copyBytes(bytes, offset, value.bytes, value.offset, length);
  }
  return made;
}

/** Conditions of EXPIRE and its kin, as bits; several of them must all hold. */
export const expiryCondition = { always: 0, nx: 1, xx: 2, gt: 4, lt: 8 } as const;

/**
 * EXPIRE and kin: whether the expiry was set (or the key deleted, its time being past). `condition`
 * is of expiryCondition.
 */
export function expireKey(
  db: Database,
  args: Slices,
  key: number,
  expiryMs: number,
  condition: number,
): boolean {
  const ref = db.write(args, key);
  if (ref === noRef) return false;
  if (!allows(condition, expiryOf(db.keyspace.arena, ref), expiryMs)) return false;
  if (expiryMs <= db.keyspace.nowMs && db.keyspace.expires) {
    db.remove(ref, keyEvents.del);
    return true;
  }
  // A time before 1970 gets here while nothing expires: it stays in the past.
  setExpiry(db, ref, Math.max(0, expiryMs));
  db.keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.expire);
  return true;
}

/** A key without expiry counts as one that lives for ever. */
function allows(condition: number, currentMs: number, expiryMs: number): boolean {
  if (condition === expiryCondition.always) return true;
  if ((condition & expiryCondition.nx) !== 0 && currentMs >= 0) return false;
  if ((condition & expiryCondition.xx) !== 0 && currentMs < 0) return false;
  if ((condition & expiryCondition.gt) !== 0 && (currentMs < 0 || expiryMs <= currentMs)) {
    return false;
  }
  return (condition & expiryCondition.lt) === 0 || currentMs < 0 || expiryMs < currentMs;
}

/** PERSIST: whether the key had an expiry to lose. */
export function persistKey(db: Database, args: Slices, key: number): boolean {
  const ref = db.write(args, key);
  if (ref === noRef || !hasExpiry(db.keyspace.arena, ref)) return false;
  clearExpiry(db, ref);
  db.keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.persist);
  return true;
}

/** What one slice of the active expiry cycle saw. */
export interface ExpirySlice {
  sampled: number;
  expired: number;
}

/**
 * Looks at the next `samples` expiring keys in cyclic order and deletes those whose time is over.
 * The caller repeats it, within its time budget, while many of the sampled keys were over: so a key
 * that expired is gone soon after, at a bounded cost.
 */
export function expireSlice(db: Database, samples: number, result: ExpirySlice): void {
  const { arena, nowMs } = db.keyspace;
  const keys = db.volatileKeys;
  let ttlSum = 0;
  let ttlCount = 0;
  result.sampled = 0;
  result.expired = 0;
  for (let left = Math.min(samples, keys.count); left > 0 && keys.count > 0; left--) {
    if (db.expiryCursor >= keys.count) db.expiryCursor = 0;
    const ref = keys.at(db.expiryCursor);
    const ttlMs = expiryOf(arena, ref) - nowMs;
    result.sampled++;
    if (ttlMs < 0) {
      // The last key takes this place, so the cursor stays to look at it next.
      db.expire(ref);
      result.expired++;
    } else {
      db.expiryCursor++;
      ttlSum += ttlMs;
      ttlCount++;
    }
  }
  if (ttlCount > 0) updateAverageTtl(db, ttlSum / ttlCount);
}

/** A running mean in which the last sample weighs 2 %, as in Redis. */
function updateAverageTtl(db: Database, sampleMs: number): void {
  db.averageTtlMs = db.averageTtlMs === 0 ? sampleMs : (db.averageTtlMs / 50) * 49 + sampleMs / 50;
}
