// Changes in the middle of a list: insertion, replacement and deletion at a cursor, deletion of a
// range; and how nodes are split and merged then, by the rules of Redis's src/quicklist.c, so that
// a list has the nodes that it would have there.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import {
  appendListpack,
  copyListpack,
  deleteEntries,
  insertEntry,
  lastEntry,
  listpackHeaderBytes,
  nextEntry,
  positionOrNone,
  previousEntry,
  replaceEntry,
} from "./listpack.ts";
import type { ListCursor } from "./quicklist-cursor.ts";
import { closeCursor, enterBack, enterFront, seekQuicklist } from "./quicklist-cursor.ts";
import type { QuicklistLimits } from "./quicklist-node.ts";
import {
  addElements,
  addToNode,
  canMerge,
  countOf,
  freeContent,
  isLargeElement,
  isPlain,
  linkNode,
  newElementNode,
  newPackedNode,
  newPlain,
  nextNode,
  nodeAllows,
  openNode,
  previousNode,
  removeNode,
  setContent,
} from "./quicklist-node.ts";
import { settleNode } from "./quicklist.ts";

/** Inserts a text behind the cursor's element of a quicklist. The cursor is closed then. */
export function insertAfter(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const { node } = cursor;
  const next = nextNode(arena, node);
  const after = cursor.isPlain ? 0 : nextEntry(arena, cursor.content, cursor.position);
  let settled = node;
  if (nodeAllows(arena, node, limits, length)) {
    insertInto(arena, node, after, bytes, offset, length);
  } else if (after === 0 && nodeAllows(arena, next, limits, length)) {
    insertInto(arena, next, listpackHeaderBytes, bytes, offset, length);
  } else {
    const tail = after === 0 ? noRef : splitNode(arena, root, node, after);
    if (tail === noRef || isLargeElement(limits, length)) {
      settled = newElementNode(arena, limits, bytes, offset, length);
      linkNode(arena, root, settled, node);
    } else {
      insertInto(arena, tail, listpackHeaderBytes, bytes, offset, length);
      settled = mergeAround(arena, root, limits, node);
    }
  }
  addElements(arena, root, 1);
  endEdit(arena, root, limits, cursor, settled);
}

/** Inserts a text in front of the cursor's element of a quicklist. The cursor is closed then. */
export function insertBefore(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const { node } = cursor;
  const previous = previousNode(arena, node);
  const isAtFront = cursor.isPlain || cursor.position === listpackHeaderBytes;
  let settled = node;
  if (nodeAllows(arena, node, limits, length)) {
    insertInto(arena, node, cursor.position, bytes, offset, length);
  } else if (isAtFront && nodeAllows(arena, previous, limits, length)) {
    insertInto(arena, previous, 0, bytes, offset, length);
  } else {
    const tail = isAtFront ? noRef : splitNode(arena, root, node, cursor.position);
    if (tail === noRef || isLargeElement(limits, length)) {
      settled = newElementNode(arena, limits, bytes, offset, length);
      linkNode(arena, root, settled, isAtFront ? previous : node);
    } else {
      insertInto(arena, node, 0, bytes, offset, length);
      settled = mergeAround(arena, root, limits, tail);
    }
  }
  addElements(arena, root, 1);
  endEdit(arena, root, limits, cursor, settled);
}

function insertInto(
  arena: Arena,
  node: Ref,
  position: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const content = openNode(arena, node);
  setContent(arena, node, insertEntry(arena, content, position, bytes, offset, length));
  addToNode(arena, node, 1);
}

/** Puts a text in the place of the cursor's element of a quicklist. The cursor is closed then. */
export function replaceElement(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const { node } = cursor;
  let settled = node;
  if (isLargeElement(limits, length)) {
    settled = replaceByPlain(arena, root, limits, cursor, bytes, offset, length);
  } else if (cursor.isPlain) {
    insertAfter(arena, root, limits, cursor, bytes, offset, length);
    settled = nextNode(arena, node);
    removeNode(arena, root, node);
    addElements(arena, root, -1);
  } else {
    const content = openNode(arena, node);
    setContent(arena, node, replaceEntry(arena, content, cursor.position, bytes, offset, length));
  }
  endEdit(arena, root, limits, cursor, settled);
}

/** The same with an element that gets a node of its own. */
function replaceByPlain(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  cursor: ListCursor,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const { node } = cursor;
  if (cursor.isPlain) {
    freeContent(arena, node);
    setContent(arena, node, newPlain(arena, bytes, offset, length));
    return node;
  }
  const after = nextEntry(arena, cursor.content, cursor.position);
  if (after !== 0) splitNode(arena, root, node, after);
  const made = newElementNode(arena, limits, bytes, offset, length);
  linkNode(arena, root, made, node);
  if (countOf(arena, node) === 1) {
    removeNode(arena, root, node);
    return made;
  }
  const content = openNode(arena, node);
  setContent(arena, node, deleteEntries(arena, content, lastEntry(arena, content), 1));
  addToNode(arena, node, -1);
  return mergeAround(arena, root, limits, made);
}

/**
 * Deletes the cursor's element of a quicklist or of a lone listpack and goes to the next one; false
 * when there is none. The new ref of a lone listpack is the cursor's `content`.
 */
export function deleteForward(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  cursor: ListCursor,
): boolean {
  const { node } = cursor;
  if (node === noRef) {
    cursor.content = deleteEntries(arena, cursor.content, cursor.position, 1);
    cursor.position = positionOrNone(arena, cursor.content, cursor.position);
    return cursor.position !== 0;
  }
  const next = nextNode(arena, node);
  addElements(arena, root, -1);
  if (countOf(arena, node) === 1) {
    deleteNode(arena, root, limits, cursor);
    return enterFront(arena, cursor, next);
  }
  deleteAtCursor(arena, cursor);
  cursor.position = positionOrNone(arena, cursor.content, cursor.position);
  return cursor.position !== 0 || enterFront(arena, cursor, next);
}

