// Small hashes: a listpack of fields and values, or, when a field has ever expired (`listpackex`),
// of fields, values and times.
//
//   listpack      field, value, field, value ...
//   listpackex    field, value, time, ...     by time (ms since 1970); 0, never, comes last
//
// The order is Redis's (src/t_hash.c), whose RDB files hold such listpacks as they are. A tuple is
// named by the position of its field, and the functions take the number of elements of a tuple, 2
// or 3. Insertions and removals return the listpack's ref, which may be a new one.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slice } from "../bytes/slices.ts";
import { viewedBytes } from "../bytes/viewed.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import {
  ListpackEntry,
  deleteEntries,
  findEntry,
  firstEntry,
  insertEntry,
  insertInteger,
  nextEntry,
  readEntry,
  replaceEntry,
  skipEntries,
} from "../structures/listpack.ts";
import { addToEntry } from "../structures/listpack-entry.ts";

/** What is read of fields and of values; each has digits of its own, so that both can be held. */
export const fieldElement = new ListpackEntry();
export const valueElement = new ListpackEntry();
const timeElement = new ListpackEntry();

/** Where a value is kept while its tuple moves. */
let keptValue = viewedBytes(256);

/** The tuple of the field, 0 when there is none. */
export function findTuple(
  arena: Arena,
  listpack: Ref,
  tupleSize: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const first = firstEntry(arena, listpack);
  return findEntry(arena, listpack, first, bytes, offset, length, tupleSize - 1);
}

/** Points `slice` at the element at `position`; good until `element` is used again. */
export function sliceElement(
  arena: Arena,
  listpack: Ref,
  position: number,
  element: ListpackEntry,
  slice: Slice,
): void {
  readEntry(arena, listpack, position, element);
  slice.bytes = element.bytes;
  slice.offset = element.offset;
  slice.length = element.length;
}

/** Points `field` at the field of a tuple; good until another tuple's field is read. */
export function sliceTupleField(arena: Arena, listpack: Ref, tuple: number, field: Slice): void {
  sliceElement(arena, listpack, tuple, fieldElement, field);
}

/** Points `value` at the value of a tuple; good until another tuple's value is read. */
export function sliceTupleValue(arena: Arena, listpack: Ref, tuple: number, value: Slice): void {
  sliceElement(arena, listpack, nextEntry(arena, listpack, tuple), valueElement, value);
}

/**
 * Adds to a tuple's value in place, and returns the sum; NaN, and nothing is changed, when it is no
 * integer of 32 bits or the sum takes another number of bytes.
 */
export function addToTupleValue(arena: Arena, listpack: Ref, tuple: number, delta: number): number {
  const position = nextEntry(arena, listpack, tuple);
  return addToEntry(arena.bytes[listpack >>> 16], ((listpack & 0xffff) << 4) + position, delta);
}

/** The time of a tuple of three; 0 when its field never expires. */
export function tupleTime(arena: Arena, listpack: Ref, tuple: number): number {
  return timeAt(arena, listpack, skipEntries(arena, listpack, tuple, 2));
}

/** The time that is the element at `position`. */
export function timeAt(arena: Arena, listpack: Ref, position: number): number {
  readEntry(arena, listpack, position, timeElement);
  return timeElement.integer;
}

/** Appends a tuple of two. */
export function appendPair(
  arena: Arena,
  listpack: Ref,
  field: Uint8Array,
  fieldOffset: number,
  fieldLength: number,
  value: Uint8Array,
  valueOffset: number,
  valueLength: number,
): Ref {
  const grown = insertEntry(arena, listpack, 0, field, fieldOffset, fieldLength);
  return insertEntry(arena, grown, 0, value, valueOffset, valueLength);
}

/** Inserts a tuple of three where its time belongs. */
export function insertTriple(
  arena: Arena,
  listpack: Ref,
  field: Uint8Array,
  fieldOffset: number,
  fieldLength: number,
  value: Uint8Array,
  valueOffset: number,
  valueLength: number,
  timeMs: number,
): Ref {
  let position = timeMs === 0 ? 0 : placeFor(arena, listpack, timeMs);
  let grown = insertEntry(arena, listpack, position, field, fieldOffset, fieldLength);
  if (position !== 0) position = nextEntry(arena, grown, position);
  grown = insertEntry(arena, grown, position, value, valueOffset, valueLength);
  if (position !== 0) position = nextEntry(arena, grown, position);
  return insertInteger(arena, grown, position, timeMs);
}

/** The first tuple that is no earlier than `timeMs`; 0 when all are. */
function placeFor(arena: Arena, listpack: Ref, timeMs: number): number {
  let tuple = firstEntry(arena, listpack);
  while (tuple !== 0) {
    const time = tupleTime(arena, listpack, tuple);
    if (time === 0 || time >= timeMs) return tuple;
    tuple = nextTuple(arena, listpack, tuple, 3);
  }
  return 0;
}

/** The tuple after this one, 0 when it is the last. */
export function nextTuple(arena: Arena, listpack: Ref, tuple: number, tupleSize: number): number {
  const last = skipEntries(arena, listpack, tuple, tupleSize - 1);
  return nextEntry(arena, listpack, last);
}

/** Gives a tuple another value; it keeps its place. */
export function replaceTupleValue(
  arena: Arena,
  listpack: Ref,
  tuple: number,
  value: Uint8Array,
  offset: number,
  length: number,
): Ref {
  return replaceEntry(arena, listpack, nextEntry(arena, listpack, tuple), value, offset, length);
}

export function deleteTuple(arena: Arena, listpack: Ref, tuple: number, tupleSize: number): Ref {
  return deleteEntries(arena, listpack, tuple, tupleSize);
}

/**
 * Gives a tuple of three another time and moves it to where that belongs. The field's bytes are the
 * caller's.
 */
export function retimeTriple(
  arena: Arena,
  listpack: Ref,
  tuple: number,
  field: Uint8Array,
  fieldOffset: number,
  fieldLength: number,
  timeMs: number,
): Ref {
  readEntry(arena, listpack, nextEntry(arena, listpack, tuple), valueElement);
  const { length } = valueElement;
  if (length > keptValue.length) keptValue = viewedBytes(length * 2);
  const kept = keptValue;
  copyBytes(valueElement.bytes, valueElement.offset, kept, 0, length);
  const rest = deleteEntries(arena, listpack, tuple, 3);
  return insertTriple(arena, rest, field, fieldOffset, fieldLength, kept, 0, length, timeMs);
}

/** Turns tuples of two into tuples of three whose fields never expire. */
export function addTimes(arena: Arena, listpack: Ref): Ref {
  let grown = listpack;
  let tuple = firstEntry(arena, grown);
  while (tuple !== 0) {
    const next = nextTuple(arena, grown, tuple, 2);
    grown = insertInteger(arena, grown, next, 0);
    tuple = nextTuple(arena, grown, tuple, 3);
  }
  return grown;
}

/** Number of tuples of three that are earlier than `timeMs`: they come first. */
export function countEarlierTriples(arena: Arena, listpack: Ref, timeMs: number): number {
  let count = 0;
  let tuple = firstEntry(arena, listpack);
  while (tuple !== 0) {
    const time = tupleTime(arena, listpack, tuple);
    if (time === 0 || time >= timeMs) break;
    count++;
    tuple = nextTuple(arena, listpack, tuple, 3);
  }
  return count;
}
