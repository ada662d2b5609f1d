// One node of a stream: a listpack, laid out as Redis does (src/t_stream.c), so that RDB and
// replication copy it.
//
//   master entry:  count  deleted  num-fields  field...  0
//   each entry:    flags  ms-delta  seq-delta  [num-fields]  field value field value ...   lp-count
//   or, when its fields are the master's (flag 2):  flags  ms-delta  seq-delta  value ...  lp-count
//
// The deltas are from the node's own ID. An entry is deleted by its flag 1. `lp-count` is the
// number of elements before it, so that entries can be walked backwards; the master's is 0. `count`
// and `deleted` say how many entries are alive and how many are not.
import { asciiBytes, copyBytes, equalBytes } from "../bytes/ascii.ts";
import { parseInteger } from "../bytes/integer.ts";
import type { Slices } from "../bytes/slices.ts";
import { viewedBytes } from "../bytes/viewed.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import {
  ListpackEntry,
  insertEntry,
  insertInteger,
  lastEntry,
  listpackBytes,
  listpackCapacity,
  listpackHeaderBytes,
  newListpack,
  nextEntry,
  previousEntry,
  replaceInteger,
} from "./listpack.ts";
import {
  backSizeBytes,
  decodeEntry,
  endTag,
  entrySizeAt,
  isMeasuredInteger,
  measureInteger,
  measureText,
  writeBackSize,
  writeMeasured,
} from "./listpack-entry.ts";
import type { StreamId } from "./stream-id.ts";

export const deletedFlag = 1;
export const sameFieldsFlag = 2;

const tag64BitInteger = 0xf4;
const two32 = 4294967296;
const safeHighMax = 0x200000;
/** Tag, length and size behind an element, at most. */
const overheadBytesMax = 11;
const keptScratchBytes = 64 * 1024;
const countUnknown = 0xffff;

/** The low and high half of the integer that `readDelta` has read. */
const delta = new Int32Array(2);
const scratchEntry = new ListpackEntry();

/** The integer at offset `at`: for counts, flags and deltas below 2^53. */
export function integerAt(bytes: Uint8Array, at: number): number {
  const tag = bytes[at];
  if (tag < 0x80) return tag;
  readDelta(bytes, at);
  return delta[1] * two32 + (delta[0] >>> 0);
}

