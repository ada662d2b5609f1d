// The nodes of a quicklist, and the header that holds them together: what every part of the
// quicklist works with.
//
//   header  word 0  first node   1  last node   2  elements   3  nodes           (16 bytes)
//   node    word 0  previous     1  next        2  content    3  count | flags   (16 bytes)
//
// A node's content is a listpack of `count` elements, or, `isPlain`, one large element: a length
// and its bytes. A node far from both ends may be compressed (`quicklist-compression.ts`);
// `openNode` is how everybody else gets at its content.
import { copyBytes } from "../bytes/ascii.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes, noRef } from "../memory/arena.ts";
import type { ListpackEntry } from "./listpack.ts";
import {
  copyListpack,
  freeListpack,
  insertEntry,
  listpackBytes,
  listpackCapacity,
  newListpack,
} from "./listpack.ts";
import {
  compressedBytes,
  copyCompressed,
  decompress,
  freeCompressed,
} from "./quicklist-compression.ts";

export const quicklistHeaderBytes = 16;
const nodeBytes = 16;
export const plainHeaderBytes = 4;

const headerFirst = 0;
const headerLast = 1;
const headerElements = 2;
const headerNodes = 3;
const nodePrevious = 0;
const nodeNext = 1;
const nodeContent = 2;
const nodeInfo = 3;

const countMask = 0xffffff;
export const plainFlag = 1 << 24;
export const compressedFlag = 1 << 25;

/** Sizes in bytes that a `list-max-listpack-size` of -1 to -5 stands for. */
const bytesMaxByFill = [4096, 8192, 16384, 32768, 65536];
/** Bound on a node whose elements are counted: a listpack is slow when it is large. */
const countedBytesMax = 8192;
/** What a new element takes at most beyond its bytes, as Redis estimates it. */
const entryOverheadBytes = 8;

/** The parameters that shape a quicklist. */
export interface QuicklistLimits {
  /** Positive: elements in a node; -1 to -5: 4, 8, 16, 32 or 64 KiB in a node. */
  readonly listMaxListpackSize: number;
  /** Nodes at each end that stay uncompressed; 0: all do. */
  readonly listCompressDepth: number;
  /** Bytes from which an element gets a node of its own; 0: when it does not fit a node's limit. */
  readonly listPlainBytesMin: number;
}

/** Whether a listpack of that many bytes and elements is too large for one node. */
export function exceedsNodeLimit(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes > bytesMaxOf(fill);
  return bytes > countedBytesMax || count > (fill === 0 ? 1 : fill);
}

/** Bytes that a node may have under a negative fill. */
export function bytesMaxOf(fill: number): number {
  return bytesMaxByFill[fill < -5 ? 4 : -fill - 1];
}

export function isLargeElement(limits: QuicklistLimits, length: number): boolean {
  if (limits.listPlainBytesMin > 0) return length >= limits.listPlainBytesMin;
  const fill = limits.listMaxListpackSize;
  return length > (fill < 0 ? bytesMaxOf(fill) : countedBytesMax);
}

/** Whether the node, which may be none, can take one more element of that length. */
export function nodeAllows(
  arena: Arena,
  node: Ref,
  limits: QuicklistLimits,
  length: number,
): boolean {
  if (node === noRef || isLargeElement(limits, length)) return false;
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  const info = words[at + nodeInfo];
  if ((info & plainFlag) !== 0) return false;
  // The same word also while it is compressed: what it unfolds to.
  const bytes = listpackBytes(arena, words[at + nodeContent] as Ref) + length + entryOverheadBytes;
  return !exceedsNodeLimit(limits.listMaxListpackSize, bytes, (info & countMask) + 1);
}

/** Whether two nodes, each of which may be none, fit into one. */
export function canMerge(arena: Arena, a: Ref, b: Ref, limits: QuicklistLimits): boolean {
  if (a === noRef || b === noRef || isPlain(arena, a) || isPlain(arena, b)) return false;
  const bytes = packedBytes(arena, a) + packedBytes(arena, b) - 7;
  const count = countOf(arena, a) + countOf(arena, b);
  return !exceedsNodeLimit(limits.listMaxListpackSize, bytes, count);
}

export function firstNode(arena: Arena, root: Ref): Ref {
  return arena.words[root >>> 16][((root & 0xffff) << 2) + headerFirst] as Ref;
}

export function lastNode(arena: Arena, root: Ref): Ref {
  return arena.words[root >>> 16][((root & 0xffff) << 2) + headerLast] as Ref;
}

