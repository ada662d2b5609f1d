// A set without its key: its three encodings, when one becomes another, and what can be done with a
// single member.
//
//   intset      root: the intset                    all members integers, few of them
//   listpack    root: the listpack                  few members, none long
//   hashtable   root: header of the hash table (28 bytes), where freeing the set goes on (4)
//               entry: 12 bytes (next, hash, length), the member's bytes
//
// A `SetState` is such a set while it is worked on: a key's, loaded from its record and stored
// back, or one that is only being made. Thresholds and conversions are those of Redis 7.4
// (src/t_set.c).
import { copyBytes } from "../bytes/ascii.ts";
import { viewedBytes } from "../bytes/viewed.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { HashTable } from "../structures/hash-table.ts";
import { entryKey, hashTableHeaderBytes, keyLengthMask } from "../structures/hash-table.ts";
import {
  IntsetValue,
  addInteger,
  freeIntset,
  hasInteger,
  intsetLength,
  intsetLengthMax,
  newIntset,
  parseIntsetValue,
  readIntset,
  removeInteger,
  writeIntsetValue,
} from "../structures/intset.ts";
import {
  deleteEntries,
  entryAt,
  findEntry,
  firstEntry,
  freeListpack,
  insertEntry,
  listpackBytes,
  listpackBytesMax,
  listpackLength,
  newListpack,
} from "../structures/listpack.ts";
import { fairEntryOf } from "./hash-table-sample.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, setEncoding, setValueRef, valueRef } from "./record.ts";
import { SetCursor } from "./set-cursor.ts";
import type { SetMember } from "./set-member.ts";
import { memberHeaderBytes } from "./set-member.ts";

/** Bytes of a hash table's root: the table's header and where `freeSome` goes on. */
export const setRootBytes = hashTableHeaderBytes + 4;
/** An entry of a listpack has at most so many bytes beside its text. */
const entryOverheadMax = 10;

export class SetState {
  encoding = 0;
  root: Ref = noRef;
}

/** Scratch: the number that a text spells, the members of a set that is converted. */
const parsed = new IntsetValue();
const digits = viewedBytes(24);

/** Makes `set` the set of a record. */
export function loadSet(arena: Arena, ref: Ref, set: SetState): void {
  set.encoding = encodingOf(arena, ref);
  set.root = valueRef(arena, ref);
}

/** Writes back what an operation on the record's set may have changed. */
export function storeSet(arena: Arena, ref: Ref, set: SetState): void {
  setValueRef(arena, ref, set.root);
  setEncoding(arena, ref, set.encoding);
}

export function makeIntset(arena: Arena, set: SetState): void {
  set.encoding = encoding.intset;
  set.root = newIntset(arena);
}

export function makeListpackSet(arena: Arena, set: SetState): void {
  set.encoding = encoding.listpack;
  set.root = newListpack(arena);
}

/** Makes `set` an empty hash table with room for `count` members. */
export function makeTableSet(keyspace: Keyspace, set: SetState, count: number): void {
  const { arena } = keyspace;
  set.encoding = encoding.hashtable;
  set.root = arena.allocateZeroed(setRootBytes);
  // No bucket is being moved: word 6 of the table's header.
  arena.words[set.root >>> 16][((set.root & 0xffff) << 2) + 6] = -1;
  const table = keyspace.tables.set;
  table.load(set.root);
  table.reserve(count);
  table.store(set.root);
}

/**
 * Makes `set` an empty set of the encoding that fits a first member and the number of members to
 * come.
 */
export function makeSetFor(
  keyspace: Keyspace,
  set: SetState,
  bytes: Uint8Array,
  offset: number,
  length: number,
  count: number,
): void {
  const { arena, limits } = keyspace;
  if (count <= limits.setMaxIntsetEntries && parseIntsetValue(bytes, offset, length, parsed)) {
    makeIntset(arena, set);
  } else if (count <= limits.setMaxListpackEntries) {
    makeListpackSet(arena, set);
  } else {
    makeTableSet(keyspace, set, count);
  }
}

/** Number of members. */
export function countMembers(keyspace: Keyspace, set: SetState): number {
  return countOfSet(keyspace.arena, set.encoding, set.root);
}

export function countOfSet(arena: Arena, kind: number, root: Ref): number {
  if (kind === encoding.intset) return intsetLength(arena, root);
  if (kind === encoding.listpack) return listpackLength(arena, root);
  const words = arena.words[root >>> 16];
  const at = (root & 0xffff) << 2;
  // The entries in the old and in the new buckets.
  return words[at + 2] + words[at + 5];
}

