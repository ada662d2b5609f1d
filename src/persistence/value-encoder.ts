// Encodes the value of a record as RDB: DUMP payloads, snapshots and full synchronisations hold it
// in this form. `value-decoder.ts` is the other half.
//
// Compact encodings are written as the blocks that they are, everything else element by element.
// The version says what the reader knows: for `versionMin`, which Redis 7.0 loads, sets that are
// listpacks are written as plain sets, and what only newer versions can hold (times of fields)
// still is.
//
// A large value can be written in slices: the loops over elements are generators, which stop now
// and then. The value must not change in between.
import { Slice } from "../bytes/slices.ts";
import { decompressLzf } from "../bytes/lzf.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { intsetView } from "../structures/intset.ts";
import { listpackView } from "../structures/listpack.ts";
import { sliceCompressed } from "../structures/quicklist-compression.ts";
import {
  contentOf,
  firstNode,
  isCompressed,
  isPlain,
  nextNode,
  nodeCount,
  packedBytes,
  plainHeaderBytes,
  plainLength,
  plainOffset,
} from "../structures/quicklist-node.ts";
import { HashCursor } from "../keyspace/hash-cursor.ts";
import { HashState, countFields, earliestTime, listpackOf } from "../keyspace/hash-fields.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import {
  encoding,
  encodingOf,
  recordType,
  sliceString,
  typeOf,
  valueRef,
} from "../keyspace/record.ts";
import { SetCursor } from "../keyspace/set-cursor.ts";
import { countOfSet } from "../keyspace/set-members.ts";
import { ZsetCursor } from "../keyspace/zset-cursor.ts";
import { countOf } from "../keyspace/zset-value.ts";
import { quicklistContainer, rdbType, versionMin } from "./rdb-format.ts";
import type { RdbWriter } from "./rdb-writer.ts";
import { encodeStream } from "./stream-encoder.ts";

const view = new Slice();
/** Elements that are written between two stops. */
const elementsPerSlice = 64;
/** The same of what may take kilobytes each. */
const nodesPerSlice = 4;
/** A string that is written as it is, uncompressed, this many bytes at a time. */
const stringSliceBytes = 1 << 18;

/** The type, of `rdbType`, as which the record's value is written for that version. */
export function rdbTypeOf({ arena }: Keyspace, ref: Ref, version: number): number {
  const held = encodingOf(arena, ref);
  const isOld = version <= versionMin;
  switch (typeOf(arena, ref)) {
    case recordType.string:
      return rdbType.string;
    case recordType.list:
      return rdbType.listQuicklist2;
    case recordType.set:
      if (held === encoding.intset) return rdbType.setIntset;
      return held === encoding.listpack && !isOld ? rdbType.setListpack : rdbType.set;
    case recordType.zset:
      return held === encoding.listpack ? rdbType.zsetListpack : rdbType.zset2;
    case recordType.hash:
      return hashTypeOf(arena, held, valueRef(arena, ref), isOld ? "old" : "new");
    default:
      return isOld ? rdbType.streamListpacks2 : rdbType.streamListpacks3;
  }
}

/** A hash that has got a place for times but holds none is an ordinary hash to an old reader. */
function hashTypeOf(arena: Arena, held: number, root: Ref, reader: "old" | "new"): number {
  if (held === encoding.listpack) return rdbType.hashListpack;
  const isTimed = earliestTime(arena, hashOf(held, root)) > 0;
  if (held === encoding.listpackex && (isTimed || reader === "new")) return rdbType.hashListpackEx;
  return isTimed ? rdbType.hashMetadata : rdbType.hash;
}

function hashOf(held: number, root: Ref): HashState {
  const hash = new HashState();
  hash.encoding = held;
  hash.root = root;
  return hash;
}

/** Writes the record's value as that type, without the type's number. */
export function encodeValue(keyspace: Keyspace, ref: Ref, type: number, writer: RdbWriter): void {
  if (encodeBlock(keyspace, ref, type, writer)) return;
  const elements = encodeElements(keyspace, ref, type, writer);
  while (elements.next().done !== true) continue;
}

/**
 * The same with stops: the value must not change, nor the writer be used for others, until done.
 */
export function* encodeInSlices(
  keyspace: Keyspace,
  ref: Ref,
  type: number,
  writer: RdbWriter,
): Generator<undefined> {
  if (type === rdbType.string) yield* encodeLongString(keyspace, ref, writer);
  else if (!encodeBlock(keyspace, ref, type, writer)) {
    yield* encodeElements(keyspace, ref, type, writer);
  }
}

/** Not compressed: that cannot stop on the way. */
function* encodeLongString({ arena }: Keyspace, ref: Ref, writer: RdbWriter): Generator<undefined> {
  const text = new Slice();
  sliceString(arena, ref, text);
  writer.length(text.length);
  for (let at = 0; at < text.length; at += stringSliceBytes) {
    writer.raw(text.bytes, text.offset + at, Math.min(stringSliceBytes, text.length - at));
    yield;
  }
}

