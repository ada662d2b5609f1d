// The digest of a data set or a value: equal data have equal digests, in whatever order and
// encoding they are held. Tests use it to compare a server with its reloaded self or with a
// replica, so the algorithm is exactly that of DEBUG DIGEST in Redis's src/debug.c: SHA-1 sums
// combined by exclusive or where order does not matter, and fed into each other where it does.
import { asciiBytes } from "../bytes/ascii.ts";
import { sha1Hex } from "../bytes/sha1.ts";
import { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { Failure } from "./failure.ts";
import type { Keyspace } from "./keyspace.ts";
import {
  hasExpiry,
  keyLength,
  keyOffset,
  recordType,
  sliceString,
  typeNames,
  typeOf,
} from "./record.ts";

const digestBytes = 20;
const expiryMark = asciiBytes("!!expire!!");

class Digest {
  readonly bytes = new Uint8Array(digestBytes);

  /** Adds something whose place among the others does not matter. */
  addUnordered(bytes: Uint8Array): void {
    const sum = Buffer.from(sha1Hex(bytes), "hex");
    for (let index = 0; index < digestBytes; index++) this.bytes[index] ^= sum[index];
  }

  /** Adds something that comes after all that was added before. */
  addOrdered(bytes: Uint8Array): void {
    this.addUnordered(bytes);
    this.bytes.set(Buffer.from(sha1Hex(this.bytes), "hex"));
  }

  toString(): string {
    return Buffer.from(this.bytes).toString("hex");
  }
}

/** Adds a value to a digest. */
type ValueDigest = (arena: Arena, ref: Ref, digest: Digest) => void;

/** By the type of the record. */
const valueDigests: ReadonlyMap<number, ValueDigest> = new Map([[recordType.string, addString]]);

function addString(arena: Arena, ref: Ref, digest: Digest): void {
  const value = new Slice();
  sliceString(arena, ref, value);
  digest.addOrdered(value.copy());
}

/**
 * The digest of all data: 40 hexadecimal digits, all 0 when there are none. Takes microseconds a
 * key.
 */
export function keyspaceDigest(keyspace: Keyspace): string {
  const { arena } = keyspace;
  const all = new Digest();
  for (const database of keyspace.databases) {
    if (database.size === 0) continue;
    all.addOrdered(bigEndian(database.index));
    database.table.forEach((ref) => {
      const one = new Digest();
      const start = keyOffset(arena, ref);
      one.addOrdered(arena.bytes[ref >>> 16].slice(start, start + keyLength(arena, ref)));
      addValue(arena, ref, one);
      all.addUnordered(one.bytes);
    });
  }
  return all.toString();
}

/** The digest of the record's value and of whether it expires: 40 hexadecimal digits. */
export function valueDigest(database: Database, ref: Ref): string {
  const digest = new Digest();
  addValue(database.keyspace.arena, ref, digest);
  return digest.toString();
}

/** What DEBUG DIGEST-VALUE says of a key that is not there. */
export const absentDigest = "0".repeat(2 * digestBytes);

function addValue(arena: Arena, ref: Ref, digest: Digest): void {
  const type = typeOf(arena, ref);
  const add = valueDigests.get(type);
  if (add === undefined) throw new Failure(`ERR no digest for values of type ${typeNames[type]}`);
  digest.addOrdered(bigEndian(type));
  add(arena, ref, digest);
  if (hasExpiry(arena, ref)) digest.addUnordered(expiryMark);
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
