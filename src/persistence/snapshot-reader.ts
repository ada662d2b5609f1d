// Reads a whole data set that `snapshot-writer.ts` or any Redis up to 7.4 has written. Trusts
// nothing; what cannot be loaded throws `RdbError`, and what was loaded before stays.
import { Slice, Slices } from "../bytes/slices.ts";
import { Crc64 } from "../bytes/crc64.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { DecodedValue } from "./decoded-value.ts";
import { accessAfterLoading } from "./key-access.ts";
import { addLoadedKey } from "./key-loader.ts";
import { opcode, versionMax } from "./rdb-format.ts";
import { RdbReader } from "./rdb-reader.ts";
import { decodeValue, isValueType } from "./value-decoder.ts";

const headBytes = 9;
const checksumBytes = 8;
/** The first version that ends with a checksum. */
const versionOfChecksum = 5;

export interface LoadOptions {
  /** A value of `maxmemory-policy`. */
  readonly policy: string;
  /** What to do about a key that is there already. */
  readonly duplicates: "refused" | "replaced";
}

/** What was said of the key that comes next. */
interface NextKey {
  expiryMs: number;
  idleSeconds: number;
  frequency: number;
}

/** Loads a snapshot from memory into the keyspace. Keys whose time is over are left out. */
export function readSnapshot(keyspace: Keyspace, bytes: Uint8Array, options: LoadOptions): void {
  const reader = new RdbReader(bytes, 0, bytes.length);
  const version = readHead(reader);
  const next: NextKey = { expiryMs: -1, idleSeconds: -1, frequency: -1 };
  const text = new Slice();
  let db = keyspace.databases[0];
  for (;;) {
    const code = reader.readByte();
    if (code === opcode.end) break;
    if (code === opcode.expiryMs) next.expiryMs = reader.readTime();
    else if (code === opcode.expirySeconds) next.expiryMs = readSeconds(reader) * 1000;
    else if (code === opcode.idle) next.idleSeconds = reader.readNumber();
    else if (code === opcode.frequency) next.frequency = reader.readByte();
    else if (code === opcode.database) db = databaseOf(keyspace, reader);
    else if (code === opcode.resize) {
      const count = reader.readNumber();
      reader.readNumber();
      db.table.reserve(reader.plausibleCount(count, 2));
    } else if (code === opcode.auxiliary) {
      reader.readString(text);
      reader.readString(text);
    } else if (isValueType(code)) {
      readKey(db, reader, code, next, options);
      Object.assign(next, { expiryMs: -1, idleSeconds: -1, frequency: -1 });
    } else reader.fail(`unknown opcode ${code}`);
  }
  if (version >= versionOfChecksum) checkSum(reader, bytes);
}

function readHead(reader: RdbReader): number {
  reader.require(headBytes);
  const head = new Slice(reader.bytes, reader.position, headBytes).toString();
  const match = /^REDIS(\d{4})$/.exec(head);
  if (match === null) reader.fail("this is no RDB data");
  const version = Number(match[1]);
  if (version < 1 || version > versionMax) reader.fail(`RDB version ${version} cannot be loaded`);
  reader.position += headBytes;
  return version;
}

function readSeconds(reader: RdbReader): number {
  reader.require(4);
  let seconds = 0;
  for (let index = 0; index < 4; index++) {
    seconds |= reader.bytes[reader.position++] << (index * 8);
  }
  return seconds;
}

function databaseOf({ databases }: Keyspace, reader: RdbReader): Database {
  const number = reader.readNumber();
  if (number >= databases.length) reader.fail(`there is no database ${number}`);
  return databases[number];
}

function readKey(
  db: Database,
  reader: RdbReader,
  type: number,
  next: NextKey,
  options: LoadOptions,
): void {
  const { keyspace } = db;
  const text = new Slice();
  reader.readString(text);
  const name = new Slices();
  // The value's strings may be unfolded where the name's bytes are, and the window may move.
  name.bytes = text.copy();
  name.push(0, text.length);
  const value = new DecodedValue();
  decodeValue(keyspace, reader, type, value);
  const { expiryMs } = next;
  if (expiryMs >= 0 && expiryMs < keyspace.nowMs && keyspace.expires) {
    value.discard(keyspace);
    return;
  }
  const old = db.peek(name, 0);
  if (old !== noRef) {
    if (options.duplicates === "refused") {
      value.discard(keyspace);
      reader.fail("a key is there already");
    }
    db.discard(old);
  }
  const access = accessAfterLoading(keyspace, options.policy, next);
  addLoadedKey(db, name, 0, value, { expiryMs, access });
}

/** A checksum of 0 says that there is none. */
function checkSum(reader: RdbReader, bytes: Uint8Array): void {
  reader.require(checksumBytes);
  const at = reader.position;
  const checksum = new Crc64();
  checksum.update(bytes, 0, at);
  const isAbsent = bytes.subarray(at, at + checksumBytes).every((byte) => byte === 0);
  if (!isAbsent && !checksum.isStoredAt(bytes, at)) reader.fail("the checksum is wrong");
}
