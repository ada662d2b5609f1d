// Loads a data set that any Redis up to 8 or `snapshot-writer.ts` has written, a slice at a time:
// `step` goes on until it has read so many bytes, and between steps a server can answer that it is
// loading. Trusts nothing; what cannot be loaded throws `RdbError`, which says at which byte, and
// what was loaded before stays.
//
// A key is one slice however large its value is, which is why `step` may go on for longer.
import { latin1 } from "../bytes/ascii.ts";
import { Slice, Slices } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { recordType } from "../keyspace/record.ts";
import { DecodedValue } from "./decoded-value.ts";
import { accessAfterLoading } from "./key-access.ts";
import { makeLoadedRecord } from "./key-loader.ts";
import { LoadedKeys } from "./loaded-keys.ts";
import { loadedVersionMax, moduleOpcode, opcode, rdbType } from "./rdb-format.ts";
import { EmptyValueError, notThereYet, type RdbReader } from "./rdb-reader.ts";
import { decodeValue, isValueType } from "./value-decoder.ts";

const headBytes = 9;
const checksumBytes = 8;
/** The first version that ends with a checksum. */
const versionOfChecksum = 5;
/** The least that a key and its value take. */
const keyBytesMin = 3;
const keptNameBytes = 64 * 1024;

export interface RdbLoadOptions {
  /** A value of `maxmemory-policy`. */
  readonly policy: string;
  /** What to do about a key that is there already. */
  readonly duplicates: "refused" | "replaced";
  /**
   * What becomes of keys whose time is over: a primary drops them; a replica, whose primary will
   * say so, keeps them, and so does an append-only file, whose commands were run with them there.
   */
  readonly expired: "dropped" | "kept";
  /** Whether the checksum is compared: `rdbchecksum`. A file without one (0) is loaded anyway. */
  readonly checksum: "compared" | "ignored";
  /** Where the keys go, by number, if not to the keyspace's own databases. */
  readonly databases?: readonly Database[];
}

/** Told of what a file has beside keys. */
export interface RdbListener {
  /** A fact about the file: `redis-ver`, `ctime`, `aof-base`, `repl-id`... */
  auxiliary(name: string, text: string): void;
  /** A library of functions, its code good during the call. Returns why it cannot be loaded. */
  functionLibrary(code: Slice): string | undefined;
  /** What a module, nine letters of name, has written for itself was passed over. */
  modulePassedOver(name: string): void;
  /** A key, the only argument, was dropped since its time was over. */
  keyDropped?(db: Database, name: Slices): void;
  /** A collection without elements, as some versions wrote by mistake, was passed over. */
  emptyKeyPassedOver(name: string): void;
}

export class RdbLoader {
  keysLoaded = 0;
  keysExpired = 0;
  emptyKeysPassedOver = 0;
  /** The last step ended early: the next needs more of what is still coming. */
  isStarved = false;
  readonly #reader: RdbReader;
  readonly #keyspace: Keyspace;
  readonly #options: RdbLoadOptions;
  readonly #listener: RdbListener;
  #version = 0;
  #isDone = false;
  readonly #databases: readonly Database[];
  #db: Database;
  /** Size that the next key's database will have, as the file says; -1: it does not. */
  #expectedKeys = -1;
  /** What was said of the key that comes next. */
  readonly #next = { expiryMs: -1, idleSeconds: -1, frequency: -1 };
  readonly #facts = { expiryMs: -1, access: 0 };
  readonly #name = new Slices();
  readonly #waiting = new LoadedKeys();
  readonly #value = new DecodedValue();
  readonly #text = new Slice();

  /** Loads into the keyspace what the reader has before it. */
  constructor(
    keyspace: Keyspace,
    reader: RdbReader,
    options: RdbLoadOptions,
    listener: RdbListener,
  ) {
    this.#keyspace = keyspace;
    this.#reader = reader;
    this.#options = options;
    this.#listener = listener;
    this.#databases = options.databases ?? keyspace.databases;
    this.#db = this.#databases[0];
    this.#name.bytes = new Uint8Array(256);
    this.#name.push(0, 0);
  }

  /** Bytes read so far; when all is done, where the RDB data end in what they are a part of. */
  get offset(): number {
    return this.#reader.offset;
  }

