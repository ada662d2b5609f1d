// SORT: the elements of a list, a set or a sorted set in another order, and what patterns name for
// them.
//
// Elements are copied out first: looking up what a pattern names may delete keys whose time is
// over. They and their weights lie on the JavaScript heap while the command runs.
import { compareBytes } from "../bytes/ascii.ts";
import { parseDouble } from "../bytes/double.ts";
import type { Slices } from "../bytes/slices.ts";
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { ListpackEntry } from "../structures/listpack.ts";
import {
  ListCursor,
  closeCursor,
  moveNext,
  movePrevious,
  readElement,
} from "../structures/quicklist-cursor.ts";
import { newQuicklist, pushLast } from "../structures/quicklist.ts";
import type { Database } from "./database.ts";
import { Failure, wrongType } from "./failure.ts";
import { keyEvents } from "./key-event.ts";
import { listLength, settleList } from "./list-value.ts";
import { seekElement } from "./list.ts";
import type { Comparison } from "./partial-sort.ts";
import { partialSort } from "./partial-sort.ts";
import { encoding, encodingOf, recordType, typeOf, valueRef } from "./record.ts";
import { SetCursor } from "./set-cursor.ts";
import { countOfSet } from "./set-members.ts";
import type { SortPattern } from "./sort-pattern.ts";
import { ZsetCursor } from "./zset-cursor.ts";
import { countOf } from "./zset-value.ts";

const weightNotNumber = new Failure("ERR One or more scores can't be converted into double");
const space = 0x20;
const plus = 0x2b;
const minus = 0x2d;

export interface SortRequest {
  /** What elements are ordered by; undefined: themselves. One without a star means: not at all. */
  readonly by: SortPattern | undefined;
  /** Compared as texts instead of as numbers. */
  readonly isAlphabetic: boolean;
  readonly isDescending: boolean;
  /** The part of the result that is wanted; a negative count means all. */
  readonly offset: number;
  readonly count: number;
  /** Whether an order is needed that is the same each time, though none is asked for. */
  readonly isStored: boolean;
}

/** The elements of the key at argument `key` that the request asks for, in their order. */
export function sortedElements(
  db: Database,
  args: Slices,
  key: number,
  request: SortRequest,
): Uint8Array[] {
  const ref = db.read(args, key);
  if (ref === noRef) return [];
  const type = typeOf(db.keyspace.arena, ref);
  const isSet = type === recordType.set;
  if (!isSet && type !== recordType.list && type !== recordType.zset) throw wrongType;
  const isUnsorted = request.by !== undefined && request.by.starIndex < 0;
  if (isUnsorted && !isSet) return inOwnOrder(db, ref, request);
  const elements = allElements(db, ref);
  if (!isUnsorted) return part(sort(db, elements, request), request);
  if (!request.isStored) return part(elements, request);
  return part(sort(db, elements, { ...request, by: undefined, isAlphabetic: true }), request);
}

/** The wanted part of `count` elements: its start and its length. */
function wanted(count: number, { offset, count: most }: SortRequest): [number, number] {
  const start = Math.min(Math.max(offset, 0), count);
  return [start, most < 0 ? count - start : Math.min(most, count - start)];
}

function part(elements: Uint8Array[], request: SortRequest): Uint8Array[] {
  const [start, length] = wanted(elements.length, request);
  return elements.slice(start, start + length);
}

/** Elements as the list or the sorted set has them, from the end when the order is descending. */
function inOwnOrder(db: Database, ref: Ref, request: SortRequest): Uint8Array[] {
  const { arena } = db.keyspace;
  const isList = typeOf(arena, ref) === recordType.list;
  const held = encodingOf(arena, ref);
  const total = isList ? listLength(arena, ref) : countOf(arena, held, valueRef(arena, ref));
  const [start, length] = wanted(total, request);
  const first = request.isDescending ? total - 1 - start : start;
  const found: Uint8Array[] = [];
  if (length === 0) return found;
  if (isList) listRun(db, ref, first, length, request, found);
  else zsetRun(db, ref, first, length, request, found);
  return found;
}

function listRun(
  db: Database,
  ref: Ref,
  first: number,
  length: number,
  { isDescending }: SortRequest,
  found: Uint8Array[],
): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  const cursor = new ListCursor();
  const entry = new ListpackEntry();
  let isOn = seekElement(keyspace, ref, first, cursor);
  while (isOn) {
    readElement(arena, cursor, entry);
    found.push(entry.bytes.slice(entry.offset, entry.offset + entry.length));
    if (found.length === length) {
      closeCursor(arena, cursor);
      return;
    }
    isOn = isDescending ? movePrevious(arena, cursor) : moveNext(arena, cursor);
  }
}

function zsetRun(
  { keyspace }: Database,
  ref: Ref,
  first: number,
  length: number,
  { isDescending }: SortRequest,
  found: Uint8Array[],
): void {
  const { arena } = keyspace;
  const cursor = new ZsetCursor(arena);
  cursor.seek(encodingOf(arena, ref), valueRef(arena, ref), first);
  while (found.length < length) {
    found.push(cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length));
    if (isDescending) cursor.previous();
    else cursor.next();
  }
}

