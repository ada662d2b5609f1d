// A hash without its key: its three encodings, when one becomes another, and what can be done with
// a single field.
//
//   listpack      root: the listpack                 few fields, none long
//   listpackex    root: a head (`hash-expiries.ts`) that points to a listpack with times
//   hashtable     root: header of the hash table (28 bytes), the head or 0 (4), where freeing
//                 goes on (4)
//                 entry: `hash-entry.ts`
//
// A `HashState` is such a hash while it is worked on, loaded from a record and stored back. A field
// that was found is named by a number: its position in the listpack or its entry's ref; 0 is none.
// Thresholds and conversions are those of Redis 7.4 (src/t_hash.c).
import type { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { hashTableHeaderBytes } from "../structures/hash-table.ts";
import { entryAt, firstEntry, listpackLength, newListpack } from "../structures/listpack.ts";
import type { HashCursor } from "./hash-cursor.ts";
import { isVolatileField, sliceField, sliceValue } from "./hash-entry.ts";
import { headOf, wordListpack } from "./hash-expiries.ts";
import { countEarlier, firstItem, itemTime } from "./hash-expiry-heap.ts";
import {
  countEarlierTriples,
  findTuple,
  sliceTupleField,
  sliceTupleValue,
  tupleTime,
} from "./hash-listpack.ts";
import { fairEntryOf } from "./hash-table-sample.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, setEncoding, setValueRef, valueRef } from "./record.ts";

/** Bytes of a hash table's root. */
export const hashRootBytes = hashTableHeaderBytes + 8;
export class HashState {
  encoding = 0;
  root: Ref = noRef;
}

export function loadHash(arena: Arena, ref: Ref, hash: HashState): void {
  hash.encoding = encodingOf(arena, ref);
  hash.root = valueRef(arena, ref);
}

export function storeHash(arena: Arena, ref: Ref, hash: HashState): void {
  setValueRef(arena, ref, hash.root);
  setEncoding(arena, ref, hash.encoding);
}

export function makeListpackHash(arena: Arena, hash: HashState): void {
  hash.encoding = encoding.listpack;
  hash.root = newListpack(arena);
}

/** An empty hash table with room for `count` fields. */
export function makeHashRoot(keyspace: Keyspace, count: number): Ref {
  const { arena } = keyspace;
  const root = arena.allocateZeroed(hashRootBytes);
  // No bucket is being moved: word 6 of the table's header.
  arena.words[root >>> 16][((root & 0xffff) << 2) + 6] = -1;
  const table = keyspace.tables.hash;
  table.load(root);
  table.reserve(count);
  table.store(root);
  return root;
}

export function listpackOf(arena: Arena, kind: number, root: Ref): Ref {
  if (kind === encoding.listpack) return root;
  return arena.words[root >>> 16][((root & 0xffff) << 2) + wordListpack] as Ref;
}

/** Elements of a tuple. */
export function tupleSizeOf(kind: number): number {
  return kind === encoding.listpack ? 2 : 3;
}

/** Number of fields, also of those whose time is over. */
export function countOfHash(arena: Arena, kind: number, root: Ref): number {
  if (kind === encoding.hashtable) {
    const words = arena.words[root >>> 16];
    const at = (root & 0xffff) << 2;
    // The entries in the old and in the new buckets.
    return words[at + 2] + words[at + 5];
  }
  return listpackLength(arena, listpackOf(arena, kind, root)) / tupleSizeOf(kind);
}

export function countFields(keyspace: Keyspace, hash: HashState): number {
  return countOfHash(keyspace.arena, hash.encoding, hash.root);
}

/** Number of fields whose time is over at `nowMs`. */
export function countOver(arena: Arena, hash: HashState, nowMs: number): number {
  const head = headOf(arena, hash.encoding, hash.root);
  if (head === noRef) return 0;
  if (hash.encoding === encoding.hashtable) return countEarlier(arena, head, nowMs);
  return countEarlierTriples(arena, listpackOf(arena, hash.encoding, head), nowMs);
}

/** Time of the earliest field in ms since 1970; 0 when none expires. */
export function earliestTime(arena: Arena, hash: HashState): number {
  const head = headOf(arena, hash.encoding, hash.root);
  if (head === noRef) return 0;
  if (hash.encoding === encoding.hashtable) {
    const item = firstItem(arena, head);
    return item === noRef ? 0 : itemTime(arena, item);
  }
  const listpack = listpackOf(arena, hash.encoding, head);
  const tuple = firstEntry(arena, listpack);
  return tuple === 0 ? 0 : tupleTime(arena, listpack, tuple);
}

/**
 * The field that expires first, of a hash that has one that does; `name` is pointed to its name.
 */
export function earliestField(arena: Arena, hash: HashState, name: Slice): number {
  const head = headOf(arena, hash.encoding, hash.root);
  if (hash.encoding === encoding.hashtable) {
    const entry = firstItem(arena, head);
    sliceField(arena, entry, name);
    return entry;
  }
  const listpack = listpackOf(arena, hash.encoding, head);
  const tuple = firstEntry(arena, listpack);
  sliceTupleField(arena, listpack, tuple, name);
  return tuple;
}

/** Hash of the name that was last looked up in a table, for the insertion that often follows. */
export let nameHash = 0;

/** The field of that name, 0 when there is none. */
export function findField(
  keyspace: Keyspace,
  hash: HashState,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const { arena } = keyspace;
  const { root } = hash;
  if (hash.encoding !== encoding.hashtable) {
    const listpack = listpackOf(arena, hash.encoding, root);
    return findTuple(arena, listpack, tupleSizeOf(hash.encoding), bytes, offset, length);
  }
  const table = keyspace.tables.hash;
  table.load(root);
  const isMoving = table.isRehashing;
  nameHash = keyspace.hash(bytes, offset, length);
  const entry = table.find(bytes, offset, length, nameHash);
  if (isMoving) table.store(root);
  return entry;
}

/** Points `value` at the value of a field that was found. */
export function readValue(arena: Arena, hash: HashState, found: number, value: Slice): void {
  if (hash.encoding === encoding.hashtable) sliceValue(arena, found as Ref, value);
  else sliceTupleValue(arena, listpackOf(arena, hash.encoding, hash.root), found, value);
}

/** When a field that was found expires, in ms since 1970; -1: never. */
export function fieldTime(arena: Arena, hash: HashState, found: number): number {
  if (hash.encoding === encoding.listpack) return -1;
  if (hash.encoding === encoding.hashtable) {
    return isVolatileField(arena, found as Ref) ? itemTime(arena, found as Ref) : -1;
  }
  const time = tupleTime(arena, listpackOf(arena, hash.encoding, hash.root), found);
  return time === 0 ? -1 : time;
}

/** Points the cursor at a random field of a hash that is not empty, each as likely. */
export function pickField(keyspace: Keyspace, hash: HashState, cursor: HashCursor): void {
  const { arena, random } = keyspace;
  if (hash.encoding === encoding.hashtable) {
    cursor.ofEntry(arena, fairEntryOf(keyspace.tables.hash, hash.root, random));
    return;
  }
  const listpack = listpackOf(arena, hash.encoding, hash.root);
  const index = random.below(countFields(keyspace, hash));
  const tuple = entryAt(arena, listpack, index * tupleSizeOf(hash.encoding));
  cursor.ofTuple(arena, listpack, tuple);
}