  /**
   * Goes on for about so many bytes; whether all is loaded. Throws `RdbError`, and `DiskError` when
   * the file cannot be read; the loader is of no use after.
   */
  step(bytesMax: number): boolean {
    const reader = this.#reader;
    const stopAt = reader.offset + bytesMax;
    this.isStarved = false;
    let start = reader.position;
    try {
      if (this.#version === 0) this.#readHead();
      while (!this.#isDone) {
        start = reader.position;
        this.#readPart(reader.readByte());
        if (reader.offset >= stopAt) break;
      }
    } catch (error) {
      if (error !== notThereYet) throw error;
      // The part is read again from its start when there is more.
      reader.wanted += reader.position - start;
      reader.position = start;
      this.isStarved = true;
    } finally {
      this.#insertWaiting();
    }
    return this.#isDone;
  }

  #readHead(): void {
    const reader = this.#reader;
    if (this.#options.checksum === "compared") reader.beginChecksum();
    reader.require(headBytes);
    const { bytes, position } = reader;
    if (latin1(bytes, position, position + 5) !== "REDIS") {
      reader.fail("Wrong signature trying to load DB from file");
    }
    const digits = latin1(bytes, position + 5, position + headBytes);
    const version = /^\d{4}$/.test(digits) ? Number(digits) : 0;
    if (version < 1 || version > loadedVersionMax) {
      reader.fail(`Can't handle RDB format version ${version}`);
    }
    reader.position += headBytes;
    this.#version = version;
  }

  #readPart(code: number): void {
    if (code <= rdbType.hashListpackEx) {
      this.#readKey(code);
      return;
    }
    const reader = this.#reader;
    const next = this.#next;
    switch (code) {
      case opcode.expiryMs:
        next.expiryMs = reader.readTime();
        return;
      case opcode.expirySeconds:
        next.expiryMs = readSeconds(reader) * 1000;
        return;
      case opcode.idle:
        next.idleSeconds = reader.readNumber();
        return;
      case opcode.frequency:
        next.frequency = reader.readByte();
        return;
      case opcode.database:
        this.#selectDatabase();
        return;
      case opcode.resize:
        this.#expectedKeys = reader.readNumber();
        reader.readNumber();
        return;
      case opcode.end:
        this.#finish();
        return;
      default:
        this.#readExtra(code);
    }
  }

