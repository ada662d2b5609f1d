// Ordered maps from stream IDs to a few words, in the arena: the nodes of a stream by their first
// ID, the pending entries of groups and consumers. A B+ tree whose leaves are linked both ways
// (`stream-id-tree-node.ts` has the layout); entries come mostly in ascending order, so a full last
// leaf is not split: a new one follows it.
//
// Removals leave the IDs in inner nodes as they are: they are lower bounds, not first entries. A
// cursor is a place in a leaf; any insertion or removal makes it invalid.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { StreamId, compareIdToWords, idWords, readIdWords, writeIdWords } from "./stream-id.ts";
import type { IdCursor } from "./stream-id-tree-node.ts";
import {
  capacityMax,
  capacityMin,
  capacityOf,
  childAt,
  countOf,
  entryWord,
  floorIndex,
  innerStride,
  newNode,
  nodeBytes,
  nodeHeaderWords,
  nodeNext,
  nodePrevious,
  nodeStart,
  setTreeWord,
  treeBytes,
  treeCount,
  treeFirst,
  treeLast,
  treeLevels,
  treeRoot,
  treeStride,
  treeWord,
} from "./stream-id-tree-node.ts";

export { IdCursor } from "./stream-id-tree-node.ts";

const levelsMax = 16;

/** The way from the root down to a leaf that `descend` went: nodes and indexes by level. */
const pathNodes = new Int32Array(levelsMax);
const pathIndexes = new Int32Array(levelsMax);

/** A tree without entries, whose entries hold `payloadWords` words besides the ID. */
export function newIdTree(arena: Arena, payloadWords: number): Ref {
  const tree = arena.allocate(treeBytes);
  const words = arena.words[tree >>> 16];
  const at = (tree & 0xffff) << 2;
  words[at + treeStride] = idWords + payloadWords;
  const root = newNode(arena, idWords + payloadWords, capacityMin);
  resetTree(arena, tree, root);
  return tree;
}

function resetTree(arena: Arena, tree: Ref, root: Ref): void {
  const words = arena.words[tree >>> 16];
  const at = (tree & 0xffff) << 2;
  words[at + treeRoot] = root;
  words[at + treeLevels] = 0;
  words[at + treeCount] = 0;
  words[at + treeFirst] = root;
  words[at + treeLast] = root;
}

/** Entries of the tree. */
export function idTreeCount(arena: Arena, tree: Ref): number {
  return treeWord(arena, tree, treeCount) >>> 0;
}

/** Goes from the root to the leaf where `id` belongs and notes the path. */
function descend(arena: Arena, tree: Ref, id: StreamId): Ref {
  let node = treeWord(arena, tree, treeRoot) as Ref;
  const levels = treeWord(arena, tree, treeLevels);
  for (let level = 0; level < levels; level++) {
    const index = Math.max(0, floorIndex(arena, node, innerStride, id));
    pathNodes[level] = node;
    pathIndexes[level] = index;
    node = childAt(arena, node, index);
  }
  return node;
}

/** Places the cursor on the last entry that is not after `id`; false when there is none. */
export function seekFloor(arena: Arena, tree: Ref, id: StreamId, cursor: IdCursor): boolean {
  const stride = treeWord(arena, tree, treeStride);
  const leaf = descend(arena, tree, id);
  const index = floorIndex(arena, leaf, stride, id);
  cursor.leaf = index < 0 ? noRef : leaf;
  cursor.index = index;
  if (index >= 0) return true;
  cursor.leaf = leaf;
  cursor.index = 0;
  return countOf(arena, leaf) > 0 && previousPlace(arena, cursor);
}

/** Places the cursor on the first entry that is not before `id`; false when there is none. */
export function seekCeiling(arena: Arena, tree: Ref, id: StreamId, cursor: IdCursor): boolean {
  const stride = treeWord(arena, tree, treeStride);
  const leaf = descend(arena, tree, id);
  const index = floorIndex(arena, leaf, stride, id);
  const words = arena.words[leaf >>> 16];
  const at = entryWord(words, leaf, stride, index);
  const isExact = index >= 0 && compareIdToWords(id, words, at) === 0;
  cursor.leaf = leaf;
  cursor.index = isExact ? index : index + 1;
  if (cursor.index < countOf(arena, leaf)) return true;
  cursor.index--;
  if (cursor.index >= 0) return nextPlace(arena, cursor);
  cursor.leaf = noRef;
  return false;
}

