// A hash without its key: its three encodings, when one becomes another, and what can be done with a single field.
//
//   listpack      root: the listpack                 few fields, none long
//   listpackex    root: a head (`hash-expiries.ts`) that points to a listpack with times
//   hashtable     root: header of the hash table (28 bytes), the head or 0 (4), where freeing the hash goes on (4)
//                 entry: `hash-entry.ts`
//
// A `HashState` is such a hash while it is worked on, loaded from a record and stored back. A field that was found is named by a number:
// its position in the listpack or its entry's ref; 0 is none. Thresholds and conversions are those of Redis 7.4 (src/t_hash.c).
import { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { hashTableHeaderBytes } from "../structures/hash-table.ts";
import {
  entryAt,
  firstEntry,
  freeListpack,
  listpackBytes,
  listpackBytesMax,
  listpackLength,
  newListpack,
} from "../structures/listpack.ts";
import { HashCursor } from "./hash-cursor.ts";
import {
  freeField,
  isVolatileField,
  makeField,
  overwriteValue,
  sliceField,
  sliceValue,
} from "./hash-entry.ts";
import { headOf, makeHead, wordHead } from "./hash-expiries.ts";
import {
  addItem,
  clearHeap,
  countEarlier,
  firstItem,
  itemTime,
  removeItem,
  replaceItem,
  updateItem,
  writeItemTime,
} from "./hash-expiry-heap.ts";
import {
  addTimes,
  appendPair,
  countEarlierTriples,
  deleteTuple,
  findTuple,
  insertTriple,
  replaceTupleValue,
  retimeTriple,
  sliceTupleField,
  sliceTupleValue,
  tupleTime,
} from "./hash-listpack.ts";
import { fairEntry } from "./hash-table-sample.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, setEncoding, setValueRef, valueRef } from "./record.ts";

/** Bytes of a hash table's root. */
export const hashRootBytes = hashTableHeaderBytes + 8;
/** Word of a head that points to its listpack. */
export const wordListpack = 1;
/** Entries of a listpack have at most so many bytes beside their texts: a field, a value and a time. */
const tupleOverheadMax = 40;

/** Whether a field that gets another value still expires when it did before. */
export const expiryOfOld = { dropped: 0, kept: 1 } as const;

export class HashState {
  encoding = 0;
  root: Ref = noRef;
}

export function loadHash(arena: Arena, ref: Ref, hash: HashState): void {
  hash.encoding = encodingOf(arena, ref);
  hash.root = valueRef(arena, ref);
}

export function storeHash(arena: Arena, ref: Ref, hash: HashState): void {
  setValueRef(arena, ref, hash.root);
  setEncoding(arena, ref, hash.encoding);
}

export function makeListpackHash(arena: Arena, hash: HashState): void {
  hash.encoding = encoding.listpack;
  hash.root = newListpack(arena);
}

/** An empty hash table with room for `count` fields. */
export function makeHashRoot(keyspace: Keyspace, count: number): Ref {
  const { arena } = keyspace;
  const root = arena.allocateZeroed(hashRootBytes);
  // No bucket is being moved: word 6 of the table's header.
  arena.words[root >>> 16][((root & 0xffff) << 2) + 6] = -1;
  const table = keyspace.tables.hash;
  table.load(root);
  table.reserve(count);
  table.store(root);
  return root;
}

export function listpackOf(arena: Arena, kind: number, root: Ref): Ref {
  if (kind === encoding.listpack) return root;
  return arena.words[root >>> 16][((root & 0xffff) << 2) + wordListpack] as Ref;
}

function setListpack(arena: Arena, hash: HashState, listpack: Ref): void {
  if (hash.encoding === encoding.listpack) hash.root = listpack;
  else arena.words[hash.root >>> 16][((hash.root & 0xffff) << 2) + wordListpack] = listpack;
}

function tupleSizeOf(kind: number): number {
  return kind === encoding.listpack ? 2 : 3;
}

/** Number of fields, also of those whose time is over. */
export function countOfHash(arena: Arena, kind: number, root: Ref): number {
  if (kind === encoding.hashtable) {
    const words = arena.words[root >>> 16];
    const at = (root & 0xffff) << 2;
    // The entries in the old and in the new buckets.
    return words[at + 2] + words[at + 5];
  }
  return listpackLength(arena, listpackOf(arena, kind, root)) / tupleSizeOf(kind);
}

export function countFields(keyspace: Keyspace, hash: HashState): number {
  return countOfHash(keyspace.arena, hash.encoding, hash.root);
}

/** Number of fields whose time is over at `nowMs`. */
export function countOver(arena: Arena, hash: HashState, nowMs: number): number {
  const head = headOf(arena, hash.encoding, hash.root);
  if (head === noRef) return 0;
  if (hash.encoding === encoding.hashtable) return countEarlier(arena, head, nowMs);
  return countEarlierTriples(arena, listpackOf(arena, hash.encoding, head), nowMs);
}

/** Time of the earliest field in ms since 1970; 0 when none expires. */
export function earliestTime(arena: Arena, hash: HashState): number {
  const head = headOf(arena, hash.encoding, hash.root);
  if (head === noRef) return 0;
  if (hash.encoding === encoding.hashtable) {
    const item = firstItem(arena, head);
    return item === noRef ? 0 : itemTime(arena, item);
  }
  const listpack = listpackOf(arena, hash.encoding, head);
  const tuple = firstEntry(arena, listpack);
  return tuple === 0 ? 0 : tupleTime(arena, listpack, tuple);
}

/** The field that expires first, of a hash that has one that does; `name` is pointed to its name. */
export function earliestField(arena: Arena, hash: HashState, name: Slice): number {
  const head = headOf(arena, hash.encoding, hash.root);
  if (hash.encoding === encoding.hashtable) {
    const entry = firstItem(arena, head);
    sliceField(arena, entry, name);
    return entry;
  }
  const listpack = listpackOf(arena, hash.encoding, head);
  const tuple = firstEntry(arena, listpack);
  sliceTupleField(arena, listpack, tuple, name);
  return tuple;
}

/** Hash of the name that was last looked up in a table, for the insertion that often follows. */
let nameHash = 0;

/** The field of that name, 0 when there is none. */
export function findField(
  keyspace: Keyspace,
  hash: HashState,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const { arena } = keyspace;
  const { root } = hash;
  if (hash.encoding !== encoding.hashtable) {
    const listpack = listpackOf(arena, hash.encoding, root);
    return findTuple(arena, listpack, tupleSizeOf(hash.encoding), bytes, offset, length);
  }
  const table = keyspace.tables.hash;
  table.load(root);
  const isMoving = table.isRehashing;
  nameHash = keyspace.hash(bytes, offset, length);
  const entry = table.find(bytes, offset, length, nameHash);
  if (isMoving) table.store(root);
  return entry;
}

/** Points `value` at the value of a field that was found. */
export function readValue(arena: Arena, hash: HashState, found: number, value: Slice): void {
  if (hash.encoding === encoding.hashtable) sliceValue(arena, found as Ref, value);
  else sliceTupleValue(arena, listpackOf(arena, hash.encoding, hash.root), found, value);
}

/** When a field that was found expires, in ms since 1970; -1: never. */
export function fieldTime(arena: Arena, hash: HashState, found: number): number {
  if (hash.encoding === encoding.listpack) return -1;
  if (hash.encoding === encoding.hashtable) {
    return isVolatileField(arena, found as Ref) ? itemTime(arena, found as Ref) : -1;
  }
  const time = tupleTime(arena, listpackOf(arena, hash.encoding, hash.root), found);
  return time === 0 ? -1 : time;
}

/**
 * Sets a field's value; whether the field is new. `expiry` is of `expiryOfOld`. A compact encoding is left when the texts are too long
 * or the fields too many for it.
 */
export function setField(
  keyspace: Keyspace,
  hash: HashState,
  field: Uint8Array,
  fieldOffset: number,
  fieldLength: number,
  value: Uint8Array,
  valueOffset: number,
  valueLength: number,
  expiry: number,
): boolean {
  if (hash.encoding !== encoding.hashtable) {
    if (fitsListpack(keyspace, hash, fieldLength, valueLength)) {
      return setTuple(
        keyspace,
        hash,
        field,
        fieldOffset,
        fieldLength,
        value,
        valueOffset,
        valueLength,
        expiry,
      );
    }
    convertToTable(keyspace, hash, countFields(keyspace, hash) + 1);
  }
  const { arena } = keyspace;
  const old = findField(keyspace, hash, field, fieldOffset, fieldLength) as Ref;
  if (old !== noRef) {
    replaceInTable(keyspace, hash, old, value, valueOffset, valueLength, expiry);
    return false;
  }
  const made = makeField(
    arena,
    field,
    fieldOffset,
    fieldLength,
    value,
    valueOffset,
    valueLength,
    -1,
  );
  const table = keyspace.tables.hash;
  // The view is still the one that `findField` has loaded.
  table.insert(made, nameHash);
  table.store(hash.root);
  return true;
}

function fitsListpack(
  keyspace: Keyspace,
  hash: HashState,
  fieldLength: number,
  valueLength: number,
): boolean {
  const lengthMax = keyspace.limits.hashMaxListpackValue;
  if (fieldLength > lengthMax || valueLength > lengthMax) return false;
  const { arena } = keyspace;
  const bytes = listpackBytes(arena, listpackOf(arena, hash.encoding, hash.root));
  return bytes + fieldLength + valueLength + tupleOverheadMax <= listpackBytesMax;
}

function setTuple(
  keyspace: Keyspace,
  hash: HashState,
  field: Uint8Array,
  fieldOffset: number,
  fieldLength: number,
  value: Uint8Array,
  valueOffset: number,
  valueLength: number,
  expiry: number,
): boolean {
  const { arena } = keyspace;
  let listpack = listpackOf(arena, hash.encoding, hash.root);
  const isTimed = hash.encoding === encoding.listpackex;
  const tuple = findTuple(arena, listpack, isTimed ? 3 : 2, field, fieldOffset, fieldLength);
  if (tuple !== 0) {
    listpack = replaceTupleValue(arena, listpack, tuple, value, valueOffset, valueLength);
    if (isTimed && expiry === expiryOfOld.dropped && tupleTime(arena, listpack, tuple) !== 0) {
      listpack = retimeTriple(arena, listpack, tuple, field, fieldOffset, fieldLength, 0);
    }
    setListpack(arena, hash, listpack);
    return false;
  }
  listpack = isTimed
    ? insertTriple(
        arena,
        listpack,
        field,
        fieldOffset,
        fieldLength,
        value,
        valueOffset,
        valueLength,
        0,
      )
    : appendPair(
        arena,
        listpack,
        field,
        fieldOffset,
        fieldLength,
        value,
        valueOffset,
        valueLength,
      );
  setListpack(arena, hash, listpack);
  const count = countFields(keyspace, hash);
  if (count > keyspace.limits.hashMaxListpackEntries) convertToTable(keyspace, hash, count);
  return true;
}

const fieldSlice = new Slice();

/** Gives an entry another value: in place when it fits, else in another block. */
function replaceInTable(
  keyspace: Keyspace,
  hash: HashState,
  old: Ref,
  value: Uint8Array,
  valueOffset: number,
  valueLength: number,
  expiry: number,
): void {
  const { arena } = keyspace;
  const isVolatile = isVolatileField(arena, old);
  const isKept = isVolatile && expiry === expiryOfOld.kept;
  if (isVolatile === isKept && overwriteValue(arena, old, value, valueOffset, valueLength)) return;
  const time = isKept ? itemTime(arena, old) : -1;
  rebuildField(keyspace, hash, old, value, valueOffset, valueLength, time);
}

/** Puts an entry of the same field, with that value and time (-1: none), in the place of `old`. */
function rebuildField(
  keyspace: Keyspace,
  hash: HashState,
  old: Ref,
  value: Uint8Array,
  valueOffset: number,
  valueLength: number,
  timeMs: number,
): Ref {
  const { arena } = keyspace;
  sliceField(arena, old, fieldSlice);
  const { bytes, offset, length } = fieldSlice;
  const made = makeField(
    arena,
    bytes,
    offset,
    length,
    value,
    valueOffset,
    valueLength,
    timeMs,
  );
  const table = keyspace.tables.hash;
  table.load(hash.root);
  table.replace(old, made);
  moveItem(arena, hash, old, made);
  freeField(arena, old);
  return made;
}

/** Lets the heap of fields know that an entry has become another one, with the same time, another, or none. */
function moveItem(arena: Arena, hash: HashState, old: Ref, made: Ref): void {
  const head = headOf(arena, hash.encoding, hash.root);
  const wasVolatile = isVolatileField(arena, old);
  const isVolatile = isVolatileField(arena, made);
  if (wasVolatile && isVolatile) {
    replaceItem(arena, head, old, made);
    updateItem(arena, head, made);
  } else if (wasVolatile) {
    removeItem(arena, head, old);
  } else if (isVolatile) {
    addItem(arena, head, made);
  }
}

/** Removes a field that was found. */
export function removeField(keyspace: Keyspace, hash: HashState, found: number): void {
  const { arena } = keyspace;
  if (hash.encoding !== encoding.hashtable) {
    const listpack = listpackOf(arena, hash.encoding, hash.root);
    setListpack(arena, hash, deleteTuple(arena, listpack, found, tupleSizeOf(hash.encoding)));
    return;
  }
  const entry = found as Ref;
  if (isVolatileField(arena, entry)) {
    removeItem(arena, headOf(arena, hash.encoding, hash.root), entry);
  }
  const table = keyspace.tables.hash;
  table.load(hash.root);
  table.remove(entry);
  table.store(hash.root);
  freeField(arena, entry);
}

const valueSlice = new Slice();

/** Makes a field that was found expire at `timeMs`, or never when that is -1. Its name is given once more. */
export function setFieldTime(
  keyspace: Keyspace,
  hash: HashState,
  found: number,
  field: Uint8Array,
  fieldOffset: number,
  fieldLength: number,
  timeMs: number,
): void {
  const { arena } = keyspace;
  if (hash.encoding !== encoding.hashtable) {
    const listpack = listpackOf(arena, hash.encoding, hash.root);
    const time = Math.max(0, timeMs);
    setListpack(
      arena,
      hash,
      retimeTriple(arena, listpack, found, field, fieldOffset, fieldLength, time),
    );
    return;
  }
  const entry = found as Ref;
  if (isVolatileField(arena, entry) && timeMs >= 0) {
    writeItemTime(arena, entry, timeMs);
    updateItem(arena, headOf(arena, hash.encoding, hash.root), entry);
    return;
  }
  sliceValue(arena, entry, valueSlice);
  const { bytes, offset, length } = valueSlice;
  rebuildField(keyspace, hash, entry, bytes, offset, length, timeMs);
}

/** Makes sure that the hash has a head, so that its fields can expire. What was found before is found elsewhere now. */
export function prepareTimes(keyspace: Keyspace, hash: HashState): void {
  const { arena } = keyspace;
  if (headOf(arena, hash.encoding, hash.root) !== noRef) return;
  const head = makeHead(arena);
  if (hash.encoding === encoding.hashtable) {
    arena.words[hash.root >>> 16][((hash.root & 0xffff) << 2) + wordHead] = head;
    return;
  }
  const listpack = addTimes(arena, hash.root);
  hash.encoding = encoding.listpackex;
  hash.root = head;
  setListpack(arena, hash, listpack);
}

/** Turns a compact hash into a hash table with room for `count` fields. Its head goes along. */
export function convertToTable(keyspace: Keyspace, hash: HashState, count: number): void {
  const { arena } = keyspace;
  const { encoding: oldEncoding, root: oldRoot } = hash;
  const listpack = listpackOf(arena, oldEncoding, oldRoot);
  const head = headOf(arena, oldEncoding, oldRoot);
  const root = makeHashRoot(keyspace, count);
  const cursor = new HashCursor();
  cursor.open(keyspace, oldEncoding, oldRoot);
  const entries: Ref[] = [];
  const table = keyspace.tables.hash;
  table.load(root);
  const { field, value } = cursor;
  while (cursor.next()) {
    const made = makeField(
      arena,
      field.bytes,
      field.offset,
      field.length,
      value.bytes,
      value.offset,
      value.length,
      cursor.timeMs,
    );
    table.insert(made, keyspace.hash(field.bytes, field.offset, field.length));
    if (cursor.timeMs >= 0) entries.push(made);
  }
  table.store(root);
  freeListpack(arena, listpack);
  hash.encoding = encoding.hashtable;
  hash.root = root;
  if (head === noRef) return;
  clearHeap(arena, head);
  for (const entry of entries) addItem(arena, head, entry);
  arena.words[root >>> 16][((root & 0xffff) << 2) + wordHead] = head;
}

/** Points the cursor at a random field of a hash that is not empty, each as likely. */
export function pickField(keyspace: Keyspace, hash: HashState, cursor: HashCursor): void {
  const { arena, random } = keyspace;
  if (hash.encoding === encoding.hashtable) {
    const table = keyspace.tables.hash;
    table.load(hash.root);
    cursor.ofEntry(arena, fairEntry(table, random));
    return;
  }
  const listpack = listpackOf(arena, hash.encoding, hash.root);
  const index = random.below(countFields(keyspace, hash));
  const tuple = entryAt(arena, listpack, index * tupleSizeOf(hash.encoding));
  cursor.ofTuple(arena, listpack, tuple);
}