/** Whether the text is a member. */
export function hasMember(
  keyspace: Keyspace,
  set: SetState,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const { arena } = keyspace;
  const { root } = set;
  if (set.encoding === encoding.hashtable) {
    return findInTable(keyspace, root, bytes, offset, length) !== noRef;
  }
  if (set.encoding === encoding.intset) {
    return parseIntsetValue(bytes, offset, length, parsed) && hasInteger(arena, root, parsed);
  }
  return findEntry(arena, root, firstEntry(arena, root), bytes, offset, length, 0) !== 0;
}

/** The same for what a cursor of another set has yielded. */
export function hasSame(keyspace: Keyspace, set: SetState, member: SetMember): boolean {
  if (member.isInteger && set.encoding === encoding.intset) {
    return hasInteger(keyspace.arena, set.root, member.value);
  }
  member.render();
  return hasMember(keyspace, set, member.bytes, member.offset, member.length);
}

/** The member's entry. A look-up moves a bucket while the table grows, which must be stored. */
function findInTable(
  keyspace: Keyspace,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const table = keyspace.tables.set;
  table.load(root);
  const isMoving = table.isRehashing;
  const entry = table.find(bytes, offset, length, keyspace.hash(bytes, offset, length));
  if (isMoving) table.store(root);
  return entry;
}

/** Adds a text; false when it is a member already. */
export function addMember(
  keyspace: Keyspace,
  set: SetState,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (set.encoding === encoding.hashtable) {
    return addToTable(keyspace, set.root, bytes, offset, length);
  }
  if (set.encoding === encoding.listpack) {
    return addToListpack(keyspace, set, bytes, offset, length);
  }
  if (parseIntsetValue(bytes, offset, length, parsed)) return addValue(keyspace, set, parsed);
  leaveIntset(keyspace, set, length);
  return addMember(keyspace, set, bytes, offset, length);
}

/** The same for what a cursor of another set has yielded. */
export function addSame(keyspace: Keyspace, set: SetState, member: SetMember): boolean {
  if (member.isInteger && set.encoding === encoding.intset) {
    return addValue(keyspace, set, member.value);
  }
  member.render();
  return addMember(keyspace, set, member.bytes, member.offset, member.length);
}

/** Adds an integer to an intset, which becomes a hash table when it has too many. */
function addValue(keyspace: Keyspace, set: SetState, value: IntsetValue): boolean {
  const { arena, limits } = keyspace;
  const changed = addInteger(arena, set.root, value);
  if (changed === noRef) return false;
  set.root = changed;
  const lengthMax = Math.min(limits.setMaxIntsetEntries, intsetLengthMax);
  const count = intsetLength(arena, changed);
  if (count > lengthMax) convertToTable(keyspace, set, count);
  return true;
}

function addToListpack(
  keyspace: Keyspace,
  set: SetState,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const { arena, limits } = keyspace;
  const { root } = set;
  const first = firstEntry(arena, root);
  if (findEntry(arena, root, first, bytes, offset, length, 0) !== 0) return false;
  const count = listpackLength(arena, root);
  const isSmall = count < limits.setMaxListpackEntries && length <= limits.setMaxListpackValue;
  if (isSmall && listpackBytes(arena, root) + length + entryOverheadMax <= listpackBytesMax) {
    set.root = insertEntry(arena, root, 0, bytes, offset, length);
    return true;
  }
  convertToTable(keyspace, set, count + 1);
  return addToTable(keyspace, set.root, bytes, offset, length);
}

function addToTable(
  keyspace: Keyspace,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const table = keyspace.tables.set;
  const hash = keyspace.hash(bytes, offset, length);
  table.load(root);
  const isMoving = table.isRehashing;
  if (table.find(bytes, offset, length, hash) !== noRef) {
    if (isMoving) table.store(root);
    return false;
  }
  insertEntryInto(keyspace.arena, table, bytes, offset, length, hash);
  table.store(root);
  return true;
}

/** Makes an entry of a member that the loaded table has not got. */
function insertEntryInto(
  arena: Arena,
  table: HashTable,
  bytes: Uint8Array,
  offset: number,
  length: number,
  hash: number,
): void {
  const entry = arena.allocate(memberHeaderBytes + length);
  const at = (entry & 0xffff) << 2;
  arena.words[entry >>> 16][at + entryKey] = length;
  copyBytes(bytes, offset, arena.bytes[entry >>> 16], (at << 2) + memberHeaderBytes, length);
  table.insert(entry, hash);
}

