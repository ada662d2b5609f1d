// Sorted lists of named blocks: the consumer groups of a stream, the consumers of a group. Sorted
// by the bytes of the names, which is the order in which Redis shows them.
//
//   list   word 0  count   1  capacity   2..  refs of the blocks
//   block  word 0  length of the name   1..11  the owner's   then the name's bytes, from byte 48
//
// The list moves when it grows, the blocks never do.
import { compareBytes, copyBytes } from "../bytes/ascii.ts";
import type { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes, noRef } from "../memory/arena.ts";

const listHeaderWords = 2;
const capacityMin = 2;
export const namedHeaderBytes = 48;

/** A list without names. */
export function newNames(arena: Arena): Ref {
  const names = arena.allocate(listBytes(capacityMin));
  const words = arena.words[names >>> 16];
  words[(names & 0xffff) << 2] = 0;
  words[((names & 0xffff) << 2) + 1] = capacityMin;
  return names;
}

function listBytes(capacity: number): number {
  return (listHeaderWords + capacity) << 2;
}

export function nameCount(arena: Arena, names: Ref): number {
  return arena.words[names >>> 16][(names & 0xffff) << 2];
}

/** The block of that index, in the order of the names. */
export function namedAt(arena: Arena, names: Ref, index: number): Ref {
  return arena.words[names >>> 16][((names & 0xffff) << 2) + listHeaderWords + index] as Ref;
}

/** Points `slice` at the name of a block; good as long as the block is. */
export function sliceName(arena: Arena, named: Ref, slice: Slice): void {
  slice.bytes = arena.bytes[named >>> 16];
  slice.offset = ((named & 0xffff) << 4) + namedHeaderBytes;
  slice.length = arena.words[named >>> 16][(named & 0xffff) << 2];
}

/** Where the name is, or `-1 - index` for the index where it would be inserted. */
export function findName(
  arena: Arena,
  names: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const words = arena.words[names >>> 16];
  const at = (names & 0xffff) << 2;
  let low = 0;
  let high = words[at];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const named = words[at + listHeaderWords + middle];
    const nameLength = arena.words[named >>> 16][(named & 0xffff) << 2];
    const start = ((named & 0xffff) << 4) + namedHeaderBytes;
    const order = compareBytes(bytes, offset, length, arena.bytes[named >>> 16], start, nameLength);
    if (order === 0) return middle;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return -1 - low;
}

/** The block of that name, or none. */
export function findNamed(
  arena: Arena,
  names: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const index = findName(arena, names, bytes, offset, length);
  return index < 0 ? noRef : namedAt(arena, names, index);
}

/** A block for a name, its words 0 but for the length; in no list yet. */
export function newNamed(arena: Arena, bytes: Uint8Array, offset: number, length: number): Ref {
  const named = arena.allocate(namedHeaderBytes + length);
  const words = arena.words[named >>> 16];
  const at = (named & 0xffff) << 2;
  words.fill(0, at, at + namedHeaderBytes / 4);
  words[at] = length;
  const start = ((named & 0xffff) << 4) + namedHeaderBytes;
  copyBytes(bytes, offset, arena.bytes[named >>> 16], start, length);
  return named;
}

export function freeNamed(arena: Arena, named: Ref): void {
  arena.free(named, namedSize(arena, named));
}

function namedSize(arena: Arena, named: Ref): number {
  return namedHeaderBytes + arena.words[named >>> 16][(named & 0xffff) << 2];
}

/**
 * Puts a block into the list at the index that `findName` told; returns the list, which may have
 * moved.
 */
export function insertNamed(arena: Arena, names: Ref, index: number, named: Ref): Ref {
  const count = nameCount(arena, names);
  const capacity = arena.words[names >>> 16][((names & 0xffff) << 2) + 1];
  const list = count === capacity ? resizeList(arena, names, capacity * 2) : names;
  const words = arena.words[list >>> 16];
  const at = (list & 0xffff) << 2;
  const start = at + listHeaderWords + index;
  words.copyWithin(start + 1, start, at + listHeaderWords + count);
  words[start] = named;
  words[at] = count + 1;
  return list;
}

/** Takes the block of that index out of the list, which may move. */
export function removeNamed(arena: Arena, names: Ref, index: number): Ref {
  const words = arena.words[names >>> 16];
  const at = (names & 0xffff) << 2;
  const count = words[at];
  const capacity = words[at + 1];
  const start = at + listHeaderWords + index;
  words.copyWithin(start, start + 1, at + listHeaderWords + count);
  words[at] = count - 1;
  const isSparse = capacity > capacityMin && count - 1 <= capacity >> 2;
  return isSparse ? resizeList(arena, names, capacity >> 1) : names;
}

function resizeList(arena: Arena, names: Ref, capacity: number): Ref {
  const list = arena.allocate(listBytes(capacity));
  const from = arena.words[names >>> 16];
  const start = (names & 0xffff) << 2;
  const to = arena.words[list >>> 16];
  const at = (list & 0xffff) << 2;
  for (let word = from[start] + listHeaderWords - 1; word >= 0; word--) {
    to[at + word] = from[start + word];
  }
  to[at + 1] = capacity;
  arena.free(names, listBytes(from[start + 1]));
  return list;
}

/** Frees a list whose blocks are gone already. */
export function freeNames(arena: Arena, names: Ref): void {
  arena.free(names, listBytes(arena.words[names >>> 16][((names & 0xffff) << 2) + 1]));
}

/** Bytes of the arena that the list takes with its blocks, without what they own. */
export function namesBytes(arena: Arena, names: Ref): number {
  const capacity = arena.words[names >>> 16][((names & 0xffff) << 2) + 1];
  let bytes = blockBytes(listBytes(capacity));
  for (let index = 0; index < nameCount(arena, names); index++) {
    bytes += blockBytes(namedSize(arena, namedAt(arena, names, index)));
  }
  return bytes;
}
