// Whole sorted sets as results: ZRANGESTORE, ZUNIONSTORE and GEOSEARCHSTORE put them under a key in place of what was there.
//
// A result is built large, in the arena, and becomes small in the end if it can be; nobody but its builder sees it before.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { sortedIndexCount } from "../structures/sorted-index.ts";
import type { Database } from "./database.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import { encoding, encodingOf, makeRecord, recordType, valueRef } from "./record.ts";
import { cursorOf } from "./zset-cursor.ts";
import type { RankRun } from "./zset-range.ts";
import {
  fitsSmall,
  freeZset,
  indexOf,
  insertLarge,
  newLarge,
  shrinkToSmall,
} from "./zset-value.ts";

/** Puts a large set under the key; an empty one is freed and deletes the key. Returns how many members it has. */
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
  const old = db.peek(args, key);
  if (old === noRef) {
    db.addCollection(args, key, recordType.zset, kind, value);
  } else {
    replaceValue(db, args, key, old, kind, value);
  }
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], event);
  return count;
}

/** ZRANGESTORE: stores a run of a sorted set's ranks; the returned count is the run's. */
export function storeRun(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  run: RankRun,
): number {
  const { keyspace } = db;
  const { arena } = keyspace;
  const root = newLarge(keyspace);
  if (run.count > 0) {
    const cursor = cursorOf(arena);
    cursor.seek(encodingOf(arena, ref), valueRef(arena, ref), run.first);
    for (let left = run.count; left > 0; left--, cursor.next()) {
      insertLarge(keyspace, root, cursor.bytes, cursor.offset, cursor.length, cursor.score);
    }
  }
  return storeResult(db, args, key, root, keyEvents.zrangestore);
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
  shape.access = keyspace.accessClock;
  shape.inlineLength = -1;
  shape.value = value;
  db.insert(makeRecord(keyspace.arena, shape), hash);
}
