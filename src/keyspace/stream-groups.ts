// Consumer groups: the operations behind XGROUP, XREADGROUP, XACK and XCLAIM.
//
// What happens in a group is an event of the key, but not a change of it that would wake those who
// wait for entries or break a WATCH; only making the stream with the group is, and the end of a
// group ends the waits for it. All functions take the group as the block that was found for its
// name.
import type { Slices } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import {
  acknowledge,
  addUnowned,
  assign,
  consumerAt,
  createConsumer,
  createGroup,
  deliveryCountAt,
  deliveryTimeAt,
  findConsumer,
  findGroup,
  findPending,
  pendingOf,
  setActiveTime,
  setDelivery,
  setEntriesRead,
  setLastDelivered,
  setSeenTime,
  takeConsumer,
  takeGroup,
} from "../structures/stream-group.ts";
import { freeConsumer, freeGroup } from "../structures/stream-group-walk.ts";
import type { StreamId } from "../structures/stream-id.ts";
import { IdCursor } from "../structures/stream-id-tree.ts";
import { hasEntry } from "../structures/stream-log.ts";
import type { Database } from "./database.ts";
import { Failure } from "./failure.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import { makeStream } from "./stream.ts";

/** What of a group is freed when it is destroyed; the rest is freed between turns. */
const partsFreedAtOnce = 8;
const pendingFreedAtOnce = 128;

const groupExists = new Failure("BUSYGROUP Consumer Group name already exists");

/** The group that the argument names, or none. */
export function groupArgument(db: Database, root: Ref, args: Slices, index: number): Ref {
  const { arena } = db.keyspace;
  return findGroup(arena, root, args.bytes, args.offsets[index], args.lengths[index]);
}

function report(db: Database, args: Slices, key: number, event: KeyEvent): void {
  const { keyspace } = db;
  keyspace.dirty++;
  keyspace.event(db, args.bytes, args.offsets[key], args.lengths[key], event);
}

/**
 * XGROUP CREATE: `root` is the stream, or none if it is to be made. Throws when the name is taken.
 */
export function addGroup(
  db: Database,
  args: Slices,
  key: number,
  root: Ref,
  name: number,
  id: StreamId,
  read: number,
): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  const stream = root === noRef ? makeStream(db, args, key) : root;
  const group = createGroup(arena, stream, args.bytes, args.offsets[name], args.lengths[name]);
  if (group === noRef) throw groupExists;
  setLastDelivered(arena, group, id);
  setEntriesRead(arena, group, read);
  if (root === noRef) {
    keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.xgroupCreate);
  } else {
    report(db, args, key, keyEvents.xgroupCreate);
  }
}

/** XGROUP SETID. */
export function setGroupId(
  db: Database,
  args: Slices,
  key: number,
  group: Ref,
  id: StreamId,
  read: number,
): void {
  const { arena } = db.keyspace;
  setLastDelivered(arena, group, id);
  setEntriesRead(arena, group, read);
  report(db, args, key, keyEvents.xgroupSetid);
}

/** XGROUP DESTROY; false when there is no such group. Those who wait for the group learn of it. */
export function destroyGroup(
  db: Database,
  args: Slices,
  key: number,
  root: Ref,
  name: number,
): boolean {
  const { keyspace } = db;
  const { arena } = keyspace;
  const group = takeGroup(arena, root, args.bytes, args.offsets[name], args.lengths[name]);
  if (group === noRef) return false;
  if (!freeAtOnce(arena, group)) keyspace.reclaimer.takeGroup(group);
  report(db, args, key, keyEvents.xgroupDestroy);
  return true;
}

/** Frees a group if it is small; false when some of it is left. */
function freeAtOnce(arena: Arena, group: Ref): boolean {
  for (let part = 0; part < partsFreedAtOnce; part++) {
    if (freeGroup(arena, group, pendingFreedAtOnce)) return true;
  }
  return false;
}

