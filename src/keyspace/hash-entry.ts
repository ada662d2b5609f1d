// One field of a hash that is a hash table: the field's name, its value and when it expires, in one
// block.
//
//   byte  0  next, hash, field length | extra words   (an entry of structures/hash-table.ts)
//        12  value length (31 bits) | whether the value has a block of its own (1 bit)
//       [16  expiry in ms since 1970, low word; high word; place in the heap of expiring fields]
//        ..  the field's bytes
//        ..  the value's bytes, or, at the next multiple of 4, the ref of their block
//
// The bracketed words are the expiry item that `hash-expiry-heap.ts` works with; they are there
// when the field expires.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes } from "../memory/arena.ts";
import { entryKey, keyExtraShift, keyLengthMask } from "../structures/hash-table.ts";
import { expiryItemBytes, writeItemTime } from "./hash-expiry-heap.ts";

export const fieldHeaderBytes = 16;
const wordValue = 3;
const expiryExtra = (expiryItemBytes / 4) << keyExtraShift;
const flagOwnBlock = 1 << 31;
const valueLengthMask = 0x7fffffff;
/** Longer values get a block of their own, so that the table's entries stay small. */
const inlineValueMax = 1024;

/** Bytes before the value. */
function headBytes(key: number): number {
  return fieldHeaderBytes + ((key >>> keyExtraShift) << 2) + (key & keyLengthMask);
}

function sizeOf(key: number, value: number): number {
  const head = headBytes(key);
  return (value & flagOwnBlock) === 0 ? head + value : ((head + 3) & ~3) + 4;
}

/**
 * An entry for the field, its hash-table words not yet written. `expiryMs` -1: it does not expire.
 */
export function makeField(
  arena: Arena,
  field: Uint8Array,
  fieldOffset: number,
  fieldLength: number,
  value: Uint8Array,
  valueOffset: number,
  valueLength: number,
  expiryMs: number,
): Ref {
  const key = fieldLength | (expiryMs < 0 ? 0 : expiryExtra);
  const isInline = valueLength <= inlineValueMax;
  const block = isInline ? 0 : arena.allocate(valueLength);
  const valueWord = isInline ? valueLength : valueLength | flagOwnBlock;
  const entry = arena.allocate(sizeOf(key, valueWord));
  const words = arena.words[entry >>> 16];
  const at = (entry & 0xffff) << 2;
  const head = headBytes(key);
  words[at + entryKey] = key;
  words[at + wordValue] = valueWord;
  if (expiryMs >= 0) writeItemTime(arena, entry, expiryMs);
  const bytes = arena.bytes[entry >>> 16];
  const start = at << 2;
  copyBytes(field, fieldOffset, bytes, start + head - fieldLength, fieldLength);
  if (isInline) {
    copyBytes(value, valueOffset, bytes, start + head, valueLength);
  } else {
    words[at + ((head + 3) >> 2)] = block;
    const to = arena.bytes[block >>> 16];
    copyBytes(value, valueOffset, to, (block & 0xffff) << 4, valueLength);
  }
  return entry;
}

/** Gives back the entry and its value; it is in no table any more. */
export function freeField(arena: Arena, entry: Ref): void {
  const words = arena.words[entry >>> 16];
  const at = (entry & 0xffff) << 2;
  const value = words[at + wordValue];
  if ((value & flagOwnBlock) !== 0) arena.free(valueBlock(arena, entry), value & valueLengthMask);
  arena.free(entry, sizeOf(words[at + entryKey], value));
}

/** Bytes of the arena that the field takes. */
export function fieldBytes(arena: Arena, entry: Ref): number {
  const words = arena.words[entry >>> 16];
  const at = (entry & 0xffff) << 2;
  const value = words[at + wordValue];
  const own = blockBytes(sizeOf(words[at + entryKey], value));
  return (value & flagOwnBlock) === 0 ? own : own + blockBytes(value & valueLengthMask);
}

function valueBlock(arena: Arena, entry: Ref): Ref {
  const words = arena.words[entry >>> 16];
  const at = (entry & 0xffff) << 2;
  return words[at + ((headBytes(words[at + entryKey]) + 3) >> 2)] as Ref;
}

export function isVolatileField(arena: Arena, entry: Ref): boolean {
  const key = arena.words[entry >>> 16][((entry & 0xffff) << 2) + entryKey];
  return key >>> keyExtraShift !== 0;
}

/** Points `slice` at the field's name. */
export function sliceField(arena: Arena, entry: Ref, slice: Slice): void {
  const at = (entry & 0xffff) << 2;
  const key = arena.words[entry >>> 16][at + entryKey];
  slice.bytes = arena.bytes[entry >>> 16];
  slice.length = key & keyLengthMask;
  slice.offset = (at << 2) + fieldHeaderBytes + ((key >>> keyExtraShift) << 2);
}

/** Points `slice` at the value. */
export function sliceValue(arena: Arena, entry: Ref, slice: Slice): void {
  const words = arena.words[entry >>> 16];
  const at = (entry & 0xffff) << 2;
  const value = words[at + wordValue];
  slice.length = value & valueLengthMask;
  if ((value & flagOwnBlock) === 0) {
    slice.bytes = arena.bytes[entry >>> 16];
    slice.offset = (at << 2) + headBytes(words[at + entryKey]);
    return;
  }
  const block = valueBlock(arena, entry);
  slice.bytes = arena.bytes[block >>> 16];
  slice.offset = (block & 0xffff) << 4;
}

/** Writes another value over the entry's if its blocks can take it; false when not. */
export function overwriteValue(
  arena: Arena,
  entry: Ref,
  value: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const words = arena.words[entry >>> 16];
  const at = (entry & 0xffff) << 2;
  const old = words[at + wordValue];
  const isInline = length <= inlineValueMax;
  if (isInline !== ((old & flagOwnBlock) === 0)) return false;
  const head = headBytes(words[at + entryKey]);
  if (isInline) {
    if (length !== old && !arena.sameBlock(head + length, head + old)) return false;
    words[at + wordValue] = length;
    copyBytes(value, offset, arena.bytes[entry >>> 16], (at << 2) + head, length);
    return true;
  }
  if (!arena.sameBlock(length, old & valueLengthMask)) return false;
  const block = valueBlock(arena, entry);
  words[at + wordValue] = length | flagOwnBlock;
  copyBytes(value, offset, arena.bytes[block >>> 16], (block & 0xffff) << 4, length);
  return true;
}
