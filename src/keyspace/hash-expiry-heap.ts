// Binary heaps of things that expire, the earliest first: the fields of one hash, and the hashes of
// one database.
//
// An item is an arena block of another owner that has, from its word 4 on,
//
//   word 4  time in ms since 1970, low word   5  high word   6  its place in the heap, or -1
//
// and a heap belongs to a block that has, in its words 1 to 3, the ref of the heap's own block, how
// many items there are, how many fit. The heap's block holds the items' refs. Invariant: no item is
// earlier than its parent, which stands at half its place.
import { copyBytes } from "../bytes/ascii.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";

export const expiryItemBytes = 12;
const wordTime = 4;
const wordPlace = 6;

const wordBlock = 1;
const wordCount = 2;
const wordCapacity = 3;
const initialCapacity = 4;
const two32 = 4294967296;

/** The item's time in ms. */
export function itemTime(arena: Arena, item: Ref): number {
  const words = arena.words[item >>> 16];
  const at = ((item & 0xffff) << 2) + wordTime;
  return words[at + 1] * two32 + (words[at] >>> 0);
}

/** Writes the time; the heap that holds the item must hear of it (`updateItem`). */
export function writeItemTime(arena: Arena, item: Ref, timeMs: number): void {
  const words = arena.words[item >>> 16];
  const at = ((item & 0xffff) << 2) + wordTime;
  words[at] = timeMs | 0;
  words[at + 1] = Math.floor(timeMs / two32);
}

function placeOf(arena: Arena, item: Ref): number {
  return arena.words[item >>> 16][((item & 0xffff) << 2) + wordPlace];
}

export function isInHeap(arena: Arena, item: Ref): boolean {
  return placeOf(arena, item) >= 0;
}

/** Notes that a new item is in no heap. */
export function clearPlace(arena: Arena, item: Ref): void {
  arena.words[item >>> 16][((item & 0xffff) << 2) + wordPlace] = -1;
}

/** Number of items. */
export function countItems(arena: Arena, owner: Ref): number {
  return arena.words[owner >>> 16][((owner & 0xffff) << 2) + wordCount];
}

/** The earliest item, none when there are none. */
export function firstItem(arena: Arena, owner: Ref): Ref {
  return countItems(arena, owner) === 0 ? noRef : itemAt(arena, owner, 0);
}

function itemAt(arena: Arena, owner: Ref, place: number): Ref {
  const block = arena.words[owner >>> 16][((owner & 0xffff) << 2) + wordBlock];
  return arena.words[block >>> 16][((block & 0xffff) << 2) + place] as Ref;
}

function put(arena: Arena, owner: Ref, place: number, item: Ref): void {
  const block = arena.words[owner >>> 16][((owner & 0xffff) << 2) + wordBlock];
  arena.words[block >>> 16][((block & 0xffff) << 2) + place] = item;
  arena.words[item >>> 16][((item & 0xffff) << 2) + wordPlace] = place;
}

/** Makes the owner's words those of an empty heap. */
export function clearHeap(arena: Arena, owner: Ref): void {
  const words = arena.words[owner >>> 16];
  const at = (owner & 0xffff) << 2;
  words[at + wordBlock] = noRef;
  words[at + wordCount] = 0;
  words[at + wordCapacity] = 0;
}

/** Gives back the heap's block; the items stay as they are. */
export function freeHeap(arena: Arena, owner: Ref): void {
  const words = arena.words[owner >>> 16];
  const at = (owner & 0xffff) << 2;
  const capacity = words[at + wordCapacity];
  if (capacity > 0) arena.free(words[at + wordBlock] as Ref, capacity * 4);
  clearHeap(arena, owner);
}

/** Adds an item whose time is written. */
export function addItem(arena: Arena, owner: Ref, item: Ref): void {
  const words = arena.words[owner >>> 16];
  const at = (owner & 0xffff) << 2;
  const count = words[at + wordCount];
  if (count === words[at + wordCapacity]) {
    resizeHeap(arena, owner, Math.max(initialCapacity, count * 2));
  }
  words[at + wordCount] = count + 1;
  moveUp(arena, owner, item, count);
}