/** Places the cursor on the entry of that ID; false, and nowhere, when there is none. */
export function findId(arena: Arena, tree: Ref, id: StreamId, cursor: IdCursor): boolean {
  const stride = treeWord(arena, tree, treeStride);
  const leaf = descend(arena, tree, id);
  const index = floorIndex(arena, leaf, stride, id);
  const words = arena.words[leaf >>> 16];
  const at = entryWord(words, leaf, stride, index);
  const isExact = index >= 0 && compareIdToWords(id, words, at) === 0;
  cursor.leaf = isExact ? leaf : noRef;
  cursor.index = index;
  return isExact;
}

export function seekFirst(arena: Arena, tree: Ref, cursor: IdCursor): boolean {
  cursor.leaf = treeWord(arena, tree, treeFirst) as Ref;
  cursor.index = 0;
  return countOf(arena, cursor.leaf) > 0;
}

export function seekLast(arena: Arena, tree: Ref, cursor: IdCursor): boolean {
  cursor.leaf = treeWord(arena, tree, treeLast) as Ref;
  cursor.index = countOf(arena, cursor.leaf) - 1;
  return cursor.index >= 0;
}

/** Moves to the next entry; false at the end, where the cursor is nowhere. */
export function nextPlace(arena: Arena, cursor: IdCursor): boolean {
  cursor.index++;
  if (cursor.index < countOf(arena, cursor.leaf)) return true;
  const at = ((cursor.leaf & 0xffff) << 2) + nodeNext;
  cursor.leaf = arena.words[cursor.leaf >>> 16][at] as Ref;
  cursor.index = 0;
  return cursor.leaf !== noRef;
}

/** Moves to the entry before; false at the start, where the cursor is nowhere. */
export function previousPlace(arena: Arena, cursor: IdCursor): boolean {
  cursor.index--;
  if (cursor.index >= 0) return true;
  const at = ((cursor.leaf & 0xffff) << 2) + nodePrevious;
  cursor.leaf = arena.words[cursor.leaf >>> 16][at] as Ref;
  if (cursor.leaf === noRef) return false;
  cursor.index = countOf(arena, cursor.leaf) - 1;
  return true;
}

function wordOf(arena: Arena, tree: Ref, cursor: IdCursor): number {
  const stride = treeWord(arena, tree, treeStride);
  return entryWord(arena.words[cursor.leaf >>> 16], cursor.leaf, stride, cursor.index);
}

/** The ID at the cursor. */
export function idAt(arena: Arena, tree: Ref, cursor: IdCursor, id: StreamId): void {
  readIdWords(arena.words[cursor.leaf >>> 16], wordOf(arena, tree, cursor), id);
}

/** Word `index` of what the entry at the cursor holds besides the ID. */
export function payloadAt(arena: Arena, tree: Ref, cursor: IdCursor, index: number): number {
  return arena.words[cursor.leaf >>> 16][wordOf(arena, tree, cursor) + idWords + index];
}

export function setPayload(
  arena: Arena,
  tree: Ref,
  cursor: IdCursor,
  index: number,
  value: number,
): void {
  arena.words[cursor.leaf >>> 16][wordOf(arena, tree, cursor) + idWords + index] = value;
}

/**
 * Inserts an ID that is not there yet and places the cursor on it; its payload is undefined. False,
 * and the cursor on it, when it was there.
 */
