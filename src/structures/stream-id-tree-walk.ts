// Whole trees of stream IDs: freeing, copying, measuring and checking them.
// Freeing goes leaf by leaf, so that a tree of any size can be given back in slices.
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes } from "../memory/arena.ts";
import { StreamId, compareIds } from "./stream-id.ts";
import {
  IdCursor,
  capacityOf,
  childAt,
  countOf,
  innerStride,
  nodeBytes,
  treeBytes,
  treeFirst,
  treeLevels,
  treeRoot,
  treeStride,
  treeWord,
} from "./stream-id-tree-node.ts";
import {
  freeFirstLeaf,
  idAt,
  idTreeCount,
  insertId,
  newIdTree,
  nextPlace,
  payloadAt,
  seekFirst,
  setPayload,
} from "./stream-id-tree.ts";

/** Entries of the first leaf: what `freeFirstLeaf` would free. */
export function firstLeafCount(arena: Arena, tree: Ref): number {
  return countOf(arena, treeWord(arena, tree, treeFirst) as Ref);
}

/** Frees a tree whose entries own nothing, about `budget` of them; true when all of it is gone. */
export function freeIdTree(arena: Arena, tree: Ref, budget: number): boolean {
  let left = budget;
  while (left > 0) {
    left -= 1 + firstLeafCount(arena, tree);
    if (freeFirstLeaf(arena, tree)) return true;
  }
  return false;
}

/** A copy, whose payload words are the same except for the last one, which `map` gives. */
export function copyIdTree(
  arena: Arena,
  tree: Ref,
  payloadWords: number,
  map: (word: number) => number,
): Ref {
  const copy = newIdTree(arena, payloadWords);
  const from = new IdCursor();
  const to = new IdCursor();
  const id = new StreamId();
  for (let isOn = seekFirst(arena, tree, from); isOn; isOn = nextPlace(arena, from)) {
    idAt(arena, tree, from, id);
    insertId(arena, copy, id, to);
    for (let word = 0; word < payloadWords; word++) {
      const value = payloadAt(arena, tree, from, word);
      setPayload(arena, copy, to, word, word === payloadWords - 1 ? map(value) : value);
    }
  }
  return copy;
}

/** Bytes of the arena that the tree takes. */
export function idTreeBytes(arena: Arena, tree: Ref): number {
  const levels = treeWord(arena, tree, treeLevels);
  return (
    blockBytes(treeBytes) + nodeMemory(arena, tree, treeWord(arena, tree, treeRoot) as Ref, levels)
  );
}

function nodeMemory(arena: Arena, tree: Ref, node: Ref, height: number): number {
  const stride = height === 0 ? treeWord(arena, tree, treeStride) : innerStride;
  let bytes = blockBytes(nodeBytes(stride, capacityOf(arena, node)));
  if (height === 0) return bytes;
  for (let index = 0; index < countOf(arena, node); index++) {
    bytes += nodeMemory(arena, tree, childAt(arena, node, index), height - 1);
  }
  return bytes;
}

/** Walks the leaves; throws when order or counts are wrong. For tests. */
export function checkIdTree(arena: Arena, tree: Ref): void {
  const cursor = new IdCursor();
  const id = new StreamId();
  const before = new StreamId();
  let count = 0;
  for (let isOn = seekFirst(arena, tree, cursor); isOn; isOn = nextPlace(arena, cursor)) {
    idAt(arena, tree, cursor, id);
    if (count > 0 && compareIds(before, id) >= 0) throw new Error(`entry ${count} out of order`);
    Object.assign(before, id);
    count++;
  }
  if (count !== idTreeCount(arena, tree)) throw new Error(`${count} entries found`);
}
