// Operations on whole keys, whatever their type: deleting, renaming, moving, copying, iterating.
// Each reports its own change and leaves to the type of the value only what cannot be done without
// it.
import { globMatches } from "../bytes/glob.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { copyRecord } from "./expiry.ts";
import { noSuchKey } from "./failure.ts";
import { keyEvents } from "./key-event.ts";
import {
  expiryOf,
  keyLength,
  keyOffset,
  recordSize,
  setAccess,
  setValueRef,
  typeOf,
} from "./record.ts";
import { copyValue } from "./value.ts";

/** DEL: whether the key was there. */
export function deleteKey(db: Database, args: Slices, key: number): boolean {
  const ref = db.peek(args, key);
  if (ref === noRef) return false;
  db.remove(ref, keyEvents.del);
  return true;
}

/**
 * RENAME and RENAMENX: whether it was done; not done only when `unlessExists` and the new name is
 * taken. Throws `noSuchKey`. A key renamed to itself stays as it is.
 */
export function renameKey(
  db: Database,
  args: Slices,
  from: number,
  to: number,
  options: { unlessExists: boolean },
): boolean {
  const source = db.write(args, from);
  if (source === noRef) throw noSuchKey;
  const target = db.peek(args, to);
  if (target === source) return !options.unlessExists;
  if (target !== noRef) {
    if (options.unlessExists) return false;
    db.discard(target);
  }
  transplant(db, source, db, args, to);
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[from], args.lengths[from], keyEvents.renameFrom);
  keyspace.changed(db, args.bytes, args.offsets[to], args.lengths[to], keyEvents.renameTo);
  keyspace.dirty--; // Two keys changed, by one change.
  return true;
}

/** MOVE: whether it was done; not done when the key is missing here or present there. */
export function moveKey(db: Database, target: Database, args: Slices, key: number): boolean {
  const source = db.write(args, key);
  if (source === noRef || target.peek(args, key) !== noRef) return false;
  transplant(db, source, target, args, key);
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.moveFrom);
  keyspace.changed(target, args.bytes, args.offsets[key], args.lengths[key], keyEvents.moveTo);
  keyspace.dirty--; // Two keys changed, by one change.
  return true;
}

/**
 * Takes a record out of one database and puts its value, with its expiry, under a free name in the
 * same or another.
 */
function transplant(from: Database, source: Ref, to: Database, args: Slices, key: number): void {
  const { arena } = from.keyspace;
  const hash = from.keyspace.hash(args.bytes, args.offsets[key], args.lengths[key]);
  const expiryMs = expiryOf(arena, source);
  const made = copyRecord(to, source, args.bytes, args.offsets[key], args.lengths[key], expiryMs);
  from.unlink(source);
  arena.free(source, recordSize(arena, source));
  to.insert(made, hash);
  to.keyspace.event(to, args.bytes, args.offsets[key], args.lengths[key], keyEvents.new);
}

/**
 * COPY: whether it was done; not done when the source is missing, or the target there and not to be
 * replaced.
 */
export function copyKey(
  db: Database,
  target: Database,
  args: Slices,
  from: number,
  to: number,
  options: { replace: boolean },
): boolean {
  const { keyspace } = db;
  const source = db.read(args, from);
  if (source === noRef) return false;
  const existing = target.peek(args, to);
  const hash = target.hash;
  if (existing !== noRef) {
    if (!options.replace) return false;
    target.discard(existing);
  }
  const { arena } = keyspace;
  const expiryMs = expiryOf(arena, source);
  const made = copyRecord(target, source, args.bytes, args.offsets[to], args.lengths[to], expiryMs);
  const copy = copyValue(keyspace, source);
  if (copy !== noRef) setValueRef(arena, made, copy);
  setAccess(arena, made, keyspace.newAccess);
  target.insert(made, hash);
  keyspace.event(target, args.bytes, args.offsets[to], args.lengths[to], keyEvents.new);
  keyspace.changed(target, args.bytes, args.offsets[to], args.lengths[to], keyEvents.copyTo);
  return true;
}

/**
 * A random key that is not over its time, or none. Gives up deleting expired ones after a hundred,
 * as Redis does on a replica.
 */
export function randomKey(db: Database): Ref {
  const { random } = db.keyspace;
  for (let tries = 0; db.size > 0; tries++) {
    const ref = db.table.randomEntry((limit) => random.below(limit));
    if (!db.isOver(ref) || (!db.keyspace.expires && tries > 100)) return ref;
    if (db.keyspace.expires) db.expire(ref);
  }
  return noRef;
}

/** What SCAN and KEYS look for. */
export interface KeyFilter {
  readonly args: Slices;
  /** Index of the glob pattern among the arguments; 0: any name. */
  readonly pattern: number;
  /** Number of the type; -1: any. */
  readonly type: number;
}

/** Visits all keys that match and are not over their time; the visitor changes nothing. */
export function forEachKey(db: Database, filter: KeyFilter, visit: (ref: Ref) => void): void {
  db.table.forEach((ref) => {
    if (matchesFilter(db, ref, filter) && !db.isOver(ref)) visit(ref);
  });
}

/**
 * One step of SCAN: adds the keys that match to `found` and returns the next cursor. Ends after
 * about `count` keys, matching or not, and after ten times as many buckets at most, so that a
 * sparse table costs no more than a full one.
 */
export function scanKeys(
  db: Database,
  start: number,
  count: number,
  filter: KeyFilter,
  found: Ref[],
): number {
  let cursor = start;
  const seen = { count: 0 };
  let bucketsLeft = count * 10;
  const over: Ref[] = [];
  const visit = (ref: Ref): void => {
    seen.count++;
    if (!matchesFilter(db, ref, filter)) return;
    if (db.isOver(ref)) over.push(ref);
    else found.push(ref);
  };
  do {
    cursor = db.table.scan(cursor, visit);
    bucketsLeft--;
  } while (cursor !== 0 && seen.count < count && bucketsLeft >= 0);
  if (db.keyspace.expires) for (const ref of over) db.expire(ref);
  return cursor;
}

function matchesFilter(db: Database, ref: Ref, filter: KeyFilter): boolean {
  const { arena } = db.keyspace;
  if (filter.type >= 0 && typeOf(arena, ref) !== filter.type) return false;
  if (filter.pattern === 0) return true;
  const { args, pattern } = filter;
  return globMatches(
    args.bytes,
    args.offsets[pattern],
    args.lengths[pattern],
    arena.bytes[ref >>> 16],
    keyOffset(arena, ref),
    keyLength(arena, ref),
    0,
  );
}

/** The pattern `*` matches everything: 0 for it, to spare the matching. */
export function patternIndex(args: Slices, index: number): number {
  const isStar = args.lengths[index] === 1 && args.bytes[args.offsets[index]] === 0x2a;
  return isStar ? 0 : index;
}
