// A place in a list: walks a quicklist, or a lone listpack in the same way, in both directions.
//
// A cursor is made once and used for many lists. Between `seek...` and `closeCursor` the list may
// change only through the cursor (`quicklist-edit.ts`). A compressed node is unfolded when the
// cursor comes to it, and folded again when it leaves.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { equalBytes } from "../bytes/ascii.ts";
import { endTag, entrySizeAt, equalsMeasured, measureText } from "./listpack-entry.ts";
import type { ListpackEntry } from "./listpack.ts";
import { entryAt, listpackHeaderBytes, nextEntry, previousEntry, readEntry } from "./listpack.ts";
import {
  countOf,
  firstNode,
  isCompressed,
  isPlain,
  lastNode,
  nextNode,
  openNode,
  plainLength,
  plainOffset,
  previousNode,
  quicklistLength,
  readPlain,
} from "./quicklist-node.ts";
import { compressNode } from "./quicklist.ts";

export class ListCursor {
  /** The node; none in a lone listpack. */
  node: Ref = noRef;
  /** The node's uncompressed content, or the lone listpack. */
  content: Ref = noRef;
  isPlain = false;
  /** Offset of the element's entry; 0: there is no element. In a plain node any other number. */
  position = 0;
  /** Whether the last search has ended at an equal element. */
  isMatch = false;
  /** Whether the node is to be compressed again. */
  isUnfolded = false;
}

/**
 * Goes to an element of a lone listpack: index 0 is the first, -1 the last. False when there is
 * none.
 */
export function seekListpack(arena: Arena, ref: Ref, index: number, cursor: ListCursor): boolean {
  cursor.node = noRef;
  cursor.content = ref;
  cursor.isPlain = false;
  cursor.isUnfolded = false;
  cursor.position = entryAt(arena, ref, index);
  return cursor.position !== 0;
}

/** Goes to an element of a quicklist, from the nearer end. False when there is none. */
export function seekQuicklist(arena: Arena, root: Ref, index: number, cursor: ListCursor): boolean {
  cursor.node = noRef;
  cursor.position = 0;
  cursor.isUnfolded = false;
  const length = quicklistLength(arena, root);
  const fromStart = index < 0 ? index + length : index;
  if (fromStart < 0 || fromStart >= length) return false;
  let node: Ref;
  let left: number;
  if (fromStart <= length >>> 1) {
    node = firstNode(arena, root);
    left = fromStart;
    for (let count = countOf(arena, node); left >= count; count = countOf(arena, node)) {
      left -= count;
      node = nextNode(arena, node);
    }
  } else {
    node = lastNode(arena, root);
    left = length - 1 - fromStart;
    for (let count = countOf(arena, node); left >= count; count = countOf(arena, node)) {
      left -= count;
      node = previousNode(arena, node);
    }
    left = countOf(arena, node) - 1 - left;
  }
  enterNode(arena, cursor, node);
  cursor.position = cursor.isPlain ? 1 : entryAt(arena, cursor.content, left);
  return true;
}

function enterNode(arena: Arena, cursor: ListCursor, node: Ref): void {
  cursor.node = node;
  cursor.isUnfolded = isCompressed(arena, node);
  cursor.content = openNode(arena, node);
  cursor.isPlain = isPlain(arena, node);
}

/**
 * Goes to the first element of a node, or nowhere when that is none; the old node is left behind.
 */
export function enterFront(arena: Arena, cursor: ListCursor, node: Ref): boolean {
  closeCursor(arena, cursor);
  if (node === noRef) return false;
  enterNode(arena, cursor, node);
  cursor.position = cursor.isPlain ? 1 : listpackHeaderBytes;
  return true;
}

/** The same with the last element. */
export function enterBack(arena: Arena, cursor: ListCursor, node: Ref): boolean {
  closeCursor(arena, cursor);
  if (node === noRef) return false;
  enterNode(arena, cursor, node);
  cursor.position = cursor.isPlain ? 1 : entryAt(arena, cursor.content, -1);
  return true;
}

/** Leaves the list. Needed only after a successful seek, and not when a move has found the end. */
export function closeCursor(arena: Arena, cursor: ListCursor): void {
  if (cursor.isUnfolded) compressNode(arena, cursor.node);
  cursor.isUnfolded = false;
  cursor.position = 0;
}

