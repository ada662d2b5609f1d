// Decodes hashes, with or without times at which fields expire.
import { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { isValidListpack, loadListpack } from "../structures/listpack.ts";
import { headOf, makeHead, wordListpack } from "../keyspace/hash-expiries.ts";
import { writeItemTime } from "../keyspace/hash-expiry-heap.ts";
import {
  convertToTable,
  expiryOfOld,
  prepareTimes,
  setField,
  setFieldTime,
} from "../keyspace/hash-field-changes.ts";
import {
  HashState,
  countFields,
  earliestTime,
  findField,
  makeHashRoot,
  makeListpackHash,
} from "../keyspace/hash-fields.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { encoding, recordType } from "../keyspace/record.ts";
import type { DecodedValue } from "./decoded-value.ts";
import { countElements, hasDuplicates, hasOrderedTimes } from "./listpack-check.ts";
import { rdbType } from "./rdb-format.ts";
import type { RdbReader } from "./rdb-reader.ts";
import { readZiplist, readZipmap } from "./ziplist-conversion.ts";

/** The largest time that a field can have: 48 bits. */
const fieldTimeMax = 2 ** 48 - 1;
const keptFieldBytes = 64 * 1024;

const text = new Slice();
/** The field whose value is read next: the reader's strings last only until it reads on. */
let field = new Uint8Array(256);
let fieldLength = 0;

/** A hash written field by field. */
export function decodeHash(keyspace: Keyspace, reader: RdbReader, into: DecodedValue): void {
  const count = reader.readNumber();
  const hash = makeHash(keyspace, reader, into, count, reader.plausibleCount(count, 2));
  for (let left = count; left > 0; left--) readPair(keyspace, reader, into, hash);
  finish(keyspace, into, hash);
}

/** A hash written field by field, each with its time. */
export function decodeTimedHash(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  type: number,
): void {
  const isRelative = type === rdbType.hashMetadata;
  const earliestMs = isRelative ? reader.readTime() : 0;
  if (earliestMs < 0 || earliestMs > fieldTimeMax) reader.fail("the time of a field is impossible");
  const count = reader.readNumber();
  const hash = makeHash(keyspace, reader, into, count, reader.plausibleCount(count, 3));
  prepareTimes(keyspace, hash);
  into.set(recordType.hash, hash.encoding, hash.root);
  for (let left = count; left > 0; left--) {
    const stored = reader.readNumber();
    const timeMs = stored !== 0 && isRelative ? stored + earliestMs - 1 : stored;
    if (timeMs > fieldTimeMax) reader.fail("the time of a field is impossible");
    readPair(keyspace, reader, into, hash);
    if (timeMs === 0) continue;
    const found = findField(keyspace, hash, field, 0, fieldLength);
    setFieldTime(keyspace, hash, found, field, 0, fieldLength, timeMs);
    into.set(recordType.hash, hash.encoding, hash.root);
  }
  finish(keyspace, into, hash);
}

/** An empty hash that will get `count` fields. */
function makeHash(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  count: number,
  plausible: number,
): HashState {
  if (count === 0) reader.failEmpty("a hash is empty");
  const hash = new HashState();
  if (count <= keyspace.limits.hashMaxListpackEntries) {
    makeListpackHash(keyspace.arena, hash);
  } else {
    hash.encoding = encoding.hashtable;
    hash.root = makeHashRoot(keyspace, plausible);
  }
  into.set(recordType.hash, hash.encoding, hash.root);
  return hash;
}

function readPair(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  hash: HashState,
): void {
  reader.readString(text);
  keepField();
  reader.readString(text);
  const { bytes, offset, length } = text;
  const isNew = setField(
    keyspace,
    hash,
    field,
    0,
    fieldLength,
    bytes,
    offset,
    length,
    expiryOfOld.dropped,
  );
  into.set(recordType.hash, hash.encoding, hash.root);
  if (!isNew) reader.fail("a hash has a field twice");
}

function keepField(): void {
  const { bytes, offset, length } = text;
  if (length > field.length) field = new Uint8Array(length * 2);
  for (let index = 0; index < length; index++) field[index] = bytes[offset + index];
  fieldLength = length;
}

/** A hash that is a listpack or, of old, a ziplist, of fields and values and maybe times. */
export function decodeHashListpack(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  type: number,
): void {
  // The time of the earliest field, which the listpack has too.
  if (type === rdbType.hashListpackEx) reader.readTime();
  const isTimed = type === rdbType.hashListpackEx || type === rdbType.hashListpackExEarly;
  reader.readString(text);
  if (type === rdbType.hashZiplist) readZiplist(keyspace, reader, text);
  takeListpack(keyspace, reader, into, isTimed ? 3 : 2);
}

export function decodeZipmap(keyspace: Keyspace, reader: RdbReader, into: DecodedValue): void {
  reader.readString(text);
  const longest = readZipmap(keyspace, reader, text);
  takeListpack(keyspace, reader, into, 2);
  // Redis looks at the lengths too, but only when it loads a zipmap.
  if (into.encoding !== encoding.listpack) return;
  if (longest <= keyspace.limits.hashMaxListpackValue) return;
  const hash = new HashState();
  hash.encoding = into.encoding;
  hash.root = into.root;
  convertToTable(keyspace, hash, countFields(keyspace, hash));
  into.set(recordType.hash, hash.encoding, hash.root);
}

/** Makes the value of the listpack in `text`, whose fields take `tupleSize` elements each. */
function takeListpack(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  tupleSize: number,
): void {
  const { arena, limits } = keyspace;
  const { bytes, offset, length } = text;
  if (!isValidListpack(bytes, offset, length, true)) reader.fail("a hash's listpack is damaged");
  const elements = countElements(bytes, offset);
  const count = elements / tupleSize;
  if (count === 0) reader.failEmpty("a hash is empty");
  if (!Number.isInteger(count)) reader.fail("a hash's listpack ends within a field");
  if (hasDuplicates(keyspace, bytes, offset, count, tupleSize)) {
    reader.fail("a hash listpack with dup elements");
  }
  if (tupleSize === 3 && !hasOrderedTimes(bytes, offset, elements)) {
    reader.fail("the times of a hash's fields are damaged or out of order");
  }
  const hash = new HashState();
  hash.encoding = encoding.listpack;
  hash.root = loadListpack(arena, bytes, offset, length);
  if (tupleSize === 3) addHead(arena, hash);
  if (count > limits.hashMaxListpackEntries) convertToTable(keyspace, hash, count);
  finish(keyspace, into, hash);
}

/** Puts a head before a listpack that holds times. */
function addHead(arena: Arena, hash: HashState): void {
  const head = makeHead(arena);
  arena.words[head >>> 16][((head & 0xffff) << 2) + wordListpack] = hash.root;
  hash.encoding = encoding.listpackex;
  hash.root = head;
}

/** Notes in the head, if there is one, when the first field expires: the database goes by it. */
function finish({ arena }: Keyspace, into: DecodedValue, hash: HashState): void {
  const head: Ref = headOf(arena, hash.encoding, hash.root);
  if (head !== noRef) writeItemTime(arena, head, earliestTime(arena, hash));
  into.set(recordType.hash, hash.encoding, hash.root);
  if (field.length > keptFieldBytes) field = new Uint8Array(256);
}
