// Whole consumer groups: freeing, copying, measuring and checking them, and taking away a consumer
// with all that it has pending.
import { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import {
  activeTime,
  acknowledge,
  consumerAt,
  consumerPending,
  consumersOf,
  createConsumer,
  createGroup,
  entriesRead,
  findPending,
  freeConsumerBlock,
  groupLastIdWord,
  pendingOf,
  pendingWords,
  seenTime,
  setActiveTime,
  setConsumerPending,
  setConsumersOf,
  setEntriesRead,
  setPendingOf,
} from "./stream-group.ts";
import { StreamId, readId, writeId } from "./stream-id.ts";
import { IdCursor, idAt, idTreeCount, nextPlace, seekFirst } from "./stream-id-tree.ts";
import { checkIdTree, copyIdTree, freeIdTree, idTreeBytes } from "./stream-id-tree-walk.ts";
import {
  freeNamed,
  freeNames,
  nameCount,
  namedAt,
  namesBytes,
  removeNamed,
  sliceName,
} from "./stream-names.ts";
import { groupNames, setGroupNames } from "./stream-root.ts";

/**
 * Frees a consumer that was taken out of its group, and its pending entries there; returns how many
 * they were.
 */
export function freeConsumer(arena: Arena, group: Ref, consumer: Ref): number {
  const tree = consumerPending(arena, consumer);
  const count = idTreeCount(arena, tree);
  const id = new StreamId();
  const cursor = new IdCursor();
  while (seekFirst(arena, tree, cursor)) {
    idAt(arena, tree, cursor, id);
    acknowledge(arena, group, id);
  }
  freeIdTree(arena, tree, Infinity);
  freeConsumerBlock(arena, consumer);
  return count;
}

/**
 * Frees about `budget` pending entries of a group that was taken out of its stream; true when all
 * of it is gone.
 */
export function freeGroup(arena: Arena, group: Ref, budget: number): boolean {
  if (pendingOf(arena, group) !== noRef) {
    if (freeIdTree(arena, pendingOf(arena, group), budget)) setPendingOf(arena, group, noRef);
    return false;
  }
  const names = consumersOf(arena, group);
  const last = nameCount(arena, names) - 1;
  if (last < 0) {
    freeNames(arena, names);
    freeNamed(arena, group);
    return true;
  }
  const consumer = namedAt(arena, names, last);
  if (freeIdTree(arena, consumerPending(arena, consumer), budget)) {
    freeConsumerBlock(arena, consumer);
    setConsumersOf(arena, group, removeNamed(arena, names, last));
  }
  return false;
}

/** The same for all groups of a stream. */
export function freeGroups(arena: Arena, root: Ref, budget: number): boolean {
  const names = groupNames(arena, root);
  if (names === noRef) return true;
  const last = nameCount(arena, names) - 1;
  if (last < 0) {
    freeNames(arena, names);
    setGroupNames(arena, root, noRef);
    return true;
  }
  if (freeGroup(arena, namedAt(arena, names, last), budget)) {
    setGroupNames(arena, root, removeNamed(arena, names, last));
  }
  return false;
}

/** Gives a stream without groups copies of another's. */
export function copyGroups(arena: Arena, from: Ref, to: Ref): void {
  const names = groupNames(arena, from);
  if (names === noRef) return;
  const name = new Slice();
  const id = new StreamId();
  for (let index = 0; index < nameCount(arena, names); index++) {
    const group = namedAt(arena, names, index);
    sliceName(arena, group, name);
    const copy = createGroup(arena, to, name.bytes, name.offset, name.length);
    readId(arena, group, groupLastIdWord, id);
    writeId(arena, copy, groupLastIdWord, id);
    setEntriesRead(arena, copy, entriesRead(arena, group));
    copyConsumers(arena, group, copy);
  }
}

function copyConsumers(arena: Arena, from: Ref, to: Ref): void {
  const copies = new Map<number, Ref>();
  const names = consumersOf(arena, from);
  const name = new Slice();
  for (let index = 0; index < nameCount(arena, names); index++) {
    const consumer = namedAt(arena, names, index);
    sliceName(arena, consumer, name);
    const seenMs = seenTime(arena, consumer);
    const copy = createConsumer(arena, to, name.bytes, name.offset, name.length, seenMs);
    setActiveTime(arena, copy, activeTime(arena, consumer));
    freeIdTree(arena, consumerPending(arena, copy), Infinity);
    setConsumerPending(arena, copy, copyIdTree(arena, consumerPending(arena, consumer), 0, Number));
    copies.set(consumer, copy);
  }
  freeIdTree(arena, pendingOf(arena, to), Infinity);
  const map = (consumer: number): number => copies.get(consumer) ?? noRef;
  setPendingOf(arena, to, copyIdTree(arena, pendingOf(arena, from), pendingWords, map));
}

/** Bytes of the arena that the stream's groups take. */
export function groupsBytes(arena: Arena, root: Ref): number {
  const names = groupNames(arena, root);
  if (names === noRef) return 0;
  let bytes = namesBytes(arena, names);
  for (let index = 0; index < nameCount(arena, names); index++) {
    const group = namedAt(arena, names, index);
    const consumers = consumersOf(arena, group);
    bytes += idTreeBytes(arena, pendingOf(arena, group)) + namesBytes(arena, consumers);
    for (let each = 0; each < nameCount(arena, consumers); each++) {
      bytes += idTreeBytes(arena, consumerPending(arena, namedAt(arena, consumers, each)));
    }
  }
  return bytes;
}

/**
 * Compares the trees of a group with those of its consumers; throws when they disagree. For tests.
 */
export function checkGroup(arena: Arena, group: Ref): void {
  const pending = pendingOf(arena, group);
  checkIdTree(arena, pending);
  const consumers = consumersOf(arena, group);
  const id = new StreamId();
  const cursor = new IdCursor();
  const own = new IdCursor();
  let count = 0;
  for (let index = 0; index < nameCount(arena, consumers); index++) {
    const consumer = namedAt(arena, consumers, index);
    const tree = consumerPending(arena, consumer);
    checkIdTree(arena, tree);
    count += idTreeCount(arena, tree);
    for (let isOn = seekFirst(arena, tree, own); isOn; isOn = nextPlace(arena, own)) {
      idAt(arena, tree, own, id);
      const isFound = findPending(arena, group, id, cursor);
      if (!isFound || consumerAt(arena, pending, cursor) !== consumer) {
        throw new Error("a consumer has pending what the group has not");
      }
    }
  }
  if (count !== idTreeCount(arena, pending)) throw new Error("a pending entry is nobody's");
}
