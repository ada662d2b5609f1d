// The value of a sorted set: a listpack while it is small (`zset-listpack.ts`), else a table of its
// members and an index of the same entries by score. Everything here knows both and takes the
// encoding; keys and events are `zset.ts`'s.
//
//   root of a large one   byte  0  header of the member table                  (hash-table.ts)
//                              32  header of the index: a ref of its own, root + 2
//                                                                              (sorted-index.ts)
//   entry of a member     byte  0  next entry in the bucket, hash, length      (hash-table.ts)
//                              12  score, a double
//                              20  the member's bytes
import { copyBytes } from "../bytes/ascii.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes, noRef, unitBytes } from "../memory/arena.ts";
import { entryHash, entryKey } from "../structures/hash-table.ts";
import {
  ListpackEntry,
  copyListpack,
  firstEntry,
  freeListpack,
  listpackBytes,
  listpackBytesMax,
  listpackCapacity,
  newListpack,
  nextEntry,
  readEntry,
} from "../structures/listpack.ts";
import {
  IndexPosition,
  entryAt,
  freeFirstLeaf,
  initSortedIndex,
  insertEntry,
  memberHeaderBytes,
  memberLength,
  memberOffset,
  removeEntry,
  scoreOf,
  seekRank,
  setScore,
  sortedIndexCount,
  sortedIndexHeaderBytes,
  stepForward,
} from "../structures/sorted-index.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, valueRef } from "./record.ts";
import type { ValueKind } from "./value-kind.ts";
import { findSmall, insertSmall, smallCount, smallScore } from "./zset-listpack.ts";

const indexOffsetBytes = 32;
const rootBytes = indexOffsetBytes + sortedIndexHeaderBytes;
/** Entries whose size stands for that of all. */
const sampledEntries = 5;
/** What an entry takes in the index when its nodes are as full as random insertions leave them. */
const indexBytesPerEntry = 18;

const read = new ListpackEntry();

/** The header of a large sorted set's index. */
export function indexOf(root: Ref): Ref {
  return (root + indexOffsetBytes / unitBytes) as Ref;
}

/** A large sorted set without members. */
export function newLarge(keyspace: Keyspace): Ref {
  const root = keyspace.arena.allocateZeroed(rootBytes);
  // An all-zero header is that of an empty table but for "not rehashing".
  keyspace.arena.words[root >>> 16][((root & 0xffff) << 2) + 6] = -1;
  initSortedIndex(keyspace.arena, indexOf(root));
  return root;
}

/** Number of members. */
export function countOf(arena: Arena, kind: number, root: Ref): number {
  return kind === encoding.listpack
    ? smallCount(arena, root)
    : sortedIndexCount(arena, indexOf(root));
}

/** The entry of a member of a large sorted set; none when it is not there. */
export function findLarge(
  keyspace: Keyspace,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const table = keyspace.tables.zset;
  table.load(root);
  const isRehashing = table.isRehashing;
  const entry = table.find(bytes, offset, length, keyspace.hash(bytes, offset, length));
  if (isRehashing) table.store(root);
  return entry;
}

/** Adds a member that is not there to a large sorted set. */
export function insertLarge(
  keyspace: Keyspace,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  score: number,
): void {
  const hash = keyspace.hash(bytes, offset, length);
  const entry = makeEntry(keyspace, root, bytes, offset, length, hash, score);
  insertEntry(keyspace.arena, indexOf(root), entry);
}

/** An entry in the table that is not yet in the index: its score may still change (`setScore`). */
export function makeEntry(
  keyspace: Keyspace,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  hash: number,
  score: number,
): Ref {
  const { arena } = keyspace;
  const entry = arena.allocate(memberHeaderBytes + length);
  arena.words[entry >>> 16][((entry & 0xffff) << 2) + entryKey] = length;
  copyBytes(bytes, offset, arena.bytes[entry >>> 16], memberOffset(entry), length);
  setScore(arena, entry, score);
  const table = keyspace.tables.zset;
  table.load(root);
  table.insert(entry, hash);
  table.store(root);
  return entry;
}

