// The digest of a data set or a value: equal data have equal digests, in whatever order and
// encoding they are held. Tests use it to compare a server with its reloaded self or with a
// replica, so the algorithm is exactly that of DEBUG DIGEST in Redis's src/debug.c: SHA-1 sums
// combined by exclusive or where order does not matter, and fed into each other where it does.
//
// Scores are mixed in with 17 digits, as Redis up to 7.0 writes them.
import { asciiBytes } from "../bytes/ascii.ts";
import { formatDouble17 } from "../bytes/double.ts";
import { sha1Into } from "../bytes/sha1.ts";
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { ListpackEntry } from "../structures/listpack.ts";
import { ListCursor, moveNext, readElement } from "../structures/quicklist-cursor.ts";
import { StreamCursor } from "../structures/stream-cursor.ts";
import { idTextBytesMax, writeIdText } from "../structures/stream-id.ts";
import type { Database } from "./database.ts";
import { HashCursor } from "./hash-cursor.ts";
import type { Keyspace } from "./keyspace.ts";
import { seekElement } from "./list.ts";
import {
  encodingOf,
  hasExpiry,
  keyLength,
  keyOffset,
  recordType,
  sliceString,
  typeOf,
  valueRef,
} from "./record.ts";
import { SetCursor } from "./set-cursor.ts";
import { ZsetCursor } from "./zset-cursor.ts";
import { countOf } from "./zset-value.ts";

const digestBytes = 20;
const expiryMark = asciiBytes("!!expire!!");
const fieldExpiryMark = asciiBytes("!!hexpire!!");
const dash = 0x2d;
const point = 0x2e;

const sum = new Uint8Array(digestBytes);

class Digest {
  readonly bytes = new Uint8Array(digestBytes);

  /** Adds something whose place among the others does not matter. */
  addUnordered(bytes: Uint8Array, offset: number, length: number): void {
    sha1Into(bytes, offset, length, sum);
    for (let index = 0; index < digestBytes; index++) this.bytes[index] ^= sum[index];
  }

  /** Adds something that comes after all that was added before. */
  addOrdered(bytes: Uint8Array, offset: number, length: number): void {
    this.addUnordered(bytes, offset, length);
    sha1Into(this.bytes, 0, digestBytes, this.bytes);
  }

  /** The same for a number, as its four bytes. */
  addNumber(value: number): void {
    this.addOrdered(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value), 0, 4);
  }

  /** Adds what several parts have been summed up to. */
  addPart(part: Digest): void {
    this.addUnordered(part.bytes, 0, digestBytes);
  }

  clear(): void {
    this.bytes.fill(0);
  }

  toString(): string {
    return Buffer.from(this.bytes).toString("hex");
  }
}

/** The digest of a pair that is one part of a collection. */
const part = new Digest();

/** Adds a value to a digest. */
type ValueDigest = (keyspace: Keyspace, ref: Ref, digest: Digest) => void;

/** By the type of the record. */
const valueDigests: readonly ValueDigest[] = Object.assign<ValueDigest[], object>([], {
  [recordType.string]: addString,
  [recordType.list]: addList,
  [recordType.set]: addSet,
  [recordType.zset]: addZset,
  [recordType.hash]: addHash,
  [recordType.stream]: addStream,
});

function addString({ arena }: Keyspace, ref: Ref, digest: Digest): void {
  const value = new Slice();
  sliceString(arena, ref, value);
  digest.addOrdered(value.bytes, value.offset, value.length);
}

function addList(keyspace: Keyspace, ref: Ref, digest: Digest): void {
  const { arena } = keyspace;
  const cursor = new ListCursor();
  const entry = new ListpackEntry();
  let isOn = seekElement(keyspace, ref, 0, cursor);
  while (isOn) {
    readElement(arena, cursor, entry);
    digest.addOrdered(entry.bytes, entry.offset, entry.length);
    isOn = moveNext(arena, cursor);
  }
}

function addSet(keyspace: Keyspace, ref: Ref, digest: Digest): void {
  const { arena } = keyspace;
  const cursor = new SetCursor();
  cursor.open(keyspace, encodingOf(arena, ref), valueRef(arena, ref));
  const { member } = cursor;
  while (cursor.next()) {
    member.render();
    digest.addUnordered(member.bytes, member.offset, member.length);
  }
}

function addZset({ arena }: Keyspace, ref: Ref, digest: Digest): void {
  const held = encodingOf(arena, ref);
  const root = valueRef(arena, ref);
  const cursor = new ZsetCursor(arena);
  cursor.seek(held, root, 0);
  for (let left = countOf(arena, held, root); left > 0; left--, cursor.next()) {
    const score = asciiBytes(formatDouble17(cursor.score));
    part.clear();
    part.addOrdered(cursor.bytes, cursor.offset, cursor.length);
    part.addOrdered(score, 0, score.length);
    digest.addPart(part);
  }
}

function addHash(keyspace: Keyspace, ref: Ref, digest: Digest): void {
  const { arena } = keyspace;
  const cursor = new HashCursor();
  cursor.open(keyspace, encodingOf(arena, ref), valueRef(arena, ref));
  const { field, value } = cursor;
  while (cursor.next()) {
    part.clear();
    part.addOrdered(field.bytes, field.offset, field.length);
    part.addOrdered(value.bytes, value.offset, value.length);
    if (cursor.timeMs >= 0) part.addUnordered(fieldExpiryMark, 0, fieldExpiryMark.length);
    digest.addPart(part);
  }
}

/** Entries only: groups are no part of it. An ID is mixed in with a point in its middle. */
function addStream({ arena }: Keyspace, ref: Ref, digest: Digest): void {
  const cursor = new StreamCursor();
  const { field, value } = cursor;
  const id = new Uint8Array(idTextBytesMax);
  cursor.open(arena, valueRef(arena, ref));
  while (cursor.next()) {
    const length = writeIdText(id, 0, cursor.id);
    id[id.indexOf(dash)] = point;
    digest.addOrdered(id, 0, length);
    for (let left = cursor.fieldCount; left > 0; left--) {
      cursor.nextField();
      digest.addOrdered(field.bytes, field.offset, field.length);
      digest.addOrdered(value.bytes, value.offset, value.length);
    }
  }
}

/**
 * The digest of all data: 40 hexadecimal digits, all 0 when there are none. Takes microseconds a
 * key.
 */
export function keyspaceDigest(keyspace: Keyspace): string {
  const { arena } = keyspace;
  const all = new Digest();
  const one = new Digest();
  for (const database of keyspace.databases) {
    if (database.size === 0) continue;
    all.addNumber(database.index);
    database.table.forEach((ref) => {
      one.clear();
      one.addOrdered(arena.bytes[ref >>> 16], keyOffset(arena, ref), keyLength(arena, ref));
      addValue(keyspace, ref, one);
      all.addPart(one);
    });
  }
  return all.toString();
}

/** The digest of the record's value and of whether it expires: 40 hexadecimal digits. */
export function valueDigest({ keyspace }: Database, ref: Ref): string {
  const digest = new Digest();
  addValue(keyspace, ref, digest);
  return digest.toString();
}

/** What DEBUG DIGEST-VALUE says of a key that is not there. */
export const absentDigest = "0".repeat(2 * digestBytes);

function addValue(keyspace: Keyspace, ref: Ref, digest: Digest): void {
  const type = typeOf(keyspace.arena, ref);
  digest.addNumber(type);
  valueDigests[type](keyspace, ref, digest);
  if (hasExpiry(keyspace.arena, ref)) digest.addUnordered(expiryMark, 0, expiryMark.length);
}