export function insertId(arena: Arena, tree: Ref, id: StreamId, cursor: IdCursor): boolean {
  const stride = treeWord(arena, tree, treeStride);
  let leaf = descend(arena, tree, id);
  let index = floorIndex(arena, leaf, stride, id);
  if (index >= 0) {
    const words = arena.words[leaf >>> 16];
    if (compareIdToWords(id, words, entryWord(words, leaf, stride, index)) === 0) {
      cursor.leaf = leaf;
      cursor.index = index;
      return false;
    }
  }
  index++;
  const level = treeWord(arena, tree, treeLevels);
  const count = countOf(arena, leaf);
  if (count === capacityMax) {
    const added = splitNode(arena, tree, leaf, stride, level, index, id);
    const kept = countOf(arena, leaf);
    if (index > kept || kept === capacityMax) {
      index -= kept;
      leaf = added;
    }
  } else if (count === capacityOf(arena, leaf)) {
    leaf = resizeNode(arena, tree, leaf, stride, level, Math.min(count * 2, capacityMax));
  }
  openGap(arena, leaf, stride, index);
  const words = arena.words[leaf >>> 16];
  writeIdWords(words, entryWord(words, leaf, stride, index), id);
  cursor.leaf = leaf;
  cursor.index = index;
  setTreeWord(arena, tree, treeCount, treeWord(arena, tree, treeCount) + 1);
  return true;
}

/** Makes room for an entry in a node that has the capacity. */
function openGap(arena: Arena, node: Ref, stride: number, index: number): void {
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  const count = words[at] & 0xffff;
  if (words[at + nodeStart] + count * stride === (words[at] >>> 16) * stride) {
    const first = entryWord(words, node, stride, 0);
    words.copyWithin(at + nodeHeaderWords, first, first + count * stride);
    words[at + nodeStart] = 0;
  }
  const start = entryWord(words, node, stride, index);
  if (index < count) {
    words.copyWithin(start + stride, start, entryWord(words, node, stride, count));
  }
  words[at]++;
}

/**
 * Makes a second node of a full one and hangs it into its parent: empty, if what is to be inserted
 * goes behind the last entry of the level, else with half the entries.
 */
function splitNode(
  arena: Arena,
  tree: Ref,
  node: Ref,
  stride: number,
  level: number,
  index: number,
  id: StreamId,
): Ref {
  const isLeaf = level === treeWord(arena, tree, treeLevels);
  const isAppend = index === capacityMax;
  const moved = isAppend ? 0 : capacityMax >> 1;
  const added = newNode(arena, stride, isAppend ? Math.min(8, capacityMax) : capacityMax);
  const words = arena.words[node >>> 16];
  const to = arena.words[added >>> 16];
  const from = entryWord(words, node, stride, capacityMax - moved);
  const target = entryWord(to, added, stride, 0);
  for (let word = 0; word < moved * stride; word++) to[target + word] = words[from + word];
  to[(added & 0xffff) << 2] += moved;
  words[(node & 0xffff) << 2] -= moved;
  if (isLeaf) linkAfter(arena, tree, node, added);
  if (isAppend) writeIdWords(to, target, id);
  addChild(arena, tree, node, added, level);
  return added;
}

function linkAfter(arena: Arena, tree: Ref, leaf: Ref, added: Ref): void {
  const next = arena.words[leaf >>> 16][((leaf & 0xffff) << 2) + nodeNext] as Ref;
  arena.words[added >>> 16][((added & 0xffff) << 2) + nodePrevious] = leaf;
  arena.words[added >>> 16][((added & 0xffff) << 2) + nodeNext] = next;
  arena.words[leaf >>> 16][((leaf & 0xffff) << 2) + nodeNext] = added;
  if (next === noRef) setTreeWord(arena, tree, treeLast, added);
  else arena.words[next >>> 16][((next & 0xffff) << 2) + nodePrevious] = added;
}

/**
 * Enters `added`, the new sibling behind `node` at `level`, into the level above; its first ID is
 * in place.
 */