function readDelta(bytes: Uint8Array, at: number): void {
  const tag = bytes[at];
  if (tag < 0x80) {
    delta[0] = tag;
    delta[1] = 0;
    return;
  }
  if (tag === tag64BitInteger) {
    delta[0] = wordAt(bytes, at + 1);
    delta[1] = wordAt(bytes, at + 5);
    return;
  }
  decodeEntry(bytes, at, scratchEntry);
  const { isInteger, integer, offset, length } = scratchEntry;
  // Redis never writes an integer as a text, and reads it all the same.
  const value = isInteger ? integer : parseInteger(bytes, offset, length);
  delta[0] = value | 0;
  delta[1] = value < 0 ? -1 : 0;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** Reads the deltas at offset `at` and adds them to the node's ID. Returns the offset behind. */
export function readEntryId(bytes: Uint8Array, at: number, nodeId: StreamId, id: StreamId): number {
  readDelta(bytes, at);
  const msLow = (nodeId.msLow >>> 0) + (delta[0] >>> 0);
  id.msLow = msLow | 0;
  id.msHigh = (nodeId.msHigh + delta[1] + (msLow >= two32 ? 1 : 0)) | 0;
  const next = at + entrySizeAt(bytes, at);
  readDelta(bytes, next);
  const seqLow = (nodeId.seqLow >>> 0) + (delta[0] >>> 0);
  id.seqLow = seqLow | 0;
  id.seqHigh = (nodeId.seqHigh + delta[1] + (seqLow >= two32 ? 1 : 0)) | 0;
  return next + entrySizeAt(bytes, next);
}

/** Offset of the element `count` elements after `at`. */
export function skipElements(bytes: Uint8Array, at: number, count: number): number {
  let position = at;
  for (let left = count; left > 0; left--) {
    const tag = bytes[position];
    // Small integers and short texts are most of what there is.
    if (tag < 0x80) position += 2;
    else if (tag < 0xc0) position += 2 + (tag & 0x3f);
    else position += entrySizeAt(bytes, position);
  }
  return position;
}

/** Entries that are alive. */
export function liveEntries(arena: Arena, node: Ref): number {
  return integerAt(arena.bytes[node >>> 16], ((node & 0xffff) << 4) + listpackHeaderBytes);
}

/** Entries that are marked as deleted. */
export function deletedEntries(arena: Arena, node: Ref): number {
  const bytes = arena.bytes[node >>> 16];
  const at = ((node & 0xffff) << 4) + listpackHeaderBytes;
  return integerAt(bytes, at + entrySizeAt(bytes, at));
}

/** Sets both counters; the node may move. */
export function setEntryCounts(arena: Arena, node: Ref, live: number, deleted: number): Ref {
  let moved = replaceInteger(arena, node, listpackHeaderBytes, live);
  moved = replaceInteger(arena, moved, nextEntry(arena, moved, listpackHeaderBytes), deleted);
  return moved;
}

/**
 * Marks the entry whose flags are at `position` as deleted, in place. The counters are the
 * caller's.
 */
export function markDeleted(arena: Arena, node: Ref, position: number): void {
  const bytes = arena.bytes[node >>> 16];
  const at = ((node & 0xffff) << 4) + position;
  // The lowest bit of the value: in the tag of a small integer, in the byte behind the tag of all
  // others.
  bytes[bytes[at] < 0x80 ? at : at + 1] |= deletedFlag;
}

/** Reads the ID of the last entry, also of one that is deleted. */
export function readLastId(arena: Arena, node: Ref, nodeId: StreamId, id: StreamId): void {
  const last = lastEntry(arena, node);
  const bytes = arena.bytes[node >>> 16];
  const base = (node & 0xffff) << 4;
  let position = last;
  for (let left = integerAt(bytes, base + last); left > 0; left--) {
    position = previousEntry(arena, node, position);
  }
  readEntryId(bytes, base + nextEntry(arena, node, position), nodeId, id);
}

/**
 * A node without entries yet, whose master entry has the fields of the arguments from `first` on,
 * every other one.
 */
export function newStreamNode(arena: Arena, args: Slices, first: number, fieldCount: number): Ref {
  let node = newListpack(arena);
  node = insertInteger(arena, node, 0, 0);
  node = insertInteger(arena, node, 0, 0);
  node = insertInteger(arena, node, 0, fieldCount);
  for (let index = first; index < first + fieldCount * 2; index += 2) {
    node = insertEntry(arena, node, 0, args.bytes, args.offsets[index], args.lengths[index]);
  }
  return insertInteger(arena, node, 0, 0);
}

/** Whether the entry's fields are those of the master entry. */
function hasMasterFields(
  arena: Arena,
  node: Ref,
  args: Slices,
  first: number,
  fieldCount: number,
): boolean {
  const bytes = arena.bytes[node >>> 16];
  let at = skipElements(bytes, ((node & 0xffff) << 4) + listpackHeaderBytes, 2);
  if (integerAt(bytes, at) !== fieldCount) return false;
  at += entrySizeAt(bytes, at);
  for (let index = first; index < first + fieldCount * 2; index += 2) {
    const length = args.lengths[index];
    const tag = bytes[at];
    if (tag >= 0x80 && tag < 0xc0) {
      if ((tag & 0x3f) !== length) return false;
      if (!equalBytes(bytes, at + 1, args.bytes, args.offsets[index], length)) return false;
      at += length + 2;
    } else {
      decodeEntry(bytes, at, scratchEntry);
      const entry = scratchEntry;
      if (entry.length !== length) return false;
      if (!equalBytes(entry.bytes, entry.offset, args.bytes, args.offsets[index], length))
        return false;
      at += entrySizeAt(bytes, at);
    }
  }
  return true;
}

/** The entry that is being made, as the bytes of its elements. */
let scratch = viewedBytes(keptScratchBytes);
let scratchEnd = 0;
let scratchCount = 0;

/**
 * Appends an entry with the fields and values of the arguments from `first` on; the node may move.
 */
export function appendToNode(
  arena: Arena,
  node: Ref,
  nodeId: StreamId,
  id: StreamId,
  args: Slices,
  first: number,
  fieldCount: number,
): Ref {
  const isSame = hasMasterFields(arena, node, args, first, fieldCount);
  let room = 64;
  const end = first + fieldCount * 2;
  for (let index = first; index < end; index++) room += args.lengths[index] + overheadBytesMax;
  if (room > scratch.length) scratch = viewedBytes(room);
  scratchEnd = 0;
  scratchCount = 0;
  addInteger(isSame ? sameFieldsFlag : 0);
  addDifference(id.msHigh, id.msLow, nodeId.msHigh, nodeId.msLow);
  addDifference(id.seqHigh, id.seqLow, nodeId.seqHigh, nodeId.seqLow);
  if (!isSame) addInteger(fieldCount);
  for (let index = isSame ? first + 1 : first; index < end; index += isSame ? 2 : 1) {
    addText(args.bytes, args.offsets[index], args.lengths[index]);
  }
  addInteger(scratchCount);
  const grown = appendScratch(arena, node);
  if (scratch.length > keptScratchBytes) scratch = viewedBytes(keptScratchBytes);
  return replaceInteger(arena, grown, listpackHeaderBytes, liveEntries(arena, grown) + 1);
}

function addInteger(value: number): void {
  scratchCount++;
  if (value >= 0 && value <= 127) {
    scratch[scratchEnd] = value;
    scratch[scratchEnd + 1] = 1;
    scratchEnd += 2;
    return;
  }
  const size = measureInteger(value);
  writeMeasured(scratch, scratchEnd, 0);
  scratch[scratchEnd + size] = size;
  scratchEnd += size + 1;
}

/** Adds the difference of two 64-bit numbers, as a signed one. */
function addDifference(highA: number, lowA: number, highB: number, lowB: number): void {
  const borrow = lowA >>> 0 < lowB >>> 0 ? 1 : 0;
  const high = (highA - highB - borrow) | 0;
  const low = (lowA - lowB) >>> 0;
  if (high >= -safeHighMax && high < safeHighMax) {
    addInteger(high * two32 + low);
    return;
  }
  const digits = asciiBytes(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)).toString());
  addText(digits, 0, digits.length);
}