export function freeMember(arena: Arena, entry: Ref): void {
  const words = arena.words[entry >>> 16];
  const length = words[((entry & 0xffff) << 2) + entryKey] & keyLengthMask;
  arena.free(entry, memberHeaderBytes + length);
}

/**
 * Turns an intset into what can take a text of `length` bytes: a listpack while that is small
 * enough.
 */
function leaveIntset(keyspace: Keyspace, set: SetState, length: number): void {
  const { arena, limits } = keyspace;
  const count = intsetLength(arena, set.root);
  const valueMax = limits.setMaxListpackValue;
  const longest = Math.max(length, count === 0 ? 0 : longestInteger(arena, set.root, count));
  if (count >= limits.setMaxListpackEntries || longest > valueMax) {
    convertToTable(keyspace, set, count + 1);
    return;
  }
  const old = set.root;
  let made = newListpack(arena);
  for (let index = 0; index < count; index++) {
    readIntset(arena, old, index, parsed);
    made = insertEntry(arena, made, 0, digits, 0, writeIntsetValue(digits, 0, parsed));
  }
  freeIntset(arena, old);
  set.encoding = encoding.listpack;
  set.root = made;
}

/** Digits of the longest member of an intset: it is the smallest or the largest. */
function longestInteger(arena: Arena, root: Ref, count: number): number {
  readIntset(arena, root, 0, parsed);
  const first = writeIntsetValue(digits, 0, parsed);
  readIntset(arena, root, count - 1, parsed);
  return Math.max(first, writeIntsetValue(digits, 0, parsed));
}

/** Turns an intset or a listpack into a hash table with room for `count` members. */
export function convertToTable(keyspace: Keyspace, set: SetState, count: number): void {
  const { arena } = keyspace;
  const { encoding: oldEncoding, root: oldRoot } = set;
  const table = keyspace.tables.set;
  const cursor = new SetCursor();
  cursor.open(keyspace, oldEncoding, oldRoot);
  makeTableSet(keyspace, set, count);
  table.load(set.root);
  const { member } = cursor;
  while (cursor.next()) {
    member.render();
    const hash = keyspace.hash(member.bytes, member.offset, member.length);
    insertEntryInto(arena, table, member.bytes, member.offset, member.length, hash);
  }
  table.store(set.root);
  if (oldEncoding === encoding.intset) freeIntset(arena, oldRoot);
  else freeListpack(arena, oldRoot);
}

/** Removes a text; false when it is no member. */
export function removeMember(
  keyspace: Keyspace,
  set: SetState,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const { arena } = keyspace;
  const { root } = set;
  if (set.encoding === encoding.hashtable) {
    const entry = findInTable(keyspace, root, bytes, offset, length);
    if (entry === noRef) return false;
    removeEntry(keyspace, root, entry);
    return true;
  }
  if (set.encoding === encoding.intset) {
    if (!parseIntsetValue(bytes, offset, length, parsed)) return false;
    const changed = removeInteger(arena, root, parsed);
    if (changed !== noRef) set.root = changed;
    return changed !== noRef;
  }
  const position = findEntry(arena, root, firstEntry(arena, root), bytes, offset, length, 0);
  if (position === 0) return false;
  set.root = deleteEntries(arena, root, position, 1);
  return true;
}

function removeEntry(keyspace: Keyspace, root: Ref, entry: Ref): void {
  const table = keyspace.tables.set;
  table.load(root);
  table.remove(entry);
  table.store(root);
  freeMember(keyspace.arena, entry);
}

/**
 * Removes the member that `pickMember` or a cursor of this very set has yielded, right after it
 * did.
 */
export function removePicked(keyspace: Keyspace, set: SetState, member: SetMember): void {
  const { arena } = keyspace;
  if (set.encoding === encoding.hashtable) removeEntry(keyspace, set.root, member.entry);
  else if (set.encoding === encoding.intset) {
    set.root = removeInteger(arena, set.root, member.value);
  } else set.root = deleteEntries(arena, set.root, member.position, 1);
}

/** A random member of a set that is not empty, each as likely. */
export function pickMember(keyspace: Keyspace, set: SetState, member: SetMember): void {
  const { arena, random } = keyspace;
  const { root } = set;
  if (set.encoding === encoding.hashtable) {
    member.ofEntry(arena, fairEntryOf(keyspace.tables.set, root, random));
  } else if (set.encoding === encoding.intset) {
    member.ofIntset(arena, root, random.below(intsetLength(arena, root)));
  } else {
    const index = random.below(listpackLength(arena, root));
    member.ofListpack(arena, root, entryAt(arena, root, index));
  }
}