function addChild(arena: Arena, tree: Ref, node: Ref, added: Ref, level: number): void {
  if (level === 0) {
    const root = newNode(arena, innerStride, 2);
    pushChild(arena, root, node);
    pushChild(arena, root, added);
    setTreeWord(arena, tree, treeRoot, root);
    setTreeWord(arena, tree, treeLevels, treeWord(arena, tree, treeLevels) + 1);
    return;
  }
  let parent = pathNodes[level - 1] as Ref;
  let index = pathIndexes[level - 1] + 1;
  const count = countOf(arena, parent);
  const firstId = childId;
  readIdWords(arena.words[added >>> 16], ((added & 0xffff) << 2) + nodeHeaderWords, firstId);
  if (count === capacityMax) {
    const sibling = splitNode(arena, tree, parent, innerStride, level - 1, index, firstId);
    readIdWords(arena.words[added >>> 16], ((added & 0xffff) << 2) + nodeHeaderWords, firstId);
    const kept = countOf(arena, parent);
    if (index > kept || kept === capacityMax) {
      index -= kept;
      parent = sibling;
    }
  } else if (count === capacityOf(arena, parent)) {
    const capacity = Math.min(count * 2, capacityMax);
    parent = resizeNode(arena, tree, parent, innerStride, level - 1, capacity);
  }
  openGap(arena, parent, innerStride, index);
  writeChild(arena, parent, index, added);
}

/** Scratch of `addChild`, which calls itself: read again after the call. */
const childId = new StreamId();

function pushChild(arena: Arena, parent: Ref, child: Ref): void {
  const index = countOf(arena, parent);
  arena.words[parent >>> 16][(parent & 0xffff) << 2]++;
  writeChild(arena, parent, index, child);
}

function writeChild(arena: Arena, parent: Ref, index: number, child: Ref): void {
  const words = arena.words[parent >>> 16];
  const at = entryWord(words, parent, innerStride, index);
  const from = arena.words[child >>> 16];
  // The ID comes first in the entries of all nodes: the stride does not matter.
  const start = entryWord(from, child, 0, 0);
  for (let word = 0; word < idWords; word++) words[at + word] = from[start + word];
  words[at + idWords] = child;
}

/** Exchanges a node's block for one of another capacity and tells those who know the node. */
function resizeNode(
  arena: Arena,
  tree: Ref,
  node: Ref,
  stride: number,
  level: number,
  capacity: number,
): Ref {
  const old = capacityOf(arena, node);
  const moved = newNode(arena, stride, capacity);
  const count = countOf(arena, node);
  const from = arena.words[node >>> 16];
  const to = arena.words[moved >>> 16];
  const start = (node & 0xffff) << 2;
  const target = (moved & 0xffff) << 2;
  const first = entryWord(from, node, stride, 0);
  const entries = target + nodeHeaderWords;
  for (let word = 0; word < count * stride; word++) to[entries + word] = from[first + word];
  to[target] = count | (capacity << 16);
  to[target + nodePrevious] = from[start + nodePrevious];
  to[target + nodeNext] = from[start + nodeNext];
  const previous = from[start + nodePrevious] as Ref;
  const next = from[start + nodeNext] as Ref;
  if (level === treeWord(arena, tree, treeLevels)) {
    if (previous === noRef) setTreeWord(arena, tree, treeFirst, moved);
    else arena.words[previous >>> 16][((previous & 0xffff) << 2) + nodeNext] = moved;
    if (next === noRef) setTreeWord(arena, tree, treeLast, moved);
    else arena.words[next >>> 16][((next & 0xffff) << 2) + nodePrevious] = moved;
  }
  if (level === 0) {
    setTreeWord(arena, tree, treeRoot, moved);
  } else {
    const parent = pathNodes[level - 1] as Ref;
    const words = arena.words[parent >>> 16];
    words[entryWord(words, parent, innerStride, pathIndexes[level - 1]) + idWords] = moved;
  }
  arena.free(node, nodeBytes(stride, old));
  return moved;
}

/** Removes the entry of that ID; false when there is none. */
export function removeId(arena: Arena, tree: Ref, id: StreamId): boolean {
  const stride = treeWord(arena, tree, treeStride);
  const leaf = descend(arena, tree, id);
  const index = floorIndex(arena, leaf, stride, id);
  if (index < 0) return false;
  const words = arena.words[leaf >>> 16];
  if (compareIdToWords(id, words, entryWord(words, leaf, stride, index)) !== 0) return false;
  setTreeWord(arena, tree, treeCount, treeWord(arena, tree, treeCount) - 1);
  removeFrom(arena, tree, leaf, stride, treeWord(arena, tree, treeLevels), index);
  return true;
}

