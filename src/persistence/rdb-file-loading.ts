// Loads the RDB file at the start, and says in the log what it is and how it went, in Redis's
// words.
import type { Engine } from "../engine/engine.ts";
import type { FunctionSet } from "../engine/scripting/function-set.ts";
import type { Propagation } from "../engine/propagation.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { FileSource } from "./file-source.ts";
import type { RdbListener, RdbLoadOptions } from "./rdb-loader.ts";
import { RdbLoader } from "./rdb-loader.ts";
import { RdbReader } from "./rdb-reader.ts";
import type { PersistenceContext } from "./settings.ts";

/** A load that is under way. */
export interface Loading {
  readonly totalBytes: number;
  readonly loadedBytes: number;
  /**
   * Goes on for about so many bytes; whether all is loaded. Throws what tells why the rest cannot
   * be; then the data set is not what it should be, and the server must not go on with it.
   */
  step(bytesMax: number): boolean;
}

/** Where in which replication stream the data set of a dump file was. */
export interface DumpHistory {
  id: string;
  offset: number;
  /** The database that the stream had selected. */
  database: number;
}

export type RdbFileOptions = Partial<Pick<RdbLoadOptions, "duplicates" | "expired">>;

const noBytes = new Uint8Array(0);
const bytesPerMegabyte = 1024 * 1024;

export class RdbFileLoading implements Loading {
  readonly totalBytes: number;
  readonly loader: RdbLoader;
  /** Where in which replication stream the data set was, if the file says so. */
  readonly history: DumpHistory = { id: "", offset: -1, database: 0 };
  readonly #file: DiskFile;

  /** Throws a DiskError. */
  constructor(
    engine: Engine,
    disk: Disk,
    path: string,
    context: PersistenceContext,
    options: RdbFileOptions = {},
  ) {
    const { keyspace } = engine;
    const { settings } = context;
    this.#file = disk.open(path, "read");
    this.totalBytes = this.#file.size();
    const reader = new RdbReader(noBytes, 0, 0, new FileSource(this.#file));
    this.loader = new RdbLoader(
      keyspace,
      reader,
      {
        policy: settings.maxmemoryPolicy,
        duplicates: options.duplicates ?? "refused",
        expired: options.expired ?? "dropped",
        checksum: settings.rdbchecksum ? "compared" : "ignored",
      },
      this.#listener(
        rdbListener(engine, context, {
          functions: engine.scripting.functions.set,
          replaces: options.duplicates === "replaced",
        }),
        engine.propagation,
      ),
    );
  }

  /** Replicas that know the keys have to hear of those that are gone. */
  #listener(base: RdbListener, propagation: Propagation): RdbListener {
    return {
      ...base,
      auxiliary: (name, text) => {
        base.auxiliary(name, text);
        if (name === "repl-id") this.history.id = text;
        else if (name === "repl-offset") this.history.offset = Number(text);
        else if (name === "repl-stream-db") this.history.database = Number(text);
      },
      keyDropped: (db, { bytes, offsets, lengths }) =>
        propagation.keyDeleted(db, bytes, offsets[0], lengths[0], propagation.expiresLazily),
    };
  }

  get loadedBytes(): number {
    return this.loader.offset;
  }

  step(bytesMax: number): boolean {
    const isDone = this.loader.step(bytesMax);
    if (isDone) this.#file.close();
    return isDone;
  }
}

/** Tells the log where a file comes from, and adds its libraries of functions to a set. */
export function rdbListener(
  engine: Engine,
  { log }: PersistenceContext,
  target: { readonly functions: FunctionSet; readonly replaces: boolean },
): RdbListener {
  return {
    auxiliary(name, text) {
      if (name === "redis-ver") log("notice", `Loading RDB produced by version ${text}`);
      else if (name === "ctime") {
        const ageSeconds = Math.max(0, Math.floor(engine.keyspace.nowMs / 1000) - Number(text));
        log("notice", `RDB age ${ageSeconds} seconds`);
      } else if (name === "used-mem") {
        const megabytes = (Number(text) / bytesPerMegabyte).toFixed(2);
        log("notice", `RDB memory usage when created ${megabytes} Mb`);
      } else if (name === "aof-base" && text === "1") {
        log("notice", "RDB is base AOF");
      }
    },
    functionLibrary(code) {
      const { functions, replaces } = target;
      const options = { replaces, isLimited: false };
      const result = engine.scripting.functions.loadInto(functions, code.copy(), options);
      return typeof result === "string" ? result : undefined;
    },
    modulePassedOver: (name) => log("notice", `Skipping the data of module ${name}`),
    emptyKeyPassedOver: (name) => log("notice", `rdbLoadObject: skipping empty key: ${name}`),
  };
}
