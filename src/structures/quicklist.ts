// Quicklists: lists of any length, as a deque of nodes that are listpacks (Redis's
// src/quicklist.c). All of it lies in the arena; a list is the ref of its header
// (`quicklist-node.ts` has the layout).
//
// Pushing and popping touch the node at that end only. How large nodes become is
// `list-max-listpack-size`'s to say; the limits are handed in with each change, so a new setting
// shapes what is written from then on. `quicklist-cursor.ts` walks a list, `quicklist-edit.ts`
// changes it in the middle.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { ListpackEntry } from "./listpack.ts";
import {
  deleteEntries,
  insertEntry,
  isValidListpack,
  lastEntry,
  listpackHeaderBytes,
  listpackLength,
  readEntry,
} from "./listpack.ts";
import { compress } from "./quicklist-compression.ts";
import type { QuicklistLimits } from "./quicklist-node.ts";
import {
  addElements,
  addToNode,
  contentBytes,
  contentCapacity,
  contentOf,
  copyNode,
  countOf,
  firstNode,
  freeContent,
  freeNodeBlock,
  isCompressed,
  isPlain,
  lastNode,
  linkNode,
  newElementNode,
  newHeader,
  newPackedNode,
  nextNode,
  nodeAllows,
  nodeCount,
  nodeMemory,
  openNode,
  previousNode,
  quicklistHeaderBytes,
  quicklistLength,
  readPlain,
  removeNode,
  setCompressed,
  setContent,
  setGrown,
} from "./quicklist-node.ts";

export type { QuicklistLimits } from "./quicklist-node.ts";
export {
  exceedsNodeLimit,
  bytesMaxOf,
  nodeCount,
  quicklistHeaderBytes,
  quicklistLength,
} from "./quicklist-node.ts";

/** A list without elements. */
export function newQuicklist(arena: Arena): Ref {
  return newHeader(arena);
}

/** A list of the elements of a listpack, which becomes its first node; an empty one is freed. */
export function quicklistOf(arena: Arena, listpack: Ref): Ref {
  const root = newHeader(arena);
  appendNode(arena, root, listpack);
  return root;
}

/** Adds the elements of a listpack, which becomes a node of its own, to the end. */
export function appendNode(arena: Arena, root: Ref, listpack: Ref): void {
  const count = listpackLength(arena, listpack);
  const node = newPackedNode(arena, listpack, count);
  if (count === 0) {
    freeContent(arena, node);
    freeNodeBlock(arena, node);
    return;
  }
  linkNode(arena, root, node, lastNode(arena, root));
  addElements(arena, root, count);
}

/** The listpack of a list that has a single node, which it is not any more: the rest is freed. */
export function takeListpack(arena: Arena, root: Ref): Ref {
  const node = firstNode(arena, root);
  const listpack = openNode(arena, node);
  freeNodeBlock(arena, node);
  arena.free(root, quicklistHeaderBytes);
  return listpack;
}

/** Bytes of the listpack of a list that has a single node; -1 when it has more, or a plain one. */
export function singleNodeBytes(arena: Arena, root: Ref): number {
  if (nodeCount(arena, root) !== 1) return -1;
  const node = firstNode(arena, root);
  return isPlain(arena, node) ? -1 : contentBytes(arena, node);
}

export function pushFirst(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const node = firstNode(arena, root);
  if (nodeAllows(arena, node, limits, length)) {
    const content = openNode(arena, node);
    const grown = insertEntry(arena, content, listpackHeaderBytes, bytes, offset, length);
    setGrown(arena, node, grown);
  } else {
    linkNode(arena, root, newElementNode(arena, limits, bytes, offset, length), noRef);
    settleNode(arena, root, limits, node);
  }
  addElements(arena, root, 1);
}

export function pushLast(
  arena: Arena,
  root: Ref,
  limits: QuicklistLimits,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const node = lastNode(arena, root);
  if (nodeAllows(arena, node, limits, length)) {
    const content = openNode(arena, node);
    setGrown(arena, node, insertEntry(arena, content, 0, bytes, offset, length));
  } else {
    linkNode(arena, root, newElementNode(arena, limits, bytes, offset, length), node);
    settleNode(arena, root, limits, node);
  }
  addElements(arena, root, 1);
}

/** Describes the first element; there must be one. */
export function readFirst(arena: Arena, root: Ref, entry: ListpackEntry): void {
  const node = firstNode(arena, root);
  const content = openNode(arena, node);
  if (isPlain(arena, node)) readPlain(arena, content, entry);
  else readEntry(arena, content, listpackHeaderBytes, entry);
}

/** Describes the last element; there must be one. */
export function readLast(arena: Arena, root: Ref, entry: ListpackEntry): void {
  const node = lastNode(arena, root);
  const content = openNode(arena, node);
  if (isPlain(arena, node)) readPlain(arena, content, entry);
  else readEntry(arena, content, lastEntry(arena, content), entry);
}

