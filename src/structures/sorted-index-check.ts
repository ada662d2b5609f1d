// Walks a sorted index and throws when anything is not as `sorted-index.ts` says: the order of the
// entries, the first keys and the sizes in inner nodes, the links of the leaves, the count, and
// that no node is empty. For tests.
import { compareBytes } from "../bytes/ascii.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import {
  childColumn,
  highColumn,
  innerWords,
  keyHigh,
  keyLow,
  leafWords,
  leafNext,
  leafPrevious,
  lowColumn,
  memberLength,
  memberOffset,
  nodeSlots,
  refColumn,
  scoreOf,
  sizeColumn,
} from "./sorted-index-node.ts";
import { indexCount, indexHeight, indexRoot } from "./sorted-index-path.ts";

interface Walk {
  readonly arena: Arena;
  /** The entry before the one that comes next; 0 at the beginning. */
  entry: number;
  /** The same of leaves. */
  leaf: number;
  /** Bytes of the nodes seen. */
  bytes: number;
}

/** Returns the bytes of all nodes. */
export function checkSortedIndex(arena: Arena, header: Ref): number {
  const words = arena.words[header >>> 16];
  const at = (header & 0xffff) << 2;
  const root = words[at + indexRoot];
  const walk: Walk = { arena, entry: 0, leaf: 0, bytes: 0 };
  const count = root === 0 ? 0 : checkNode(walk, root, words[at + indexHeight]);
  expect(
    count === words[at + indexCount],
    `${words[at + indexCount]} entries counted, not ${count}`,
  );
  if (walk.leaf !== 0) {
    const next = arena.words[walk.leaf >>> 16][((walk.leaf & 0xffff) << 2) + leafNext];
    expect(next === 0, "a leaf after the last one");
  }
  return walk.bytes;
}

/** Returns how many entries are below the node. */
function checkNode(walk: Walk, node: number, levels: number): number {
  const words = walk.arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  const count = words[at];
  expect(count > 0 && count <= nodeSlots, `a node with ${count} slots`);
  if (levels === 0) {
    checkLeaf(walk, node, words, at);
    return count;
  }
  walk.bytes += innerWords * 4;
  let size = 0;
  for (let slot = at; slot < at + count; slot++) {
    const child = words[slot + childColumn];
    const childWords = walk.arena.words[child >>> 16];
    for (const column of [highColumn, lowColumn, refColumn]) {
      const first = childWords[((child & 0xffff) << 2) + column];
      expect(words[slot + column] === first, "an inner node does not know its child's first key");
    }
    const below = checkNode(walk, child, levels - 1);
    expect(words[slot + sizeColumn] === below, "an inner node has counted wrongly");
    size += below;
  }
  return size;
}

function checkLeaf(walk: Walk, leaf: number, words: Int32Array, at: number): void {
  const { arena } = walk;
  walk.bytes += leafWords * 4;
  expect(words[at + leafPrevious] === walk.leaf, "a leaf's link to the one before");
  if (walk.leaf !== 0) {
    const next = arena.words[walk.leaf >>> 16][((walk.leaf & 0xffff) << 2) + leafNext];
    expect(next === leaf, "a leaf's link to the next one");
  }
  walk.leaf = leaf;
  for (let slot = at; slot < at + words[at]; slot++) {
    const entry = words[slot + refColumn] as Ref;
    const score = scoreOf(arena, entry);
    const hasKey =
      words[slot + highColumn] === keyHigh(score) && words[slot + lowColumn] === keyLow(score);
    expect(hasKey, `the key of ${score}`);
    if (walk.entry !== 0)
      expect(isBefore(arena, walk.entry as Ref, entry), "two entries in wrong order");
    walk.entry = entry;
  }
}

function isBefore(arena: Arena, a: Ref, b: Ref): boolean {
  const scoreA = scoreOf(arena, a);
  const scoreB = scoreOf(arena, b);
  if (scoreA !== scoreB) return scoreA < scoreB;
  const order = compareBytes(
    arena.bytes[a >>> 16],
    memberOffset(a),
    memberLength(arena, a),
    arena.bytes[b >>> 16],
    memberOffset(b),
    memberLength(arena, b),
  );
  return order < 0;
}

function expect(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(`sorted index: ${otherwise}`);
}
