// Encodes a stream as RDB: its nodes as the listpacks that they are, what is known of it as a
// whole, then its consumer groups with their consumers and pending entries.
import { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { listpackView } from "../structures/listpack.ts";
import {
  activeTime,
  consumerPending,
  consumersOf,
  deliveryCountAt,
  deliveryTimeAt,
  entriesRead,
  groupLastIdWord,
  pendingOf,
  seenTime,
} from "../structures/stream-group.ts";
import { StreamId, readId } from "../structures/stream-id.ts";
import {
  IdCursor,
  idAt,
  idTreeCount,
  nextPlace,
  payloadAt,
  seekFirst,
} from "../structures/stream-id-tree.ts";
import { nameCount, namedAt, sliceName } from "../structures/stream-names.ts";
import {
  entriesAdded,
  firstIdWord,
  groupNames,
  lastIdWord,
  maxDeletedIdWord,
  streamLength,
  streamNodes,
} from "../structures/stream-root.ts";
import { rdbType } from "./rdb-format.ts";
import type { RdbWriter } from "./rdb-writer.ts";

const idBytes = 16;
/** What is written between two stops. */
const nodesPerSlice = 4;
const pendingPerSlice = 128;
const view = new Slice();
const id = new StreamId();

/**
 * Writes a stream as `rdbType.streamListpacks2`, which forgets when consumers were last active, or
 * 3, with stops.
 */
export function* encodeStream(
  arena: Arena,
  root: Ref,
  type: number,
  writer: RdbWriter,
): Generator<undefined> {
  yield* encodeNodes(arena, root, writer);
  writer.length(streamLength(arena, root));
  writeStoredId(arena, root, lastIdWord, writer);
  writeStoredId(arena, root, firstIdWord, writer);
  writeStoredId(arena, root, maxDeletedIdWord, writer);
  writer.length(entriesAdded(arena, root));
  const names = groupNames(arena, root);
  const count = names === noRef ? 0 : nameCount(arena, names);
  writer.length(count);
  for (let index = 0; index < count; index++) {
    yield* encodeGroup(arena, namedAt(arena, names, index), type, writer);
  }
}

function* encodeNodes(arena: Arena, root: Ref, writer: RdbWriter): Generator<undefined> {
  let written = 0;
  const tree = streamNodes(arena, root);
  const place = new IdCursor();
  writer.length(idTreeCount(arena, tree));
  for (let isOn = seekFirst(arena, tree, place); isOn; isOn = nextPlace(arena, place)) {
    writer.length(idBytes);
    writeRawId(arena, tree, place, writer);
    listpackView(arena, payloadAt(arena, tree, place, 0) as Ref, view);
    writer.string(view.bytes, view.offset, view.length);
    if (++written % nodesPerSlice === 0) yield;
  }
}

/** The ID at a place of a tree in its 16 bytes. */
function writeRawId(arena: Arena, tree: Ref, place: IdCursor, writer: RdbWriter): void {
  idAt(arena, tree, place, id);
  writer.reserve(idBytes);
  writer.rawWord(id.msHigh);
  writer.rawWord(id.msLow);
  writer.rawWord(id.seqHigh);
  writer.rawWord(id.seqLow);
}

function writeStoredId(arena: Arena, block: Ref, word: number, writer: RdbWriter): void {
  readId(arena, block, word, id);
  writer.length64(id.msHigh, id.msLow);
  writer.length64(id.seqHigh, id.seqLow);
}

function* encodeGroup(
  arena: Arena,
  group: Ref,
  type: number,
  writer: RdbWriter,
): Generator<undefined> {
  writeName(arena, group, writer);
  writeStoredId(arena, group, groupLastIdWord, writer);
  const read = entriesRead(arena, group);
  if (read < 0) writer.length64(-1, -1);
  else writer.length(read);
  yield* encodePending(arena, pendingOf(arena, group), writer);
  const names = consumersOf(arena, group);
  const count = nameCount(arena, names);
  writer.length(count);
  for (let index = 0; index < count; index++) {
    const consumer = namedAt(arena, names, index);
    writeName(arena, consumer, writer);
    writer.time(seenTime(arena, consumer));
    if (type === rdbType.streamListpacks3) writer.time(activeTime(arena, consumer));
    yield* encodeOwned(arena, consumerPending(arena, consumer), writer);
  }
}

function writeName(arena: Arena, named: Ref, writer: RdbWriter): void {
  sliceName(arena, named, view);
  writer.string(view.bytes, view.offset, view.length);
}

/** All entries that are pending in a group. */
function* encodePending(arena: Arena, tree: Ref, writer: RdbWriter): Generator<undefined> {
  let written = 0;
  const place = new IdCursor();
  writer.length(idTreeCount(arena, tree));
  for (let isOn = seekFirst(arena, tree, place); isOn; isOn = nextPlace(arena, place)) {
    writeRawId(arena, tree, place, writer);
    writer.time(deliveryTimeAt(arena, tree, place));
    writer.length(deliveryCountAt(arena, tree, place));
    if (++written % pendingPerSlice === 0) yield;
  }
}

/** The IDs of those among them that are one consumer's. */
function* encodeOwned(arena: Arena, tree: Ref, writer: RdbWriter): Generator<undefined> {
  let written = 0;
  const place = new IdCursor();
  writer.length(idTreeCount(arena, tree));
  for (let isOn = seekFirst(arena, tree, place); isOn; isOn = nextPlace(arena, place)) {
    writeRawId(arena, tree, place, writer);
    if (++written % pendingPerSlice === 0) yield;
  }
}
