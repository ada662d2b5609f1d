// The nodes of the trees of stream IDs, and the block that holds a tree together: what every part
// of the tree works with.
//
//   tree  word 0  root node        1  levels above the leaves   2  entries
//              3  first leaf       4  last leaf                 5  words an entry
//   node  word 0  count | capacity << 16
//              1  previous leaf    2  next leaf
//              3  words before the first entry
//              4  entries: 4 words of ID, then a leaf's own words, or the ref of a child whose
//                 entries are not before that ID
//
// A leaf has a block as large as it needs, up to 64 entries, so that small trees are small. Taking
// away the first entry moves no other: that is where most go.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { StreamId } from "./stream-id.ts";
import { compareIdToWords, idWords } from "./stream-id.ts";

export const treeRoot = 0;
export const treeLevels = 1;
export const treeCount = 2;
export const treeFirst = 3;
export const treeLast = 4;
export const treeStride = 5;
export const treeBytes = 24;

export const nodeInfo = 0;
export const nodePrevious = 1;
export const nodeNext = 2;
export const nodeStart = 3;
export const nodeHeaderWords = 4;
export const capacityMin = 1;
export const capacityMax = 64;
export const innerStride = idWords + 1;

/** A place in a tree: entry `index` of a leaf; leaf 0 is nowhere. */
export class IdCursor {
  leaf: Ref = noRef;
  index = 0;
}

export function nodeBytes(stride: number, capacity: number): number {
  return (nodeHeaderWords + stride * capacity) << 2;
}

export function newNode(arena: Arena, stride: number, capacity: number): Ref {
  const node = arena.allocate(nodeBytes(stride, capacity));
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  words[at + nodeInfo] = capacity << 16;
  words[at + nodePrevious] = noRef;
  words[at + nodeNext] = noRef;
  words[at + nodeStart] = 0;
  return node;
}

export function treeWord(arena: Arena, tree: Ref, word: number): number {
  return arena.words[tree >>> 16][((tree & 0xffff) << 2) + word];
}

export function setTreeWord(arena: Arena, tree: Ref, word: number, value: number): void {
  arena.words[tree >>> 16][((tree & 0xffff) << 2) + word] = value;
}

export function countOf(arena: Arena, node: Ref): number {
  return arena.words[node >>> 16][(node & 0xffff) << 2] & 0xffff;
}

export function capacityOf(arena: Arena, node: Ref): number {
  return arena.words[node >>> 16][(node & 0xffff) << 2] >>> 16;
}

export function childAt(arena: Arena, node: Ref, index: number): Ref {
  const words = arena.words[node >>> 16];
  return words[entryWord(words, node, innerStride, index) + idWords] as Ref;
}

/** The index of the last entry that is not after `id`, -1 when all are. */
export function floorIndex(arena: Arena, node: Ref, stride: number, id: StreamId): number {
  const words = arena.words[node >>> 16];
  const base = entryWord(words, node, stride, 0);
  let low = 0;
  let high = words[(node & 0xffff) << 2] & 0xffff;
  // Most look-ups are for the newest entries: those after the last one are spared the search.
  if (high > 0 && compareIdToWords(id, words, base + (high - 1) * stride) >= 0) return high - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIdToWords(id, words, base + middle * stride) < 0) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

/** Index of an entry's first word in the words of the node's chunk. */
export function entryWord(words: Int32Array, node: Ref, stride: number, index: number): number {
  const at = (node & 0xffff) << 2;
  return at + nodeHeaderWords + words[at + nodeStart] + index * stride;
}