/** Removes the entry that `findId`, the last thing to be done with any tree, has found. */
export function removeFound(arena: Arena, tree: Ref, cursor: IdCursor): void {
  const stride = treeWord(arena, tree, treeStride);
  setTreeWord(arena, tree, treeCount, treeWord(arena, tree, treeCount) - 1);
  removeFrom(arena, tree, cursor.leaf, stride, treeWord(arena, tree, treeLevels), cursor.index);
}

/**
 * Takes an entry out of a node; a node that becomes empty goes, a large one that is nearly empty
 * shrinks.
 */
function removeFrom(
  arena: Arena,
  tree: Ref,
  node: Ref,
  stride: number,
  level: number,
  index: number,
): void {
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  const count = (words[at] & 0xffff) - 1;
  if (count === 0 && level > 0) {
    if (level === treeWord(arena, tree, treeLevels)) unlinkLeaf(arena, tree, node);
    arena.free(node, nodeBytes(stride, capacityOf(arena, node)));
    removeFrom(
      arena,
      tree,
      pathNodes[level - 1] as Ref,
      innerStride,
      level - 1,
      pathIndexes[level - 1],
    );
    return;
  }
  if (index === 0) {
    words[at + nodeStart] += stride;
  } else if (index < count) {
    const start = entryWord(words, node, stride, index);
    words.copyWithin(start, start + stride, entryWord(words, node, stride, count + 1));
  }
  words[at]--;
  if (count === 0) words[at + nodeStart] = 0;
  if (level < treeWord(arena, tree, treeLevels) && count === 1 && level === 0) {
    dropRoot(arena, tree);
  } else if (count > 0 && count <= capacityOf(arena, node) >> 2) {
    resizeNode(arena, tree, node, stride, level, capacityOf(arena, node) >> 1);
  }
}

function unlinkLeaf(arena: Arena, tree: Ref, leaf: Ref): void {
  const words = arena.words[leaf >>> 16];
  const at = (leaf & 0xffff) << 2;
  const previous = words[at + nodePrevious] as Ref;
  const next = words[at + nodeNext] as Ref;
  if (previous === noRef) setTreeWord(arena, tree, treeFirst, next);
  else arena.words[previous >>> 16][((previous & 0xffff) << 2) + nodeNext] = next;
  if (next === noRef) setTreeWord(arena, tree, treeLast, previous);
  else arena.words[next >>> 16][((next & 0xffff) << 2) + nodePrevious] = previous;
}

/** While the root has one child only, that becomes the root. */
function dropRoot(arena: Arena, tree: Ref): void {
  let root = treeWord(arena, tree, treeRoot) as Ref;
  let levels = treeWord(arena, tree, treeLevels);
  while (levels > 0 && countOf(arena, root) === 1) {
    const child = childAt(arena, root, 0);
    arena.free(root, nodeBytes(innerStride, capacityOf(arena, root)));
    root = child;
    levels--;
  }
  setTreeWord(arena, tree, treeRoot, root);
  setTreeWord(arena, tree, treeLevels, levels);
}

/**
 * Frees the first leaf; its entries must not own anything any more. True when that was all and the
 * tree is gone.
 */
export function freeFirstLeaf(arena: Arena, tree: Ref): boolean {
  const stride = treeWord(arena, tree, treeStride);
  const levels = treeWord(arena, tree, treeLevels);
  let node = treeWord(arena, tree, treeRoot) as Ref;
  for (let level = 0; level < levels; level++) {
    pathNodes[level] = node;
    pathIndexes[level] = 0;
    node = childAt(arena, node, 0);
  }
  const count = countOf(arena, node);
  setTreeWord(arena, tree, treeCount, treeWord(arena, tree, treeCount) - count);
  if (levels > 0) unlinkLeaf(arena, tree, node);
  arena.free(node, nodeBytes(stride, capacityOf(arena, node)));
  if (levels > 0) {
    removeFrom(arena, tree, pathNodes[levels - 1] as Ref, innerStride, levels - 1, 0);
    return false;
  }
  arena.free(tree, treeBytes);
  return true;
}
