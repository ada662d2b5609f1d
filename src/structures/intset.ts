// Intsets: sorted integers of one width, in Redis's own byte format (src/intset.c), so that RDB,
// DUMP and replication copy them. Small sets of integers are intsets.
//
//   byte 0  bytes of an integer: 2, 4 or 8     4  how many there are
//        8  the integers, ascending, little-endian
//
// An intset is the ref of its arena block; the block's size follows from the contents
// (`intsetCapacity`), so nothing else is stored. An integer that is too wide for the others widens
// them all, and they stay so. Values have 64 bits and are handed around as two words, so that all
// are exact and none is a BigInt. Insertions and removals return the ref, which may be a new one.
// The arena's words are little-endian, as the machines that Node runs on are.
import { copyBytes } from "../bytes/ascii.ts";
import { writeInteger } from "../bytes/integer.ts";
import type { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";

export const intsetHeaderBytes = 8;
const headerWords = 2;
/** More than this Redis does not put into an intset, whatever its configuration says. */
export const intsetLengthMax = 1 << 30;
/** Below this the arena's own step of 16 bytes is the step of growth. */
const exactCapacityMax = 128;
const two32 = 4294967296;
const minus = 0x2d;
const zero = 0x30;
/** Digits that a double holds exactly, and digits of -2^63 with its sign. */
const safeDigitsMax = 15;
const textBytesMax = 20;

/** A signed 64-bit integer: the high word has the sign. One object serves many values. */
export class IntsetValue {
  low = 0;
  high = 0;
}

/** Size of the block that holds an intset of `bytes` bytes: the next of about 8 steps an octave. */
export function intsetCapacity(bytes: number): number {
  if (bytes <= exactCapacityMax) return (bytes + 15) & ~15;
  const step = 1 << (28 - Math.clz32(bytes - 1));
  return (bytes + step - 1) & -step;
}

/** An intset without elements. */
export function newIntset(arena: Arena): Ref {
  return allocateIntset(arena, 2, 0);
}

function allocateIntset(arena: Arena, width: number, count: number): Ref {
  const ref = arena.allocate(intsetCapacity(intsetHeaderBytes + width * count));
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  words[at] = width;
  words[at + 1] = count;
  return ref;
}

export function freeIntset(arena: Arena, ref: Ref): void {
  arena.free(ref, intsetCapacity(intsetBytes(arena, ref)));
}

export function copyIntset(arena: Arena, ref: Ref): Ref {
  const bytes = arena.bytes[ref >>> 16];
  return loadIntset(arena, bytes, (ref & 0xffff) << 4, intsetBytes(arena, ref));
}

/** An intset that is a copy of the given bytes, which `isValidIntset` has approved. */
export function loadIntset(arena: Arena, bytes: Uint8Array, offset: number, length: number): Ref {
  const ref = arena.allocate(intsetCapacity(length));
  copyBytes(bytes, offset, arena.bytes[ref >>> 16], (ref & 0xffff) << 4, length);
  return ref;
}

/** Points `view` at all bytes of the intset; good until the next change. */
export function intsetView(arena: Arena, ref: Ref, view: Slice): void {
  view.bytes = arena.bytes[ref >>> 16];
  view.offset = (ref & 0xffff) << 4;
  view.length = intsetBytes(arena, ref);
}

/** All bytes of the intset, its header included. */
export function intsetBytes(arena: Arena, ref: Ref): number {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  return intsetHeaderBytes + words[at] * words[at + 1];
}

/** Number of elements. */
export function intsetLength(arena: Arena, ref: Ref): number {
  return arena.words[ref >>> 16][((ref & 0xffff) << 2) + 1];
}

/** Element `index`, counted from the smallest. */
export function readIntset(arena: Arena, ref: Ref, index: number, value: IntsetValue): void {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  readAt(words, at + headerWords, words[at], index, value);
}

function readAt(
  words: Int32Array,
  base: number,
  width: number,
  index: number,
  value: IntsetValue,
): void {
  if (width === 8) {
    value.low = words[base + index * 2];
    value.high = words[base + index * 2 + 1];
    return;
  }
  const low = width === 4 ? words[base + index] : read16(words, base, index);
  value.low = low;
  value.high = low >> 31;
}

function read16(words: Int32Array, base: number, index: number): number {
  const pair = words[base + (index >> 1)];
  return (index & 1) === 0 ? (pair << 16) >> 16 : pair >> 16;
}

function writeAt(
  words: Int32Array,
  base: number,
  width: number,
  index: number,
  value: IntsetValue,
): void {
  if (width === 8) {
    words[base + index * 2] = value.low;
    words[base + index * 2 + 1] = value.high;
  } else if (width === 4) {
    words[base + index] = value.low;
  } else {
    const at = base + (index >> 1);
    const low = value.low & 0xffff;
    words[at] =
      (index & 1) === 0 ? (words[at] & ~0xffff) | low : (words[at] & 0xffff) | (low << 16);
  }
}

/** Bytes that the value needs. */
function widthOf(value: IntsetValue): number {
  const { low } = value;
  if (value.high !== low >> 31) return 8;
  return low >= -32768 && low <= 32767 ? 2 : 4;
}

/** The index of the value, or the complement (`~`) of the index that it would have. */
function search(words: Int32Array, at: number, value: IntsetValue): number {
  const width = words[at];
  const count = words[at + 1];
  const { low, high } = value;
  if (width === 8) return search64(words, at + headerWords, count, low, high);
  if (widthOf(value) > width) return high < 0 ? ~0 : ~count;
  return search32(words, at + headerWords, width, count, low);
}

function search32(
  words: Int32Array,
  base: number,
  width: number,
  count: number,
  value: number,
): number {
  let start = 0;
  let end = count;
  while (start < end) {
    const middle = (start + end) >>> 1;
    const found = width === 4 ? words[base + middle] : read16(words, base, middle);
    if (found === value) return middle;
    if (found < value) start = middle + 1;
    else end = middle;
  }
  return ~start;
}

function search64(
  words: Int32Array,
  base: number,
  count: number,
  low: number,
  high: number,
): number {
  let start = 0;
  let end = count;
  while (start < end) {
    const middle = (start + end) >>> 1;
    const foundHigh = words[base + middle * 2 + 1];
    const foundLow = words[base + middle * 2];
    if (foundHigh === high && foundLow === low) return middle;
    const isLess = foundHigh === high ? foundLow >>> 0 < low >>> 0 : foundHigh < high;
    if (isLess) start = middle + 1;
    else end = middle;
  }
  return ~start;
}

export function hasInteger(arena: Arena, ref: Ref, value: IntsetValue): boolean {
  return search(arena.words[ref >>> 16], (ref & 0xffff) << 2, value) >= 0;
}

/** Adds the value; 0 when it was there already. */
export function addInteger(arena: Arena, ref: Ref, value: IntsetValue): Ref {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  const width = words[at];
  if (widthOf(value) > width) return widen(arena, ref, value);
  const index = ~search(words, at, value);
  if (index < 0) return noRef;
  const count = words[at + 1];
  const grown = resize(arena, ref, count, index, 0, 1);
  const own = arena.words[grown >>> 16];
  const base = (grown & 0xffff) << 2;
  own[base + 1] = count + 1;
  writeAt(own, base + headerWords, width, index, value);
  return grown;
}

/** Removes the value; 0 when it was not there. */
export function removeInteger(arena: Arena, ref: Ref, value: IntsetValue): Ref {
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  const index = search(words, at, value);
  if (index < 0) return noRef;
  const count = words[at + 1];
  const shrunk = resize(arena, ref, count, index, 1, 0);
  arena.words[shrunk >>> 16][((shrunk & 0xffff) << 2) + 1] = count - 1;
  return shrunk;
}

/**
 * Replaces `removed` elements at `index` by room for `added`, moving what follows. The block is
 * exchanged when the new size wants another capacity. The count stays the caller's to write.
 */
function resize(
  arena: Arena,
  ref: Ref,
  count: number,
  index: number,
  removed: number,
  added: number,
): Ref {
  const width = arena.words[ref >>> 16][(ref & 0xffff) << 2];
  const from = arena.bytes[ref >>> 16];
  const start = ((ref & 0xffff) << 4) + intsetHeaderBytes;
  const position = index * width;
  const tail = (count - index - removed) * width;
  const capacity = intsetCapacity(intsetHeaderBytes + count * width);
  const newCapacity = intsetCapacity(intsetHeaderBytes + (count - removed + added) * width);
  const tailFrom = start + position + removed * width;
  if (capacity === newCapacity) {
    copyBytes(from, tailFrom, from, start + position + added * width, tail);
    return ref;
  }
  const moved = arena.allocate(newCapacity);
  const to = arena.bytes[moved >>> 16];
  const newStart = ((moved & 0xffff) << 4) + intsetHeaderBytes;
  arena.words[moved >>> 16][(moved & 0xffff) << 2] = width;
  copyBytes(from, start, to, newStart, position);
  copyBytes(from, tailFrom, to, newStart + position + added * width, tail);
  arena.free(ref, capacity);
  return moved;
}

const widened = new IntsetValue();

/** Adds a value that is wider than all others, hence smaller or larger than all of them. */
function widen(arena: Arena, ref: Ref, value: IntsetValue): Ref {
  const count = intsetLength(arena, ref);
  const width = widthOf(value);
  const made = allocateIntset(arena, width, count + 1);
  const words = arena.words[made >>> 16];
  const base = ((made & 0xffff) << 2) + headerWords;
  const first = value.high < 0 ? 1 : 0;
  for (let index = 0; index < count; index++) {
    readIntset(arena, ref, index, widened);
    writeAt(words, base, width, index + first, widened);
  }
  writeAt(words, base, width, first === 1 ? 0 : count, value);
  freeIntset(arena, ref);
  return made;
}

/**
 * Reads a text that is a signed 64-bit integer in the one spelling that Redis prints; false when it
 * is not.
 */
export function parseIntsetValue(
  bytes: Uint8Array,
  offset: number,
  length: number,
  value: IntsetValue,
): boolean {
  if (length === 0 || length > textBytesMax) return false;
  const isNegative = bytes[offset] === minus;
  const first = isNegative ? offset + 1 : offset;
  const end = offset + length;
  const lead = bytes[first] - zero;
  if (first === end || lead < 0 || lead > 9 || (lead === 0 && length > 1)) return false;
  const safeEnd = end - first < safeDigitsMax ? end : first + safeDigitsMax;
  let magnitude = 0;
  for (let index = first; index < safeEnd; index++) {
    const digit = bytes[index] - zero;
    if (digit < 0 || digit > 9) return false;
    magnitude = magnitude * 10 + digit;
  }
  value.high = Math.floor(magnitude / two32);
  value.low = magnitude | 0;
  if (safeEnd < end && !appendDigits(bytes, safeEnd, end, value)) return false;
  return isNegative ? negate(value) : value.high < 0x80000000;
}

/**
 * Continues an unsigned number with further digits; false when there are other bytes. At most 20
 * digits in all.
 */
function appendDigits(bytes: Uint8Array, start: number, end: number, value: IntsetValue): boolean {
  let low = value.low >>> 0;
  let { high } = value;
  for (let index = start; index < end; index++) {
    const digit = bytes[index] - zero;
    if (digit < 0 || digit > 9) return false;
    const product = low * 10 + digit;
    const carry = Math.floor(product / two32);
    low = product - carry * two32;
    high = high * 10 + carry;
  }
  value.low = low | 0;
  value.high = high;
  return true;
}

/**
 * Turns a magnitude, its high word unsigned, into the negative number; false when that is below
 * -2^63.
 */
function negate(value: IntsetValue): boolean {
  const { low, high } = value;
  if (high > 0x80000000 || (high === 0x80000000 && low !== 0)) return false;
  value.low = -low | 0;
  value.high = low === 0 ? -high | 0 : ~high;
  return true;
}

/** Writes the value in decimal at `offset`, at most 20 bytes, and returns the offset after it. */
export function writeIntsetValue(bytes: Uint8Array, offset: number, value: IntsetValue): number {
  const { low, high } = value;
  if (high >= -0x200000 && high < 0x200000 && (high !== -0x200000 || low !== 0)) {
    return writeInteger(bytes, offset, high * two32 + (low >>> 0));
  }
  // Beyond 2^53: we split the magnitude into what stands before its last eight digits and those.
  const unit = 100_000_000;
  let position = offset;
  let magnitudeLow = low >>> 0;
  let magnitudeHigh = high;
  if (high < 0) {
    bytes[position++] = minus;
    magnitudeLow = -low >>> 0;
    magnitudeHigh = low === 0 ? -high : ~high >>> 0;
  }
  const quotientHigh = Math.floor(magnitudeHigh / unit);
  // The remainder has 27 bits. With all 32 of the low word behind it no double would hold it; with
  // 16 at a time one does.
  const middle = (magnitudeHigh - quotientHigh * unit) * 65536 + (magnitudeLow >>> 16);
  const quotientMiddle = Math.floor(middle / unit);
  const rest = (middle - quotientMiddle * unit) * 65536 + (magnitudeLow & 0xffff);
  const quotientLow = Math.floor(rest / unit);
  const head = quotientHigh * two32 + quotientMiddle * 65536 + quotientLow;
  position = writeInteger(bytes, position, head);
  let tail = rest - quotientLow * unit;
  for (let index = position + 7; index >= position; index--) {
    const quotient = Math.floor(tail / 10);
    bytes[index] = zero + tail - quotient * 10;
    tail = quotient;
  }
  return position + 8;
}

/**
 * Whether the bytes, which may come from anywhere, are an intset with at least one element: width
 * and size, and if `deep` also that the elements ascend. Only a deeply checked one may be searched.
 */
export function isValidIntset(
  bytes: Uint8Array,
  start: number,
  length: number,
  deep: boolean,
): boolean {
  if (length < intsetHeaderBytes) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, length);
  const width = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  if (width !== 2 && width !== 4 && width !== 8) return false;
  if (count === 0 || count > intsetLengthMax) return false;
  if (length !== intsetHeaderBytes + count * width) return false;
  if (!deep) return true;
  for (let index = 1; index < count; index++) {
    const at = intsetHeaderBytes + index * width;
    if (compareStored(view, at - width, at, width) >= 0) return false;
  }
  return true;
}

function compareStored(view: DataView, a: number, b: number, width: number): number {
  if (width === 2) return view.getInt16(a, true) - view.getInt16(b, true);
  if (width === 4) return view.getInt32(a, true) - view.getInt32(b, true);
  const difference = view.getInt32(a + 4, true) - view.getInt32(b + 4, true);
  return difference !== 0 ? difference : view.getUint32(a, true) - view.getUint32(b, true);
}

/** Throws when the intset is not a valid one. For tests. */
export function checkIntset(arena: Arena, ref: Ref): void {
  const length = intsetBytes(arena, ref);
  if (length === intsetHeaderBytes) return;
  if (!isValidIntset(arena.bytes[ref >>> 16], (ref & 0xffff) << 4, length, true)) {
    throw new Error(`intset ${ref} is damaged`);
  }
}