/** Elements of the list. */
export function quicklistLength(arena: Arena, root: Ref): number {
  return arena.words[root >>> 16][((root & 0xffff) << 2) + headerElements] >>> 0;
}

export function addElements(arena: Arena, root: Ref, count: number): void {
  arena.words[root >>> 16][((root & 0xffff) << 2) + headerElements] += count;
}

export function nodeCount(arena: Arena, root: Ref): number {
  return arena.words[root >>> 16][((root & 0xffff) << 2) + headerNodes];
}

export function previousNode(arena: Arena, node: Ref): Ref {
  return arena.words[node >>> 16][((node & 0xffff) << 2) + nodePrevious] as Ref;
}

export function nextNode(arena: Arena, node: Ref): Ref {
  return arena.words[node >>> 16][((node & 0xffff) << 2) + nodeNext] as Ref;
}

/** The content as it is, compressed or not. */
export function contentOf(arena: Arena, node: Ref): Ref {
  return arena.words[node >>> 16][((node & 0xffff) << 2) + nodeContent] as Ref;
}

export function setContent(arena: Arena, node: Ref, content: Ref): void {
  arena.words[node >>> 16][((node & 0xffff) << 2) + nodeContent] = content;
}

/** Elements of a node: 1 for a plain one. */
export function countOf(arena: Arena, node: Ref): number {
  return arena.words[node >>> 16][((node & 0xffff) << 2) + nodeInfo] & countMask;
}

export function addToNode(arena: Arena, node: Ref, count: number): void {
  arena.words[node >>> 16][((node & 0xffff) << 2) + nodeInfo] += count;
}

export function isPlain(arena: Arena, node: Ref): boolean {
  return (arena.words[node >>> 16][((node & 0xffff) << 2) + nodeInfo] & plainFlag) !== 0;
}

export function isCompressed(arena: Arena, node: Ref): boolean {
  return (arena.words[node >>> 16][((node & 0xffff) << 2) + nodeInfo] & compressedFlag) !== 0;
}

export function setCompressed(arena: Arena, node: Ref, content: Ref): void {
  setContent(arena, node, content);
  arena.words[node >>> 16][((node & 0xffff) << 2) + nodeInfo] |= compressedFlag;
}

/** Bytes of a packed node's listpack, also while it is compressed. */
export function packedBytes(arena: Arena, node: Ref): number {
  const content = contentOf(arena, node);
  // The first word of both is what we ask for: a listpack's total, or the size that a compressed
  // block unfolds to.
  return listpackBytes(arena, content);
}

/** Tells the node of a content that has an element more, and may have moved. */
export function setGrown(arena: Arena, node: Ref, content: Ref): void {
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  words[at + nodeContent] = content;
  words[at + nodeInfo]++;
}

/** The node's content, uncompressed from now on. */
export function openNode(arena: Arena, node: Ref): Ref {
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  const content = words[at + nodeContent] as Ref;
  return (words[at + nodeInfo] & compressedFlag) === 0 ? content : openCompressed(arena, node);
}

function openCompressed(arena: Arena, node: Ref): Ref {
  const compressed = contentOf(arena, node);
  const size = listpackBytes(arena, compressed);
  const content = arena.allocate(contentCapacity(arena, node, size));
  decompress(arena, compressed, content);
  freeCompressed(arena, compressed);
  setContent(arena, node, content);
  arena.words[node >>> 16][((node & 0xffff) << 2) + nodeInfo] &= ~compressedFlag;
  return content;
}

/** Bytes of the block of an uncompressed content of `size` bytes. */
export function contentCapacity(arena: Arena, node: Ref, size: number): number {
  return isPlain(arena, node) ? size : listpackCapacity(size);
}

/** Bytes of an uncompressed content: a listpack, or a plain element with its length. */
export function contentBytes(arena: Arena, node: Ref): number {
  const content = contentOf(arena, node);
  const first = listpackBytes(arena, content);
  return isPlain(arena, node) ? plainHeaderBytes + first : first;
}

/** A quicklist without nodes. */
export function newHeader(arena: Arena): Ref {
  return arena.allocateZeroed(quicklistHeaderBytes);
}

/** A node that holds a listpack, in no list yet. */
export function newPackedNode(arena: Arena, listpack: Ref, count: number): Ref {
  return newNode(arena, listpack, count);
}

/** A node that holds one element, plain if it is large, in no list yet. */
export function newElementNode(
  arena: Arena,
  limits: QuicklistLimits,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  if (!isLargeElement(limits, length)) {
    return newNode(arena, insertEntry(arena, newListpack(arena), 0, bytes, offset, length), 1);
  }
  return newNode(arena, newPlain(arena, bytes, offset, length), 1 | plainFlag);
}

