// Union, intersection and difference of sets: SUNION, SINTER, SDIFF, their STORE forms and
// SINTERCARD.
//
// The algorithms are Redis's (src/t_set.c). An intersection walks through the smallest set and
// looks into the others, the smallest first. A difference either looks for each member of the first
// set in all others, the largest first, or copies the first set and takes the others' members out
// of the copy, whichever promises less work. Members are handed to a visitor; what it is given is
// good during the call only. `collectSets` looks the keys up; missing keys are empty sets.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import {
  IntsetValue,
  addInteger,
  intsetLengthMax,
  newIntset,
  parseIntsetValue,
} from "../structures/intset.ts";
import type { Database } from "./database.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, makeRecord, recordSize, recordType } from "./record.ts";
import { SetCursor } from "./set-cursor.ts";
import type { MemberVisitor } from "./set-random.ts";
import {
  SetState,
  addSame,
  countMembers,
  hasSame,
  loadSet,
  makeIntset,
  makeListpackSet,
  makeTableSet,
  removeMember,
} from "./set-members.ts";
import { freeSomeOf, freeValue } from "./value.ts";

/** A set among others: `undefined` in their place when the key is missing. */
export interface SourceSet extends SetState {
  readonly ref: Ref;
  readonly count: number;
}

/**
 * The sets of `count` keys from argument `first` on. Throws `wrongType` when one holds something
 * else.
 */
export function collectSets(
  db: Database,
  args: Slices,
  first: number,
  count: number,
): (SourceSet | undefined)[] {
  const { keyspace } = db;
  const state = new SetState();
  return Array.from({ length: count }, (_, index) => {
    const ref = db.readOfType(args, first + index, recordType.set);
    if (ref === noRef) return undefined;
    loadSet(keyspace.arena, ref, state);
    const size = countMembers(keyspace, state);
    return { ref, count: size, encoding: state.encoding, root: state.root };
  });
}

/**
 * Visits each member that all sets have. Ends after `limit` of them, 0: never. Returns their
 * number.
 */
export function intersectSets(
  keyspace: Keyspace,
  sets: readonly (SourceSet | undefined)[],
  limit: number,
  visit: MemberVisitor,
): number {
  const present = sets.filter((set) => set !== undefined);
  if (present.length < sets.length) return 0;
  present.sort((a, b) => a.count - b.count);
  const [smallest, ...larger] = present;
  const others = larger.filter((set) => set.ref !== smallest.ref);
  const cursor = new SetCursor();
  cursor.open(keyspace, smallest.encoding, smallest.root);
  let found = 0;
  while (cursor.next()) {
    if (!isInAll(keyspace, others, cursor)) continue;
    visit(cursor.member);
    found++;
    if (found === limit) break;
  }
  return found;
}

function isInAll(keyspace: Keyspace, sets: readonly SetState[], cursor: SetCursor): boolean {
  for (let index = 0; index < sets.length; index++) {
    if (!hasSame(keyspace, sets[index], cursor.member)) return false;
  }
  return true;
}

function isInAny(keyspace: Keyspace, sets: readonly SetState[], cursor: SetCursor): boolean {
  for (let index = 0; index < sets.length; index++) {
    if (hasSame(keyspace, sets[index], cursor.member)) return true;
  }
  return false;
}

/** Makes `result` the union of the sets. */
export function uniteSets(
  keyspace: Keyspace,
  sets: readonly (SourceSet | undefined)[],
  result: SetState,
): void {
  const cursor = new SetCursor();
  for (const set of sets) {
    if (set === undefined) continue;
    cursor.open(keyspace, set.encoding, set.root);
    while (cursor.next()) addSame(keyspace, result, cursor.member);
  }
}

/** Makes `result` what the first set has and no other. */
export function subtractSets(
  keyspace: Keyspace,
  sets: readonly (SourceSet | undefined)[],
  result: SetState,
): void {
  const [first, ...rest] = sets;
  const others = rest.filter((set) => set !== undefined);
  if (first === undefined || others.some((set) => set.ref === first.ref)) return;
  const sum = others.reduce((total, set) => total + set.count, first.count);
  // The first way finds most members early, when sets have members in common, hence the half.
  if ((first.count * (others.length + 1)) / 2 <= sum) {
    others.sort((a, b) => b.count - a.count);
    const cursor = new SetCursor();
    cursor.open(keyspace, first.encoding, first.root);
    while (cursor.next()) {
      if (!isInAny(keyspace, others, cursor)) addSame(keyspace, result, cursor.member);
    }
    return;
  }
  uniteSets(keyspace, [first], result);
  for (const set of others) {
    if (countMembers(keyspace, result) === 0) return;
    removeAll(keyspace, result, set);
  }
}

function removeAll(keyspace: Keyspace, result: SetState, set: SetState): void {
  const cursor = new SetCursor();
  cursor.open(keyspace, set.encoding, set.root);
  const { member } = cursor;
  while (cursor.next()) {
    member.render();
    removeMember(keyspace, result, member.bytes, member.offset, member.length);
  }
}

