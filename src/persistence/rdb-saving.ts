// When the data set is saved to the RDB file: SAVE, BGSAVE, the save points, shutdown; and how the
// last save went.
import type { Engine } from "../engine/engine.ts";
import { Failure } from "../keyspace/failure.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { ByteSink } from "./byte-stream.ts";
import type { Disk } from "./disk.ts";
import { DiskError } from "./disk.ts";
import { SnapshotSave } from "./snapshot-save.ts";
import type { PersistenceContext } from "./settings.ts";
import type { SnapshotJobs } from "./snapshot-jobs.ts";
import { SnapshotWriter } from "./snapshot-writer.ts";

const alreadySaving = new Failure("ERR Background save already in progress");
const otherSnapshot = new Failure(
  "ERR Another child process is active (AOF?): can't BGSAVE right now. " +
    "Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
);
const notSaved = new Failure("ERR");
/** After a failed save the next one by a save point waits at least so long. */
const retryDelaySeconds = 5;

export interface RdbStatistics {
  lastSaveSeconds: number;
  lastStatus: "ok" | "err";
  /** -1: there was none. */
  lastDurationSeconds: number;
  saves: number;
  /** Of the last load. */
  keysLoaded: number;
  keysExpired: number;
}

export interface RdbOptions {
  /** It becomes the base of an append-only file. */
  readonly isBase: boolean;
  readonly excludesData?: boolean;
  readonly excludesFunctions?: boolean;
}

export class RdbSaving {
  readonly statistics: RdbStatistics;
  /** Where in the replication stream the data set is, as facts for the file. */
  historyFacts: () => readonly (readonly [string, string])[] = () => [];
  /** Called when a background save has ended, with the error if one ended it. */
  onBackgroundEnd: (error: DiskError | undefined) => void = () => {};
  readonly #engine: Engine;
  readonly #disk: Disk;
  readonly #jobs: SnapshotJobs;
  readonly #context: PersistenceContext;
  /** BGSAVE SCHEDULE: one follows when the present snapshot is complete. */
  isScheduled = false;
  #lastTrySeconds = 0;

  constructor(engine: Engine, disk: Disk, jobs: SnapshotJobs, context: PersistenceContext) {
    this.#engine = engine;
    this.#disk = disk;
    this.#jobs = jobs;
    this.#context = context;
    this.statistics = {
      lastSaveSeconds: this.#nowSeconds,
      lastStatus: "ok",
      lastDurationSeconds: -1,
      saves: 0,
      keysLoaded: 0,
      keysExpired: 0,
    };
  }

  /** Whether a snapshot is being written as RDB, to the file or to replicas. */
  get isSaving(): boolean {
    return this.#jobs.isRunning("rdb") || this.#jobs.isRunning("replicas");
  }

  get #nowSeconds(): number {
    return Math.floor(this.#engine.keyspace.nowMs / 1000);
  }

