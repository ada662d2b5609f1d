// Sorted sets: what changes them under their keys, and the look-ups of single members. Ranges are
// in `zset-range.ts`, results of several sets in `zset-combination.ts`, the two encodings in
// `zset-value.ts`.
//
// A set grows into the large encoding by Redis's rules and never goes back, except when a command
// stores a whole new one. An operation reports its own change, and deletes a key whose last member
// it has taken.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { entryAt, newListpack } from "../structures/listpack.ts";
import { moveEntry, rankOfEntry, removeAtRank, scoreOf } from "../structures/sorted-index.ts";
import type { Database } from "./database.ts";
import { Failure } from "./failure.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, recordType, setEncoding, setValueRef, valueRef } from "./record.ts";
import {
  deleteSmall,
  findSmall,
  insertSmall,
  smallCount,
  smallRank,
  smallScore,
} from "./zset-listpack.ts";
import {
  canAddToSmall,
  countOf,
  deleteLarge,
  dropEntry,
  findLarge,
  growToLarge,
  indexOf,
  insertLarge,
  newLarge,
  scoreIn,
} from "./zset-value.ts";

export const scoreNotNumber = new Failure("ERR resulting score is not a number (NaN)");

/** Conditions of ZADD, as bits. */
export const additionFlag = { nx: 1, xx: 2, gt: 4, lt: 8, increment: 16 } as const;

/** What the last call of `addScores` did. */
export class Additions {
  added = 0;
  updated = 0;
  /** The score that the last member has now; NaN when the conditions forbade to touch it. */
  score = NaN;
}

const notTouched = 0;
const unchanged = 1;
const wasAdded = 2;
const wasUpdated = 3;

/**
 * ZADD: gives `count` members their `scores`. The members are the arguments `first`, `first +
 * step`... What was done is in `result`. Throws `scoreNotNumber` when an increment ends in NaN.
 */
export function addScores(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  step: number,
  scores: Float64Array,
  count: number,
  flags: number,
  result: Additions,
): void {
  result.added = 0;
  result.updated = 0;
  result.score = NaN;
  const { keyspace } = db;
  let ref = db.writeOfType(args, key, recordType.zset);
  if (ref === noRef) {
    if ((flags & additionFlag.xx) !== 0) return;
    ref = addZset(db, args, key, count, args.lengths[first]);
  } else if (count > keyspace.limits.zsetMaxListpackEntries) {
    enlarge(keyspace, ref, count);
  }
  for (let index = 0; index < count; index++) {
    const member = first + index * step;
    const { bytes } = args;
    const length = args.lengths[member];
    const kind = encodingOf(keyspace.arena, ref);
    const outcome =
      kind === encoding.listpack
        ? addToSmall(
            keyspace,
            ref,
            bytes,
            args.offsets[member],
            length,
            scores[index],
            flags,
            result,
          )
        : addToLarge(
            keyspace,
            ref,
            bytes,
            args.offsets[member],
            length,
            scores[index],
            flags,
            result,
          );
    if (outcome === wasAdded) result.added++;
    else if (outcome === wasUpdated) result.updated++;
    else if (outcome === notTouched) result.score = NaN;
  }
  const changes = result.added + result.updated;
  if (changes === 0) return;
  const isIncrement = (flags & additionFlag.increment) !== 0;
  const event = isIncrement ? keyEvents.zincr : keyEvents.zadd;
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], event);
  keyspace.dirty += changes - 1;
}

/** A new sorted set for about `count` members, the first of them `length` bytes long. */
function addZset(db: Database, args: Slices, key: number, count: number, length: number): Ref {
  const { keyspace } = db;
  const { limits } = keyspace;
  const isSmall = count <= limits.zsetMaxListpackEntries && length <= limits.zsetMaxListpackValue;
  const kind = isSmall ? encoding.listpack : encoding.skiplist;
  const hash = db.hash;
  const root = isSmall ? newListpack(keyspace.arena) : newLarge(keyspace);
  db.hash = hash;
  return db.addCollection(args, key, recordType.zset, kind, root);
}

function enlarge(keyspace: Keyspace, ref: Ref, expected: number): void {
  const { arena } = keyspace;
  if (encodingOf(arena, ref) !== encoding.listpack) return;
  setValueRef(arena, ref, growToLarge(keyspace, valueRef(arena, ref), expected));
  setEncoding(arena, ref, encoding.skiplist);
}

/**
 * The score that a member with the score `current` gets; NaN when the conditions let it keep its
 * own.
 */
function scoreAfter(current: number, score: number, flags: number): number {
  if ((flags & additionFlag.nx) !== 0) return NaN;
  let next = score;
  if ((flags & additionFlag.increment) !== 0) {
    next += current;
    if (Number.isNaN(next)) throw scoreNotNumber;
  }
  if ((flags & additionFlag.lt) !== 0 && next >= current) return NaN;
  if ((flags & additionFlag.gt) !== 0 && next <= current) return NaN;
  return next;
}

