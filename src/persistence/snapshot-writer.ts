// Writes a whole data set as RDB, as it is at one instant: what a file, a replica and DEBUG RELOAD
// get. `step` goes on a slice at a time while commands run; `keyspace/snapshot.ts` sees to it that
// what they change is written first.
//
//   REDIS and four digits of the version
//   facts about the file
//   the keys, in any order:
//     [expiry] [idle time or frequency] type, name, value
//   before a key of another database than the last: that one's number, and the first time how many
//   keys it has and how many of them expire
//   the end, and the CRC-64 of all before
//
// The version stands first, so it is chosen before anything is written: the oldest that can hold
// what there is.
import { asciiBytes } from "../bytes/ascii.ts";
import { Crc64 } from "../bytes/crc64.ts";
import type { Ref } from "../memory/arena.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { expiryOf, keyLength, keyOffset } from "../keyspace/record.ts";
import type { SlicedWriting, SnapshotTarget } from "../keyspace/snapshot.ts";
import { Snapshot } from "../keyspace/snapshot.ts";
import type { ByteSink } from "./byte-stream.ts";
import { accessToSave } from "./key-access.ts";
import { opcode, versionMax, versionMin } from "./rdb-format.ts";
import { RdbWriter } from "./rdb-writer.ts";
import { encodeInSlices, encodeValue, rdbTypeOf } from "./value-encoder.ts";

const versionDigits = 4;
const checksumBytes = 8;

export interface SnapshotOptions {
  readonly compresses: boolean;
  /** Whether the file ends with its checksum, or with zeros: `rdbchecksum`. */
  readonly hasChecksum: boolean;
  /** A value of `maxmemory-policy`: whether idle times or frequencies are of use. */
  readonly policy: string;
  /** Facts about the file, as names and texts. */
  readonly facts: readonly (readonly [string, string])[];
  /** Payloads of libraries of functions. */
  readonly functions?: readonly Uint8Array[];
  /** No keys are written. */
  readonly excludesData?: boolean;
}

export class SnapshotWriter implements SnapshotTarget {
  /** None when no keys are written. */
  readonly snapshot: Snapshot | undefined;
  /** Keys that are written. */
  keyCount = 0;
  readonly #keyspace: Keyspace;
  readonly #options: SnapshotOptions;
  readonly #version: number;
  readonly #checksum = new Crc64();
  readonly #sink: ByteSink;
  readonly #main: RdbWriter;
  /** Takes what is written while a large value, which must stay in one piece, is not complete. */
  #aside: RdbWriter | undefined;
  /** How large the databases are of which no key is written yet. */
  readonly #sizes = new Map<number, { keys: number; volatileKeys: number }>();
  /** The database that the next key is of, as a reader of either writer's bytes has it. */
  #database = -1;
  #asideDatabase = -1;

  /** Begins: the snapshot is of this instant. */
  constructor(keyspace: Keyspace, sink: ByteSink, options: SnapshotOptions) {
    this.#keyspace = keyspace;
    this.#options = options;
    this.#sink = sink;
    this.#version = versionFor(keyspace);
    this.#main = new RdbWriter({
      compresses: options.compresses,
      sink: {
        write: (bytes, offset, length) => {
          if (options.hasChecksum) this.#checksum.update(bytes, offset, length);
          sink.write(bytes, offset, length);
        },
      },
    });
    this.#writeHead();
    this.snapshot = options.excludesData === true ? undefined : new Snapshot(keyspace, this);
  }

  #writeHead(): void {
    const writer = this.#main;
    const head = asciiBytes(`REDIS${String(this.#version).padStart(versionDigits, "0")}`);
    writer.raw(head, 0, head.length);
    for (const fact of this.#options.facts) {
      writer.byte(opcode.auxiliary);
      for (const text of fact) {
        const bytes = asciiBytes(text);
        writer.string(bytes, 0, bytes.length);
      }
    }
    for (const library of this.#options.functions ?? []) {
      writer.byte(opcode.function);
      writer.string(library, 0, library.length);
    }
    for (const { index, size, volatileKeys } of this.#keyspace.databases) {
      if (size > 0) this.#sizes.set(index, { keys: size, volatileKeys: volatileKeys.count });
    }
  }

  /** Goes on until `isOver` or the end; whether it was the end. */
  step(isOver: () => boolean): boolean {
    if (this.snapshot?.step(isOver) === false) return false;
    this.#main.byte(opcode.end);
    this.#main.flush();
    const end = new Uint8Array(checksumBytes);
    if (this.#options.hasChecksum) this.#checksum.write(end, 0);
    this.#sink.write(end, 0, end.length);
    return true;
  }

  /** Hands everything on that is written so far. */
  flush(): void {
    this.#main.flush();
  }

  write(database: number, ref: Ref): void {
    const writer = this.#aside ?? this.#main;
    this.#select(writer, database);
    const type = this.#writeKey(ref, writer);
    encodeValue(this.#keyspace, ref, type, writer);
  }

  begin(database: number, ref: Ref): SlicedWriting {
    const writer = this.#main;
    this.#select(writer, database);
    const type = this.#writeKey(ref, writer);
    const elements = encodeInSlices(this.#keyspace, ref, type, writer);
    this.#aside = new RdbWriter({ compresses: this.#options.compresses });
    this.#asideDatabase = -1;
    const step = (isOver: () => boolean): boolean => {
      while (elements.next().done !== true) if (isOver()) return false;
      this.#endAside();
      return true;
    };
    return { step };
  }

  #endAside(): void {
    const aside = this.#aside;
    this.#aside = undefined;
    if (aside === undefined || aside.position === 0) return;
    this.#main.raw(aside.buffer, 0, aside.position);
    this.#database = this.#asideDatabase;
  }

  #select(writer: RdbWriter, database: number): void {
    const isAside = writer === this.#aside;
    if (database === (isAside ? this.#asideDatabase : this.#database)) return;
    if (isAside) this.#asideDatabase = database;
    else this.#database = database;
    writer.byte(opcode.database);
    writer.length(database);
    const sizes = this.#sizes.get(database);
    if (sizes === undefined) return;
    this.#sizes.delete(database);
    writer.byte(opcode.resize);
    writer.length(sizes.keys);
    writer.length(sizes.volatileKeys);
  }

  /** Writes a key with all that belongs to it but its value; the value's type. */
  #writeKey(ref: Ref, writer: RdbWriter): number {
    this.keyCount++;
    const { arena } = this.#keyspace;
    const expiryMs = expiryOf(arena, ref);
    if (expiryMs >= 0) {
      writer.byte(opcode.expiryMs);
      writer.time(expiryMs);
    }
    const { idleSeconds, frequency } = accessToSave(this.#keyspace, this.#options.policy, ref);
    if (idleSeconds >= 0) {
      writer.byte(opcode.idle);
      writer.length(idleSeconds);
    }
    if (frequency >= 0) {
      writer.byte(opcode.frequency);
      writer.byte(frequency);
    }
    const type = rdbTypeOf(this.#keyspace, ref, this.#version);
    writer.byte(type);
    writer.string(arena.bytes[ref >>> 16], keyOffset(arena, ref), keyLength(arena, ref));
    return type;
  }
}

/** Only the newest version has hashes whose fields expire; Redis 7.0 loads all others' data. */
function versionFor({ databases }: Keyspace): number {
  return databases.some(({ hashExpiries }) => hashExpiries.firstTimeMs < Infinity)
    ? versionMax
    : versionMin;
}
