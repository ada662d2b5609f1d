// A key's record: one arena block that holds everything about the key, and a short string value
// too.
//
//   byte  0  ref of the next record in the bucket (hash table entry: structures/hash-table.ts)
//         4  hash of the key
//         8  key length (30 bits) | extra words (2 bits): 0, or 3 when the key expires
//        12  type (4 bits) | encoding (4) | flags (8) | unused (8) | snapshot epoch (8)
//        16  access clock (24 bits: seconds for LRU, or minutes and a counter for LFU)
//        20  a string's length, or the ref of the value's block
//       [24  expiry in ms since 1970, low word; high word; place among the expiring keys]
//        ..  the key's bytes
//        ..  an inline string's bytes
//
// A string of up to `inlineBytesMax` bytes is inline. A longer one has a block of its own, which
// has spare capacity when it grew:
//
//   byte  0  length      4  capacity      8  the bytes
//
// The layout is known here and nowhere else. All functions take the arena and a record's ref.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes } from "../memory/arena.ts";
import { entryHash, entryKey, keyExtraShift, keyLengthMask } from "../structures/hash-table.ts";

export const recordHeaderBytes = 24;
export const expiryBytes = 12;
export const inlineBytesMax = 1024;

const wordMeta = 3;
const wordAccess = 4;
const wordValue = 5;
const wordExpiry = 6;
const wordVolatile = 8;

const expiryExtra = 3 << keyExtraShift;
const flagExternal = 1 << 8;
const metaTypeMask = 0xf;
const metaEncodingShift = 4;
const metaEpochShift = 24;
const metaEpochMask = 0xff << metaEpochShift;
const two32 = 4294967296;

/** Numbers of Redis's object types, as RDB and OBJECT know them. */
export const recordType = { string: 0, list: 1, set: 2, zset: 3, hash: 4, stream: 6 } as const;
export const typeNames: readonly string[] = ["string", "list", "set", "zset", "hash", "", "stream"];

/** How a value is held; the names are those of OBJECT ENCODING. */
export const encoding = {
  raw: 0,
  int: 1,
  hashtable: 2,
  intset: 6,
  skiplist: 7,
  embstr: 8,
  quicklist: 9,
  stream: 10,
  listpack: 11,
  listpackex: 12,
} as const;
export const encodingNames: readonly string[] = [
  "raw",
  "int",
  "hashtable",
  "",
  "",
  "",
  "intset",
  "skiplist",
  "embstr",
  "quicklist",
  "stream",
  "listpack",
  "listpackex",
];

/** Longest string that OBJECT ENCODING calls embstr. */
export const embeddedBytesMax = 44;
const externalHeaderBytes = 8;

export function typeOf(arena: Arena, ref: Ref): number {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordMeta] & metaTypeMask;
}

export function encodingOf(arena: Arena, ref: Ref): number {
  return (arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordMeta] >>> metaEncodingShift) & 0xf;
}

export function setEncoding(arena: Arena, ref: Ref, value: number): void {
  const words = arena.words[ref >>> 16];
  const at = ((ref & 0xffff) << 2) + wordMeta;
  words[at] = (words[at] & ~(0xf << metaEncodingShift)) | (value << metaEncodingShift);
}

/** The snapshot that the record was last written to, or that was the last when it was made. */
export function epochOf(arena: Arena, ref: Ref): number {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordMeta] >>> metaEpochShift;
}

export function setEpoch(arena: Arena, ref: Ref, epoch: number): void {
  const words = arena.words[ref >>> 16];
  const at = ((ref & 0xffff) << 2) + wordMeta;
  words[at] = (words[at] & ~metaEpochMask) | (epoch << metaEpochShift);
}

export function hashOf(arena: Arena, ref: Ref): number {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + entryHash];
}

export function keyLength(arena: Arena, ref: Ref): number {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + entryKey] & keyLengthMask;
}

/** Offset of the key's bytes in the record's chunk. */
export function keyOffset(arena: Arena, ref: Ref): number {
  const at = (ref & 0xffff) << 2;
  const extra = arena.words[ref >>> 16][at + entryKey] >>> keyExtraShift;
  return (at << 2) + recordHeaderBytes + (extra << 2);
}

export function hasExpiry(arena: Arena, ref: Ref): boolean {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + entryKey] >>> keyExtraShift !== 0;
}

/** Milliseconds since 1970 at which the key expires; -1 when it does not. */
export function expiryOf(arena: Arena, ref: Ref): number {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  if (words[at + entryKey] >>> keyExtraShift === 0) return -1;
  return words[at + wordExpiry + 1] * two32 + (words[at + wordExpiry] >>> 0);
}

/** Only for a record that has the room: `hasExpiry`. */
export function writeExpiry(arena: Arena, ref: Ref, expiryMs: number): void {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  words[at + wordExpiry] = expiryMs | 0;
  words[at + wordExpiry + 1] = Math.floor(expiryMs / two32);
}

export function volatileIndex(arena: Arena, ref: Ref): number {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordVolatile];
}

export function setVolatileIndex(arena: Arena, ref: Ref, index: number): void {
  arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordVolatile] = index;
}

export function accessOf(arena: Arena, ref: Ref): number {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordAccess];
}

export function setAccess(arena: Arena, ref: Ref, access: number): void {
  arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordAccess] = access;
}

/** The value word of a record that is not an inline string: the ref of the value's block. */
export function valueRef(arena: Arena, ref: Ref): Ref {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordValue] as Ref;
}

