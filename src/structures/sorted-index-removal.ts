// Removal from a sorted index, at the place that the path leads to. A node that is less than half
// full joins a neighbour once both fill three quarters of a node; an empty one goes. That two small
// ones may stay beside a full one costs little, and saves moving single slots to and fro.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import {
  childColumn,
  closeSlot,
  innerWords,
  leafNext,
  leafPrevious,
  leafWords,
  moveSlots,
  nodeSlots,
  sizeColumn,
} from "./sorted-index-node.ts";
import {
  addToSize,
  indexCount,
  indexHeight,
  indexRoot,
  pathNodes,
  pathSlots,
  raiseFirstKey,
} from "./sorted-index-path.ts";

const joinedSlotsMax = (nodeSlots / 4) * 3;

/** Takes the entry at the end of the path out of the index. */
export function removeAtPath(arena: Arena, header: Ref, height: number): void {
  const headWords = arena.words[header >>> 16];
  const head = (header & 0xffff) << 2;
  headWords[head + indexCount]--;
  for (let level = 0; level < height; level++) addToSize(arena, level, -1);
  const leaf = pathNodes[height];
  const words = arena.words[leaf >>> 16];
  const at = (leaf & 0xffff) << 2;
  closeSlot(words, at, pathSlots[height], leafWords);
  if (words[at] >= nodeSlots / 2) {
    if (pathSlots[height] === 0) raiseFirstKey(arena, height);
    return;
  }
  shrinkPath(arena, height);
  let root = headWords[head + indexRoot] as Ref;
  let levels = height;
  while (levels > 0 && arena.words[root >>> 16][(root & 0xffff) << 2] === 1) {
    const child = arena.words[root >>> 16][((root & 0xffff) << 2) + childColumn] as Ref;
    arena.free(root, innerWords * 4);
    root = child;
    levels--;
  }
  if (headWords[head + indexCount] === 0) {
    arena.free(root, leafWords * 4);
    root = noRef;
  }
  headWords[head + indexRoot] = root;
  headWords[head + indexHeight] = levels;
}

/**
 * The leaf of the path has become small: it, then each node above that lost a child, goes or joins
 * a neighbour.
 */
function shrinkPath(arena: Arena, height: number): void {
  for (let level = height; ; level--) {
    const nodeWords = level === height ? leafWords : innerWords;
    const node = pathNodes[level] as Ref;
    const count = arena.words[node >>> 16][(node & 0xffff) << 2];
    if (count > 0 && pathSlots[level] === 0) raiseFirstKey(arena, level);
    if (level === 0 || count >= nodeSlots / 2) return;
    if (count === 0) {
      dropChild(arena, level - 1, pathSlots[level - 1], nodeWords);
      continue;
    }
    const slot = slotToJoin(arena, level - 1, count);
    if (slot < 0) return;
    joinNext(arena, level - 1, slot, nodeWords);
    // The first key of the parent stays what it is.
    pathSlots[level - 1] = slot + 1;
  }
}

/**
 * The slot in the path's node at `level` of the left one of two children to be joined, one of them
 * the path's; -1: none.
 */
function slotToJoin(arena: Arena, level: number, count: number): number {
  const parent = pathNodes[level];
  const words = arena.words[parent >>> 16];
  const at = (parent & 0xffff) << 2;
  const slot = pathSlots[level];
  if (slot + 1 < words[at] && count + slotsOfChild(arena, words, at, slot + 1) <= joinedSlotsMax)
    return slot;
  if (slot > 0 && count + slotsOfChild(arena, words, at, slot - 1) <= joinedSlotsMax)
    return slot - 1;
  return -1;
}

function slotsOfChild(arena: Arena, words: Int32Array, at: number, slot: number): number {
  const child = words[at + slot + childColumn];
  return arena.words[child >>> 16][(child & 0xffff) << 2];
}

/** Moves all of the next child into the child at `slot` of the path's node at `level`. */
function joinNext(arena: Arena, level: number, slot: number, nodeWords: number): void {
  const parent = pathNodes[level];
  const words = arena.words[parent >>> 16];
  const at = ((parent & 0xffff) << 2) + slot;
  const left = words[at + childColumn];
  const right = words[at + 1 + childColumn];
  const leftWords = arena.words[left >>> 16];
  moveSlots(
    arena.words[right >>> 16],
    (right & 0xffff) << 2,
    0,
    leftWords,
    (left & 0xffff) << 2,
    nodeWords,
  );
  words[at + sizeColumn] += words[at + 1 + sizeColumn];
  dropChild(arena, level, slot + 1, nodeWords);
}

/** Frees an empty child of the path's node at `level`. */
function dropChild(arena: Arena, level: number, slot: number, nodeWords: number): void {
  const parent = pathNodes[level];
  const words = arena.words[parent >>> 16];
  const at = (parent & 0xffff) << 2;
  const child = words[at + slot + childColumn] as Ref;
  if (nodeWords === leafWords) unlinkLeaf(arena, child);
  arena.free(child, nodeWords * 4);
  closeSlot(words, at, slot, innerWords);
}

function unlinkLeaf(arena: Arena, leaf: Ref): void {
  const words = arena.words[leaf >>> 16];
  const at = (leaf & 0xffff) << 2;
  const previous = words[at + leafPrevious];
  const next = words[at + leafNext];
  if (previous !== 0) arena.words[previous >>> 16][((previous & 0xffff) << 2) + leafNext] = next;
  if (next !== 0) arena.words[next >>> 16][((next & 0xffff) << 2) + leafPrevious] = previous;
}