  /** Begins a snapshot as RDB. */
  writer(keyspace: Keyspace, sink: ByteSink, options: RdbOptions): SnapshotWriter {
    const { settings, redisVersion } = this.#context;
    return new SnapshotWriter(keyspace, sink, {
      compresses: settings.rdbcompression,
      hasChecksum: settings.rdbchecksum,
      policy: settings.maxmemoryPolicy,
      functions:
        options.excludesFunctions === true ? [] : this.#engine.scripting.functions.set.codes,
      excludesData: options.excludesData === true,
      facts: [
        ["redis-ver", redisVersion],
        ["redis-bits", "64"],
        ["ctime", String(this.#nowSeconds)],
        ["used-mem", String(this.#engine.usedBytes)],
        ...(options.isBase ? [] : this.historyFacts()),
        ["aof-base", options.isBase ? "1" : "0"],
      ],
    });
  }

  #open(isImmediate: boolean): SnapshotSave {
    const { settings, processId } = this.#context;
    return new SnapshotSave(
      this.#engine.keyspace,
      this.#disk,
      {
        write: (keyspace, sink) => this.writer(keyspace, sink, { isBase: false }),
        directory: settings.dir,
        temporaryPath: `${settings.dir}/temp-${processId}.rdb`,
        path: `${settings.dir}/${settings.dbfilename}`,
        syncsOnTheWay: settings.rdbSaveIncrementalFsync,
      },
      isImmediate,
    );
  }

  /** SAVE: saves now, all at once; the failure if it could not be done. */
  save(): Failure | undefined {
    if (this.isSaving) return alreadySaving;
    // There is one snapshot at a time: one for another purpose has to begin again after this.
    this.#jobs.abort(new DiskError("ECANCELED", "a SAVE came in between"));
    this.statistics.saves++;
    const dirty = this.#engine.keyspace.dirty;
    try {
      this.#open(true).run();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#engine.keyspace.snapshot?.abort();
      this.#context.log("warning", `Error saving DB on disk: ${error.message}`);
      return notSaved;
    }
    this.#context.log("notice", "DB saved on disk");
    this.#engine.keyspace.dirty -= dirty;
    this.#ended("ok");
    return undefined;
  }

  /** BGSAVE: what became of it. */
  saveInBackground(options: { mayWait: boolean }): "started" | "scheduled" | Failure {
    if (this.isSaving) return alreadySaving;
    if (this.#jobs.running !== undefined) {
      if (!options.mayWait) return otherSnapshot;
      this.isScheduled = true;
      return "scheduled";
    }
    return this.#start() ? "started" : notSaved;
  }

  #start(): boolean {
    const { keyspace } = this.#engine;
    const { dirty } = keyspace;
    this.isScheduled = false;
    this.#lastTrySeconds = this.#nowSeconds;
    this.statistics.saves++;
    let job: SnapshotSave;
    try {
      job = this.#open(false);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#context.log("warning", `Failed opening the temp RDB file for saving: ${error.message}`);
      this.#ended("err");
      return false;
    }
    const startedMs = keyspace.nowMs;
    const keysTotal = keyspace.databases.reduce((sum, { size }) => sum + size, 0);
    const done = (error: DiskError | undefined): void => {
      this.statistics.lastDurationSeconds = Math.floor((keyspace.nowMs - startedMs) / 1000);
      if (error === undefined) {
        keyspace.dirty -= dirty;
        this.#context.log("notice", "Background saving terminated with success");
      } else {
        this.#context.log("warning", `Write error saving DB on disk: ${error.message}`);
        this.#context.log("warning", "Background saving error");
      }
      this.#ended(error === undefined ? "ok" : "err");
      this.onBackgroundEnd(error);
    };
    this.#jobs.start({ purpose: "rdb", job, startedMs, keysTotal, done });
    this.#context.log("notice", `Background saving started by pid ${this.#context.processId}`);
    return true;
  }

  #ended(status: "ok" | "err"): void {
    this.statistics.lastStatus = status;
    if (status === "ok") this.statistics.lastSaveSeconds = this.#nowSeconds;
  }

  /** Whether writes are to be refused since the data set cannot be saved. */
  get refusesWrites(): boolean {
    const { save, stopWritesOnBgsaveError } = this.#context.settings;
    return stopWritesOnBgsaveError && save.length > 0 && this.statistics.lastStatus === "err";
  }

  /** Starts what is scheduled or what a save point asks for. */
  tick(): void {
    if (this.#jobs.running !== undefined) return;
    if (this.isScheduled) {
      this.#start();
      return;
    }
    const { lastSaveSeconds, lastStatus } = this.statistics;
    const { dirty } = this.#engine.keyspace;
    const nowSeconds = this.#nowSeconds;
    if (lastStatus === "err" && nowSeconds - this.#lastTrySeconds <= retryDelaySeconds) return;
    for (const { seconds, changes } of this.#context.settings.save) {
      if (dirty < changes || nowSeconds - lastSaveSeconds <= seconds) continue;
      this.#context.log("notice", `${changes} changes in ${seconds} seconds. Saving...`);
      this.#start();
      return;
    }
  }

  /**
   * FLUSHALL: what is being saved is no longer wanted, and the file is to be as empty as we are.
   */
  flushed(): void {
    if (this.#jobs.isRunning("rdb")) {
      this.#jobs.abort(new DiskError("ECANCELED", "all data was deleted"));
    }
    if (this.#context.settings.save.length === 0) return;
    this.save();
  }
}
