// Operations on lists: pushing, popping, and reading at an index, the same for both encodings.
//
// An operation that finds its key first takes the key's argument index; one that is told the record
// takes the index too, to report the change. A list that became empty is deleted. `list-search.ts`
// has what looks for elements by their value.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import { viewedBytes } from "../bytes/viewed.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { ListpackEntry } from "../structures/listpack.ts";
import {
  deleteEntries,
  entryAt,
  insertEntry,
  lastEntry,
  listpackHeaderBytes,
  listpackLength,
  newListpack,
  readEntry,
  replaceEntry,
} from "../structures/listpack.ts";
import { ListCursor, seekListpack, seekQuicklist } from "../structures/quicklist-cursor.ts";
import { deleteRange, replaceElement } from "../structures/quicklist-edit.ts";
import {
  deleteFirst,
  deleteLast,
  pushFirst,
  pushLast,
  quicklistLength,
  readFirst,
  readLast,
} from "../structures/quicklist.ts";
import type { Database } from "./database.ts";
import { indexOutOfRange } from "./failure.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import type { Keyspace } from "./keyspace.ts";
import { growList, isListpack, listLength, shrinkList } from "./list-value.ts";
import { encoding, recordType, setValueRef, typeOf, valueRef } from "./record.ts";

/** One of the two ends of a list. */
export type ListEnd = "first" | "last";

/** For the operations of this file, each of which is done with it when it returns. */
const cursor = new ListCursor();

/** Where an element is kept that is on its way from one end of a list to the other. */
const passage = viewedBytes(1024);

/**
 * The list of that key for a command that has waited for it: none also when the key holds
 * something else.
 */
export function findList(db: Database, args: Slices, key: number): Ref {
  const ref = db.write(args, key);
  if (ref === noRef || typeOf(db.keyspace.arena, ref) !== recordType.list) return noRef;
  return ref;
}

/** Pushes the arguments from `first` on, one after the other; returns the new length. */
export function pushElements(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  end: ListEnd,
): number {
  let ref = db.writeOfType(args, key, recordType.list);
  if (ref === noRef) ref = addList(db, args, key);
  return pushAll(db, args, key, ref, first, end);
}

/** The same unless there is no such list: then nothing is done, and 0 returned. */
export function pushToExisting(
  db: Database,
  args: Slices,
  key: number,
  first: number,
  end: ListEnd,
): number {
  const ref = db.writeOfType(args, key, recordType.list);
  return ref === noRef ? 0 : pushAll(db, args, key, ref, first, end);
}

/** A list without elements, right after a look-up that has not found its key. */
function addList(db: Database, args: Slices, key: number): Ref {
  const root = newListpack(db.keyspace.arena);
  return db.addCollection(args, key, recordType.list, encoding.listpack, root);
}

function pushAll(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  first: number,
  end: ListEnd,
): number {
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  let added = 0;
  for (let index = first; index < args.count; index++) added += lengths[index];
  const isSmall = growList(keyspace, ref, added, args.count - first);
  const { arena } = keyspace;
  for (let index = first; index < args.count; index++) {
    pushOne(keyspace, ref, isSmall, end, bytes, offsets[index], lengths[index]);
  }
  const event = end === "first" ? keyEvents.lpush : keyEvents.rpush;
  keyspace.changed(db, bytes, offsets[key], lengths[key], event);
  keyspace.dirty += args.count - first - 1;
  const root = valueRef(arena, ref);
  return isSmall ? listpackLength(arena, root) : quicklistLength(arena, root);
}

/** Pushes an element on a list that `growList` has prepared for it; `isSmall` is its answer. */
function pushOne(
  keyspace: Keyspace,
  ref: Ref,
  isSmall: boolean,
  end: ListEnd,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const { arena, limits } = keyspace;
  const root = valueRef(arena, ref);
  if (isSmall) {
    const position = end === "first" ? listpackHeaderBytes : 0;
    setValueRef(arena, ref, insertEntry(arena, root, position, bytes, offset, length));
  } else if (end === "first") {
    pushFirst(arena, root, limits, bytes, offset, length);
  } else {
    pushLast(arena, root, limits, bytes, offset, length);
  }
}

/**
 * Goes to the element of that index, negative ones counting from the end; false when there is
 * none.
 */
export function seekElement(
  keyspace: Keyspace,
  ref: Ref,
  index: number,
  place: ListCursor,
): boolean {
  const { arena } = keyspace;
  const root = valueRef(arena, ref);
  if (isListpack(arena, ref)) return seekListpack(arena, root, index, place);
  return seekQuicklist(arena, root, index, place);
}

/** Describes the element at an end of a list, which has one; good until the next change. */
export function readEnd(keyspace: Keyspace, ref: Ref, end: ListEnd, entry: ListpackEntry): void {
  const { arena } = keyspace;
  const root = valueRef(arena, ref);
  if (isListpack(arena, ref)) {
    const position = end === "first" ? listpackHeaderBytes : lastEntry(arena, root);
    readEntry(arena, root, position, entry);
  } else if (end === "first") {
    readFirst(arena, root, entry);
  } else {
    readLast(arena, root, entry);
  }
}

/** Deletes `count` elements, at least one, at an end of a list that has as many. */
export function dropElements(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  end: ListEnd,
  count: number,
): void {
  const { keyspace } = db;
  const left = listLength(keyspace.arena, ref) - count;
  // When nothing is left all of it goes at once.
  if (left > 0) {
    if (count === 1) dropOne(keyspace, ref, end);
    else dropRange(keyspace, ref, end === "first" ? 0 : left, count);
  }
  const event = end === "first" ? keyEvents.lpop : keyEvents.rpop;
  finishRemoval(db, args, key, ref, event, count, left);
}

