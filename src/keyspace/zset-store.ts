// Whole sorted sets as results: ZRANGESTORE, ZUNIONSTORE and GEOSEARCHSTORE put them under a key in
// place of what was there.
//
// A result is built large, in the arena, and becomes small in the end if it can be; nobody but its
// builder sees it before.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { newListpack } from "../structures/listpack.ts";
import { sortedIndexCount } from "../structures/sorted-index.ts";
import type { Database } from "./database.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import { encoding, encodingOf, makeRecord, recordType, valueRef } from "./record.ts";
import { cursorOf } from "./zset-cursor.ts";
import { insertSmall } from "./zset-listpack.ts";
import type { RankRun } from "./zset-range.ts";
import {
  canAddToSmall,
  fitsSmall,
  freeZset,
  growToLarge,
  indexOf,
  insertLarge,
  newLarge,
  shrinkToSmall,
} from "./zset-value.ts";

/**
 * Puts a large set under the key; an empty one is freed and deletes the key. Returns how many
 * members it has.
 */
export function storeResult(
  db: Database,
  args: Slices,
  key: number,
  root: Ref,
  event: KeyEvent,
): number {
  const { keyspace } = db;
  const count = sortedIndexCount(keyspace.arena, indexOf(root));
  if (count === 0) {
    freeZset(keyspace, encoding.skiplist, root);
    storeNothing(db, args, key);
    return 0;
  }
  const isSmall = fitsSmall(keyspace, root);
  const kind = isSmall ? encoding.listpack : encoding.skiplist;
  const value = isSmall ? shrinkToSmall(keyspace, root) : root;
  storeValue(db, args, key, kind, value, event);
  return count;
}

/** Puts a value under the key, in place of what was there. */
function storeValue(
  db: Database,
  args: Slices,
  key: number,
  kind: number,
  value: Ref,
  event: KeyEvent,
): void {
  const { keyspace } = db;
  const old = db.peek(args, key);
  if (old === noRef) db.addCollection(args, key, recordType.zset, kind, value);
  else replaceValue(db, args, key, old, kind, value);
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], event);
}

/**
 * ZRANGESTORE: stores a run of a sorted set's ranks; the returned count is the run's. The copy
 * grows as any set does, small at first when `expected` members, its size if that was known
 * beforehand, are few: so it is held as Redis would hold it.
 */
export function storeRun(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  run: RankRun,
  expected: number,
): number {
  if (run.count === 0) {
    storeNothing(db, args, key);
    return 0;
  }
  const { keyspace } = db;
  const { arena, limits } = keyspace;
  const cursor = cursorOf(arena);
  cursor.seek(encodingOf(arena, ref), valueRef(arena, ref), run.first);
  let isSmall = expected <= limits.zsetMaxListpackEntries;
  let root = isSmall ? newListpack(arena) : newLarge(keyspace);
  for (let count = 1; count <= run.count; count++) {
    const { bytes, offset, length, score } = cursor;
    if (isSmall && !canAddToSmall(keyspace, root, length)) {
      root = growToLarge(keyspace, root, run.count);
      isSmall = false;
    }
    if (isSmall) root = insertSmall(arena, root, bytes, offset, length, score);
    else insertLarge(keyspace, root, bytes, offset, length, score);
    cursor.next();
  }
  const kind = isSmall ? encoding.listpack : encoding.skiplist;
  storeValue(db, args, key, kind, root, keyEvents.zrangestore);
  return run.count;
}

/** What an empty result does to the key. */
export function storeNothing(db: Database, args: Slices, key: number): void {
  const old = db.peek(args, key);
  if (old !== noRef) db.remove(old, keyEvents.del);
}

/** The key was there, so that it is no new one; its expiry goes. */
function replaceValue(
  db: Database,
  args: Slices,
  key: number,
  old: Ref,
  kind: number,
  value: Ref,
): void {
  const { keyspace, hash } = db;
  const { shape } = keyspace;
  db.discard(old);
  shape.keyBytes = args.bytes;
  shape.keyOffset = args.offsets[key];
  shape.keyLength = args.lengths[key];
  shape.type = recordType.zset;
  shape.encoding = kind;
  shape.expiryMs = -1;
  shape.access = keyspace.newAccess;
  shape.inlineLength = -1;
  shape.value = value;
  db.insert(makeRecord(keyspace.arena, shape), hash);
}
