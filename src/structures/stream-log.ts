// Streams: entries in the order of their IDs, in nodes (`stream-node.ts`) that a tree keeps by the
// ID of their first entry. The root block of the stream (`stream-root.ts`) holds the rest.
//
// Invariant: no node is without a live entry. The operations here know nothing of consumer groups.
import type { Slices } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes, noRef } from "../memory/arena.ts";
import {
  copyListpack,
  freeListpack,
  listpackBytes,
  listpackBytesMax,
  listpackCapacity,
} from "./listpack.ts";
import { StreamCursor } from "./stream-cursor.ts";
import { StreamId, compareIds, copyId, readId, writeId, zeroId } from "./stream-id.ts";
import {
  IdCursor,
  freeFirstLeaf,
  idAt,
  insertId,
  nextPlace,
  payloadAt,
  removeId,
  seekFirst,
  seekLast,
  setPayload,
} from "./stream-id-tree.ts";
import { copyIdTree, firstLeafCount, idTreeBytes } from "./stream-id-tree-walk.ts";
import {
  appendToNode,
  deletedEntries,
  liveEntries,
  markDeleted,
  newStreamNode,
  readLastId,
  setEntryCounts,
} from "./stream-node.ts";
import {
  addToLength,
  entriesAdded,
  firstIdWord,
  lastIdWord,
  maxDeletedIdWord,
  setEntriesAdded,
  setGroupNames,
  setStreamNodes,
  streamLength,
  streamNodes,
  streamRootBytes,
} from "./stream-root.ts";

/** How large a node may become. */
export interface StreamLimits {
  /** 0: as large as a listpack may be. */
  readonly streamNodeMaxBytes: number;
  /** 0: any number. */
  readonly streamNodeMaxEntries: number;
}

const place = new IdCursor();
const nodeId = new StreamId();
const lastId = new StreamId();
const cursor = new StreamCursor();

/**
 * Appends an entry with `fieldCount` fields and values, the arguments from `first` on. The ID must
 * be after the last one, and the texts less than `listpackBytesMax` in all.
 */
export function appendEntry(
  arena: Arena,
  root: Ref,
  id: StreamId,
  args: Slices,
  first: number,
  fieldCount: number,
  limits: StreamLimits,
): void {
  const tree = streamNodes(arena, root);
  let node = noRef;
  if (seekLast(arena, tree, place)) {
    node = payloadAt(arena, tree, place, 0) as Ref;
    if (isFull(arena, node, args, first, fieldCount, limits)) node = noRef;
    else idAt(arena, tree, place, nodeId);
  }
  if (node === noRef) {
    insertId(arena, tree, id, place);
    node = newStreamNode(arena, args, first, fieldCount);
    node = appendToNode(arena, node, id, id, args, first, fieldCount);
  } else {
    node = appendToNode(arena, node, nodeId, id, args, first, fieldCount);
  }
  setPayload(arena, tree, place, 0, node);
  addToLength(arena, root, 1);
  setEntriesAdded(arena, root, entriesAdded(arena, root) + 1);
  writeId(arena, root, lastIdWord, id);
  if (streamLength(arena, root) === 1) writeId(arena, root, firstIdWord, id);
}

function isFull(
  arena: Arena,
  node: Ref,
  args: Slices,
  first: number,
  fieldCount: number,
  limits: StreamLimits,
): boolean {
  let bytes = listpackBytes(arena, node);
  const end = first + fieldCount * 2;
  for (let index = first; index < end; index++) bytes += args.lengths[index];
  const limit = limits.streamNodeMaxBytes;
  if (bytes >= (limit === 0 || limit > listpackBytesMax ? listpackBytesMax : limit)) return true;
  if (limits.streamNodeMaxEntries === 0) return false;
  return liveEntries(arena, node) + deletedEntries(arena, node) >= limits.streamNodeMaxEntries;
}

/** Whether there is an entry of that ID. */
export function hasEntry(arena: Arena, root: Ref, id: StreamId): boolean {
  cursor.open(arena, root, id, id);
  return cursor.next();
}

/** Reads the ID of the last entry; false when there is none. */
export function readLastEntryId(arena: Arena, root: Ref, id: StreamId): boolean {
  cursor.openReverse(arena, root);
  if (!cursor.next()) return false;
  copyId(cursor.id, id);
  return true;
}

/**
 * Deletes the entry of that ID; false when there is none. The first ID is to be brought up to date:
 * `updateFirstId`.
 */
export function deleteEntry(arena: Arena, root: Ref, id: StreamId): boolean {
  cursor.open(arena, root, id, id);
  if (!cursor.next()) return false;
  const { node } = cursor;
  const live = liveEntries(arena, node);
  if (live === 1) {
    place.leaf = cursor.place.leaf;
    place.index = cursor.place.index;
    dropNode(arena, root);
  } else {
    markDeleted(arena, node, cursor.position);
    const changed = setEntryCounts(arena, node, live - 1, deletedEntries(arena, node) + 1);
    setPayload(arena, streamNodes(arena, root), cursor.place, 0, changed);
  }
  addToLength(arena, root, -1);
  return true;
}

/** Makes the stored ID of the first entry what it is. */
export function updateFirstId(arena: Arena, root: Ref): void {
  cursor.open(arena, root);
  writeId(arena, root, firstIdWord, cursor.next() ? cursor.id : zeroId);
}

