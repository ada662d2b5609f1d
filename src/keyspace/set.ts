// Sets: the operations behind SADD, SPOP, SMOVE and their kin on a single key. What works on
// several sets is in `set-algebra.ts`, random members by the dozen in `set-random.ts`.
//
// Every function takes the database, the arguments and the index of the key among them, reports its
// own change, and throws `wrongType` for a key of another type. A set that becomes empty is deleted
// with its key.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slice, Slices } from "../bytes/slices.ts";
import { viewedBytes } from "../bytes/viewed.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import { encoding, recordType } from "./record.ts";
import type { SetCursor } from "./set-cursor.ts";
import { SetMember } from "./set-member.ts";
import {
  SetState,
  addMember,
  convertToTable,
  countMembers,
  hasMember,
  loadSet,
  makeSetFor,
  pickMember,
  removeMember,
  removePicked,
  storeSet,
} from "./set-members.ts";

/** Scratch of the operations on one set, and of those that have a second one. */
const current = new SetState();
const other = new SetState();
const picked = new SetMember();

/** Where a popped member is kept for the reply; a larger one gets an array of its own. */
const poppedBytes = viewedBytes(4096);

/** Points `set` at the set of the key, for a command that reads; false when there is none. */
export function readSet(db: Database, args: Slices, key: number, set: SetState): boolean {
  const ref = db.readOfType(args, key, recordType.set);
  if (ref === noRef) return false;
  loadSet(db.keyspace.arena, ref, set);
  return true;
}

/** Begins a walk through the members of the key; their number, 0 when there is no such key. */
export function openMembers(db: Database, args: Slices, key: number, cursor: SetCursor): number {
  if (!readSet(db, args, key, current)) return 0;
  cursor.open(db.keyspace, current.encoding, current.root);
  return countMembers(db.keyspace, current);
}

/** SCARD. */
export function countSet(db: Database, args: Slices, key: number): number {
  return readSet(db, args, key, current) ? countMembers(db.keyspace, current) : 0;
}

/** SISMEMBER. */
export function isMember(db: Database, args: Slices, key: number, member: number): boolean {
  if (!readSet(db, args, key, current)) return false;
  const { bytes, offsets, lengths } = args;
  return hasMember(db.keyspace, current, bytes, offsets[member], lengths[member]);
}

/** SADD: adds the arguments from `first` on; how many were new. */
export function addMembers(db: Database, args: Slices, key: number, first: number): number {
  const { keyspace } = db;
  const { arena } = keyspace;
  const { bytes, offsets, lengths } = args;
  const count = args.count - first;
  let ref = db.writeOfType(args, key, recordType.set);
  if (ref === noRef) {
    makeSetFor(keyspace, current, bytes, offsets[first], lengths[first], count);
    ref = db.addCollection(args, key, recordType.set, current.encoding, current.root);
  } else {
    loadSet(arena, ref, current);
    if (count > 1) makeRoomFor(db, count);
  }
  let added = 0;
  for (let index = first; index < args.count; index++) {
    if (addMember(keyspace, current, bytes, offsets[index], lengths[index])) added++;
  }
  storeSet(arena, ref, current);
  if (added > 0) report(db, args, key, keyEvents.sadd, added);
  return added;
}

/**
 * A set that is to get more members at once than a compact encoding holds becomes a table first.
 */
function makeRoomFor(db: Database, count: number): void {
  const { limits } = db.keyspace;
  const isMany =
    (current.encoding === encoding.listpack && count > limits.setMaxListpackEntries) ||
    (current.encoding === encoding.intset && count > limits.setMaxIntsetEntries);
  if (isMany) convertToTable(db.keyspace, current, count);
}

/** One change of the key, in which `count` members came or went. */
function report(db: Database, args: Slices, key: number, event: KeyEvent, count: number): void {
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], event);
  keyspace.dirty += count - 1;
}

/** SREM: removes the arguments from `first` on; how many were members. */
export function removeMembers(db: Database, args: Slices, key: number, first: number): number {
  const ref = db.writeOfType(args, key, recordType.set);
  if (ref === noRef) return 0;
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  loadSet(keyspace.arena, ref, current);
  let left = countMembers(keyspace, current);
  const before = left;
  for (let index = first; index < args.count && left > 0; index++) {
    if (removeMember(keyspace, current, bytes, offsets[index], lengths[index])) left--;
  }
  storeSet(keyspace.arena, ref, current);
  if (left === before) return 0;
  report(db, args, key, keyEvents.srem, before - left);
  if (left === 0) db.remove(ref, keyEvents.del);
  return before - left;
}

/** SMOVE: whether the member was in the source. */
export function moveMember(
  db: Database,
  args: Slices,
  from: number,
  to: number,
  member: number,
): boolean {
  const source = db.write(args, from);
  if (source === noRef) return false;
  db.writeOfType(args, from, recordType.set);
  const target = db.writeOfType(args, to, recordType.set);
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  loadSet(keyspace.arena, source, current);
  if (source === target) {
    return hasMember(keyspace, current, bytes, offsets[member], lengths[member]);
  }
  const isThere = removeMember(keyspace, current, bytes, offsets[member], lengths[member]);
  storeSet(keyspace.arena, source, current);
  if (!isThere) return false;
  report(db, args, from, keyEvents.srem, 1);
  if (countMembers(keyspace, current) === 0) db.remove(source, keyEvents.del);
  addMoved(db, args, to, member);
  return true;
}

function addMoved(db: Database, args: Slices, to: number, member: number): void {
  const { keyspace } = db;
  const { bytes, offsets, lengths } = args;
  let target: Ref = db.write(args, to);
  if (target === noRef) {
    makeSetFor(keyspace, other, bytes, offsets[member], lengths[member], 1);
    target = db.addCollection(args, to, recordType.set, other.encoding, other.root);
  } else {
    loadSet(keyspace.arena, target, other);
  }
  const isNew = addMember(keyspace, other, bytes, offsets[member], lengths[member]);
  storeSet(keyspace.arena, target, other);
  if (isNew) report(db, args, to, keyEvents.sadd, 1);
}

/** SRANDMEMBER: points `member` at a random one; false when there is no such key. */
export function randomMember(db: Database, args: Slices, key: number, member: SetMember): boolean {
  if (!readSet(db, args, key, current)) return false;
  pickMember(db.keyspace, current, member);
  member.render();
  return true;
}

/**
 * SPOP: removes a random member; `popped` holds a copy of it until the next time. False when there
 * is no such key.
 */
export function popMember(db: Database, args: Slices, key: number, popped: Slice): boolean {
  const ref = db.writeOfType(args, key, recordType.set);
  if (ref === noRef) return false;
  const { keyspace } = db;
  loadSet(keyspace.arena, ref, current);
  pickMember(keyspace, current, picked);
  picked.render();
  const { length } = picked;
  popped.bytes = length <= poppedBytes.length ? poppedBytes : new Uint8Array(length);
  popped.offset = 0;
  popped.length = length;
  copyBytes(picked.bytes, picked.offset, popped.bytes, 0, length);
  removePicked(keyspace, current, picked);
  storeSet(keyspace.arena, ref, current);
  report(db, args, key, keyEvents.spop, 1);
  if (countMembers(keyspace, current) === 0) db.remove(ref, keyEvents.del);
  return true;
}