/** Deletes the first element; there must be one. */
export function deleteFirst(arena: Arena, root: Ref, limits: QuicklistLimits): void {
  const node = firstNode(arena, root);
  if (countOf(arena, node) === 1) {
    removeNode(arena, root, node);
    settleNode(arena, root, limits, noRef);
  } else {
    setContent(arena, node, deleteEntries(arena, openNode(arena, node), listpackHeaderBytes, 1));
    addToNode(arena, node, -1);
  }
  addElements(arena, root, -1);
}

/** Deletes the last element; there must be one. */
export function deleteLast(arena: Arena, root: Ref, limits: QuicklistLimits): void {
  const node = lastNode(arena, root);
  if (countOf(arena, node) === 1) {
    removeNode(arena, root, node);
    settleNode(arena, root, limits, noRef);
  } else {
    const content = openNode(arena, node);
    setContent(arena, node, deleteEntries(arena, content, lastEntry(arena, content), 1));
    addToNode(arena, node, -1);
  }
  addElements(arena, root, -1);
}

/**
 * Brings compression in order after a change: the nodes within the depth of both ends are unfolded,
 * the next ones and `node`, unless that is none or among them, are compressed.
 */
export function settleNode(arena: Arena, root: Ref, limits: QuicklistLimits, node: Ref): void {
  const depth = limits.listCompressDepth;
  if (depth === 0 || nodeCount(arena, root) === 0) return;
  let front = firstNode(arena, root);
  let back = lastNode(arena, root);
  let isNearEnd = node === noRef;
  for (let left = depth; left > 0; left--) {
    openNode(arena, front);
    openNode(arena, back);
    if (front === node || back === node) isNearEnd = true;
    if (front === back || nextNode(arena, front) === back) return;
    front = nextNode(arena, front);
    back = previousNode(arena, back);
  }
  if (!isNearEnd) compressNode(arena, node);
  compressNode(arena, front);
  compressNode(arena, back);
}

/** Compresses the node's content if that pays. */
export function compressNode(arena: Arena, node: Ref): void {
  if (isCompressed(arena, node)) return;
  const content = contentOf(arena, node);
  const size = contentBytes(arena, node);
  const compressed = compress(arena, content, size);
  if (compressed === noRef) return;
  arena.free(content, contentCapacity(arena, node, size));
  setCompressed(arena, node, compressed);
}

/**
 * Frees about `budget` elements from the front; true when the whole list, its header too, is gone.
 */
export function freeQuicklist(arena: Arena, root: Ref, budget: number): boolean {
  let left = budget;
  let node = firstNode(arena, root);
  while (node !== noRef && left > 0) {
    const next = nextNode(arena, node);
    const count = countOf(arena, node);
    removeNode(arena, root, node);
    addElements(arena, root, -count);
    // A node costs more to free than one of its elements.
    left -= 1 + (count >> 6);
    node = next;
  }
  if (node !== noRef) return false;
  arena.free(root, quicklistHeaderBytes);
  return true;
}

export function copyQuicklist(arena: Arena, root: Ref): Ref {
  const copy = newHeader(arena);
  for (let node = firstNode(arena, root); node !== noRef; node = nextNode(arena, node)) {
    linkNode(arena, copy, copyNode(arena, node), lastNode(arena, copy));
  }
  addElements(arena, copy, quicklistLength(arena, root));
  return copy;
}

/** Bytes of the arena that the list takes. Walks the nodes. */
export function quicklistBytes(arena: Arena, root: Ref): number {
  let bytes = quicklistHeaderBytes;
  for (let node = firstNode(arena, root); node !== noRef; node = nextNode(arena, node)) {
    bytes += nodeMemory(arena, node);
  }
  return bytes;
}

/** Walks all nodes; throws when counts or links disagree. For tests. */
export function checkQuicklist(arena: Arena, root: Ref): void {
  let elements = 0;
  let nodes = 0;
  let previous = noRef;
  for (let node = firstNode(arena, root); node !== noRef; node = nextNode(arena, node)) {
    if (previousNode(arena, node) !== previous) throw new Error("a node is linked wrongly");
    elements += countOf(arena, node);
    nodes++;
    previous = node;
    if (countOf(arena, node) === 0) throw new Error("a node is empty");
    if (!isPlain(arena, node) && !isCompressed(arena, node)) checkPacked(arena, node);
  }
  if (lastNode(arena, root) !== previous) throw new Error("the last node is not the last");
  if (elements !== quicklistLength(arena, root)) throw new Error(`${elements} elements found`);
  if (nodes !== nodeCount(arena, root)) throw new Error(`${nodes} nodes found`);
}

function checkPacked(arena: Arena, node: Ref): void {
  const content = contentOf(arena, node);
  const bytes = arena.bytes[content >>> 16];
  const size = contentBytes(arena, node);
  const isSound = isValidListpack(bytes, (content & 0xffff) << 4, size, true);
  const count = listpackLength(arena, content);
  if (!isSound || count !== countOf(arena, node)) throw new Error("a node is no such listpack");
}
