// What changes a hash without its key: setting, removing and timing a single field, and the
// conversions to larger encodings. The encodings are described in `hash-fields.ts`; a compact one
// is left when texts are too long or fields too many for it, by the thresholds of Redis 7.4
// (src/t_hash.c). Nothing is reported here: `hash.ts` and its kin do that.
import { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { freeListpack, listpackBytes, listpackBytesMax } from "../structures/listpack.ts";
import { HashCursor } from "./hash-cursor.ts";
import {
  freeField,
  isVolatileField,
  makeField,
  overwriteValue,
  sliceField,
  sliceValue,
} from "./hash-entry.ts";
import { headOf, makeHead, wordHead, wordListpack } from "./hash-expiries.ts";
import {
  addItem,
  clearHeap,
  itemTime,
  removeItem,
  replaceItem,
  updateItem,
  writeItemTime,
} from "./hash-expiry-heap.ts";
import type { HashState } from "./hash-fields.ts";
import {
  countFields,
  findField,
  listpackOf,
  makeHashRoot,
  nameHash,
  tupleSizeOf,
} from "./hash-fields.ts";
import {
  addTimes,
  appendPair,
  deleteTuple,
  findTuple,
  insertTriple,
  replaceTupleValue,
  retimeTriple,
  tupleTime,
} from "./hash-listpack.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding } from "./record.ts";

/**
 * Entries of a listpack have at most so many bytes beside their texts: a field, a value and a time.
 */
const tupleOverheadMax = 40;

/** Whether a field that gets another value still expires when it did before. */
export const expiryOfOld = { dropped: 0, kept: 1 } as const;

function setListpack(arena: Arena, hash: HashState, listpack: Ref): void {
  if (hash.encoding === encoding.listpack) hash.root = listpack;
  else arena.words[hash.root >>> 16][((hash.root & 0xffff) << 2) + wordListpack] = listpack;
}

/**
 * Sets a field's value; whether the field is new. `expiry` is of `expiryOfOld`. A compact encoding
 * is left when the texts are too long or the fields too many for it.
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
    : appendPair(arena, listpack, field, fieldOffset, fieldLength, value, valueOffset, valueLength);
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
  const made = makeField(arena, bytes, offset, length, value, valueOffset, valueLength, timeMs);
  const table = keyspace.tables.hash;
  table.load(hash.root);
  table.replace(old, made);
  moveItem(arena, hash, old, made);
  freeField(arena, old);
  return made;
}

/**
 * Lets the heap of fields know that an entry has become another one, with the same time, another,
 * or none.
 */
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

/**
 * Makes a field that was found expire at `timeMs`, or never when that is -1. Its name is given once
 * more.
 */
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

/**
 * Makes sure that the hash has a head, so that its fields can expire. What was found before is
 * found elsewhere now.
 */
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