  #readExtra(code: number): void {
    const reader = this.#reader;
    switch (code) {
      case opcode.auxiliary:
        this.#readFact();
        return;
      case opcode.function:
        this.#readLibrary();
        return;
      case opcode.slot:
        for (let left = 3; left > 0; left--) reader.readNumber();
        return;
      case opcode.moduleAuxiliary:
        this.#passOverModule();
        return;
      case opcode.earlyFunction:
        return reader.fail("Pre-release function format not supported");
      default:
        reader.fail(`Unknown RDB opcode or type ${code}`);
    }
  }

  #selectDatabase(): void {
    const reader = this.#reader;
    const number = reader.readNumber();
    const databases = this.#databases;
    if (number >= databases.length) {
      reader.fail(
        "FATAL: Data file was created with a Redis server configured to handle more than " +
          `${databases.length} databases`,
      );
    }
    this.#insertWaiting();
    this.#db = databases[number];
  }

  #readFact(): void {
    const reader = this.#reader;
    reader.readString(this.#text);
    const name = this.#text.toString();
    reader.readString(this.#text);
    this.#listener.auxiliary(name, this.#text.toString());
  }

  #readLibrary(): void {
    this.#reader.readString(this.#text);
    const reason = this.#listener.functionLibrary(this.#text);
    if (reason !== undefined) this.#reader.fail(`Failed loading library, ${reason}`);
  }

  #passOverModule(): void {
    const reader = this.#reader;
    reader.readNumber();
    const name = moduleName(reader.high, reader.low);
    if (reader.readNumber() !== moduleOpcode.unsigned) reader.fail("bad when_opcode");
    reader.readNumber();
    passOverModuleParts(reader);
    this.#listener.modulePassedOver(name);
  }

  #readKey(type: number): void {
    if (this.#expectedKeys >= 0) this.#makeRoom();
    this.#readName();
    if (!isValueType(type)) this.#refuseType(type);
    if (this.#hasValue(type)) this.#addKey();
    this.#next.expiryMs = -1;
    this.#next.idleSeconds = -1;
    this.#next.frequency = -1;
    if (this.#name.bytes.length > keptNameBytes) this.#name.bytes = new Uint8Array(256);
  }

  /** Room for all keys of the database at once: growing bucket by bucket costs more. */
  #makeRoom(): void {
    const left = this.#reader.bytesLeft;
    const count = this.#expectedKeys;
    this.#expectedKeys = -1;
    if (left === undefined) return;
    this.#db.table.reserve(this.#db.size + Math.min(count, Math.floor(left / keyBytesMin)));
  }

  /** The value's strings may be unfolded where the name's bytes are, and the window may move. */
  #readName(): void {
    const text = this.#text;
    const name = this.#name;
    this.#reader.readString(text);
    const { bytes, offset, length } = text;
    if (length > name.bytes.length) name.bytes = new Uint8Array(length * 2);
    const target = name.bytes;
    if (length > 64) target.set(bytes.subarray(offset, offset + length));
    else for (let index = 0; index < length; index++) target[index] = bytes[offset + index];
    name.lengths[0] = length;
  }

  #refuseType(type: number): never {
    const reader: RdbReader = this.#reader;
    if (type !== rdbType.module2) reader.fail(`Unknown RDB encoding type ${type}`);
    reader.readNumber();
    const name = moduleName(reader.high, reader.low);
    reader.fail(
      `The RDB file contains module data I can't load: no matching module type '${name}'`,
    );
  }

  /** Reads the value; false when it has no elements. */
  #hasValue(type: number): boolean {
    try {
      decodeValue(this.#keyspace, this.#reader, type, this.#value);
      return true;
    } catch (error) {
      if (!(error instanceof EmptyValueError)) throw error;
      this.emptyKeysPassedOver++;
      this.#listener.emptyKeyPassedOver(this.#name.latin1(0));
      return false;
    }
  }

  #addKey(): void {
    const keyspace = this.#keyspace;
    const { expired, policy } = this.#options;
    const next = this.#next;
    const name = this.#name;
    if (next.expiryMs !== -1 && next.expiryMs < keyspace.nowMs && expired === "dropped") {
      this.keysExpired++;
      this.#listener.keyDropped?.(this.#db, name);
      this.#dropValue();
      return;
    }
    const facts = this.#facts;
    // Times before 1970 are over like 0, which records can hold.
    facts.expiryMs = next.expiryMs < -1 ? 0 : next.expiryMs;
    facts.access =
      next.idleSeconds < 0 && next.frequency < 0
        ? keyspace.newAccess
        : accessAfterLoading(keyspace, policy, next);
    const ref = makeLoadedRecord(keyspace, name, 0, this.#value, facts);
    this.#waiting.add(ref, keyspace.hash(name.bytes, 0, name.lengths[0]));
    this.keysLoaded++;
    if (this.#waiting.isFull) this.#insertWaiting();
  }

  /** Gives the value's memory back at once: a file may hold more that has expired than there is. */
  #dropValue(): void {
    if (this.#value.type === recordType.string) return;
    this.#value.discard(this.#keyspace);
    this.#keyspace.reclaimer.reclaim(Infinity);
  }

  #insertWaiting(): void {
    const name = this.#waiting.insert(this.#db, this.#options.duplicates);
    if (name === undefined) return;
    this.#reader.fail(`RDB has duplicated key '${name}' in DB ${this.#db.index}`);
  }

  #finish(): void {
    const reader = this.#reader;
    const hasChecksum = this.#version >= versionOfChecksum;
    if (hasChecksum) reader.require(checksumBytes);
    this.#isDone = true;
    if (!hasChecksum) return;
    const isCompared = this.#options.checksum === "compared";
    const checksum = isCompared ? reader.checksum() : undefined;
    const { bytes, position } = reader;
    const stored = bytes.slice(position, position + checksumBytes);
    reader.position += checksumBytes;
    // A checksum of 0 says that there is none.
    if (checksum === undefined || stored.every((byte) => byte === 0)) return;
    if (checksum.isStoredAt(stored, 0)) return;
    const expected = new Uint8Array(checksumBytes);
    checksum.write(expected, 0);
    reader.fail(
      `RDB CRC error: Wrong RDB checksum expected: (${hex(expected)}) but got (${hex(stored)})`,
    );
  }
}

function hex(checksum: Uint8Array): string {
  return new DataView(checksum.buffer).getBigUint64(0, true).toString(16);
}

/** A time in seconds, as versions before 3 wrote it. */
export function readSeconds(reader: RdbReader): number {
  reader.require(4);
  const { bytes, position } = reader;
  reader.position += 4;
  const low = bytes[position] | (bytes[position + 1] << 8) | (bytes[position + 2] << 16);
  return low | (bytes[position + 3] << 24);
}

const nameLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const nameLength = 9;
const versionBits = 10n;

/** A module's number is its name, 6 bits a letter, and 10 bits of version. */
export function moduleName(high: number, low: number): string {
  let letters = ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) >> versionBits;
  let name = "";
  for (let left = nameLength; left > 0; left--) {
    name = nameLetters[Number(letters & 63n)] + name;
    letters >>= 6n;
  }
  return name;
}

/** Each part of what a module has written says of which kind it is, so any can be passed over. */
export function passOverModuleParts(reader: RdbReader): void {
  const text = new Slice();
  for (;;) {
    const kind = reader.readNumber();
    switch (kind) {
      case moduleOpcode.end:
        return;
      case moduleOpcode.signed:
      case moduleOpcode.unsigned:
        reader.readNumber();
        break;
      case moduleOpcode.float:
        reader.require(4);
        reader.position += 4;
        break;
      case moduleOpcode.double:
        reader.readDouble();
        break;
      case moduleOpcode.string:
        reader.readString(text);
        break;
      default:
        reader.fail(`Unknown module opcode ${kind}`);
    }
  }
}
