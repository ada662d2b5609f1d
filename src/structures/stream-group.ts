// Consumer groups of a stream: how far each has read, who its consumers are, and what was delivered
// to them and is not yet acknowledged. Groups and consumers are named blocks (`stream-names.ts`);
// pending entries are trees by ID.
//
//   group     word 1  ID last delivered
//                  5  entries read (64 bits, -1: unknown)
//                  7  tree of pending entries
//                  8  names of the consumers
//   consumer  word 1  when last seen (64 bits)
//                  3  when last active (64 bits, -1: never)
//                  5  tree of its pending entries: the IDs alone
//   pending   word 0  delivery time, low 32 bits
//                  1  its high 16 bits | high 16 bits of the delivery count
//                  2  delivery count, low 32 bits
//                  3  consumer
//
// Invariant: an ID is in the group's tree exactly when it is in that of the one consumer that the
// entry names.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { StreamId } from "./stream-id.ts";
import { writeId } from "./stream-id.ts";
import {
  IdCursor,
  findId,
  idTreeCount,
  insertId,
  newIdTree,
  payloadAt,
  removeFound,
  removeId,
  setPayload,
} from "./stream-id-tree.ts";
import {
  findName,
  findNamed,
  freeNamed,
  insertNamed,
  namedAt,
  newNamed,
  newNames,
  removeNamed,
} from "./stream-names.ts";
import { groupNames, readNumber, setGroupNames, writeNumber } from "./stream-root.ts";

export const groupLastIdWord = 1;
const groupRead = 5;
const groupPending = 7;
const groupConsumers = 8;
const consumerSeen = 1;
const consumerActive = 3;
const consumerPendingWord = 5;
export const pendingWords = 4;
const pendingConsumer = 3;
const two32 = 4294967296;
const two48 = 281474976710656;
/**
 * `entriesRead` of a group whose progress is unknown; also `activeTime` of a consumer that never
 * was.
 */
export const unknownCount = -1;

const place = new IdCursor();

function wordOf(arena: Arena, block: Ref, word: number): number {
  return arena.words[block >>> 16][((block & 0xffff) << 2) + word];
}

function setWord(arena: Arena, block: Ref, word: number, value: number): void {
  arena.words[block >>> 16][((block & 0xffff) << 2) + word] = value;
}

/** The group of that name, or none. */
export function findGroup(
  arena: Arena,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const names = groupNames(arena, root);
  return names === noRef ? noRef : findNamed(arena, names, bytes, offset, length);
}

/** Makes a group; none when the name is taken. */
export function createGroup(
  arena: Arena,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  if (groupNames(arena, root) === noRef) setGroupNames(arena, root, newNames(arena));
  const names = groupNames(arena, root);
  const index = findName(arena, names, bytes, offset, length);
  if (index >= 0) return noRef;
  const group = newNamed(arena, bytes, offset, length);
  setWord(arena, group, groupPending, newIdTree(arena, pendingWords));
  setWord(arena, group, groupConsumers, newNames(arena));
  writeNumber(arena, group, groupRead, unknownCount);
  setGroupNames(arena, root, insertNamed(arena, names, -1 - index, group));
  return group;
}

/**
 * Takes a group out of the stream; none when there is no such group. It is the caller's to free.
 */
export function takeGroup(
  arena: Arena,
  root: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const names = groupNames(arena, root);
  if (names === noRef) return noRef;
  const index = findName(arena, names, bytes, offset, length);
  if (index < 0) return noRef;
  const group = namedAt(arena, names, index);
  setGroupNames(arena, root, removeNamed(arena, names, index));
  return group;
}

/** Entries that the group has read since the first one ever, -1 when unknown. */
export function entriesRead(arena: Arena, group: Ref): number {
  return readNumber(arena, group, groupRead);
}

export function setEntriesRead(arena: Arena, group: Ref, count: number): void {
  writeNumber(arena, group, groupRead, count);
}

/** The tree of the group's pending entries. */
export function pendingOf(arena: Arena, group: Ref): Ref {
  return wordOf(arena, group, groupPending) as Ref;
}

export function setPendingOf(arena: Arena, group: Ref, tree: Ref): void {
  setWord(arena, group, groupPending, tree);
}

/** The list of the group's consumers. */
export function consumersOf(arena: Arena, group: Ref): Ref {
  return wordOf(arena, group, groupConsumers) as Ref;
}

export function setConsumersOf(arena: Arena, group: Ref, names: Ref): void {
  setWord(arena, group, groupConsumers, names);
}

/** The consumer of that name, or none. */
export function findConsumer(
  arena: Arena,
  group: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  return findNamed(arena, consumersOf(arena, group), bytes, offset, length);
}

/** Makes a consumer, seen now; none when the name is taken. */
export function createConsumer(
  arena: Arena,
  group: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  nowMs: number,
): Ref {
  const names = consumersOf(arena, group);
  const index = findName(arena, names, bytes, offset, length);
  if (index >= 0) return noRef;
  const consumer = newNamed(arena, bytes, offset, length);
  setWord(arena, consumer, consumerPendingWord, newIdTree(arena, 0));
  setSeenTime(arena, consumer, nowMs);
  setActiveTime(arena, consumer, unknownCount);
  setConsumersOf(arena, group, insertNamed(arena, names, -1 - index, consumer));
  return consumer;
}

/**
 * Takes a consumer out of the group, its pending entries too; none when there is no such one. It is
 * the caller's to free.
 */