/** Removes an item: the last one takes its place and moves to where it belongs. */
export function removeItem(arena: Arena, owner: Ref, item: Ref): void {
  const words = arena.words[owner >>> 16];
  const at = (owner & 0xffff) << 2;
  const place = placeOf(arena, item);
  const count = words[at + wordCount] - 1;
  const last = itemAt(arena, owner, count);
  words[at + wordCount] = count;
  clearPlace(arena, item);
  if (last !== item) settle(arena, owner, last, place);
  const capacity = words[at + wordCapacity];
  if (count === 0) freeHeap(arena, owner);
  else if (count * 4 <= capacity && capacity > initialCapacity) {
    resizeHeap(arena, owner, capacity / 2);
  }
}

/** Moves an item whose time has changed to where it belongs. */
export function updateItem(arena: Arena, owner: Ref, item: Ref): void {
  settle(arena, owner, item, placeOf(arena, item));
}

/** Puts another item with the same time in the place of one. */
export function replaceItem(arena: Arena, owner: Ref, item: Ref, replacement: Ref): void {
  put(arena, owner, placeOf(arena, item), replacement);
}

/** Number of items that are earlier than `timeMs`. */
export function countEarlier(arena: Arena, owner: Ref, timeMs: number): number {
  return countItems(arena, owner) === 0 ? 0 : countFrom(arena, owner, 0, timeMs);
}

/**
 * The same among the item at `place` and those below it: only as many are looked at as are counted,
 * and their children.
 */
function countFrom(arena: Arena, owner: Ref, place: number, timeMs: number): number {
  if (place >= countItems(arena, owner)) return 0;
  if (itemTime(arena, itemAt(arena, owner, place)) >= timeMs) return 0;
  const left = countFrom(arena, owner, place * 2 + 1, timeMs);
  return 1 + left + countFrom(arena, owner, place * 2 + 2, timeMs);
}

function settle(arena: Arena, owner: Ref, item: Ref, place: number): void {
  const parent = (place - 1) >> 1;
  const isEarly =
    place > 0 && itemTime(arena, itemAt(arena, owner, parent)) > itemTime(arena, item);
  if (isEarly) moveUp(arena, owner, item, place);
  else moveDown(arena, owner, item, place);
}

function moveUp(arena: Arena, owner: Ref, item: Ref, from: number): void {
  const time = itemTime(arena, item);
  let place = from;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    const above = itemAt(arena, owner, parent);
    if (itemTime(arena, above) <= time) break;
    put(arena, owner, place, above);
    place = parent;
  }
  put(arena, owner, place, item);
}

function moveDown(arena: Arena, owner: Ref, item: Ref, from: number): void {
  const time = itemTime(arena, item);
  const count = countItems(arena, owner);
  let place = from;
  for (let child = place * 2 + 1; child < count; child = place * 2 + 1) {
    let below = itemAt(arena, owner, child);
    let belowTime = itemTime(arena, below);
    let belowPlace = child;
    if (child + 1 < count) {
      const right = itemAt(arena, owner, child + 1);
      const rightTime = itemTime(arena, right);
      if (rightTime < belowTime) {
        below = right;
        belowTime = rightTime;
        belowPlace = child + 1;
      }
    }
    if (belowTime >= time) break;
    put(arena, owner, place, below);
    place = belowPlace;
  }
  put(arena, owner, place, item);
}

function resizeHeap(arena: Arena, owner: Ref, capacity: number): void {
  const at = (owner & 0xffff) << 2;
  const words = arena.words[owner >>> 16];
  const count = words[at + wordCount];
  const block = arena.allocate(capacity * 4);
  const old = words[at + wordBlock] as Ref;
  const oldCapacity = words[at + wordCapacity];
  if (oldCapacity > 0) {
    const to = arena.bytes[block >>> 16];
    copyBytes(arena.bytes[old >>> 16], (old & 0xffff) << 4, to, (block & 0xffff) << 4, count * 4);
    arena.free(old, oldCapacity * 4);
  }
  words[at + wordBlock] = block;
  words[at + wordCapacity] = capacity;
}

/** Throws when an item stands in the wrong place or does not know its place. For tests. */
export function checkHeap(arena: Arena, owner: Ref): void {
  const count = countItems(arena, owner);
  for (let place = 0; place < count; place++) {
    const item = itemAt(arena, owner, place);
    if (placeOf(arena, item) !== place) throw new Error(`item at ${place} has another place`);
    const parent = itemAt(arena, owner, Math.max(0, (place - 1) >> 1));
    if (itemTime(arena, parent) > itemTime(arena, item)) throw new Error(`item ${place} is early`);
  }
}
