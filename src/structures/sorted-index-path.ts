// The way through a sorted index from its root to a place in a leaf: found by an entry's key or by
// a rank, and used by all that changes the index. There is one path for all indexes; it is good
// from one descent until the index changes or the next descent.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { SortKey } from "./sorted-index-node.ts";
import { childColumn, copyKey, countBefore, refColumn, sizeColumn } from "./sorted-index-node.ts";

/** Words of an index's header: `sorted-index.ts` draws it. */
export const indexRoot = 0;
export const indexHeight = 1;
export const indexCount = 2;

/**
 * The node of each level from the root down, and the slot taken there. 2^32 entries need no more
 * than 10 levels.
 */
const levelsMax = 16;
export const pathNodes: Int32Array = new Int32Array(levelsMax);
export const pathSlots: Int32Array = new Int32Array(levelsMax);

/** Begins a path at the root; returns the level of the leaves. */
export function beginDescent(arena: Arena, header: Ref): number {
  const words = arena.words[header >>> 16];
  const at = (header & 0xffff) << 2;
  pathNodes[0] = words[at + indexRoot];
  return words[at + indexHeight];
}

export function takeChild(words: Int32Array, at: number, level: number, slot: number): void {
  pathSlots[level] = slot;
  pathNodes[level + 1] = words[at + slot + childColumn];
}

/**
 * The path to where `key` is, when `entry` has that key and is in the index, else to where it would
 * be inserted.
 */
export function descendTo(arena: Arena, header: Ref, key: SortKey, entry: Ref): number {
  const height = beginDescent(arena, header);
  for (let level = 0; ; level++) {
    const node = pathNodes[level];
    const words = arena.words[node >>> 16];
    const at = (node & 0xffff) << 2;
    const before = countBefore(arena, words, at, words[at], key);
    if (level === height) {
      pathSlots[level] = before;
      return height;
    }
    const isFirst =
      entry !== noRef && before < words[at] && words[at + before + refColumn] === entry;
    takeChild(words, at, level, isFirst || before === 0 ? before : before - 1);
  }
}

export function descendToRank(arena: Arena, header: Ref, rank: number): number {
  const height = beginDescent(arena, header);
  let left = rank;
  for (let level = 0; level < height; level++) {
    const node = pathNodes[level];
    const words = arena.words[node >>> 16];
    const at = (node & 0xffff) << 2;
    let slot = 0;
    while (left >= words[at + slot + sizeColumn]) {
      left -= words[at + slot + sizeColumn];
      slot++;
    }
    takeChild(words, at, level, slot);
  }
  pathSlots[height] = left;
  return height;
}

/** Entries before the path's end. */
export function rankOfPath(arena: Arena, height: number): number {
  let rank = pathSlots[height];
  for (let level = 0; level < height; level++) {
    const node = pathNodes[level];
    const words = arena.words[node >>> 16];
    const sizes = ((node & 0xffff) << 2) + sizeColumn;
    for (let slot = pathSlots[level] - 1; slot >= 0; slot--) rank += words[sizes + slot];
  }
  return rank;
}

export function addToSize(arena: Arena, level: number, change: number): void {
  const node = pathNodes[level];
  arena.words[node >>> 16][((node & 0xffff) << 2) + pathSlots[level] + sizeColumn] += change;
}

/**
 * The first entry of the path's node at `level` is another one: its ancestors learn of it, as far
 * as it is their first too.
 */
export function raiseFirstKey(arena: Arena, level: number): void {
  const node = pathNodes[level];
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  for (let above = level - 1; above >= 0; above--) {
    const parent = pathNodes[above];
    const slot = pathSlots[above];
    copyKey(words, at, arena.words[parent >>> 16], ((parent & 0xffff) << 2) + slot);
    if (slot > 0) return;
  }
}
