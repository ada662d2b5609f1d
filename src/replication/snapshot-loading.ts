// Loads what the primary has sent, a slice at a time: from a file, or from the connection as it
// comes, in place of the data set or beside it.
//
// Beside it means in databases of its own, which change places with the old ones when all is there.
// Whatever goes wrong before, the old data are untouched.
import type { Engine } from "../engine/engine.ts";
import { FunctionSet } from "../engine/scripting/function-set.ts";
import { Database } from "../keyspace/database.ts";
import type { DiskFile } from "../persistence/disk.ts";
import { FileSource } from "../persistence/file-source.ts";
import type { Persistence } from "../persistence/persistence.ts";
import type { Loading } from "../persistence/rdb-file-loading.ts";
import { RdbLoader } from "../persistence/rdb-loader.ts";
import { RdbError, RdbReader, endsTooEarly } from "../persistence/rdb-reader.ts";

const noBytes = new Uint8Array(0);
/** With more than this unread, a part that is not complete is not tried again for every piece. */
const eagerBytesMax = 1024 * 1024;

export interface SnapshotLoadingOptions {
  readonly engine: Engine;
  readonly persistence: Persistence;
  /** Where the data come from; undefined: they are added as they come. */
  readonly file: DiskFile | undefined;
  /** 0: not known. */
  readonly totalBytes: number;
  readonly isBeside: boolean;
}

/** What became of a slice. */
export type Slice = "more" | "starved" | "done";

export class SnapshotLoading implements Loading {
  readonly totalBytes: number;
  /** The database that the stream has selected; -1: the primary does not say. */
  streamDatabase = -1;
  readonly #options: SnapshotLoadingOptions;
  readonly #reader: RdbReader;
  readonly #loader: RdbLoader;
  readonly #databases: readonly Database[] | undefined;
  readonly #functions = new FunctionSet();
  /** Unread bytes with which the part that is not complete is tried again. */
  #retryBytes = 0;
  #isComplete = false;

  constructor(options: SnapshotLoadingOptions) {
    this.#options = options;
    this.totalBytes = options.totalBytes;
    const { engine, file, persistence } = options;
    const { keyspace } = engine;
    const source = file === undefined ? this : new FileSource(file);
    this.#reader = new RdbReader(noBytes, 0, 0, source);
    this.#databases = options.isBeside
      ? keyspace.databases.map(({ index }) => new Database(keyspace, index))
      : undefined;
    const listener = persistence.rdbListener(this.#functions);
    this.#loader = new RdbLoader(
      keyspace,
      this.#reader,
      {
        ...persistence.rdbLoadOptions,
        duplicates: "refused",
        expired: "kept",
        ...(this.#databases !== undefined && { databases: this.#databases }),
      },
      {
        ...listener,
        auxiliary: (name, text) => {
          listener.auxiliary(name, text);
          if (name === "repl-stream-db") this.#noteDatabase(Number(text));
        },
      },
    );
  }

  #noteDatabase(number: number): void {
    const { length } = this.#options.engine.keyspace.databases;
    if (Number.isInteger(number) && number >= 0 && number < length) this.streamDatabase = number;
  }

  /** As a source of the reader: nothing is asked for, what comes is added. */
  get isComing(): boolean {
    return !this.#isComplete;
  }

  fill(): boolean {
    return false;
  }

  get loadedBytes(): number {
    return this.#loader.offset;
  }

  get keysLoaded(): number {
    return this.#loader.keysLoaded;
  }

  /** Bytes that have come and are not read. */
  get unreadBytes(): number {
    return this.#reader.end - this.#reader.position;
  }

  /** More of the data. */
  add(bytes: Uint8Array, offset: number, length: number): void {
    this.#reader.add(bytes, offset, length);
  }

  /** Nothing more comes. */
  complete(): void {
    this.#isComplete = true;
    this.#retryBytes = 0;
  }

  /** What has come and is no part of the data: behind their end. */
  takeRest(): Uint8Array {
    const { bytes, position, end } = this.#reader;
    this.#reader.position = end;
    return bytes.slice(position, end);
  }

  /** Whether it is worth while to go on with what has come. */
  get isReady(): boolean {
    return this.unreadBytes >= this.#retryBytes;
  }

  /** Goes on after a silence: what is there is all that there is for now. */
  retry(): void {
    this.#retryBytes = 0;
  }

  step(bytesMax: number): boolean {
    return this.slice(bytesMax) === "done";
  }

  /** Goes on for about so many bytes. Throws an RdbError or a DiskError. */
  slice(bytesMax: number): Slice {
    this.#retryBytes = 0;
    if (this.#loader.step(bytesMax)) return "done";
    if (!this.#loader.isStarved) return "more";
    const unread = this.unreadBytes;
    const patience = unread > eagerBytesMax ? unread + unread / 2 : 0;
    this.#retryBytes = Math.max(this.#reader.wanted, patience);
    return "starved";
  }

  /** What came last was cut off. */
  failShort(): never {
    throw new RdbError(endsTooEarly, this.loadedBytes);
  }

  /** All is loaded: it takes the place of what was there. */
  adopt(): void {
    const { engine, persistence } = this.#options;
    const { keyspace } = engine;
    engine.scripting.functions.set = this.#functions;
    Object.assign(persistence.rdb.statistics, {
      keysLoaded: this.#loader.keysLoaded,
      keysExpired: this.#loader.keysExpired,
    });
    for (const loaded of this.#databases ?? []) {
      const database = keyspace.databases[loaded.index];
      keyspace.observer?.databaseReplaced(database, loaded);
      database.exchange(loaded);
      loaded.flush(true);
    }
  }

  /** It comes to nothing. */
  discard(): void {
    if (this.#databases === undefined) this.#options.engine.keyspace.flushAll(true);
    else for (const loaded of this.#databases) loaded.flush(true);
  }
}
