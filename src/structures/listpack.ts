// Listpacks: many small elements in one block, in Redis's own byte format (src/listpack.c), so that
// RDB, DUMP and replication copy them. Small collections are one listpack, lists and streams are
// made of them.
//
//   byte 0  total bytes (32 bits)   4  elements (16 bits; 65535: unknown)   6  entries   last: 255
//
// A listpack is the ref of its arena block; the block's size follows from the total
// (`listpackCapacity`), so nothing else is stored. A position is the offset of an entry from the
// listpack's first byte, 0 for none. Insertions and deletions return the ref, which may be a new
// one. Texts handed in must not lie in the listpack itself: it moves.
import { copyBytes, equalBytes } from "../bytes/ascii.ts";
import type { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import type { ListpackEntry } from "./listpack-entry.ts";
import {
  backSizeBytes,
  bodySizeAt,
  decodeEntry,
  endTag,
  entrySizeAt,
  equalsMeasured,
  isMeasuredInteger,
  measureInteger,
  measureText,
  readBackSize,
  writeBackSize,
  writeMeasured,
} from "./listpack-entry.ts";

export { ListpackEntry } from "./listpack-entry.ts";

export const listpackHeaderBytes = 6;
/** Header and end mark: a listpack without elements. */
export const emptyListpackBytes = 7;
const countUnknown = 0xffff;
/** A text of up to so many bytes has them in its tag. */
const shortTextMax = 63;
const shortTextTag = 0x80;
const zero = 0x30;
const nine = 0x39;
const minus = 0x2d;
/** Below this the arena's own step of 16 bytes is the step of growth. */
const exactCapacityMax = 128;
/** Redis's bound on a listpack: an insertion that would pass it is the caller's to prevent. */
export const listpackBytesMax = 1 << 30;

/**
 * Size of the block that holds a listpack of `bytes` bytes: the next of about 8 steps an octave.
 */
export function listpackCapacity(bytes: number): number {
  if (bytes <= exactCapacityMax) return (bytes + 15) & ~15;
  const step = 1 << (28 - Math.clz32(bytes - 1));
  return (bytes + step - 1) & -step;
}

/** A listpack without elements. */
export function newListpack(arena: Arena): Ref {
  const ref = arena.allocate(listpackCapacity(emptyListpackBytes));
  const at = (ref & 0xffff) << 2;
  arena.words[ref >>> 16][at] = emptyListpackBytes;
  // Both bytes of the count, the end mark, and one byte behind it.
  arena.words[ref >>> 16][at + 1] = endTag << 16;
  return ref;
}

export function freeListpack(arena: Arena, ref: Ref): void {
  arena.free(ref, listpackCapacity(listpackBytes(arena, ref)));
}

export function copyListpack(arena: Arena, ref: Ref): Ref {
  const bytes = arena.bytes[ref >>> 16];
  return loadListpack(arena, bytes, (ref & 0xffff) << 4, listpackBytes(arena, ref));
}

/** A listpack that is a copy of the given bytes, which `isValidListpack` has approved. */
export function loadListpack(arena: Arena, bytes: Uint8Array, offset: number, length: number): Ref {
  const ref = arena.allocate(listpackCapacity(length));
  copyBytes(bytes, offset, arena.bytes[ref >>> 16], (ref & 0xffff) << 4, length);
  return ref;
}

/** Points `view` at all bytes of the listpack; good until the next change. */
export function listpackView(arena: Arena, ref: Ref, view: Slice): void {
  view.bytes = arena.bytes[ref >>> 16];
  view.offset = (ref & 0xffff) << 4;
  view.length = listpackBytes(arena, ref);
}

/** All bytes of the listpack, header and end included. */
export function listpackBytes(arena: Arena, ref: Ref): number {
  return arena.words[ref >>> 16][(ref & 0xffff) << 2];
}

/** Number of elements. */
export function listpackLength(arena: Arena, ref: Ref): number {
  const bytes = arena.bytes[ref >>> 16];
  const base = (ref & 0xffff) << 4;
  const count = bytes[base + 4] | (bytes[base + 5] << 8);
  return count === countUnknown ? countEntries(arena, ref) : count;
}

/** Counts the entries, and stores the count when it has become small enough to be stored again. */
function countEntries(arena: Arena, ref: Ref): number {
  const bytes = arena.bytes[ref >>> 16];
  const base = (ref & 0xffff) << 4;
  let count = 0;
  for (let at = base + listpackHeaderBytes; bytes[at] !== endTag; at += entrySizeAt(bytes, at)) {
    count++;
  }
  if (count < countUnknown) writeCount(bytes, base, count);
  return count;
}

function writeCount(bytes: Uint8Array, base: number, count: number): void {
  bytes[base + 4] = count;
  bytes[base + 5] = count >>> 8;
}

/** Adds to the stored number of elements, unless it is unknown or becomes so. */
function addToCount(arena: Arena, ref: Ref, added: number): void {
  const bytes = arena.bytes[ref >>> 16];
  const base = (ref & 0xffff) << 4;
  const count = bytes[base + 4] | (bytes[base + 5] << 8);
  if (count === countUnknown) return;
  const sum = count + added;
  writeCount(bytes, base, sum < countUnknown ? sum : countUnknown);
}

/** The position of the first entry. */
export function firstEntry(arena: Arena, ref: Ref): number {
  return positionOrNone(arena, ref, listpackHeaderBytes);
}

/** The position of the last entry. */
export function lastEntry(arena: Arena, ref: Ref): number {
  return previousEntry(arena, ref, listpackBytes(arena, ref) - 1);
}

/**
 * The same position, or 0 when it is that of the end mark: what follows a deleted range stands
 * where that began.
 */
export function positionOrNone(arena: Arena, ref: Ref, position: number): number {
  return arena.bytes[ref >>> 16][((ref & 0xffff) << 4) + position] === endTag ? 0 : position;
}

export function nextEntry(arena: Arena, ref: Ref, position: number): number {
  const bytes = arena.bytes[ref >>> 16];
  const base = (ref & 0xffff) << 4;
  const next = position + entrySizeAt(bytes, base + position);
  return bytes[base + next] === endTag ? 0 : next;
}

/** The entry before `position`, which may be that of the end mark. */
export function previousEntry(arena: Arena, ref: Ref, position: number): number {
  if (position === listpackHeaderBytes) return 0;
  const bytes = arena.bytes[ref >>> 16];
  const size = readBackSize(bytes, ((ref & 0xffff) << 4) + position);
  return position - size - backSizeBytes(size);
}

/**
 * The entry of that index: 0 is the first, -1 the last; 0 when there is none. Walks from the
 * nearer end.
 */
export function entryAt(arena: Arena, ref: Ref, index: number): number {
  const length = listpackLength(arena, ref);
  const fromStart = index < 0 ? index + length : index;
  if (fromStart < 0 || fromStart >= length) return 0;
  if (fromStart > length >> 1) {
    let position = lastEntry(arena, ref);
    for (let left = length - 1 - fromStart; left > 0; left--) {
      position = previousEntry(arena, ref, position);
    }
    return position;
  }
  return skipEntries(arena, ref, listpackHeaderBytes, fromStart);
}

/** The position `count` entries after `position`, at most that of the end mark. */
export function skipEntries(arena: Arena, ref: Ref, position: number, count: number): number {
  const bytes = arena.bytes[ref >>> 16];
  const base = (ref & 0xffff) << 4;
  let at = base + position;
  for (let left = count; left > 0 && bytes[at] !== endTag; left--) at += entrySizeAt(bytes, at);
  return at - base;
}

/**
 * Describes the entry at `position`; what it says is good until the next change or the next read.
 */
export function readEntry(arena: Arena, ref: Ref, position: number, entry: ListpackEntry): void {
  decodeEntry(arena.bytes[ref >>> 16], ((ref & 0xffff) << 4) + position, entry);
}

/** Whether the element at `position` is that text. */
export function entryEquals(
  arena: Arena,
  ref: Ref,
  position: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  measureText(bytes, offset, length);
  const at = ((ref & 0xffff) << 4) + position;
  return equalsMeasured(arena.bytes[ref >>> 16], at, bytes, offset, length);
}

/**
 * The first entry from position `from` on that is the text, 0 when there is none. After each
 * comparison `skip` entries are passed over: 1 finds a field among fields and values. A `from` of 0
 * finds nothing.
 */
export function findEntry(
  arena: Arena,
  ref: Ref,
  from: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  skip: number,
): number {
  if (from === 0) return 0;
  measureText(bytes, offset, length);
  const own = arena.bytes[ref >>> 16];
  const base = (ref & 0xffff) << 4;
  let at = base + from;
  if (length > 0 && length < 64 && !isMeasuredInteger()) {
    const found = findShortText(own, at, bytes, offset, length, skip);
    return found === 0 ? 0 : found - base;
  }
  while (own[at] !== endTag) {
    if (equalsMeasured(own, at, bytes, offset, length)) return at - base;
    at += entrySizeAt(own, at);
    for (let left = skip; left > 0 && own[at] !== endTag; left--) at += entrySizeAt(own, at);
  }
  return 0;
}

/**
 * The same, by offsets in the chunk, for a text of 1 to 63 bytes that is no integer, as most are:
 * it can only equal an entry with the one tag that says its length. The last bytes are compared
 * first, since names that are alike begin alike. Measured with 100 members of 14 bytes and their
 * scores: 280 ns instead of 1100 ns.
 */
function findShortText(
  own: Uint8Array,
  start: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  skip: number,
): number {
  const wanted = 0x80 | length;
  const last = bytes[offset + length - 1];
  let left = 0;
  for (let at = start; ;) {
    const tag = own[at];
    if (left === 0) {
      const isLike = tag === wanted && own[at + length] === last;
      if (isLike && equalBytes(own, at + 1, bytes, offset, length)) return at;
      left = skip + 1;
    }
    left--;
    if (tag < 0x80) at += 2;
    else if (tag < 0xc0) at += (tag & 0x3f) + 2;
    else if (tag === endTag) return 0;
    else at += entrySizeAt(own, at);
  }
}

/** Bytes that the text would take as an entry. */
export function entryBytesOf(bytes: Uint8Array, offset: number, length: number): number {
  const size = measureText(bytes, offset, length);
  return size + backSizeBytes(size);
}

/**
 * Inserts a text before `position`, at the end when that is 0. What Redis would store as an
 * integer becomes one.
 */
export function insertEntry(
  arena: Arena,
  ref: Ref,
  position: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  if (insertsInPlace(arena, ref, position, bytes, offset, length)) return ref;
  const size = measureText(bytes, offset, length);
  const at = position === 0 ? listpackBytes(arena, ref) - 1 : position;
  const grown = makeRoom(arena, ref, at, 0, size + backSizeBytes(size));
  writeEntry(arena, grown, at, size, bytes, offset, length);
  addToCount(arena, grown, 1);
  return grown;
}

/**
 * Inserts a text if that is as simple as it mostly is: it has 1 to 63 bytes, by the first of which
 * it is no integer, and the block has room.
 */
function insertsInPlace(
  arena: Arena,
  ref: Ref,
  position: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (length === 0 || length > shortTextMax || mayBeInteger(bytes[offset])) return false;
  const words = arena.words[ref >>> 16];
  const at = (ref & 0xffff) << 2;
  const total = words[at];
  const size = length + 2;
  if (total + size > listpackCapacity(total)) return false;
  const own = arena.bytes[ref >>> 16];
  const start = (at << 2) + (position === 0 ? total - 1 : position);
  if (position === 0) own[start + size] = endTag;
  else copyBytes(own, start, own, start + size, total - position);
  own[start] = shortTextTag | length;
  copyBytes(bytes, offset, own, start + 1, length);
  own[start + length + 1] = length + 1;
  words[at] = total + size;
  const counts = words[at + 1];
  if ((counts & countUnknown) !== countUnknown) words[at + 1] = counts + 1;
  return true;
}

function mayBeInteger(first: number): boolean {
  return first <= nine && (first >= zero || first === minus);
}

/** The same for a safe integer. */
export function insertInteger(arena: Arena, ref: Ref, position: number, value: number): Ref {
  const size = measureInteger(value);
  const at = position === 0 ? listpackBytes(arena, ref) - 1 : position;
  const grown = makeRoom(arena, ref, at, 0, size + 1);
  writeIntegerEntry(arena, grown, at, size);
  addToCount(arena, grown, 1);
  return grown;
}

/** Puts a text in the place of the entry at `position`, which stays its position. */
export function replaceEntry(
  arena: Arena,
  ref: Ref,
  position: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const size = measureText(bytes, offset, length);
  const old = entrySizeAt(arena.bytes[ref >>> 16], ((ref & 0xffff) << 4) + position);
  const changed = makeRoom(arena, ref, position, old, size + backSizeBytes(size));
  writeEntry(arena, changed, position, size, bytes, offset, length);
  return changed;
}

/** The same for a safe integer. */
export function replaceInteger(arena: Arena, ref: Ref, position: number, value: number): Ref {
  const size = measureInteger(value);
  const old = entrySizeAt(arena.bytes[ref >>> 16], ((ref & 0xffff) << 4) + position);
  const changed = makeRoom(arena, ref, position, old, size + 1);
  writeIntegerEntry(arena, changed, position, size);
  return changed;
}

/** Deletes up to `count` entries from `position` on; what followed them is at `position` then. */
export function deleteEntries(arena: Arena, ref: Ref, position: number, count: number): Ref {
  const bytes = arena.bytes[ref >>> 16];
  const start = ((ref & 0xffff) << 4) + position;
  let at = start;
  let deleted = 0;
  while (deleted < count && bytes[at] !== endTag) {
    at += entrySizeAt(bytes, at);
    deleted++;
  }
  addToCount(arena, ref, -deleted);
  return makeRoom(arena, ref, position, at - start, 0);
}

/** Appends all elements of another listpack, which stays as it is. */
export function appendListpack(arena: Arena, ref: Ref, other: Ref): Ref {
  const count = listpackLength(arena, other);
  const added = listpackBytes(arena, other) - emptyListpackBytes;
  const at = listpackBytes(arena, ref) - 1;
  const known = listpackLength(arena, ref);
  const grown = makeRoom(arena, ref, at, 0, added);
  const from = arena.bytes[other >>> 16];
  const start = ((other & 0xffff) << 4) + listpackHeaderBytes;
  const base = (grown & 0xffff) << 4;
  copyBytes(from, start, arena.bytes[grown >>> 16], base + at, added);
  writeCount(arena.bytes[grown >>> 16], base, Math.min(known + count, countUnknown));
  return grown;
}

/**
 * Replaces `removed` bytes at `position` by `added` bytes, undefined as yet, and moves what
 * follows. The block is exchanged when the new total wants another capacity.
 */
function makeRoom(arena: Arena, ref: Ref, position: number, removed: number, added: number): Ref {
  if (removed === added) return ref;
  const total = listpackBytes(arena, ref);
  const newTotal = total - removed + added;
  const from = arena.bytes[ref >>> 16];
  const base = (ref & 0xffff) << 4;
  const tail = total - position - removed;
  const capacity = listpackCapacity(total);
  const newCapacity = listpackCapacity(newTotal);
  if (capacity === newCapacity) {
    moveTail(from, base + position, removed, added, tail);
    arena.words[ref >>> 16][base >> 2] = newTotal;
    return ref;
  }
  const moved = arena.allocate(newCapacity);
  const to = arena.bytes[moved >>> 16];
  const newBase = (moved & 0xffff) << 4;
  copyBytes(from, base, to, newBase, position);
  copyBytes(from, base + position + removed, to, newBase + position + added, tail);
  arena.words[moved >>> 16][newBase >> 2] = newTotal;
  arena.free(ref, capacity);
  return moved;
}

function moveTail(
  bytes: Uint8Array,
  at: number,
  removed: number,
  added: number,
  tail: number,
): void {
  if (tail === 1) bytes[at + added] = endTag;
  else copyBytes(bytes, at + removed, bytes, at + added, tail);
}

/** Writes the text that was measured last as an entry of the given body size. */
function writeEntry(
  arena: Arena,
  ref: Ref,
  position: number,
  size: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const to = arena.bytes[ref >>> 16];
  const start = ((ref & 0xffff) << 4) + position;
  const at = writeMeasured(to, start, length);
  if (!isMeasuredInteger()) copyBytes(bytes, offset, to, at, length);
  writeBackSize(to, start + size, size);
}

function writeIntegerEntry(arena: Arena, ref: Ref, position: number, size: number): void {
  const to = arena.bytes[ref >>> 16];
  const start = ((ref & 0xffff) << 4) + position;
  writeMeasured(to, start, 0);
  to[start + size] = size;
}

/**
 * Whether the bytes, which may come from anywhere, are a listpack: the total and the end mark, and
 * if `deep` every entry. Only a deeply checked one may be walked.
 */
export function isValidListpack(
  bytes: Uint8Array,
  start: number,
  length: number,
  deep: boolean,
): boolean {
  if (length < emptyListpackBytes || length > listpackBytesMax) return false;
  const total =
    bytes[start] | (bytes[start + 1] << 8) | (bytes[start + 2] << 16) | (bytes[start + 3] << 24);
  if (total !== length || bytes[start + length - 1] !== endTag) return false;
  if (!deep) return true;
  const end = start + length - 1;
  let count = 0;
  let at = start + listpackHeaderBytes;
  while (at < end) {
    const size = bodySizeAt(bytes, at);
    const next = at + size + backSizeBytes(size);
    if (size === 0 || next > end || readBackSize(bytes, next) !== size) return false;
    at = next;
    count++;
  }
  const stored = bytes[start + 4] | (bytes[start + 5] << 8);
  return at === end && (stored === countUnknown || stored === count);
}