function newNode(arena: Arena, content: Ref, info: number): Ref {
  const node = arena.allocate(nodeBytes);
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  words[at + nodePrevious] = noRef;
  words[at + nodeNext] = noRef;
  words[at + nodeContent] = content;
  words[at + nodeInfo] = info;
  return node;
}

/** The content of a plain node. */
export function newPlain(arena: Arena, bytes: Uint8Array, offset: number, length: number): Ref {
  const content = arena.allocate(plainHeaderBytes + length);
  arena.words[content >>> 16][(content & 0xffff) << 2] = length;
  const at = plainOffset(content);
  copyBytes(bytes, offset, arena.bytes[content >>> 16], at, length);
  return content;
}

export function plainLength(arena: Arena, content: Ref): number {
  return arena.words[content >>> 16][(content & 0xffff) << 2];
}

/** Describes the element of a plain node by its content. */
export function readPlain(arena: Arena, content: Ref, entry: ListpackEntry): void {
  entry.isInteger = false;
  entry.isSafe = false;
  entry.bytes = arena.bytes[content >>> 16];
  entry.offset = plainOffset(content);
  entry.length = plainLength(arena, content);
}

/** Where a plain element's bytes begin in its chunk. */
export function plainOffset(content: Ref): number {
  return ((content & 0xffff) << 4) + plainHeaderBytes;
}

/**
 * Puts a node behind `previous`, in front of all when that is none. The elements are counted by
 * the caller.
 */
export function linkNode(arena: Arena, root: Ref, node: Ref, previous: Ref): void {
  const header = arena.words[root >>> 16];
  const base = (root & 0xffff) << 2;
  const next = previous === noRef ? header[base + headerFirst] : nextNode(arena, previous);
  const words = arena.words[node >>> 16];
  const at = (node & 0xffff) << 2;
  words[at + nodePrevious] = previous;
  words[at + nodeNext] = next;
  if (previous === noRef) header[base + headerFirst] = node;
  else arena.words[previous >>> 16][((previous & 0xffff) << 2) + nodeNext] = node;
  if (next === 0) header[base + headerLast] = node;
  else arena.words[next >>> 16][((next & 0xffff) << 2) + nodePrevious] = node;
  header[base + headerNodes]++;
}

/**
 * Takes a node out of the list and gives back its memory. The elements are counted by the caller.
 */
export function removeNode(arena: Arena, root: Ref, node: Ref): void {
  const header = arena.words[root >>> 16];
  const base = (root & 0xffff) << 2;
  const previous = previousNode(arena, node);
  const next = nextNode(arena, node);
  if (previous === noRef) header[base + headerFirst] = next;
  else arena.words[previous >>> 16][((previous & 0xffff) << 2) + nodeNext] = next;
  if (next === noRef) header[base + headerLast] = previous;
  else arena.words[next >>> 16][((next & 0xffff) << 2) + nodePrevious] = previous;
  header[base + headerNodes]--;
  freeContent(arena, node);
  arena.free(node, nodeBytes);
}

/** Frees a node's block alone: its content has another owner now. */
export function freeNodeBlock(arena: Arena, node: Ref): void {
  arena.free(node, nodeBytes);
}

export function freeContent(arena: Arena, node: Ref): void {
  const content = contentOf(arena, node);
  if (isCompressed(arena, node)) freeCompressed(arena, content);
  else if (isPlain(arena, node))
    arena.free(content, plainHeaderBytes + plainLength(arena, content));
  else freeListpack(arena, content);
}

/** A copy of the node, in no list yet. */
export function copyNode(arena: Arena, node: Ref): Ref {
  const content = contentOf(arena, node);
  const info = arena.words[node >>> 16][((node & 0xffff) << 2) + nodeInfo];
  let copy: Ref;
  if ((info & compressedFlag) !== 0) {
    copy = copyCompressed(arena, content);
  } else if ((info & plainFlag) !== 0) {
    const bytes = arena.bytes[content >>> 16];
    copy = newPlain(arena, bytes, plainOffset(content), plainLength(arena, content));
  } else {
    copy = copyListpack(arena, content);
  }
  return newNode(arena, copy, info);
}

/** Bytes of the arena that a node takes with its content. */
export function nodeMemory(arena: Arena, node: Ref): number {
  const content = contentOf(arena, node);
  if (isCompressed(arena, node)) return nodeBytes + compressedBytes(arena, content);
  const size = contentBytes(arena, node);
  return nodeBytes + blockBytes(contentCapacity(arena, node, size));
}