/** The same, going to the element before. */
export function deleteBackward(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  cursor: ListCursor,
): boolean {
  const { node } = cursor;
  const before = cursor.isPlain ? 0 : previousEntry(arena, cursor.content, cursor.position);
  if (node === noRef) {
    cursor.content = deleteEntries(arena, cursor.content, cursor.position, 1);
    cursor.position = before;
    return before !== 0;
  }
  const previous = previousNode(arena, node);
  addElements(arena, root, -1);
  if (countOf(arena, node) === 1) {
    deleteNode(arena, root, limits, cursor);
    return enterBack(arena, cursor, previous);
  }
  deleteAtCursor(arena, cursor);
  cursor.position = before;
  return before !== 0 || enterBack(arena, cursor, previous);
}

function deleteAtCursor(arena: Arena, cursor: ListCursor): void {
  cursor.content = deleteEntries(arena, cursor.content, cursor.position, 1);
  setContent(arena, cursor.node, cursor.content);
  addToNode(arena, cursor.node, -1);
}

function deleteNode(arena: Arena, root: Ref, limits: QuicklistLimits, cursor: ListCursor): void {
  removeNode(arena, root, cursor.node);
  cursor.isUnfolded = false;
  settleNode(arena, root, limits, noRef);
}

/**
 * Deletes `count` elements from index `start` on; all of them must be there. `cursor` is for the
 * function's own use.
 */
export function deleteRange(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  start: number,
  count: number,
  cursor: ListCursor,
): void {
  if (count <= 0 || !seekQuicklist(arena, root, start, cursor)) return;
  let { node, position } = cursor;
  let left = count;
  while (left > 0 && node !== noRef) {
    const next = nextNode(arena, node);
    const held = countOf(arena, node);
    const isFromFront = isPlain(arena, node) || position === listpackHeaderBytes;
    if (isFromFront && held <= left) {
      removeNode(arena, root, node);
      left -= held;
    } else {
      left -= deleteInNode(arena, node, position, left);
    }
    node = next;
    position = listpackHeaderBytes;
  }
  addElements(arena, root, left - count);
  cursor.isUnfolded = false;
  cursor.position = 0;
  settleNode(arena, root, limits, noRef);
}

/**
 * Deletes up to `count` elements of a packed node from `position` on; returns how many they were.
 */
function deleteInNode(arena: Arena, node: Ref, position: number, count: number): number {
  const content = openNode(arena, node);
  const rest = countFrom(arena, content, position, count);
  setContent(arena, node, deleteEntries(arena, content, position, rest));
  addToNode(arena, node, -rest);
  return rest;
}

/** How many entries there are from `position` on, at most `limit`. */
function countFrom(arena: Arena, content: Ref, position: number, limit: number): number {
  let count = 0;
  for (let at = position; at !== 0 && count < limit; at = nextEntry(arena, content, at)) count++;
  return count;
}

/**
 * Moves the entries from `position` on, neither the first nor the end, to a new node behind, which
 * is the answer.
 */
function splitNode(arena: Arena, root: Ref, node: Ref, position: number): Ref {
  const content = openNode(arena, node);
  const count = countOf(arena, node);
  const moved = countFrom(arena, content, position, count);
  const tail = deleteEntries(
    arena,
    copyListpack(arena, content),
    listpackHeaderBytes,
    count - moved,
  );
  setContent(arena, node, deleteEntries(arena, content, position, moved));
  addToNode(arena, node, -moved);
  const made = newPackedNode(arena, tail, moved);
  linkNode(arena, root, made, node);
  return made;
}

/**
 * Merges the nodes around `center` that fit together; returns the node that `center` is part of
 * now.
 */
function mergeAround(arena: Arena, root: Ref, limits: QuicklistLimits, center: Ref): Ref {
  const previous = previousNode(arena, center);
  const next = nextNode(arena, center);
  if (previous !== noRef) mergeWithNext(arena, root, limits, previousNode(arena, previous));
  if (next !== noRef) mergeWithNext(arena, root, limits, next);
  const before = previousNode(arena, center);
  const target = mergeWithNext(arena, root, limits, before) ? before : center;
  mergeWithNext(arena, root, limits, target);
  return target;
}

/** Adds the elements of the next node to the node, which may be none, if both fit into one. */
function mergeWithNext(arena: Arena, root: Ref, limits: QuicklistLimits, node: Ref): boolean {
  if (node === noRef) return false;
  const next = nextNode(arena, node);
  if (!canMerge(arena, node, next, limits)) return false;
  const content = openNode(arena, node);
  setContent(arena, node, appendListpack(arena, content, openNode(arena, next)));
  addToNode(arena, node, countOf(arena, next));
  removeNode(arena, root, next);
  return true;
}

/** Closes the cursor, and compresses again what the change has unfolded. */
function endEdit(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  cursor: ListCursor,
  node: Ref,
): void {
  cursor.isUnfolded = false;
  closeCursor(arena, cursor);
  if (limits.listCompressDepth === 0) return;
  settleNode(arena, root, limits, node);
  if (node === noRef) return;
  const previous = previousNode(arena, node);
  const next = nextNode(arena, node);
  if (previous !== noRef) settleNode(arena, root, limits, previous);
  if (next !== noRef) settleNode(arena, root, limits, next);
}
