// The ordered index of a large sorted set: entries by score, then by the bytes of their members.
// Insertion, removal, the rank of an entry and the entry of a rank are O(log n); iteration goes
// both ways. A B+ tree of arena blocks (`sorted-index-node.ts` draws them): leaves hold refs of
// entries with the keys of their scores, and are linked both ways; an inner node holds for each
// child the key of its first entry and how many entries are below it. All leaves are equally deep,
// no node but the root is empty. An entry is a hash table's (`hash-table.ts`) whose two words of
// the owner's are its score, which must not change while it is in the index, except by `moveEntry`.
//
//   header   word 0  root node, 0 when there are no entries
//                 1  levels of inner nodes above the leaves
//                 2  number of entries
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import {
  SortKey,
  childColumn,
  closeSlot,
  copyKey,
  countBelowMember,
  countBelowScore,
  highColumn,
  innerWords,
  keyHigh,
  keyLow,
  leafNext,
  leafPrevious,
  leafWords,
  lowColumn,
  moveSlots,
  nodeCount,
  nodeSlots,
  openSlot,
  refColumn,
  setScore,
  sizeColumn,
} from "./sorted-index-node.ts";
import {
  addToSize,
  beginDescent,
  descendTo,
  descendToRank,
  indexCount,
  indexHeight,
  indexRoot,
  pathNodes,
  pathSlots,
  raiseFirstKey,
  rankOfPath,
  takeChild,
} from "./sorted-index-path.ts";
import { removeAtPath } from "./sorted-index-removal.ts";

export {
  memberHeaderBytes,
  memberLength,
  memberOffset,
  scoreOf,
  setScore,
} from "./sorted-index-node.ts";
export { checkSortedIndex } from "./sorted-index-check.ts";

/**
 * Bytes of an index's header, which may be part of a larger block: its ref needs not be a block's.
 */
export const sortedIndexHeaderBytes = 12;

/** A place in an index: a slot of a leaf. Good until the next change. */
export class IndexPosition {
  /** None when the position is behind the last entry, or before the first. */
  leaf: Ref = noRef;
  slot = 0;
}

const key = new SortKey();

export function initSortedIndex(arena: Arena, header: Ref): void {
  const words = arena.words[header >>> 16];
  const at = (header & 0xffff) << 2;
  words[at + indexRoot] = 0;
  words[at + indexHeight] = 0;
  words[at + indexCount] = 0;
}

export function sortedIndexCount(arena: Arena, header: Ref): number {
  return arena.words[header >>> 16][((header & 0xffff) << 2) + indexCount];
}

/** Adds an entry, whose score is written and whose member no other entry has. */
export function insertEntry(arena: Arena, header: Ref, entry: Ref): void {
  const headWords = arena.words[header >>> 16];
  const head = (header & 0xffff) << 2;
  if (headWords[head + indexRoot] === 0)
    headWords[head + indexRoot] = newNode(arena, leafWords * 4);
  key.setEntry(arena, entry);
  const height = descendTo(arena, header, key, noRef);
  if (nodeIsFull(arena, pathNodes[height])) {
    insertSplitting(arena, header, entry);
    return;
  }
  headWords[head + indexCount]++;
  for (let level = 0; level < height; level++) addToSize(arena, level, 1);
  const leaf = pathNodes[height];
  const words = arena.words[leaf >>> 16];
  const at = (leaf & 0xffff) << 2;
  const slot = pathSlots[height];
  openSlot(words, at, slot, leafWords);
  words[at + slot + highColumn] = key.high;
  words[at + slot + lowColumn] = key.low;
  words[at + slot + refColumn] = entry;
  if (slot === 0) raiseFirstKey(arena, height);
}

/**
 * The leaf of the path is full: splits one node whose parent has room, and tries again. Nodes are
 * halved, but at either end of the index nearly all stays in the old one: who counts up, or down,
 * fills every node.
 */
function insertSplitting(arena: Arena, header: Ref, entry: Ref): void {
  let level = arena.words[header >>> 16][((header & 0xffff) << 2) + indexHeight];
  const leaf = pathNodes[level];
  const words = arena.words[leaf >>> 16];
  const leafAt = (leaf & 0xffff) << 2;
  let kept = nodeSlots / 2;
  const slot = pathSlots[level];
  if (words[leafAt + leafNext] === 0 && slot === nodeSlots) kept = nodeSlots - 1;
  else if (words[leafAt + leafPrevious] === 0 && slot === 0) kept = 1;
  const isLeaf = level === 0 || !nodeIsFull(arena, pathNodes[level - 1]);
  const nodeWords = isLeaf ? leafWords : innerWords;
  while (level > 0 && nodeIsFull(arena, pathNodes[level - 1])) level--;
  if (level === 0) level = growRoot(arena, header);
  splitNode(arena, level, nodeWords, kept);
  insertEntry(arena, header, entry);
}