/** Takes a member out of a large sorted set. */
export function deleteLarge(keyspace: Keyspace, root: Ref, entry: Ref): void {
  removeEntry(keyspace.arena, indexOf(root), entry);
  dropEntry(keyspace, root, entry);
}

/** Frees an entry that is in the table but in no index (any more). */
export function dropEntry(keyspace: Keyspace, root: Ref, entry: Ref): void {
  const { arena } = keyspace;
  const table = keyspace.tables.zset;
  table.load(root);
  table.remove(entry);
  table.store(root);
  arena.free(entry, memberHeaderBytes + memberLength(arena, entry));
}

/** Whether a small sorted set stays one when a member of `length` bytes is added to it. */
export function canAddToSmall(keyspace: Keyspace, listpack: Ref, length: number): boolean {
  const { arena, limits } = keyspace;
  if (smallCount(arena, listpack) >= limits.zsetMaxListpackEntries) return false;
  if (length > limits.zsetMaxListpackValue) return false;
  return listpackBytes(arena, listpack) + length < listpackBytesMax;
}

/** The large form of a small sorted set, which is freed; made for `expected` members. */
export function growToLarge(keyspace: Keyspace, listpack: Ref, expected: number): Ref {
  const { arena } = keyspace;
  const root = newLarge(keyspace);
  reserve(keyspace, root, expected);
  for (let at = firstEntry(arena, listpack); at !== 0;) {
    const score = smallScore(arena, listpack, at);
    readEntry(arena, listpack, at, read);
    insertLarge(keyspace, root, read.bytes, read.offset, read.length, score);
    at = nextEntry(arena, listpack, nextEntry(arena, listpack, at));
  }
  freeListpack(arena, listpack);
  return root;
}

/** Makes the member table large enough at once. */
export function reserve(keyspace: Keyspace, root: Ref, count: number): void {
  const table = keyspace.tables.zset;
  table.load(root);
  table.reserve(count);
  table.store(root);
}

/** Whether a large sorted set could be small under the configured limits. */
export function fitsSmall(keyspace: Keyspace, root: Ref): boolean {
  const { arena, limits } = keyspace;
  const count = sortedIndexCount(arena, indexOf(root));
  if (count > limits.zsetMaxListpackEntries) return false;
  let total = 0;
  const position = new IndexPosition();
  if (count > 0) seekRank(arena, indexOf(root), 0, position);
  for (let left = count; left > 0; left--, stepForward(arena, position)) {
    const length = memberLength(arena, entryAt(arena, position));
    if (length > limits.zsetMaxListpackValue) return false;
    total += length;
  }
  return total < listpackBytesMax;
}

/** The small form of a large sorted set, which is freed. */
export function shrinkToSmall(keyspace: Keyspace, root: Ref): Ref {
  const { arena } = keyspace;
  let listpack = newListpack(arena);
  const index = indexOf(root);
  const position = new IndexPosition();
  const count = sortedIndexCount(arena, index);
  if (count > 0) seekRank(arena, index, 0, position);
  for (let left = count; left > 0; left--, stepForward(arena, position)) {
    const entry = entryAt(arena, position);
    const bytes = arena.bytes[entry >>> 16];
    const length = memberLength(arena, entry);
    listpack = insertSmall(
      arena,
      listpack,
      bytes,
      memberOffset(entry),
      length,
      scoreOf(arena, entry),
    );
  }
  while (!freeSomeLarge(keyspace, root, count)) continue;
  return listpack;
}