/** Writes a value that is one block of bytes; false when it is none. */
function encodeBlock(keyspace: Keyspace, ref: Ref, type: number, writer: RdbWriter): boolean {
  const { arena } = keyspace;
  const held = encodingOf(arena, ref);
  switch (type) {
    case rdbType.string:
      sliceString(arena, ref, view);
      writer.string(view.bytes, view.offset, view.length);
      return true;
    case rdbType.setIntset:
      intsetView(arena, valueRef(arena, ref), view);
      writer.string(view.bytes, view.offset, view.length);
      return true;
    case rdbType.setListpack:
    case rdbType.zsetListpack:
    case rdbType.hashListpack:
      writeListpack(arena, valueRef(arena, ref), writer);
      return true;
    case rdbType.hashListpackEx:
      writer.time(earliestTime(arena, hashOf(held, valueRef(arena, ref))));
      writeListpack(arena, listpackOf(arena, held, valueRef(arena, ref)), writer);
      return true;
    default:
      return false;
  }
}

function encodeElements(
  keyspace: Keyspace,
  ref: Ref,
  type: number,
  writer: RdbWriter,
): Generator<undefined> {
  const { arena } = keyspace;
  const held = encodingOf(arena, ref);
  const root = valueRef(arena, ref);
  switch (type) {
    case rdbType.listQuicklist2:
      return encodeList(arena, held, root, writer);
    case rdbType.set:
      return encodeSet(keyspace, held, root, writer);
    case rdbType.zset2:
      return encodeZset(keyspace, held, root, writer);
    case rdbType.hash:
    case rdbType.hashMetadata:
      return encodeHash(keyspace, held, root, writer);
    default:
      return encodeStream(arena, root, type, writer);
  }
}

function writeListpack(arena: Arena, listpack: Ref, writer: RdbWriter): void {
  listpackView(arena, listpack, view);
  writer.string(view.bytes, view.offset, view.length);
}

/** A quicklist's nodes; a lone listpack is written as a quicklist of one. */
function* encodeList(
  arena: Arena,
  held: number,
  root: Ref,
  writer: RdbWriter,
): Generator<undefined> {
  if (held === encoding.listpack) {
    writer.length(1);
    writer.length(quicklistContainer.packed);
    writeListpack(arena, root, writer);
    return;
  }
  writer.length(nodeCount(arena, root));
  let written = 0;
  for (let node = firstNode(arena, root); node !== noRef; node = nextNode(arena, node)) {
    const isOne = isPlain(arena, node);
    writer.length(isOne ? quicklistContainer.plain : quicklistContainer.packed);
    const content = contentOf(arena, node);
    if (isCompressed(arena, node)) encodeCompressed(arena, node, content, writer);
    else if (!isOne) writeListpack(arena, content, writer);
    else {
      const bytes = arena.bytes[content >>> 16];
      writer.string(bytes, plainOffset(content), plainLength(arena, content));
    }
    if (++written % nodesPerSlice === 0) yield;
  }
}

/** A compressed node stays as it is, and its listpack is written compressed. */
function encodeCompressed(arena: Arena, node: Ref, content: Ref, writer: RdbWriter): void {
  sliceCompressed(arena, content, view);
  const { bytes, offset, length } = view;
  const size = packedBytes(arena, node);
  if (!isPlain(arena, node)) {
    writer.lzfHead(length, size);
    writer.raw(bytes, offset, length);
    return;
  }
  // What is compressed of a plain node is its length and its bytes; only these are written.
  const unfolded = new Uint8Array(size);
  decompressLzf(bytes, offset, length, unfolded, 0, size);
  writer.string(unfolded, plainHeaderBytes, size - plainHeaderBytes);
}

function* encodeSet(
  keyspace: Keyspace,
  held: number,
  root: Ref,
  writer: RdbWriter,
): Generator<undefined> {
  writer.length(countOfSet(keyspace.arena, held, root));
  const cursor = new SetCursor();
  cursor.open(keyspace, held, root);
  const { member } = cursor;
  let written = 0;
  while (cursor.next()) {
    member.render();
    writer.string(member.bytes, member.offset, member.length);
    if (++written % elementsPerSlice === 0) yield;
  }
}

/** From the highest rank to the lowest, which is how Redis loads them fastest. */
function* encodeZset(
  { arena }: Keyspace,
  held: number,
  root: Ref,
  writer: RdbWriter,
): Generator<undefined> {
  const count = countOf(arena, held, root);
  writer.length(count);
  const cursor = new ZsetCursor(arena);
  cursor.seek(held, root, count - 1);
  for (let left = count; left > 0; left--, cursor.previous()) {
    writer.string(cursor.bytes, cursor.offset, cursor.length);
    writer.double(cursor.score);
    if (left % elementsPerSlice === 0) yield;
  }
}

/** With times if any field has one: each relative to the earliest and one more, 0 for none. */
function* encodeHash(
  keyspace: Keyspace,
  held: number,
  root: Ref,
  writer: RdbWriter,
): Generator<undefined> {
  const hash = hashOf(held, root);
  const earliestMs = earliestTime(keyspace.arena, hash);
  if (earliestMs > 0) writer.time(earliestMs);
  writer.length(countFields(keyspace, hash));
  const cursor = new HashCursor();
  cursor.open(keyspace, held, root);
  const { field, value } = cursor;
  let written = 0;
  while (cursor.next()) {
    if (earliestMs > 0) writer.length(cursor.timeMs < 0 ? 0 : cursor.timeMs - earliestMs + 1);
    writer.string(field.bytes, field.offset, field.length);
    writer.string(value.bytes, value.offset, value.length);
    if (++written % elementsPerSlice === 0) yield;
  }
}
