// Checks an RDB file as Redis's redis-check-rdb does, and says the same of it: what is in it, and
// if it cannot be loaded, what was being read at which byte. Values are read as they are when a
// file is loaded, by the same code, and thrown away.
import { Slice } from "../bytes/slices.ts";
import { latin1 } from "../bytes/ascii.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { DecodedValue } from "./decoded-value.ts";
import type { DiskFile } from "./disk.ts";
import { FileSource } from "./file-source.ts";
import { loadedVersionMax, moduleOpcode, opcode } from "./rdb-format.ts";
import { moduleName, passOverModuleParts, readSeconds } from "./rdb-loader.ts";
import { EmptyValueError, RdbError, RdbReader, endsTooEarly } from "./rdb-reader.ts";
import { decodeValue, isValueType } from "./value-decoder.ts";

const noBytes = new Uint8Array(0);
const headBytes = 9;
const checksumBytes = 8;
const versionOfChecksum = 5;
const unknownType = -1;

/** Names of types of values, by their numbers. */
const typeNames: readonly string[] = [
  "string",
  "list-linked",
  "set-hashtable",
  "zset-v1",
  "hash-hashtable",
  "zset-v2",
  "module-pre-release",
  "module-value",
  "",
  "hash-zipmap",
  "list-ziplist",
  "set-intset",
  "zset-ziplist",
  "hash-ziplist",
  "quicklist",
  "stream",
  "hash-listpack",
  "zset-listpack",
  "quicklist-v2",
  "stream-v2",
  "set-listpack",
  "stream-v3",
  "hash-hashtable-md-pre-release",
  "hash-listpack-md-pre-release",
  "hash-hashtable-md",
  "hash-listpack-md",
];

type Doing =
  | "start"
  | "read-type"
  | "read-expire"
  | "read-key"
  | "read-object-value"
  | "check-sum"
  | "read-len"
  | "read-aux"
  | "read-module-aux"
  | "read-functions";

export class RdbCheck {
  readonly #keyspace: Keyspace;
  readonly #reader: RdbReader;
  readonly #print: (line: string) => void;
  readonly #text = new Slice();
  readonly #value = new DecodedValue();
  #doing: Doing = "start";
  #key: string | undefined;
  /** Redis begins with that of strings. */
  #keyType = 0;
  #expiryMs = -1;
  #keys = 0;
  #expires = 0;
  #expired = 0;

  /** Values are built in the keyspace, whose clock says what has expired, and given back. */
  constructor(keyspace: Keyspace, file: DiskFile, print: (line: string) => void) {
    this.#keyspace = keyspace;
    this.#print = print;
    this.#reader = new RdbReader(noBytes, 0, 0, new FileSource(file));
  }

  /** Where the RDB data end, after a check that went well. */
  get offset(): number {
    return this.#reader.offset;
  }

  /** Reads all of it; whether it can be loaded. Throws a `DiskError`. */
  run(): boolean {
    try {
      this.#read();
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      this.#tellError(error);
      return false;
    }
    this.#tell("\\o/ RDB looks OK! \\o/");
    this.#tellCounts();
    return true;
  }

