// Several random members of a set: SRANDMEMBER and SPOP with a count. Members are handed to a
// visitor one by one; what it is given is good during the call only.
//
// Distinct members are chosen in one of two ways. When they are many of all, one walk decides for
// each member in turn, with the chance that leaves every choice equally likely (selection sampling:
// Knuth, The Art of Computer Programming 3.4.2, algorithm S). When they are few, we pick at random
// and pick again what we have already.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { intsetLength } from "../structures/intset.ts";
import type { Database } from "./database.ts";
import { keyEvents } from "./key-event.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, recordType } from "./record.ts";
import { SetCursor } from "./set-cursor.ts";
import { SetMember } from "./set-member.ts";
import {
  SetState,
  addSame,
  countMembers,
  loadSet,
  makeIntset,
  makeListpackSet,
  pickMember,
  removePicked,
  storeSet,
} from "./set-members.ts";
import { freeValue } from "./value.ts";

/** Receives a member with its text. */
export type MemberVisitor = (member: SetMember) => void;

/** Above this share of all members (one in so many) walking through all of them is cheaper. */
const walkedShare = 3;
/**
 * A set is emptied by moving out what stays when it is to lose this many times more than what
 * stays.
 */
const keptShare = 5;

/** SRANDMEMBER with a negative count: that many members, each drawn from all. */
export function drawMembers(
  keyspace: Keyspace,
  set: SetState,
  count: number,
  visit: MemberVisitor,
): void {
  const member = new SetMember();
  for (let left = count; left > 0; left--) {
    pickMember(keyspace, set, member);
    member.render();
    visit(member);
  }
}

/** `count` distinct members, all when there are no more, in no particular order. */
export function chooseMembers(
  keyspace: Keyspace,
  set: SetState,
  count: number,
  visit: MemberVisitor,
): void {
  const size = countMembers(keyspace, set);
  if (set.encoding === encoding.listpack || count * walkedShare > size) {
    walkMembers(keyspace, set, { count, size }, visit);
  } else if (set.encoding === encoding.intset) {
    chooseIntegers(keyspace, set, count, visit);
  } else {
    chooseEntries(keyspace, set, count, visit);
  }
}

/** Selection sampling. */
function walkMembers(
  keyspace: Keyspace,
  set: SetState,
  wanted: { readonly count: number; readonly size: number },
  visit: MemberVisitor,
): void {
  const cursor = new SetCursor();
  cursor.open(keyspace, set.encoding, set.root);
  let left = wanted.size;
  let needed = Math.min(wanted.count, wanted.size);
  while (needed > 0 && cursor.next()) {
    if (needed === left || keyspace.random.below(left) < needed) {
      cursor.member.render();
      visit(cursor.member);
      needed--;
    }
    left--;
  }
}

function chooseIntegers(
  keyspace: Keyspace,
  set: SetState,
  count: number,
  visit: MemberVisitor,
): void {
  const { arena, random } = keyspace;
  const size = intsetLength(arena, set.root);
  const chosen = new Set<number>();
  const member = new SetMember();
  while (chosen.size < count) {
    const index = random.below(size);
    if (chosen.has(index)) continue;
    chosen.add(index);
    member.ofIntset(arena, set.root, index);
    member.render();
    visit(member);
  }
}

function chooseEntries(
  keyspace: Keyspace,
  set: SetState,
  count: number,
  visit: MemberVisitor,
): void {
  const chosen = new Set<Ref>();
  const member = new SetMember();
  while (chosen.size < count) {
    pickMember(keyspace, set, member);
    if (chosen.has(member.entry)) continue;
    chosen.add(member.entry);
    visit(member);
  }
}

/**
 * SPOP with a count of at least 1: removes up to that many members. `begin` is told first how many
 * there will be.
 */
export function popMembers(
  db: Database,
  args: Slices,
  key: number,
  count: number,
  begin: (count: number) => void,
  visit: MemberVisitor,
): void {
  const ref = db.writeOfType(args, key, recordType.set);
  if (ref === noRef) {
    begin(0);
    return;
  }
  const { keyspace } = db;
  const set = new SetState();
  loadSet(keyspace.arena, ref, set);
  const size = countMembers(keyspace, set);
  const taken = Math.min(count, size);
  begin(taken);
  if (taken === size) walkMembers(keyspace, set, { count: size, size }, visit);
  else if ((size - taken) * keptShare > taken) popEach(keyspace, set, taken, visit);
  else popMost(keyspace, ref, set, size - taken, visit);
  storeSet(keyspace.arena, ref, set);
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.spop);
  keyspace.dirty += taken - 1;
  if (taken === size) db.remove(ref, keyEvents.del);
}

function popEach(keyspace: Keyspace, set: SetState, count: number, visit: MemberVisitor): void {
  const member = new SetMember();
  for (let left = count; left > 0; left--) {
    pickMember(keyspace, set, member);
    member.render();
    visit(member);
    removePicked(keyspace, set, member);
  }
}

/** Moves `kept` random members into a set of their own and visits those that are left behind. */
function popMost(
  keyspace: Keyspace,
  ref: Ref,
  set: SetState,
  kept: number,
  visit: MemberVisitor,
): void {
  const { arena } = keyspace;
  const remaining = new SetState();
  if (set.encoding === encoding.intset) makeIntset(arena, remaining);
  else makeListpackSet(arena, remaining);
  const member = new SetMember();
  for (let left = kept; left > 0; left--) {
    pickMember(keyspace, set, member);
    addSame(keyspace, remaining, member);
    removePicked(keyspace, set, member);
  }
  const size = countMembers(keyspace, set);
  walkMembers(keyspace, set, { count: size, size }, visit);
  storeSet(arena, ref, set);
  freeValue(keyspace, ref);
  set.encoding = remaining.encoding;
  set.root = remaining.root;
}
