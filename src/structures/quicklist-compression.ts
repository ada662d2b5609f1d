// Compressed contents of quicklist nodes: LZF, as Redis compresses the inner nodes of a list
// (`list-compress-depth`).
//
//   word 0  size of the content when it is unfolded   1  size of the compressed bytes   2..  these
//
// The first word is where a listpack has its total, so a node's size is known without unfolding.
import { copyBytes } from "../bytes/ascii.ts";
import { compressLzf, decompressLzf } from "../bytes/lzf.ts";
import type { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes, noRef } from "../memory/arena.ts";

const headerBytes = 8;
/**
 * Smaller contents are left as they are, and so are those that would not become this much smaller.
 */
const leastBytes = 48;
const leastGainBytes = 8;

/** Where contents are compressed to before their size is known. */
let scratch = new Uint8Array(16 * 1024);

/**
 * A block with the compressed form of the first `size` bytes of a content; none when it is not
 * worth it.
 */
export function compress(arena: Arena, content: Ref, size: number): Ref {
  if (size < leastBytes) return noRef;
  const target = size <= scratch.length ? scratch : grownScratch(size);
  const from = arena.bytes[content >>> 16];
  const room = size - leastGainBytes;
  const length = compressLzf(from, (content & 0xffff) << 4, size, target, 0, room);
  if (length === 0) return noRef;
  const block = arena.allocate(headerBytes + length);
  const words = arena.words[block >>> 16];
  const at = (block & 0xffff) << 2;
  words[at] = size;
  words[at + 1] = length;
  copyBytes(target, 0, arena.bytes[block >>> 16], (at << 2) + headerBytes, length);
  return block;
}

/** A very large element gets an array for once, so that the scratch does not stay that large. */
function grownScratch(size: number): Uint8Array {
  const grown = new Uint8Array(size);
  if (size <= 1 << 20) scratch = grown;
  return grown;
}

/** Unfolds a compressed block into a content of the size that its first word tells. */
export function decompress(arena: Arena, block: Ref, content: Ref): void {
  const words = arena.words[block >>> 16];
  const at = (block & 0xffff) << 2;
  const size = words[at];
  const from = arena.bytes[block >>> 16];
  const to = arena.bytes[content >>> 16];
  const start = (at << 2) + headerBytes;
  const written = decompressLzf(from, start, words[at + 1], to, (content & 0xffff) << 4, size);
  if (written !== size)
    throw new Error(`a compressed node of ${size} bytes unfolded to ${written}`);
}

/** Points `slice` at the compressed bytes of a block; good until the next change. */
export function sliceCompressed(arena: Arena, block: Ref, slice: Slice): void {
  slice.bytes = arena.bytes[block >>> 16];
  slice.offset = ((block & 0xffff) << 4) + headerBytes;
  slice.length = storedBytes(arena, block) - headerBytes;
}

function storedBytes(arena: Arena, block: Ref): number {
  return headerBytes + arena.words[block >>> 16][((block & 0xffff) << 2) + 1];
}

export function freeCompressed(arena: Arena, block: Ref): void {
  arena.free(block, storedBytes(arena, block));
}

export function copyCompressed(arena: Arena, block: Ref): Ref {
  const size = storedBytes(arena, block);
  const copy = arena.allocate(size);
  const from = arena.bytes[block >>> 16];
  copyBytes(from, (block & 0xffff) << 4, arena.bytes[copy >>> 16], (copy & 0xffff) << 4, size);
  return copy;
}

/** Bytes of the arena that the block takes. */
export function compressedBytes(arena: Arena, block: Ref): number {
  return blockBytes(storedBytes(arena, block));
}
