// Decodes streams: nodes, what is known of the stream as a whole, consumer groups.
import { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { isValidListpack, loadListpack } from "../structures/listpack.ts";
import {
  consumerAt,
  consumerPending,
  createConsumer,
  createGroup,
  findPending,
  groupLastIdWord,
  pendingOf,
  pendingWords,
  setActiveTime,
  setDelivery,
  setEntriesRead,
  setSeenTime,
  unknownCount,
} from "../structures/stream-group.ts";
import { StreamId, compareIds, setWords, writeId } from "../structures/stream-id.ts";
import {
  IdCursor,
  insertId,
  nextPlace,
  seekFirst,
  setPayload,
} from "../structures/stream-id-tree.ts";
import { addStreamNode, updateFirstId } from "../structures/stream-log.ts";
import { estimateEntriesRead } from "../structures/stream-progress.ts";
import {
  lastIdWord,
  maxDeletedIdWord,
  newStream,
  setEntriesAdded,
  streamLength,
} from "../structures/stream-root.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { encoding, recordType } from "../keyspace/record.ts";
import type { DecodedValue } from "./decoded-value.ts";
import { rdbType } from "./rdb-format.ts";
import type { RdbReader } from "./rdb-reader.ts";
import { checkStreamNode } from "./stream-node-check.ts";

const idBytes = 16;
/** The largest time of a delivery: 48 bits. */
const deliveryTimeMax = 2 ** 48 - 1;
const text = new Slice();
const id = new StreamId();
const place = new IdCursor();

export function decodeStream(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  type: number,
): void {
  const { arena } = keyspace;
  const root = newStream(arena);
  into.set(recordType.stream, encoding.stream, root);
  const last = new StreamId();
  decodeNodes(arena, reader, root, last);
  const length = reader.readNumber();
  if (length !== streamLength(arena, root)) reader.fail("a stream has lost count of its entries");
  readStoredId(reader);
  if (compareIds(id, last) < 0) reader.fail("a stream's last ID is before its last entry");
  writeId(arena, root, lastIdWord, id);
  updateFirstId(arena, root);
  if (type === rdbType.streamListpacks) {
    setEntriesAdded(arena, root, length);
  } else {
    // The first ID, which we have found ourselves.
    readStoredId(reader);
    readStoredId(reader);
    writeId(arena, root, maxDeletedIdWord, id);
    setEntriesAdded(arena, root, readExact(reader));
  }
  const groups = reader.readNumber();
  reader.plausibleCount(groups, 6);
  for (let left = groups; left > 0; left--) decodeGroup(keyspace, reader, root, type);
}

/** Reads the nodes, which must come in order; `last` becomes the ID of the last entry. */
function decodeNodes(arena: Arena, reader: RdbReader, root: Ref, last: StreamId): void {
  const count = reader.readNumber();
  reader.plausibleCount(count, idBytes + 1);
  const nodeId = new StreamId();
  for (let left = count; left > 0; left--) {
    reader.readString(text);
    if (text.length !== idBytes) reader.fail("the ID of a stream's node is none");
    const { bytes, offset } = text;
    setWords(
      nodeId,
      rawWord(bytes, offset),
      rawWord(bytes, offset + 4),
      rawWord(bytes, offset + 8),
      rawWord(bytes, offset + 12),
    );
    reader.readString(text);
    if (!isValidListpack(text.bytes, text.offset, text.length, true)) {
      reader.fail("a stream's listpack is damaged");
    }
    const live = checkStreamNode(text.bytes, text.offset, nodeId, last);
    if (live < 0) reader.fail("a node of a stream is damaged");
    if (live === 0) continue;
    addStreamNode(arena, root, nodeId, loadListpack(arena, text.bytes, text.offset, text.length));
  }
}

function rawWord(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Reads an ID that is written as two numbers into `id`. */
function readStoredId(reader: RdbReader): void {
  reader.readNumber();
  const { high, low } = reader;
  reader.readNumber();
  setWords(id, high, low, reader.high, reader.low);
}

/** Reads an ID that is written as its 16 bytes into `id`. */
function readRawId(reader: RdbReader): void {
  const msHigh = reader.readRawWord();
  const msLow = reader.readRawWord();
  const seqHigh = reader.readRawWord();
  setWords(id, msHigh, msLow, seqHigh, reader.readRawWord());
}

/** A number below 2^53. */
function readExact(reader: RdbReader): number {
  const value = reader.readNumber();
  if (value > Number.MAX_SAFE_INTEGER) reader.fail("a count is impossible");
  return value;
}

/** A time from 1970 on; -1, which means never, too. */
function readClock(reader: RdbReader): number {
  const value = reader.readTime();
  if (value < -1 || value > Number.MAX_SAFE_INTEGER) reader.fail("a time is impossible");
  return value;
}

function decodeGroup(keyspace: Keyspace, reader: RdbReader, root: Ref, type: number): void {
  const { arena } = keyspace;
  reader.readString(text);
  const group = createGroup(arena, root, text.bytes, text.offset, text.length);
  if (group === noRef) reader.fail("a stream has a group twice");
  readStoredId(reader);
  writeId(arena, group, groupLastIdWord, id);
  if (type === rdbType.streamListpacks) {
    setEntriesRead(arena, group, estimateEntriesRead(arena, root, id));
  } else {
    const read = reader.readNumber();
    const isUnknown = (reader.high & reader.low) === -1;
    if (!isUnknown && read > Number.MAX_SAFE_INTEGER) reader.fail("a count is impossible");
    setEntriesRead(arena, group, isUnknown ? unknownCount : read);
  }
  decodePending(arena, reader, group);
  const consumers = reader.readNumber();
  reader.plausibleCount(consumers, 10);
  for (let left = consumers; left > 0; left--) decodeConsumer(arena, reader, group, type);
  const pending = pendingOf(arena, group);
  for (let isOn = seekFirst(arena, pending, place); isOn; isOn = nextPlace(arena, place)) {
    if (consumerAt(arena, pending, place) === noRef) reader.fail("a pending entry is nobody's");
  }
}

/** The pending entries of a group; whose they are comes with the consumers. */
function decodePending(arena: Arena, reader: RdbReader, group: Ref): void {
  const count = reader.readNumber();
  reader.plausibleCount(count, idBytes + 9);
  const tree = pendingOf(arena, group);
  for (let left = count; left > 0; left--) {
    readRawId(reader);
    const timeMs = readClock(reader);
    if (timeMs < 0 || timeMs > deliveryTimeMax) reader.fail("a time of a delivery is impossible");
    const deliveries = readExact(reader);
    const isNew = insertId(arena, tree, id, place);
    setDelivery(arena, tree, place, timeMs, deliveries);
    setPayload(arena, tree, place, pendingWords - 1, noRef);
    if (!isNew) reader.fail("a group has an entry pending twice");
  }
}

function decodeConsumer(arena: Arena, reader: RdbReader, group: Ref, type: number): void {
  reader.readString(text);
  const consumer = createConsumer(arena, group, text.bytes, text.offset, text.length, 0);
  if (consumer === noRef) reader.fail("Duplicate stream consumer detected");
  const seenMs = readClock(reader);
  setSeenTime(arena, consumer, seenMs);
  setActiveTime(arena, consumer, type === rdbType.streamListpacks3 ? readClock(reader) : seenMs);
  const count = reader.readNumber();
  reader.plausibleCount(count, idBytes);
  const pending = pendingOf(arena, group);
  const own = consumerPending(arena, consumer);
  for (let left = count; left > 0; left--) {
    readRawId(reader);
    if (!findPending(arena, group, id, place)) reader.fail("an entry is pending for one alone");
    if (consumerAt(arena, pending, place) !== noRef) reader.fail("an entry is pending for two");
    setPayload(arena, pending, place, pendingWords - 1, consumer);
    insertId(arena, own, id, place);
  }
}