export type SetOperation = typeof uniteSets;

/**
 * SUNION and SDIFF: visits the members of the result, after `begin` was told how many there are.
 */
export function visitResult(
  db: Database,
  args: Slices,
  operation: SetOperation,
  begin: (count: number) => void,
  visit: MemberVisitor,
): void {
  const { keyspace } = db;
  const sets = collectSets(db, args, 1, args.count - 1);
  const result = new SetState();
  const areIntsets = sets.every((set) => set === undefined || set.encoding === encoding.intset);
  if (areIntsets) makeIntset(keyspace.arena, result);
  else makeTableSet(keyspace, result, 0);
  operation(keyspace, sets, result);
  begin(countMembers(keyspace, result));
  const cursor = new SetCursor();
  cursor.open(keyspace, result.encoding, result.root);
  while (cursor.next()) {
    cursor.member.render();
    visit(cursor.member);
  }
  discard(keyspace, result);
}

/** Frees a set that no key holds: at once when it is small, else between turns. */
function discard(keyspace: Keyspace, set: SetState): void {
  const budget = 1024;
  if (!freeSomeOf(keyspace, recordType.set, set.encoding, set.root, budget)) {
    keyspace.reclaimer.takeValue(recordType.set, set.encoding, set.root);
  }
}

/** SUNIONSTORE and SDIFFSTORE: the number of members that the destination has then. */
export function storeResult(
  db: Database,
  args: Slices,
  operation: SetOperation,
  event: KeyEvent,
): number {
  const { keyspace } = db;
  const sets = collectSets(db, args, 2, args.count - 2);
  const result = new SetState();
  makeIntset(keyspace.arena, result);
  operation(keyspace, sets, result);
  return storeOver(db, args, 1, result, event);
}

/** SINTERSTORE: the same for the intersection. */
export function storeIntersection(db: Database, args: Slices): number {
  const { keyspace } = db;
  const sets = collectSets(db, args, 2, args.count - 2);
  const smallest = Math.min(...sets.map((set) => set?.count ?? 0));
  const first = sets.find((set) => set?.count === smallest);
  const result = new SetState();
  if (first?.encoding === encoding.intset) makeIntset(keyspace.arena, result);
  else makeListpackSet(keyspace.arena, result);
  const value = new IntsetValue();
  let areIntegers = true;
  intersectSets(keyspace, sets, 0, (member) => {
    addSame(keyspace, result, member);
    if (!areIntegers || member.isInteger) return;
    areIntegers = parseIntsetValue(member.bytes, member.offset, member.length, value);
  });
  if (areIntegers) convertToIntset(keyspace, result);
  return storeOver(db, args, 1, result, keyEvents.sinterstore);
}

/** Turns a set whose members are all integers into an intset, unless it has too many of them. */
function convertToIntset(keyspace: Keyspace, set: SetState): void {
  const { arena, limits } = keyspace;
  const lengthMax = Math.min(limits.setMaxIntsetEntries, intsetLengthMax);
  if (set.encoding === encoding.intset || countMembers(keyspace, set) > lengthMax) return;
  let made = newIntset(arena);
  const value = new IntsetValue();
  const cursor = new SetCursor();
  cursor.open(keyspace, set.encoding, set.root);
  while (cursor.next()) {
    const { bytes, offset, length } = cursor.member;
    parseIntsetValue(bytes, offset, length, value);
    const changed = addInteger(arena, made, value);
    if (changed !== noRef) made = changed;
  }
  discard(keyspace, set);
  set.encoding = encoding.intset;
  set.root = made;
}

/**
 * Makes `result` the value of the key, whatever it held before; an empty one deletes it. Returns
 * the number of members.
 */
function storeOver(
  db: Database,
  args: Slices,
  key: number,
  result: SetState,
  event: KeyEvent,
): number {
  const { keyspace } = db;
  const { arena } = keyspace;
  const count = countMembers(keyspace, result);
  const ref = db.peek(args, key);
  if (count === 0) {
    discard(keyspace, result);
    if (ref !== noRef) db.remove(ref, keyEvents.del);
    return 0;
  }
  if (ref === noRef) {
    db.addCollection(args, key, recordType.set, result.encoding, result.root);
  } else {
    db.replace(ref, makeSetRecord(db, args, key, result));
    freeValue(keyspace, ref);
    arena.free(ref, recordSize(arena, ref));
  }
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], event);
  return count;
}

/** A record of the key with that set, without an expiry. */
function makeSetRecord(db: Database, args: Slices, key: number, set: SetState): Ref {
  const { arena, shape, newAccess } = db.keyspace;
  shape.keyBytes = args.bytes;
  shape.keyOffset = args.offsets[key];
  shape.keyLength = args.lengths[key];
  shape.type = recordType.set;
  shape.encoding = set.encoding;
  shape.expiryMs = -1;
  shape.access = newAccess;
  shape.inlineLength = -1;
  shape.value = set.root;
  return makeRecord(arena, shape);
}