function dropOne(keyspace: Keyspace, ref: Ref, end: ListEnd): void {
  const { arena, limits } = keyspace;
  const root = valueRef(arena, ref);
  if (isListpack(arena, ref)) {
    const position = end === "first" ? listpackHeaderBytes : lastEntry(arena, root);
    setValueRef(arena, ref, deleteEntries(arena, root, position, 1));
  } else if (end === "first") {
    deleteFirst(arena, root, limits);
  } else {
    deleteLast(arena, root, limits);
  }
}

function dropRange(keyspace: Keyspace, ref: Ref, start: number, count: number): void {
  if (count === 0) return;
  const { arena, limits } = keyspace;
  const root = valueRef(arena, ref);
  if (isListpack(arena, ref)) {
    setValueRef(arena, ref, deleteEntries(arena, root, entryAt(arena, root, start), count));
  } else {
    deleteRange(arena, root, limits, start, count, cursor);
  }
}

/**
 * Reports that `count` elements are gone, deletes the list when these were the last, else sees to
 * its encoding.
 */
export function reportRemoval(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  event: KeyEvent,
  count: number,
): void {
  finishRemoval(db, args, key, ref, event, count, listLength(db.keyspace.arena, ref));
}

/** The same when it is known how many are left: the list may still have them if that is none. */
function finishRemoval(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  event: KeyEvent,
  count: number,
  left: number,
): void {
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], event);
  keyspace.dirty += count - 1;
  if (left > 0) {
    shrinkList(keyspace, ref);
    return;
  }
  db.remove(ref, keyEvents.del);
  keyspace.dirty--;
}

/**
 * LTRIM: keeps the elements from `start` to `stop`, both inclusive, negative ones counting from
 * the end.
 */
export function trimList(
  db: Database,
  args: Slices,
  key: number,
  start: number,
  stop: number,
): void {
  const ref = db.writeOfType(args, key, recordType.list);
  if (ref === noRef) return;
  const { keyspace } = db;
  const length = listLength(keyspace.arena, ref);
  const from = start < 0 ? Math.max(0, start + length) : start;
  const to = Math.min(length - 1, stop < 0 ? stop + length : stop);
  const isEmpty = from > to || from >= length;
  const before = isEmpty ? length : from;
  const behind = isEmpty ? 0 : length - 1 - to;
  dropRange(keyspace, ref, 0, before);
  dropRange(keyspace, ref, length - before - behind, behind);
  reportRemoval(db, args, key, ref, keyEvents.ltrim, before + behind);
}

/**
 * LSET: puts argument `element` in the place of the element of that index; throws
 * `indexOutOfRange`.
 */
export function setElement(
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  index: number,
  element: number,
): void {
  const { keyspace } = db;
  const { arena, limits } = keyspace;
  const { bytes } = args;
  const offset = args.offsets[element];
  const length = args.lengths[element];
  growList(keyspace, ref, length, 1);
  if (!seekElement(keyspace, ref, index, cursor)) throw indexOutOfRange;
  const root = valueRef(arena, ref);
  if (isListpack(arena, ref)) {
    const { position } = cursor;
    setValueRef(arena, ref, replaceEntry(arena, root, position, bytes, offset, length));
  } else {
    replaceElement(arena, root, limits, cursor, bytes, offset, length);
  }
  shrinkList(keyspace, ref);
  keyspace.changed(db, bytes, args.offsets[key], args.lengths[key], keyEvents.lset);
}

/**
 * LMOVE: moves the element at one end of a list to an end of another or the same. Returns the
 * record of the target, none when there is no source. Throws `wrongType` for both.
 */
export function moveElement(
  db: Database,
  args: Slices,
  source: number,
  target: number,
  from: ListEnd,
  to: ListEnd,
  entry: ListpackEntry,
): Ref {
  const { keyspace } = db;
  const sourceRef = db.writeOfType(args, source, recordType.list);
  if (sourceRef === noRef) return noRef;
  let targetRef = db.writeOfType(args, target, recordType.list);
  readEnd(keyspace, sourceRef, from, entry);
  if (sourceRef === targetRef) {
    keepElement(entry);
    dropOne(keyspace, sourceRef, from);
  } else if (targetRef === noRef) {
    targetRef = addList(db, args, target);
  }
  const isSmall = growList(keyspace, targetRef, entry.length, 1);
  pushOne(keyspace, targetRef, isSmall, to, entry.bytes, entry.offset, entry.length);
  const event = to === "first" ? keyEvents.lpush : keyEvents.rpush;
  keyspace.changed(db, args.bytes, args.offsets[target], args.lengths[target], event);
  const removed = sourceRef === targetRef ? 0 : 1;
  const left = listLength(keyspace.arena, sourceRef) - removed;
  if (removed > 0 && left > 0) dropOne(keyspace, sourceRef, from);
  const removal = from === "first" ? keyEvents.lpop : keyEvents.rpop;
  // Redis counts the whole move as one change.
  finishRemoval(db, args, source, sourceRef, removal, 0, left);
  return targetRef;
}

/** Copies the element's bytes to where no change of the list reaches them. */
function keepElement(entry: ListpackEntry): void {
  const { bytes, offset, length } = entry;
  if (bytes === entry.digits) return;
  if (length > passage.length) {
    entry.bytes = bytes.slice(offset, offset + length);
  } else {
    copyBytes(bytes, offset, passage, 0, length);
    entry.bytes = passage;
  }
  entry.offset = 0;
}