function copyLarge(keyspace: Keyspace, source: Ref): Ref {
  const { arena } = keyspace;
  const root = newLarge(keyspace);
  const count = sortedIndexCount(arena, indexOf(source));
  reserve(keyspace, root, count);
  const position = new IndexPosition();
  seekRank(arena, indexOf(source), 0, position);
  for (let left = count; left > 0; left--, stepForward(arena, position)) {
    const entry = entryAt(arena, position);
    const bytes = arena.bytes[entry >>> 16];
    const hash = arena.words[entry >>> 16][((entry & 0xffff) << 2) + entryHash];
    const length = memberLength(arena, entry);
    const score = scoreOf(arena, entry);
    const copy = makeEntry(keyspace, root, bytes, memberOffset(entry), length, hash, score);
    insertEntry(arena, indexOf(root), copy);
  }
  return root;
}

/**
 * Frees whole leaves with their entries, and in the end the table's buckets; the table is not
 * looked at until then.
 */
function freeSomeLarge(keyspace: Keyspace, root: Ref, budget: number): boolean {
  const { arena } = keyspace;
  const index = indexOf(root);
  const release = (entry: Ref): void => {
    arena.free(entry, memberHeaderBytes + memberLength(arena, entry));
  };
  const least = Math.max(0, sortedIndexCount(arena, index) - budget);
  while (sortedIndexCount(arena, index) > least) freeFirstLeaf(arena, index, release);
  if (least > 0) return false;
  const table = keyspace.tables.zset;
  table.load(root);
  table.clear();
  arena.free(root, rootBytes);
  return true;
}

/** Frees a value that no record holds, at once. */
export function freeZset(keyspace: Keyspace, kind: number, root: Ref): void {
  while (!zsetKind.freeSome(keyspace, kind, root, 1 << 20)) continue;
}

function largeBytes(keyspace: Keyspace, root: Ref): number {
  const { arena } = keyspace;
  const table = keyspace.tables.zset;
  table.load(root);
  const count = sortedIndexCount(arena, indexOf(root));
  const sampled = Math.min(count, sampledEntries);
  const position = new IndexPosition();
  if (count > 0) seekRank(arena, indexOf(root), 0, position);
  let bytes = 0;
  for (let left = sampled; left > 0; left--, stepForward(arena, position)) {
    bytes += blockBytes(memberHeaderBytes + memberLength(arena, entryAt(arena, position)));
  }
  const entryBytes = sampled === 0 ? 0 : (bytes / sampled) * count;
  const fixed = blockBytes(rootBytes) + table.tableBytes;
  return Math.round(fixed + entryBytes + count * indexBytesPerEntry);
}

export const zsetKind: ValueKind = {
  count: (keyspace, ref) => {
    const { arena } = keyspace;
    return countOf(arena, encodingOf(arena, ref), valueRef(arena, ref));
  },
  freeSome: (keyspace, kind, root, budget) => {
    if (kind !== encoding.listpack) return freeSomeLarge(keyspace, root, budget);
    freeListpack(keyspace.arena, root);
    return true;
  },
  copy: (keyspace, ref) => {
    const { arena } = keyspace;
    const root = valueRef(arena, ref);
    if (encodingOf(arena, ref) !== encoding.listpack) return copyLarge(keyspace, root);
    return copyListpack(arena, root);
  },
  bytes: (keyspace, ref) => {
    const { arena } = keyspace;
    const root = valueRef(arena, ref);
    if (encodingOf(arena, ref) !== encoding.listpack) return largeBytes(keyspace, root);
    return blockBytes(listpackCapacity(listpackBytes(arena, root)));
  },
};

/** The score of a member; NaN when it is not there. */
export function scoreIn(
  keyspace: Keyspace,
  kind: number,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const { arena } = keyspace;
  if (kind === encoding.listpack) {
    const position = findSmall(arena, root, bytes, offset, length);
    return position === 0 ? NaN : smallScore(arena, root, position);
  }
  const entry = findLarge(keyspace, root, bytes, offset, length);
  return entry === noRef ? NaN : scoreOf(arena, entry);
}
