// Writes a whole data set as RDB: what a file, a replica and DEBUG RELOAD get. Everything at once,
// in one turn.
//
//   REDIS and four digits of the version
//   a database: its number, how many keys it has, how many of them expire; then each key:
//     [expiry] [idle time or frequency] type, name, value
//   the end, and the CRC-64 of all before
import { asciiBytes } from "../bytes/ascii.ts";
import { Crc64 } from "../bytes/crc64.ts";
import type { Ref } from "../memory/arena.ts";
import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { expiryOf, keyLength, keyOffset } from "../keyspace/record.ts";
import { accessToSave } from "./key-access.ts";
import { opcode, versionMin, versionOfType } from "./rdb-format.ts";
import { RdbWriter } from "./rdb-writer.ts";
import { encodeValue, rdbTypeOf } from "./value-encoder.ts";

const versionDigits = 4;
const magicBytes = 5;
const checksumBytes = 8;

export interface SnapshotOptions {
  /** Newest RDB version that may be written; the header has the lowest that will do. */
  readonly version: number;
  readonly compresses: boolean;
  /** A value of `maxmemory-policy`: whether idle times or frequencies are of use. */
  readonly policy: string;
}

/** The snapshot as bytes in memory. */
export function writeSnapshot(keyspace: Keyspace, options: SnapshotOptions): Uint8Array {
  const writer = new RdbWriter({ compresses: options.compresses });
  writer.raw(asciiBytes("REDIS0000"), 0, magicBytes + versionDigits);
  let version = versionMin;
  for (const database of keyspace.databases) {
    if (database.size === 0) continue;
    writer.byte(opcode.database);
    writer.length(database.index);
    writer.byte(opcode.resize);
    writer.length(database.size);
    writer.length(database.volatileKeys.count);
    database.table.forEach((ref) => {
      version = Math.max(version, writeKey(database, ref, options, writer));
    });
  }
  writer.byte(opcode.end);
  const digits = asciiBytes(String(version).padStart(versionDigits, "0"));
  writer.buffer.set(digits, magicBytes);
  const checksum = new Crc64();
  checksum.update(writer.buffer, 0, writer.position);
  writer.reserve(checksumBytes);
  const end = checksum.write(writer.buffer, writer.position);
  return writer.buffer.subarray(0, end);
}

/** Writes a key with all that belongs to it; the version that it needs. */
function writeKey(
  { keyspace }: Database,
  ref: Ref,
  options: SnapshotOptions,
  writer: RdbWriter,
): number {
  const { arena } = keyspace;
  const expiryMs = expiryOf(arena, ref);
  if (expiryMs >= 0) {
    writer.byte(opcode.expiryMs);
    writer.time(expiryMs);
  }
  const { idleSeconds, frequency } = accessToSave(keyspace, options.policy, ref);
  if (idleSeconds >= 0) {
    writer.byte(opcode.idle);
    writer.length(idleSeconds);
  }
  if (frequency >= 0) {
    writer.byte(opcode.frequency);
    writer.byte(frequency);
  }
  const type = rdbTypeOf(keyspace, ref, options.version);
  writer.byte(type);
  writer.string(arena.bytes[ref >>> 16], keyOffset(arena, ref), keyLength(arena, ref));
  encodeValue(keyspace, ref, type, writer);
  return versionOfType(type);
}
