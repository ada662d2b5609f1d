// The root block of a stream: what is known of the stream as a whole. A stream is the ref of this
// block; what it holds is read and written here, what happens to entries is in `stream-log.ts`.
//
//   word  0  last ID                     4  ID of the first entry, 0-0 when there is none
//         8  largest ID ever deleted    12  entries ever added (64 bits)
//        14  entries                    15  tree of nodes, by the ID of their first entry
//        16  names of the consumer groups, none when there are none
//
// The tree holds one word a node: the ref of its listpack.
import type { Arena, Ref } from "../memory/arena.ts";
import { newIdTree } from "./stream-id-tree.ts";

export const streamRootBytes = 68;

export const lastIdWord = 0;
export const firstIdWord = 4;
export const maxDeletedIdWord = 8;
const wordAdded = 12;
const wordLength = 14;
const wordNodes = 15;
const wordGroups = 16;
const two32 = 4294967296;

/** A stream without entries. */
export function newStream(arena: Arena): Ref {
  const root = arena.allocateZeroed(streamRootBytes);
  const tree = newIdTree(arena, 1);
  arena.words[root >>> 16][((root & 0xffff) << 2) + wordNodes] = tree;
  return root;
}

/** Entries that are there. */
export function streamLength(arena: Arena, root: Ref): number {
  return arena.words[root >>> 16][((root & 0xffff) << 2) + wordLength] >>> 0;
}

export function addToLength(arena: Arena, root: Ref, count: number): void {
  arena.words[root >>> 16][((root & 0xffff) << 2) + wordLength] += count;
}

/** The tree of nodes. */
export function streamNodes(arena: Arena, root: Ref): Ref {
  return arena.words[root >>> 16][((root & 0xffff) << 2) + wordNodes] as Ref;
}

export function setStreamNodes(arena: Arena, root: Ref, tree: Ref): void {
  arena.words[root >>> 16][((root & 0xffff) << 2) + wordNodes] = tree;
}

/** The list of the consumer groups, none when there never was one. */
export function groupNames(arena: Arena, root: Ref): Ref {
  return arena.words[root >>> 16][((root & 0xffff) << 2) + wordGroups] as Ref;
}

export function setGroupNames(arena: Arena, root: Ref, names: Ref): void {
  arena.words[root >>> 16][((root & 0xffff) << 2) + wordGroups] = names;
}

/** A number of 64 bits in two words, the low one first; exact up to 2^53. */
export function readNumber(arena: Arena, block: Ref, word: number): number {
  const words = arena.words[block >>> 16];
  const at = ((block & 0xffff) << 2) + word;
  return words[at + 1] * two32 + (words[at] >>> 0);
}

export function writeNumber(arena: Arena, block: Ref, word: number, value: number): void {
  const words = arena.words[block >>> 16];
  const at = ((block & 0xffff) << 2) + word;
  words[at + 1] = Math.floor(value / two32);
  words[at] = value - words[at + 1] * two32;
}

/** Entries that were ever added. */
export function entriesAdded(arena: Arena, root: Ref): number {
  return readNumber(arena, root, wordAdded);
}

export function setEntriesAdded(arena: Arena, root: Ref, count: number): void {
  writeNumber(arena, root, wordAdded, count);
}