/** Makes a consumer; none when there is one of that name. */
export function addConsumer(
  db: Database,
  args: Slices,
  key: number,
  group: Ref,
  name: number,
): Ref {
  const { arena, nowMs } = db.keyspace;
  const { bytes, offsets, lengths } = args;
  const made = createConsumer(arena, group, bytes, offsets[name], lengths[name], nowMs);
  if (made !== noRef) report(db, args, key, keyEvents.xgroupCreateconsumer);
  return made;
}

/** The consumer of that name, made if need be; it has been seen now. */
export function touchConsumer(
  db: Database,
  args: Slices,
  key: number,
  group: Ref,
  name: number,
): Ref {
  const { arena, nowMs } = db.keyspace;
  const found = findConsumer(arena, group, args.bytes, args.offsets[name], args.lengths[name]);
  if (found === noRef) return addConsumer(db, args, key, group, name);
  setSeenTime(arena, found, nowMs);
  return found;
}

/**
 * XGROUP DELCONSUMER; returns how many entries the consumer had pending, which are so no longer.
 */
export function deleteConsumer(
  db: Database,
  args: Slices,
  key: number,
  group: Ref,
  name: number,
): number {
  const { arena } = db.keyspace;
  const taken = takeConsumer(arena, group, args.bytes, args.offsets[name], args.lengths[name]);
  if (taken === noRef) return 0;
  const count = freeConsumer(arena, group, taken);
  report(db, args, key, keyEvents.xgroupDelconsumer);
  return count;
}

/** XACK of one entry; false when it was not pending. */
export function acknowledgeOne(db: Database, group: Ref, id: StreamId): boolean {
  if (!acknowledge(db.keyspace.arena, group, id)) return false;
  db.keyspace.dirty++;
  return true;
}

/** What XCLAIM and XAUTOCLAIM do with each entry. */
export interface Claim {
  /** Only entries that were last delivered so long ago. */
  readonly idleMsMin: number;
  /** When they were delivered, from now on. */
  readonly deliveryTimeMs: number;
  /**
   * How often they were delivered; -1: once more than before, unless only the IDs are asked for.
   */
  readonly deliveryCount: number;
  readonly isIdOnly: boolean;
  /** Entries that are not pending become so. */
  readonly isForced: boolean;
}

export type Claimed = "claimed" | "not claimed" | "gone";

const place = new IdCursor();

/**
 * Gives a pending entry to a consumer. One that is in the stream no longer is not pending any more:
 * "gone".
 */
export function claimOne(
  db: Database,
  root: Ref,
  group: Ref,
  consumer: Ref,
  id: StreamId,
  claim: Claim,
): Claimed {
  const { keyspace } = db;
  const { arena, nowMs } = keyspace;
  const isPending = findPending(arena, group, id, place);
  if (!hasEntry(arena, root, id)) {
    if (!isPending) return "not claimed";
    acknowledgeOne(db, group, id);
    return "gone";
  }
  const pending = pendingOf(arena, group);
  if (!isPending) {
    if (!claim.isForced) return "not claimed";
    addUnowned(arena, pending, id, place);
    // What is forced counts as delivered once, before it is counted again below.
    setDelivery(arena, pending, place, nowMs, 1);
  } else if (
    claim.idleMsMin > 0 &&
    consumerAt(arena, pending, place) !== noRef &&
    nowMs - deliveryTimeAt(arena, pending, place) < claim.idleMsMin
  ) {
    return "not claimed";
  }
  let count = claim.deliveryCount;
  if (count < 0) count = deliveryCountAt(arena, pending, place) + (claim.isIdOnly ? 0 : 1);
  setDelivery(arena, pending, place, claim.deliveryTimeMs, count);
  assign(arena, pending, place, id, consumer);
  setActiveTime(arena, consumer, nowMs);
  keyspace.dirty++;
  return "claimed";
}