function addToSmall(
  keyspace: Keyspace,
  ref: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  score: number,
  flags: number,
  result: Additions,
): number {
  const { arena } = keyspace;
  const listpack = valueRef(arena, ref);
  const position = findSmall(arena, listpack, bytes, offset, length);
  if (position !== 0) {
    const current = smallScore(arena, listpack, position);
    const next = scoreAfter(current, score, flags);
    if (Number.isNaN(next)) return notTouched;
    result.score = next;
    if (next === current) return unchanged;
    const left = deleteSmall(arena, listpack, position, 1);
    setValueRef(arena, ref, insertSmall(arena, left, bytes, offset, length, next));
    return wasUpdated;
  }
  if ((flags & additionFlag.xx) !== 0) return notTouched;
  result.score = score;
  if (canAddToSmall(keyspace, listpack, length)) {
    setValueRef(arena, ref, insertSmall(arena, listpack, bytes, offset, length, score));
  } else {
    enlarge(keyspace, ref, smallCount(arena, listpack) + 1);
    insertLarge(keyspace, valueRef(arena, ref), bytes, offset, length, score);
  }
  return wasAdded;
}

function addToLarge(
  keyspace: Keyspace,
  ref: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  score: number,
  flags: number,
  result: Additions,
): number {
  const { arena } = keyspace;
  const root = valueRef(arena, ref);
  const entry = findLarge(keyspace, root, bytes, offset, length);
  if (entry !== noRef) {
    const current = scoreOf(arena, entry);
    const next = scoreAfter(current, score, flags);
    if (Number.isNaN(next)) return notTouched;
    result.score = next;
    if (next === current) return unchanged;
    moveEntry(arena, indexOf(root), entry, next);
    return wasUpdated;
  }
  if ((flags & additionFlag.xx) !== 0) return notTouched;
  result.score = score;
  insertLarge(keyspace, root, bytes, offset, length, score);
  return wasAdded;
}

/**
 * ZREM: deletes the members that the arguments from `first` on name; returns how many there were.
 */
export function removeMembers(db: Database, args: Slices, key: number, first: number): number {
  const ref = db.writeOfType(args, key, recordType.zset);
  if (ref === noRef) return 0;
  const { keyspace } = db;
  let removed = 0;
  for (let index = first; index < args.count; index++) {
    if (!removeMember(keyspace, ref, args.bytes, args.offsets[index], args.lengths[index]))
      continue;
    removed++;
    if (zsetCount(keyspace, ref) === 0) break;
  }
  if (removed > 0) reportRemoval(db, args, key, ref, removed, keyEvents.zrem);
  return removed;
}

function removeMember(
  keyspace: Keyspace,
  ref: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const { arena } = keyspace;
  const root = valueRef(arena, ref);
  if (encodingOf(arena, ref) === encoding.listpack) {
    const position = findSmall(arena, root, bytes, offset, length);
    if (position !== 0) setValueRef(arena, ref, deleteSmall(arena, root, position, 1));
    return position !== 0;
  }
  const entry = findLarge(keyspace, root, bytes, offset, length);
  if (entry !== noRef) deleteLarge(keyspace, root, entry);
  return entry !== noRef;
}

/** Deletes `count` members, at least one, from the rank `first` on. */
export function removeRanks(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  first: number,
  count: number,
  event: KeyEvent,
): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  const root = valueRef(arena, ref);
  if (count === zsetCount(keyspace, ref)) {
    // Nothing is left: the whole value goes at once, or in slices when it is large.
    reportEmptied(db, args, key, ref, count, event);
    return;
  }
  if (encodingOf(arena, ref) === encoding.listpack) {
    const position = entryAt(arena, root, first * 2);
    setValueRef(arena, ref, deleteSmall(arena, root, position, count));
  } else {
    for (let left = count; left > 0; left--) {
      dropEntry(keyspace, root, removeAtRank(arena, indexOf(root), first));
    }
  }
  reportRemoval(db, args, key, ref, count, event);
}

function reportRemoval(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  removed: number,
  event: KeyEvent,
): void {
  const { keyspace } = db;
  if (zsetCount(keyspace, ref) === 0) {
    reportEmptied(db, args, key, ref, removed, event);
    return;
  }
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], event);
  keyspace.dirty += removed - 1;
}

/** The same for a set that has no members left, or is to have none: the key goes. */
function reportEmptied(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  removed: number,
  event: KeyEvent,
): void {
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], event);
  db.remove(ref, keyEvents.del);
  // The deletion of the key is no change beyond those of its members.
  keyspace.dirty += removed - 2;
}

/** Number of members of a record's set. */
export function zsetCount(keyspace: Keyspace, ref: Ref): number {
  const { arena } = keyspace;
  return countOf(arena, encodingOf(arena, ref), valueRef(arena, ref));
}

/** The score of the member that argument `member` names; NaN when it is not there. */
export function zsetScore(keyspace: Keyspace, ref: Ref, args: Slices, member: number): number {
  const { arena } = keyspace;
  return scoreIn(
    keyspace,
    encodingOf(arena, ref),
    valueRef(arena, ref),
    args.bytes,
    args.offsets[member],
    args.lengths[member],
  );
}

/** The rank of the member that argument `member` names; -1 when it is not there. */
export function zsetRank(keyspace: Keyspace, ref: Ref, args: Slices, member: number): number {
  const { arena } = keyspace;
  const root = valueRef(arena, ref);
  const offset = args.offsets[member];
  const length = args.lengths[member];
  if (encodingOf(arena, ref) === encoding.listpack) {
    const position = findSmall(arena, root, args.bytes, offset, length);
    return position === 0 ? -1 : smallRank(arena, root, position);
  }
  const entry = findLarge(keyspace, root, args.bytes, offset, length);
  return entry === noRef ? -1 : rankOfEntry(arena, indexOf(root), entry);
}
