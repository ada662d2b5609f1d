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
import { encoding, makeRecord, recordType } from "./record.ts";
import { fitsSmall, freeZset, indexOf, shrinkToSmall } from "./zset-value.ts";

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