/** Puts a new root above the old one; returns the level at which the old one is now. */
function growRoot(arena: Arena, header: Ref): number {
  const root = newNode(arena, innerWords * 4);
  const headWords = arena.words[header >>> 16];
  const head = (header & 0xffff) << 2;
  const child = headWords[head + indexRoot];
  const words = arena.words[root >>> 16];
  const at = (root & 0xffff) << 2;
  copyKey(arena.words[child >>> 16], (child & 0xffff) << 2, words, at);
  words[at] = 1;
  words[at + childColumn] = child;
  words[at + sizeColumn] = headWords[head + indexCount];
  headWords[head + indexRoot] = root;
  headWords[head + indexHeight]++;
  pathNodes[1] = child;
  pathNodes[0] = root;
  pathSlots[0] = 0;
  return 1;
}

/**
 * Moves the slots from `kept` on of the path's node at `level` to a new node on its right; the
 * parent has room.
 */
function splitNode(arena: Arena, level: number, nodeWords: number, kept: number): void {
  const made = newNode(arena, nodeWords * 4);
  const node = pathNodes[level];
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  const madeWords = arena.words[made >>> 16];
  const madeAt = (made & 0xffff) << 2;
  moveSlots(words, at, kept, madeWords, madeAt, nodeWords);
  const isLeaf = nodeWords === leafWords;
  if (isLeaf) linkLeaf(arena, made, node);
  const movedSize = isLeaf ? madeWords[madeAt] : sizeBelow(madeWords, madeAt);
  const parent = pathNodes[level - 1];
  const parentWords = arena.words[parent >>> 16];
  const parentAt = (parent & 0xffff) << 2;
  const slot = pathSlots[level - 1];
  openSlot(parentWords, parentAt, slot + 1, innerWords);
  const madeSlot = parentAt + slot + 1;
  copyKey(madeWords, madeAt, parentWords, madeSlot);
  parentWords[madeSlot + childColumn] = made;
  parentWords[madeSlot + sizeColumn] = movedSize;
  parentWords[parentAt + slot + sizeColumn] -= movedSize;
}

/** Links a new leaf behind another. */
function linkLeaf(arena: Arena, made: Ref, leaf: number): void {
  const words = arena.words[leaf >>> 16];
  const at = (leaf & 0xffff) << 2;
  const madeWords = arena.words[made >>> 16];
  const madeAt = (made & 0xffff) << 2;
  const next = words[at + leafNext];
  madeWords[madeAt + leafPrevious] = leaf;
  madeWords[madeAt + leafNext] = next;
  words[at + leafNext] = made;
  if (next !== 0) arena.words[next >>> 16][((next & 0xffff) << 2) + leafPrevious] = made;
}

/** Takes an entry out; its memory is the caller's. */
export function removeEntry(arena: Arena, header: Ref, entry: Ref): void {
  key.setEntry(arena, entry);
  const height = descendTo(arena, header, key, entry);
  removeAtPath(arena, header, height);
}

/** Takes out the entry of a rank below the count and returns it. */
export function removeAtRank(arena: Arena, header: Ref, rank: number): Ref {
  const height = descendToRank(arena, header, rank);
  const leaf = pathNodes[height];
  const at = ((leaf & 0xffff) << 2) + pathSlots[height] + refColumn;
  const entry = arena.words[leaf >>> 16][at] as Ref;
  removeAtPath(arena, header, height);
  return entry;
}

/** Gives an entry another score and the place that goes with it. */
export function moveEntry(arena: Arena, header: Ref, entry: Ref, score: number): void {
  key.setEntry(arena, entry);
  const height = descendTo(arena, header, key, entry);
  const leaf = pathNodes[height];
  const words = arena.words[leaf >>> 16];
  const slot = pathSlots[height];
  const at = (leaf & 0xffff) << 2;
  const high = keyHigh(score);
  const low = keyLow(score);
  // Between its neighbours in the leaf, scores equal to theirs aside, it may stay where it is.
  if (
    slot > 0 &&
    slot + 1 < words[at] &&
    countBelowScore(words, at + slot - 1, 1, high, low) === 1 &&
    countBelowScore(words, at + slot + 1, 1, high, low + 1) === 0
  ) {
    words[at + slot + highColumn] = high;
    words[at + slot + lowColumn] = low;
    setScore(arena, entry, score);
    return;
  }
  removeAtPath(arena, header, height);
  setScore(arena, entry, score);
  insertEntry(arena, header, entry);
}

/** Entries before this one, which is in the index. */
export function rankOfEntry(arena: Arena, header: Ref, entry: Ref): number {
  key.setEntry(arena, entry);
  const height = descendTo(arena, header, key, entry);
  return rankOfPath(arena, height);
}

/** Goes to the entry of a rank, which is below the count. */
export function seekRank(arena: Arena, header: Ref, rank: number, position: IndexPosition): void {
  const height = descendToRank(arena, header, rank);
  position.leaf = pathNodes[height] as Ref;
  position.slot = pathSlots[height];
}