/** Notes a deleted ID, if it is larger than those before. */
export function noteDeletedId(arena: Arena, root: Ref, id: StreamId): void {
  readId(arena, root, maxDeletedIdWord, nodeId);
  if (compareIds(id, nodeId) > 0) writeId(arena, root, maxDeletedIdWord, id);
}

/** What a trim removes, from the oldest entry on. */
export interface Trim {
  /** Entries that may stay; -1: the ID decides. */
  readonly lengthMax: number;
  /** Entries before this ID go. */
  readonly minId: StreamId;
  /** Only whole nodes go. */
  readonly isApproximate: boolean;
  /** Entries that may go; 0: any number. */
  readonly limit: number;
}

/** Removes the oldest entries; returns how many. */
export function trimStream(arena: Arena, root: Ref, trim: Trim): number {
  const tree = streamNodes(arena, root);
  let removed = 0;
  while (seekFirst(arena, tree, place)) {
    const length = streamLength(arena, root);
    if (trim.lengthMax >= 0 && length <= trim.lengthMax) break;
    const node = payloadAt(arena, tree, place, 0) as Ref;
    const live = liveEntries(arena, node);
    if (trim.limit > 0 && removed + live > trim.limit) break;
    const isWhole =
      trim.lengthMax >= 0
        ? length - live >= trim.lengthMax
        : compareIds(lastIdAt(arena, root), trim.minId) < 0;
    if (!isWhole) {
      if (!trim.isApproximate) removed += trimNode(arena, root, trim);
      break;
    }
    dropNode(arena, root);
    addToLength(arena, root, -live);
    removed += live;
  }
  if (removed > 0) updateFirstId(arena, root);
  return removed;
}

/** The last ID, maybe of a deleted entry, in the node at `place`; the object is scratch. */
function lastIdAt(arena: Arena, root: Ref): StreamId {
  const tree = streamNodes(arena, root);
  idAt(arena, tree, place, nodeId);
  readLastId(arena, payloadAt(arena, tree, place, 0) as Ref, nodeId, lastId);
  return lastId;
}

/** Removes entries of the first node one by one. */
function trimNode(arena: Arena, root: Ref, trim: Trim): number {
  let removed = 0;
  let node = noRef;
  cursor.open(arena, root);
  while (cursor.next()) {
    const isEnough =
      trim.lengthMax >= 0
        ? streamLength(arena, root) <= trim.lengthMax
        : compareIds(cursor.id, trim.minId) >= 0;
    if (isEnough) break;
    node = cursor.node;
    markDeleted(arena, node, cursor.position);
    addToLength(arena, root, -1);
    removed++;
  }
  if (node === noRef) return 0;
  const tree = streamNodes(arena, root);
  const live = liveEntries(arena, node) - removed;
  seekFirst(arena, tree, place);
  if (live === 0) {
    dropNode(arena, root);
  } else {
    node = setEntryCounts(arena, node, live, deletedEntries(arena, node) + removed);
    setPayload(arena, tree, place, 0, node);
  }
  return removed;
}

/** Takes the node at `place` out of the stream; its live entries are counted by the caller. */
function dropNode(arena: Arena, root: Ref): void {
  const tree = streamNodes(arena, root);
  const node = payloadAt(arena, tree, place, 0) as Ref;
  idAt(arena, tree, place, nodeId);
  removeId(arena, tree, nodeId);
  freeListpack(arena, node);
}

/** Frees the nodes of about `budget` entries; true when all nodes, and their tree, are gone. */
export function freeStreamNodes(arena: Arena, root: Ref, budget: number): boolean {
  const tree = streamNodes(arena, root);
  let left = budget;
  while (left > 0) {
    const count = firstLeafCount(arena, tree);
    seekFirst(arena, tree, place);
    for (place.index = 0; place.index < count; place.index++) {
      freeListpack(arena, payloadAt(arena, tree, place, 0) as Ref);
    }
    left -= 1 + count * 8;
    if (freeFirstLeaf(arena, tree)) return true;
  }
  return false;
}

/** A copy of the stream without its groups: the root. */
export function copyStreamRoot(arena: Arena, root: Ref): Ref {
  const copy = arena.allocate(streamRootBytes);
  const nodes = copyIdTree(arena, streamNodes(arena, root), 1, (node) =>
    copyListpack(arena, node as Ref),
  );
  const from = (root & 0xffff) << 2;
  const to = (copy & 0xffff) << 2;
  for (let word = 0; word < streamRootBytes / 4; word++) {
    arena.words[copy >>> 16][to + word] = arena.words[root >>> 16][from + word];
  }
  setStreamNodes(arena, copy, nodes);
  setGroupNames(arena, copy, noRef);
  return copy;
}

/** Bytes of the arena that the nodes take with their tree. */
export function streamNodeBytes(arena: Arena, root: Ref): number {
  const tree = streamNodes(arena, root);
  let bytes = idTreeBytes(arena, tree);
  for (let isOn = seekFirst(arena, tree, place); isOn; isOn = nextPlace(arena, place)) {
    const node = payloadAt(arena, tree, place, 0) as Ref;
    bytes += blockBytes(listpackCapacity(listpackBytes(arena, node)));
  }
  return bytes;
}

/**
 * Adds a node that comes from elsewhere and is known to be valid, behind all others. For loading.
 */
export function addStreamNode(arena: Arena, root: Ref, id: StreamId, node: Ref): void {
  const tree = streamNodes(arena, root);
  insertId(arena, tree, id, place);
  setPayload(arena, tree, place, 0, node);
  addToLength(arena, root, liveEntries(arena, node));
}