/** Goes to the next element; false, and the cursor is closed, when there is none. */
export function moveNext(arena: Arena, cursor: ListCursor): boolean {
  if (!cursor.isPlain) {
    cursor.position = nextEntry(arena, cursor.content, cursor.position);
    if (cursor.position !== 0) return true;
  }
  if (cursor.node !== noRef) return enterFront(arena, cursor, nextNode(arena, cursor.node));
  return false;
}

/** Goes to the element before; false, and the cursor is closed, when there is none. */
export function movePrevious(arena: Arena, cursor: ListCursor): boolean {
  if (!cursor.isPlain) {
    cursor.position = previousEntry(arena, cursor.content, cursor.position);
    if (cursor.position !== 0) return true;
  }
  if (cursor.node !== noRef) return enterBack(arena, cursor, previousNode(arena, cursor.node));
  return false;
}

/** Describes the element; good until the next change or move. */
export function readElement(arena: Arena, cursor: ListCursor, entry: ListpackEntry): void {
  if (cursor.isPlain) readPlain(arena, cursor.content, entry);
  else readEntry(arena, cursor.content, cursor.position, entry);
}

function isPlainEqual(
  arena: Arena,
  content: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (plainLength(arena, content) !== length) return false;
  return equalBytes(arena.bytes[content >>> 16], plainOffset(content), bytes, offset, length);
}

/**
 * Looks for an element, from the cursor's on towards the end. The answer is how many elements lie
 * before it, and the cursor is there; -1 when it is none of the next `count`. When the list ends
 * before, the cursor is closed.
 */
export function findNext(
  arena: Arena,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
  count: number,
): number {
  measureText(bytes, offset, length);
  let passed = 0;
  while (cursor.position !== 0) {
    passed = cursor.isPlain
      ? searchPlain(arena, cursor, bytes, offset, length, passed, count)
      : searchOnward(arena, cursor, bytes, offset, length, passed, count);
    if (cursor.position !== 0) return cursor.isMatch ? passed : -1;
    if (cursor.node !== noRef) enterFront(arena, cursor, nextNode(arena, cursor.node));
  }
  return -1;
}

/** The same towards the beginning. */
export function findPrevious(
  arena: Arena,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
  count: number,
): number {
  measureText(bytes, offset, length);
  let passed = 0;
  while (cursor.position !== 0) {
    passed = cursor.isPlain
      ? searchPlain(arena, cursor, bytes, offset, length, passed, count)
      : searchBack(arena, cursor, bytes, offset, length, passed, count);
    if (cursor.position !== 0) return cursor.isMatch ? passed : -1;
    if (cursor.node !== noRef) enterBack(arena, cursor, previousNode(arena, cursor.node));
  }
  return -1;
}

/**
 * Compares the element of a plain node, as the two functions below do all elements of a listpack
 * from the cursor's on: `passed` have been compared before, `count` may be. The answer is how many
 * have then; the cursor is at the match or where the count ended, or at no element when this node
 * has no more.
 */
function searchPlain(
  arena: Arena,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
  passed: number,
  count: number,
): number {
  cursor.isMatch = passed < count && isPlainEqual(arena, cursor.content, bytes, offset, length);
  if (cursor.isMatch || passed === count) return passed;
  cursor.position = 0;
  return passed + 1;
}

function searchOnward(
  arena: Arena,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
  passed: number,
  count: number,
): number {
  const own = arena.bytes[cursor.content >>> 16];
  const base = (cursor.content & 0xffff) << 4;
  let compared = passed;
  for (let at = base + cursor.position; own[at] !== endTag; at += entrySizeAt(own, at)) {
    cursor.isMatch = compared < count && equalsMeasured(own, at, bytes, offset, length);
    if (cursor.isMatch || compared === count) {
      cursor.position = at - base;
      return compared;
    }
    compared++;
  }
  cursor.position = 0;
  return compared;
}

function searchBack(
  arena: Arena,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
  passed: number,
  count: number,
): number {
  const own = arena.bytes[cursor.content >>> 16];
  const base = (cursor.content & 0xffff) << 4;
  let compared = passed;
  let { position } = cursor;
  while (position !== 0) {
    cursor.isMatch =
      compared < count && equalsMeasured(own, base + position, bytes, offset, length);
    if (cursor.isMatch || compared === count) break;
    compared++;
    position = previousEntry(arena, cursor.content, position);
  }
  cursor.position = position;
  return compared;
}