/**
 * How many entries have a lower score; with `orEqual` 1 instead of 0, that score or a lower one.
 */
export function countOfScoresBelow(
  arena: Arena,
  header: Ref,
  score: number,
  orEqual: number,
): number {
  let high = keyHigh(score);
  let low = keyLow(score);
  if (orEqual !== 0) {
    // Below the next higher key; a NaN, the only number without one, is no score.
    if (low === 0x7fffffff) high++;
    low = (low + 1) | 0;
  }
  const height = beginDescent(arena, header);
  for (let level = 0; ; level++) {
    const node = pathNodes[level];
    const words = arena.words[node >>> 16];
    const at = (node & 0xffff) << 2;
    const below = node === 0 ? 0 : countBelowScore(words, at, words[at], high, low);
    if (level === height) {
      pathSlots[level] = below;
      return rankOfPath(arena, height);
    }
    takeChild(words, at, level, below === 0 ? 0 : below - 1);
  }
}

/**
 * How many entries have a member that comes before the given one; with `orEqual` 1 instead of 0,
 * that or an earlier one. Only for an index whose entries have the same score, as Redis asks of
 * those who use lexicographical ranges.
 */
export function countOfMembersBelow(
  arena: Arena,
  header: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  orEqual: number,
): number {
  key.setMember(bytes, offset, length);
  const height = beginDescent(arena, header);
  for (let level = 0; ; level++) {
    const node = pathNodes[level];
    const words = arena.words[node >>> 16];
    const at = (node & 0xffff) << 2;
    const below = node === 0 ? 0 : countBelowMember(arena, words, at, words[at], key, orEqual);
    if (level === height) {
      pathSlots[level] = below;
      return rankOfPath(arena, height);
    }
    takeChild(words, at, level, below === 0 ? 0 : below - 1);
  }
}

/** The entry at a position; none at an end. */
export function entryAt(arena: Arena, position: IndexPosition): Ref {
  const { leaf } = position;
  if (leaf === noRef) return noRef;
  return arena.words[leaf >>> 16][((leaf & 0xffff) << 2) + position.slot + refColumn] as Ref;
}

export function stepForward(arena: Arena, position: IndexPosition): void {
  const { leaf } = position;
  const words = arena.words[leaf >>> 16];
  const at = (leaf & 0xffff) << 2;
  position.slot++;
  if (position.slot < words[at]) return;
  position.leaf = words[at + leafNext] as Ref;
  position.slot = 0;
}

export function stepBack(arena: Arena, position: IndexPosition): void {
  position.slot--;
  if (position.slot >= 0) return;
  const { leaf } = position;
  const previous = arena.words[leaf >>> 16][((leaf & 0xffff) << 2) + leafPrevious];
  position.leaf = previous as Ref;
  position.slot = previous === 0 ? 0 : arena.words[previous >>> 16][(previous & 0xffff) << 2] - 1;
}

/**
 * Frees the first leaf with all that only leads to it, and gives its entries to `release`; true
 * when the index is empty. For the end of an index: until then nothing else may be asked of it.
 */
export function freeFirstLeaf(arena: Arena, header: Ref, release: (entry: Ref) => void): boolean {
  const headWords = arena.words[header >>> 16];
  const head = (header & 0xffff) << 2;
  if (headWords[head + indexRoot] === 0) return true;
  const height = beginDescent(arena, header);
  for (let level = 0; level < height; level++) {
    const node = pathNodes[level];
    takeChild(arena.words[node >>> 16], (node & 0xffff) << 2, level, 0);
  }
  const leaf = pathNodes[height] as Ref;
  const words = arena.words[leaf >>> 16];
  const at = (leaf & 0xffff) << 2;
  const count = words[at];
  headWords[head + indexCount] -= count;
  for (let slot = 0; slot < count; slot++) release(words[at + slot + refColumn] as Ref);
  arena.free(leaf, leafWords * 4);
  let level = height;
  for (; level > 0; level--) {
    const parent = pathNodes[level - 1] as Ref;
    const parentWords = arena.words[parent >>> 16];
    const parentAt = (parent & 0xffff) << 2;
    closeSlot(parentWords, parentAt, 0, innerWords);
    if (parentWords[parentAt] > 0) break;
    arena.free(parent, innerWords * 4);
  }
  if (level === 0) headWords[head + indexRoot] = 0;
  return level === 0;
}

function newNode(arena: Arena, size: number): Ref {
  const node = arena.allocate(size);
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  words[at + nodeCount] = 0;
  words[at + leafPrevious] = 0;
  words[at + leafNext] = 0;
  return node;
}

function nodeIsFull(arena: Arena, node: number): boolean {
  return arena.words[node >>> 16][(node & 0xffff) << 2] === nodeSlots;
}

function sizeBelow(words: Int32Array, at: number): number {
  let size = 0;
  for (let slot = words[at] - 1; slot >= 0; slot--) size += words[at + slot + sizeColumn];
  return size;
}