export function takeConsumer(
  arena: Arena,
  group: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): Ref {
  const names = consumersOf(arena, group);
  const index = findName(arena, names, bytes, offset, length);
  if (index < 0) return noRef;
  const consumer = namedAt(arena, names, index);
  setConsumersOf(arena, group, removeNamed(arena, names, index));
  return consumer;
}

/** Frees a consumer's block, when its tree is gone. */
export function freeConsumerBlock(arena: Arena, consumer: Ref): void {
  freeNamed(arena, consumer);
}

/** The tree of the consumer's pending entries: the IDs alone. */
export function consumerPending(arena: Arena, consumer: Ref): Ref {
  return wordOf(arena, consumer, consumerPendingWord) as Ref;
}

export function setConsumerPending(arena: Arena, consumer: Ref, tree: Ref): void {
  setWord(arena, consumer, consumerPendingWord, tree);
}

/** When the consumer last tried anything, in ms since 1970. */
export function seenTime(arena: Arena, consumer: Ref): number {
  return readNumber(arena, consumer, consumerSeen);
}

export function setSeenTime(arena: Arena, consumer: Ref, ms: number): void {
  writeNumber(arena, consumer, consumerSeen, ms);
}

/** When the consumer last got anything, in ms since 1970; -1: never. */
export function activeTime(arena: Arena, consumer: Ref): number {
  return readNumber(arena, consumer, consumerActive);
}

export function setActiveTime(arena: Arena, consumer: Ref, ms: number): void {
  writeNumber(arena, consumer, consumerActive, ms);
}

export function pendingCount(arena: Arena, group: Ref): number {
  return idTreeCount(arena, pendingOf(arena, group));
}

/** When the pending entry at the cursor was last delivered, in ms since 1970. */
export function deliveryTimeAt(arena: Arena, pending: Ref, cursor: IdCursor): number {
  const high = payloadAt(arena, pending, cursor, 1) & 0xffff;
  return high * two32 + (payloadAt(arena, pending, cursor, 0) >>> 0);
}

/** How often it was delivered. */
export function deliveryCountAt(arena: Arena, pending: Ref, cursor: IdCursor): number {
  const high = payloadAt(arena, pending, cursor, 1) >>> 16;
  return high * two32 + (payloadAt(arena, pending, cursor, 2) >>> 0);
}

/** Whom it was delivered to. */
export function consumerAt(arena: Arena, pending: Ref, cursor: IdCursor): Ref {
  return payloadAt(arena, pending, cursor, pendingConsumer) as Ref;
}

/** Notes a delivery. Counts beyond 2^48 become that. */
export function setDelivery(
  arena: Arena,
  pending: Ref,
  cursor: IdCursor,
  timeMs: number,
  count: number,
): void {
  const kept = count < two48 ? count : two48 - 1;
  const high = Math.floor(timeMs / two32) | (Math.floor(kept / two32) << 16);
  setPayload(arena, pending, cursor, 0, timeMs | 0);
  setPayload(arena, pending, cursor, 1, high);
  setPayload(arena, pending, cursor, 2, kept | 0);
}

/**
 * Notes that an entry was delivered to a consumer for the first time; it may have been another's
 * before, whose it is no longer.
 */
export function deliver(
  arena: Arena,
  group: Ref,
  consumer: Ref,
  id: StreamId,
  timeMs: number,
): void {
  const pending = pendingOf(arena, group);
  const isNew = insertId(arena, pending, id, place);
  setDelivery(arena, pending, place, timeMs, 1);
  const before = isNew ? noRef : consumerAt(arena, pending, place);
  if (before === consumer) return;
  setPayload(arena, pending, place, pendingConsumer, consumer);
  if (before !== noRef) removeId(arena, consumerPending(arena, before), id);
  insertId(arena, consumerPending(arena, consumer), id, place);
}

/**
 * Gives the pending entry at the cursor to a consumer; one that is new and nobody's yet has the
 * consumer none.
 */
export function assign(
  arena: Arena,
  pending: Ref,
  cursor: IdCursor,
  id: StreamId,
  consumer: Ref,
): void {
  const before = consumerAt(arena, pending, cursor);
  if (before === consumer) return;
  if (before !== noRef) removeId(arena, consumerPending(arena, before), id);
  insertId(arena, consumerPending(arena, consumer), id, place);
  setPayload(arena, pending, cursor, pendingConsumer, consumer);
}

/** A pending entry of nobody's, never delivered; the cursor is on it. */
export function addUnowned(arena: Arena, pending: Ref, id: StreamId, cursor: IdCursor): void {
  insertId(arena, pending, id, cursor);
  setDelivery(arena, pending, cursor, 0, 0);
  setPayload(arena, pending, cursor, pendingConsumer, noRef);
}

/** Places the cursor on the pending entry of that ID; false when there is none. */
export function findPending(arena: Arena, group: Ref, id: StreamId, cursor: IdCursor): boolean {
  return findId(arena, pendingOf(arena, group), id, cursor);
}

/** XACK: the entry is pending no longer; false when it was not. */
export function acknowledge(arena: Arena, group: Ref, id: StreamId): boolean {
  const pending = pendingOf(arena, group);
  if (!findId(arena, pending, id, place)) return false;
  const consumer = consumerAt(arena, pending, place);
  removeFound(arena, pending, place);
  if (consumer !== noRef) removeId(arena, consumerPending(arena, consumer), id);
  return true;
}

/** Sets what a group has last delivered. */
export function setLastDelivered(arena: Arena, group: Ref, id: StreamId): void {
  writeId(arena, group, groupLastIdWord, id);
}