const everything: SortRequest = {
  by: undefined,
  isAlphabetic: false,
  isDescending: false,
  offset: 0,
  count: -1,
  isStored: false,
};

function allElements(db: Database, ref: Ref): Uint8Array[] {
  const { keyspace } = db;
  const { arena } = keyspace;
  if (typeOf(arena, ref) !== recordType.set) return inOwnOrder(db, ref, everything);
  const held = encodingOf(arena, ref);
  const root = valueRef(arena, ref);
  const cursor = new SetCursor();
  cursor.open(keyspace, held, root);
  const found: Uint8Array[] = [];
  const { member } = cursor;
  for (let left = countOfSet(arena, held, root); left > 0 && cursor.next(); left--) {
    member.render();
    found.push(member.bytes.slice(member.offset, member.offset + member.length));
  }
  return found;
}

/** Orders the elements; throws when a weight that must be a number is none. */
function sort(db: Database, elements: Uint8Array[], request: SortRequest): Uint8Array[] {
  const sign = request.isDescending ? -1 : 1;
  const { by } = request;
  const places = Array.from(elements, (_, index) => index);
  if (!request.isAlphabetic) {
    const weights = numbersOf(db, elements, by);
    sortPlaces(places, request, (a, b) => {
      const difference = weights[a] - weights[b];
      // Two equal infinities differ by NaN, and are as equal as two equal numbers.
      if (weights[a] !== weights[b]) return Number.isNaN(difference) ? 0 : sign * difference;
      return sign * compare(elements[a], elements[b]);
    });
  } else if (by === undefined) {
    sortPlaces(places, request, (a, b) => sign * compare(elements[a], elements[b]));
  } else {
    const weights = textsOf(db, elements, by);
    sortPlaces(places, request, (a, b) => sign * compareWeights(weights[a], weights[b]));
  }
  return places.map((place) => elements[place]);
}

/**
 * Those that are wanted in their order. Texts by a pattern may be equal, and then it must be the
 * same ones as Redis's that come first: they may be stored.
 */
function sortPlaces(places: number[], request: SortRequest, order: Comparison<number>): void {
  const [start, length] = wanted(places.length, request);
  if (request.by === undefined || length === places.length) places.sort(order);
  else if (length > 0) partialSort(places, order, start, start + length - 1);
}

function compare(a: Uint8Array, b: Uint8Array): number {
  return compareBytes(a, 0, a.length, b, 0, b.length);
}

/** What is not there comes first. */
function compareWeights(a: Uint8Array | undefined, b: Uint8Array | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -1;
  return b === undefined ? 1 : compare(a, b);
}

/**
 * The elements' weights; 0 for those for which the pattern names nothing. That one is no number is
 * said when all have been looked up, as in Redis: each look-up may be an event.
 */
function numbersOf(
  db: Database,
  elements: readonly Uint8Array[],
  by: SortPattern | undefined,
): Float64Array {
  const weights = new Float64Array(elements.length);
  const text = new Slice();
  for (const [index, element] of elements.entries()) {
    if (by === undefined) text.set(element, 0, element.length);
    else if (!by.find(db, element, text)) continue;
    weights[index] = weightOf(text);
  }
  if (weights.some((weight) => Number.isNaN(weight))) throw weightNotNumber;
  return weights;
}

/**
 * A number as C's strtod reads it: a zero byte ends the text, blanks and a plus may stand in front,
 * an empty text is 0. NaN when it is none.
 */
function weightOf({ bytes, offset, length }: Slice): number {
  let end = offset;
  while (end < offset + length && bytes[end] !== 0) end++;
  if (end === offset) return 0;
  let start = offset;
  while (start < end && (bytes[start] === space || (bytes[start] >= 9 && bytes[start] <= 13))) {
    start++;
  }
  if (bytes[start] === plus && bytes[start + 1] !== minus) start++;
  return (start < end ? parseDouble(bytes, start, end - start) : undefined) ?? NaN;
}

function textsOf(
  db: Database,
  elements: readonly Uint8Array[],
  by: SortPattern,
): (Uint8Array | undefined)[] {
  const text = new Slice();
  return elements.map((element) => (by.find(db, element, text) ? text.copy() : undefined));
}

/**
 * Makes a list of the texts the value of the key at argument `key`, whatever it held before;
 * without texts the key is deleted.
 */
export function storeSorted(
  db: Database,
  args: Slices,
  key: number,
  texts: readonly Uint8Array[],
): void {
  const { keyspace } = db;
  const { arena, limits } = keyspace;
  const old = db.peek(args, key);
  if (texts.length === 0) {
    if (old !== noRef) db.remove(old, keyEvents.del);
    return;
  }
  const root = newQuicklist(arena);
  for (const text of texts) pushLast(arena, root, limits, text, 0, text.length);
  const { list } = recordType;
  const { quicklist } = encoding;
  const ref =
    old === noRef
      ? db.addCollection(args, key, list, quicklist, root)
      : db.overwriteWithCollection(old, args, key, list, quicklist, root);
  settleList(keyspace, ref);
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.sortstore);
  keyspace.dirty += texts.length - 1;
}