function addText(bytes: Uint8Array, offset: number, length: number): void {
  scratchCount++;
  const size = measureText(bytes, offset, length);
  const at = writeMeasured(scratch, scratchEnd, length);
  if (!isMeasuredInteger()) copyBytes(bytes, offset, scratch, at, length);
  writeBackSize(scratch, scratchEnd + size, size);
  scratchEnd += size + (size <= 127 ? 1 : backSizeBytes(size));
}

/** Puts the elements in the scratch behind those of the listpack, which may move. */
function appendScratch(arena: Arena, node: Ref): Ref {
  const total = listpackBytes(arena, node);
  const newTotal = total + scratchEnd;
  const capacity = listpackCapacity(total);
  const newCapacity = listpackCapacity(newTotal);
  let to = node;
  if (newCapacity !== capacity) {
    to = arena.allocate(newCapacity);
    const start = (node & 0xffff) << 4;
    copyBytes(arena.bytes[node >>> 16], start, arena.bytes[to >>> 16], (to & 0xffff) << 4, total);
    arena.free(node, capacity);
  }
  const bytes = arena.bytes[to >>> 16];
  const base = (to & 0xffff) << 4;
  copyBytes(scratch, 0, bytes, base + total - 1, scratchEnd);
  bytes[base + newTotal - 1] = endTag;
  arena.words[to >>> 16][base >> 2] = newTotal;
  const count = bytes[base + 4] | (bytes[base + 5] << 8);
  if (count === countUnknown) return to;
  const sum = Math.min(count + scratchCount, countUnknown);
  bytes[base + 4] = sum;
  bytes[base + 5] = sum >>> 8;
  return to;
}