export function setValueRef(arena: Arena, ref: Ref, value: Ref): void {
  arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordValue] = value;
}

export function isExternal(arena: Arena, ref: Ref): boolean {
  return (arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordMeta] & flagExternal) !== 0;
}

/** Bytes that the record's own block was allocated with. */
export function recordSize(arena: Arena, ref: Ref): number {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  const key = words[at + entryKey];
  const head = recordHeaderBytes + ((key >>> keyExtraShift) << 2) + (key & keyLengthMask);
  return head + (isInline(words[at + wordMeta]) ? words[at + wordValue] : 0);
}

function isInline(meta: number): boolean {
  return (meta & (metaTypeMask | flagExternal)) === recordType.string;
}

/**
 * What a new record is made of. One object is reused for all, so that making a record allocates
 * nothing.
 */
export class RecordShape {
  keyBytes: Uint8Array = new Uint8Array(0);
  keyOffset = 0;
  keyLength = 0;
  type = 0;
  encoding = 0;
  /** -1: the key does not expire. */
  expiryMs = -1;
  access = 0;
  /** Bytes of an inline string; -1 when the value is the block `value`. */
  inlineLength = 0;
  value: Ref = 0 as Ref;
  /** The number of the last snapshot: the same for all records that are made until the next. */
  epoch = 0;
}

/** Allocates a record and writes all of it but the hash-table words and an inline value's bytes. */
export function makeRecord(arena: Arena, shape: RecordShape): Ref {
  const isVolatile = shape.expiryMs >= 0;
  const inline = shape.inlineLength >= 0 ? shape.inlineLength : 0;
  const head = recordHeaderBytes + (isVolatile ? expiryBytes : 0);
  const ref = arena.allocate(head + shape.keyLength + inline);
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  words[at + entryKey] = shape.keyLength | (isVolatile ? expiryExtra : 0);
  const flags = shape.inlineLength < 0 && shape.type === recordType.string ? flagExternal : 0;
  words[at + wordMeta] =
    shape.type | (shape.encoding << metaEncodingShift) | flags | (shape.epoch << metaEpochShift);
  words[at + wordAccess] = shape.access;
  words[at + wordValue] = shape.inlineLength < 0 ? shape.value : inline;
  if (isVolatile) writeExpiry(arena, ref, shape.expiryMs);
  copyBytes(
    shape.keyBytes,
    shape.keyOffset,
    arena.bytes[ref >>> 16],
    (at << 2) + head,
    shape.keyLength,
  );
  return ref;
}

/** Points `slice` at a string record's bytes; good until the next change of the keyspace. */
export function sliceString(arena: Arena, ref: Ref, slice: Slice): void {
  const chunk = ref >>> 16;
  const words = arena.words[chunk];
  const at = (ref & 0xffff) << 2;
  const value = words[at + wordValue];
  if ((words[at + wordMeta] & flagExternal) === 0) {
    const key = words[at + entryKey];
    slice.bytes = arena.bytes[chunk];
    slice.offset =
      (at << 2) + recordHeaderBytes + ((key >>> keyExtraShift) << 2) + (key & keyLengthMask);
    slice.length = value;
    return;
  }
  slice.bytes = arena.bytes[value >>> 16];
  slice.offset = ((value & 0xffff) << 4) + externalHeaderBytes;
  slice.length = arena.words[value >>> 16][(value & 0xffff) << 2];
}

export function stringLength(arena: Arena, ref: Ref): number {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  const value = words[at + wordValue];
  if ((words[at + wordMeta] & flagExternal) === 0) return value;
  return arena.words[value >>> 16][(value & 0xffff) << 2];
}

/** Whether an inline string of `length` bytes fits the record's block as it is. */
export function fitsInline(arena: Arena, ref: Ref, length: number): boolean {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  if (!isInline(words[at + wordMeta])) return false;
  const old = words[at + wordValue];
  if (old === length) return true;
  const key = words[at + entryKey];
  const head = recordHeaderBytes + ((key >>> keyExtraShift) << 2) + (key & keyLengthMask);
  return blockBytes(head + length) === blockBytes(head + old);
}

/** Only when `fitsInline`. */
export function setInlineLength(arena: Arena, ref: Ref, length: number): void {
  arena.words[ref >>> 16][((ref & 0xffff) << 2) + wordValue] = length;
}

/** A block for a string of its own, its bytes not yet written. */
export function makeExternal(arena: Arena, length: number, capacity: number): Ref {
  const ref = arena.allocate(externalHeaderBytes + capacity);
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  words[at] = length;
  words[at + 1] = capacity;
  return ref;
}

export function externalCapacity(arena: Arena, block: Ref): number {
  return arena.words[block >>> 16][((block & 0xffff) << 2) + 1];
}

export function setExternalLength(arena: Arena, block: Ref, length: number): void {
  arena.words[block >>> 16][(block & 0xffff) << 2] = length;
}

export function freeExternal(arena: Arena, block: Ref): void {
  arena.free(block, externalHeaderBytes + externalCapacity(arena, block));
}

/** Bytes that a record, with the value if that is a string, takes from the arena. */
export function recordBytes(arena: Arena, ref: Ref): number {
  const own = blockBytes(recordSize(arena, ref));
  if (!isExternal(arena, ref)) return own;
  return own + blockBytes(externalHeaderBytes + externalCapacity(arena, valueRef(arena, ref)));
}