  #tell(text: string): void {
    this.#print(`[offset ${this.#reader.offset}] ${text}`);
  }

  #tellError({ reason, offset }: RdbError): void {
    const text = reason === endsTooEarly ? "Unexpected EOF reading RDB file" : reason;
    this.#print("--- RDB ERROR DETECTED ---");
    this.#print(`[offset ${offset}] ${text}`);
    this.#print(`[additional info] While doing: ${this.#doing}`);
    if (this.#key !== undefined) this.#print(`[additional info] Reading key '${this.#key}'`);
    if (this.#keyType !== unknownType) {
      const name = typeNames[this.#keyType] ?? "unknown";
      this.#print(`[additional info] Reading type ${this.#keyType} (${name})`);
    }
    this.#tellCounts();
  }

  #tellCounts(): void {
    this.#print(`[info] ${this.#keys} keys read`);
    this.#print(`[info] ${this.#expires} expires`);
    this.#print(`[info] ${this.#expired} already expired`);
  }

  #read(): void {
    const reader = this.#reader;
    reader.beginChecksum();
    reader.require(headBytes);
    const head = latin1(reader.bytes, reader.position, reader.position + headBytes);
    reader.position += headBytes;
    if (!head.startsWith("REDIS")) reader.fail("Wrong signature trying to load DB from file");
    const version = Number.parseInt(head.slice(5), 10) || 0;
    if (version < 1 || version > loadedVersionMax) {
      reader.fail(`Can't handle RDB format version ${version}`);
    }
    for (;;) {
      this.#doing = "read-type";
      const code = reader.readByte();
      if (code === opcode.end) break;
      if (!this.#readOpcode(code)) this.#readKey(code);
    }
    if (version >= versionOfChecksum) this.#readChecksum();
  }

  /** False when it is none of these but a type. */
  #readOpcode(code: number): boolean {
    const reader = this.#reader;
    switch (code) {
      case opcode.expiryMs:
        this.#doing = "read-expire";
        this.#expiryMs = reader.readTime();
        return true;
      case opcode.expirySeconds:
        this.#doing = "read-expire";
        this.#expiryMs = readSeconds(reader) * 1000;
        return true;
      case opcode.frequency:
        reader.readByte();
        return true;
      case opcode.idle:
        reader.readNumber();
        return true;
      case opcode.database:
        this.#doing = "read-len";
        this.#selectDatabase();
        return true;
      default:
        return this.#readRareOpcode(code);
    }
  }

  #selectDatabase(): void {
    const number = this.#reader.readNumber();
    this.#tell(`Selecting DB ID ${number}`);
  }

  #readRareOpcode(code: number): boolean {
    const reader = this.#reader;
    switch (code) {
      case opcode.resize:
        this.#doing = "read-len";
        for (let left = 2; left > 0; left--) reader.readNumber();
        return true;
      case opcode.slot:
        for (let left = 3; left > 0; left--) reader.readNumber();
        return true;
      case opcode.auxiliary:
        this.#doing = "read-aux";
        this.#readFact();
        return true;
      case opcode.moduleAuxiliary:
        this.#doing = "read-module-aux";
        this.#readModule();
        return true;
      case opcode.function:
        this.#doing = "read-functions";
        reader.readString(this.#text);
        return true;
      case opcode.earlyFunction:
        return reader.fail("Pre-release function format not supported");
      default:
        return false;
    }
  }

  #readFact(): void {
    this.#reader.readString(this.#text);
    const name = this.#text.toString();
    this.#reader.readString(this.#text);
    this.#tell(`AUX FIELD ${name} = '${this.#text.toString()}'`);
  }

  #readModule(): void {
    const reader = this.#reader;
    reader.readNumber();
    const name = moduleName(reader.high, reader.low);
    const whenKind = reader.readNumber();
    reader.readNumber();
    if (whenKind !== moduleOpcode.unsigned) reader.fail("bad when_opcode");
    this.#tell(`MODULE AUX for: ${name}`);
    passOverModuleParts(reader);
  }

  #readKey(type: number): void {
    const reader = this.#reader;
    if (!isValueType(type)) reader.fail(`Invalid object type: ${type}`);
    this.#keyType = type;
    this.#doing = "read-key";
    reader.readString(this.#text);
    this.#key = this.#text.toString();
    this.#keys++;
    this.#doing = "read-object-value";
    this.#readValue(type);
    if (this.#expiryMs !== -1) {
      this.#expires++;
      if (this.#expiryMs < this.#keyspace.nowMs) this.#expired++;
    }
    this.#key = undefined;
    this.#keyType = unknownType;
    this.#expiryMs = -1;
  }

  #readValue(type: number): void {
    const keyspace = this.#keyspace;
    try {
      decodeValue(keyspace, this.#reader, type, this.#value);
    } catch (error) {
      // Redis passes such a key over when it loads the file, but its check refuses it.
      if (error instanceof EmptyValueError) this.#reader.fail(endsTooEarly);
      throw error;
    }
    this.#value.discard(keyspace);
    while (keyspace.reclaimer.reclaim(Infinity));
  }

  #readChecksum(): void {
    const reader = this.#reader;
    this.#doing = "check-sum";
    const checksum = reader.checksum();
    reader.require(checksumBytes);
    const stored = reader.bytes.slice(reader.position, reader.position + checksumBytes);
    reader.position += checksumBytes;
    if (stored.every((byte) => byte === 0)) {
      this.#tell("RDB file was saved with checksum disabled: no check performed.");
    } else if (checksum.isStoredAt(stored, 0)) {
      this.#tell("Checksum OK");
    } else reader.fail("RDB CRC error");
  }
}
