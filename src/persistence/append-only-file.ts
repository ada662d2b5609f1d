// The append-only file: a base, which holds the data set of an instant, and incremental files with
// every write since. A rewrite begins a new incremental file and a snapshot at the same instant;
// when the snapshot is safe it becomes the base, the manifest is replaced at one stroke, and what
// came before is deleted. Whatever happens on the way, the manifest on disk names files that make a
// complete data set.
//
// Switched on while serving, the file is `waiting` until a first rewrite is complete: writes go to
// a temporary incremental file meanwhile, which the manifest does not know.
import type { Engine } from "../engine/engine.ts";
import { target } from "../engine/propagation.ts";
import { Failure } from "../keyspace/failure.ts";
import type { AofFile, AofManifest } from "./aof-manifest.ts";
import { emptyManifest } from "./aof-manifest.ts";
import type { AofPlace } from "./aof-manifest-file.ts";
import { aofDirectory, aofPath, saveManifest } from "./aof-manifest-file.ts";
import { AofWriter } from "./aof-writer.ts";
import { CommandSnapshotWriter } from "./command-snapshot-writer.ts";
import type { Disk } from "./disk.ts";
import { DiskError } from "./disk.ts";
import { SnapshotSave } from "./snapshot-save.ts";
import type { RdbSaving } from "./rdb-saving.ts";
import type { PersistenceContext } from "./settings.ts";
import type { SnapshotJobs } from "./snapshot-jobs.ts";

const alreadyRewriting = new Failure(
  "ERR Background append only file rewriting already in progress",
);
const cannotRewrite = new Failure(
  "ERR Can't execute an AOF background rewriting. " +
    "Please check the server logs for more information.",
);
/** What follows the common part in the names of our files. */
const ownName = /^\d+\.(?:base\.(?:rdb|aof)|incr\.aof)$/;
/** How the names of base files end, by what is in them. */
const rdbSuffix = ".rdb";
const commandsSuffix = ".aof";
/** After so many failures the next rewrite by itself waits, twice as long each time. */
const failuresBeforeDelay = 3;
const delayMinutesMax = 60;
const msPerMinute = 60_000;

export interface AofStatistics {
  rewrites: number;
  lastStatus: "ok" | "err";
  /** -1: there was none. */
  lastDurationSeconds: number;
  consecutiveFailures: number;
  /** Bytes of all files when they were last rewritten or loaded. */
  sizeAfterRewrite: number;
}

export class AppendOnlyFile {
  state: "off" | "on" | "waiting" = "off";
  readonly writer: AofWriter;
  readonly statistics: AofStatistics = {
    rewrites: 0,
    lastStatus: "ok",
    lastDurationSeconds: -1,
    consecutiveFailures: 0,
    sizeAfterRewrite: 0,
  };
  /** A rewrite follows when the present snapshot is complete. */
  isScheduled = false;
  manifest: AofManifest = emptyManifest();
  readonly #engine: Engine;
  readonly #disk: Disk;
  readonly #jobs: SnapshotJobs;
  readonly #rdb: RdbSaving;
  readonly #context: PersistenceContext;
  /** Bytes of the base and of the incremental files that are no longer written to. */
  #closedBytes = 0;
  #nextTryMs = 0;

  constructor(
    engine: Engine,
    disk: Disk,
    jobs: SnapshotJobs,
    rdb: RdbSaving,
    context: PersistenceContext,
  ) {
    this.#engine = engine;
    this.#disk = disk;
    this.#jobs = jobs;
    this.#rdb = rdb;
    this.#context = context;
    const { settings } = context;
    this.writer = new AofWriter({
      nowMs: () => engine.keyspace.nowMs,
      offset: () => engine.propagation.offset,
      onSynced: () => engine.blocking.keylessReady(),
      monotonicUs: () => engine.host.clock.monotonicUs(),
      isSnapshotRunning: () => jobs.running !== undefined,
      tookMs: (event, ms) => engine.timing.latency.add(event, ms),
      policy: () => settings.appendfsync,
      hasTimestamps: () => settings.aofTimestampEnabled,
      isSyncOff: () => settings.noAppendfsyncOnRewrite && jobs.running !== undefined,
      log: context.log,
      onFatal: context.onFatal,
    });
  }

  get place(): AofPlace {
    const { dir, appenddirname, appendfilename } = this.#context.settings;
    return { workingDirectory: dir, directoryName: appenddirname, fileName: appendfilename };
  }

  /** Bytes of all files that a restart would load. */
  get bytes(): number {
    return this.#closedBytes + this.writer.fileBytes;
  }

  /**
   * After loading: goes on with the last incremental file, or with a first one; makes an empty
   * base if there is nothing at all. Throws a DiskError.
   */
  start(): void {
    const { place, manifest } = this;
    this.#makeDirectory();
    if (manifest.base === undefined && manifest.incrementals.length === 0) {
      manifest.base = this.#nextBase();
      this.#context.log("notice", `Creating AOF base file ${manifest.base.name} on server start`);
      this.#openBase(manifest.base, true).run();
    }
    let last = manifest.incrementals.at(-1);
    const verb = last === undefined ? "Creating" : "Opening";
    if (last === undefined) {
      last = this.#nextIncremental();
      manifest.incrementals.push(last);
    }
    this.writer.open(this.#disk.open(aofPath(place, last.name), "append"));
    saveManifest(this.#disk, place, manifest);
    this.#context.log("notice", `${verb} AOF incr file ${last.name} on server start`);
    this.#closedBytes = this.#sizeOf(manifest) - this.writer.fileBytes;
    this.statistics.sizeAfterRewrite = this.bytes;
    this.state = "on";
    this.#engine.propagation.attach(this.writer, target.aof);
  }

  /** What is in it is safe only if it is itself. */
  #makeDirectory(): void {
    this.#disk.makeDirectory(aofDirectory(this.place));
    this.#disk.syncDirectory(this.place.workingDirectory);
  }

  /** CONFIG SET appendonly yes: false when it cannot be. */
  turnOn(): boolean {
    if (this.state !== "off") return true;
    try {
      this.#makeDirectory();
      this.#openTemporary();
    } catch (error) {
      return this.#failed("Failed to enable AOF", error);
    }
    this.state = "waiting";
    this.#engine.propagation.attach(this.writer, target.aof);
    if (this.#jobs.running === undefined && !this.#engine.isInTransaction) {
      if (this.#begin()) return true;
      this.turnOff();
      return false;
    }
    if (this.#jobs.isRunning("aof")) {
      this.#jobs.abort(new DiskError("ECANCELED", "a newer rewrite takes its place"));
    }
    this.isScheduled = true;
    this.#context.log(
      "notice",
      "AOF was enabled but there is already another background operation. An AOF background was " +
        "scheduled to start when possible.",
    );
    return true;
  }

  /** CONFIG SET appendonly no. */
  turnOff(): void {
    if (this.state === "off") return;
    this.#engine.propagation.detach(this.writer);
    this.state = "off";
    this.isScheduled = false;
    try {
      this.writer.finish();
    } catch (error) {
      this.#failed("Fail to fsync the AOF file", error);
      this.writer.drop();
    }
    if (this.#jobs.isRunning("aof")) {
      const { processId } = this.#context;
      this.#context.log("notice", `Killing running AOF rewrite child: ${processId}`);
      this.#jobs.abort(new DiskError("ECANCELED", "the append-only file was turned off"));
    }
    this.#removeTemporary();
  }

  /** The end of the server: what was written is in the file, and nothing more comes. */
  close(): void {
    this.#engine.propagation.detach(this.writer);
    try {
      this.writer.finish();
    } catch (error) {
      this.#failed("Cannot finish the AOF file", error);
    }
  }

  /** BGREWRITEAOF. */
  rewrite(): "started" | "scheduled" | Failure {
    if (this.#jobs.isRunning("aof")) return alreadyRewriting;
    // In the middle of a transaction some of its changes are made and not yet propagated.
    if (this.#jobs.running !== undefined || this.#engine.isInTransaction) {
      this.isScheduled = true;
      return "scheduled";
    }
    return this.#begin() ? "started" : cannotRewrite;
  }

  /** Starts what is scheduled or due. */
  tick(): void {
    if (this.writer.isOpen) this.writer.flush();
    if (this.#jobs.running !== undefined) return;
    if (this.isScheduled || this.state === "waiting") {
      if (!this.#isDelayed) this.#begin();
      return;
    }
    const { autoAofRewritePercentage: percentage, autoAofRewriteMinSize } = this.#context.settings;
    if (this.state !== "on" || percentage === 0 || this.bytes <= autoAofRewriteMinSize) return;
    const base = this.statistics.sizeAfterRewrite || 1;
    const growth = Math.floor((this.bytes * 100) / base) - 100;
    if (growth < percentage || this.#isDelayed) return;
    this.#context.log("notice", `Starting automatic rewriting of AOF on ${growth}% growth`);
    this.#begin();
  }

  get #isDelayed(): boolean {
    return this.#engine.keyspace.nowMs < this.#nextTryMs;
  }

  /** Begins a rewrite; false when that failed. */
  #begin(): boolean {
    this.isScheduled = false;
    this.statistics.rewrites++;
    const { keyspace } = this.#engine;
    const startedMs = keyspace.nowMs;
    const base = this.#nextBase();
    let job: SnapshotSave;
    try {
      this.#makeDirectory();
      if (this.state === "on") this.#switchIncremental();
      else if (this.state === "waiting") this.#openTemporary();
      job = this.#openBase(base, false);
    } catch (error) {
      this.#ended("err");
      return this.#failed("Can't begin an AOF rewrite", error);
    }
    const done = (error: DiskError | undefined): void => {
      const seconds = Math.floor((keyspace.nowMs - startedMs) / 1000);
      this.statistics.lastDurationSeconds = seconds;
      if (error === undefined && this.#complete(base)) {
        this.#context.log("notice", "Background AOF rewrite finished successfully");
        this.#ended("ok");
        return;
      }
      if (error !== undefined) {
        this.#context.log(
          "warning",
          `Background AOF rewrite terminated with error: ${error.message}`,
        );
      }
      this.#ended(error?.code === "ECANCELED" ? this.statistics.lastStatus : "err");
    };
    const keysTotal = keyspace.databases.reduce((sum, { size }) => sum + size, 0);
    this.#jobs.start({ purpose: "aof", job, startedMs, keysTotal, done });
    this.#context.log(
      "notice",
      `Background append only file rewriting started by pid ${this.#context.processId}`,
    );
    return true;
  }

  /** What is written from now on belongs behind the snapshot that begins now. */
  #switchIncremental(): void {
    // First of all: only the last file of a manifest may end in the middle.
    this.writer.syncAll();
    const next = this.#nextIncremental();
    const file = this.#disk.open(aofPath(this.place, next.name), "create");
    const incrementals = [...this.manifest.incrementals, next];
    try {
      // If it was there already, of no manifest, a loss of power must not bring back what it held.
      file.sync();
      this.#saveWith([next], { ...this.manifest, incrementals });
    } catch (error) {
      file.close();
      throw error;
    }
    this.#closedBytes += this.writer.fileBytes;
    this.writer.open(file);
    this.#context.log("notice", `Creating AOF incr file ${next.name} on background rewrite`);
  }

  /**
   * Replaces the manifest. When that fails, the new one may be on the disk all the same: then its
   * files must stay as they are, and their names not be used again, until another has taken its
   * place. So they become history. Throws a DiskError.
   */
  #saveWith(files: readonly AofFile[], manifest: AofManifest): void {
    try {
      saveManifest(this.#disk, this.place, manifest);
    } catch (error) {
      const { history } = this.manifest;
      this.manifest = { ...this.manifest, history: [...history, ...files] };
      throw error;
    }
    this.manifest = manifest;
  }

  #openBase(base: AofFile, isImmediate: boolean): SnapshotSave {
    const { settings, processId } = this.#context;
    const { aofTimestampEnabled: hasTimestamps } = settings;
    const functions = this.#engine.scripting.functions.set.codes;
    return new SnapshotSave(
      this.#engine.keyspace,
      this.#disk,
      {
        write: base.name.endsWith(rdbSuffix)
          ? (keyspace, sink) => this.#rdb.writer(keyspace, sink, { isBase: true })
          : (keyspace, sink) =>
              new CommandSnapshotWriter(keyspace, sink, { hasTimestamps, functions }),
        directory: aofDirectory(this.place),
        temporaryPath: `${settings.dir}/temp-rewriteaof-bg-${processId}.aof`,
        path: aofPath(this.place, base.name),
        syncsOnTheWay: settings.aofRewriteIncrementalFsync,
      },
      isImmediate,
    );
  }

  /** The new base is in place: the manifest takes it, and with it only what came since. */
  #complete(base: AofFile): boolean {
    try {
      const added = this.state === "waiting" ? [this.#adoptTemporary()] : [];
      const last = [...this.manifest.incrementals, ...added].slice(-1);
      const kept = this.state === "off" ? [] : last;
      const old = this.manifest.incrementals.filter((each) => !kept.includes(each));
      const bases = this.manifest.base === undefined ? [] : [this.manifest.base];
      const next: AofManifest = {
        base,
        history: [...this.manifest.history, ...bases, ...old],
        incrementals: kept,
      };
      const bytes = this.#sizeOf(next);
      this.#saveWith([base, ...added], next);
      this.#closedBytes = bytes - this.writer.fileBytes;
    } catch (error) {
      return this.#failed("Background AOF rewrite cannot be completed", error);
    }
    if (this.state === "waiting") this.state = "on";
    this.statistics.sizeAfterRewrite = this.bytes;
    this.#deleteHistory();
    return true;
  }

  /** What was written while waiting is the first incremental file. */
  #adoptTemporary(): AofFile {
    // Also when nothing was: a loss of power must not bring back what a former try has left in it.
    this.writer.syncAll();
    const next = this.#nextIncremental();
    const { clock } = this.#engine.host;
    const startUs = clock.monotonicUs();
    this.#disk.rename(this.#temporaryPath, aofPath(this.place, next.name));
    this.#engine.timing.latency.add("aof-rename", (clock.monotonicUs() - startUs) / 1000);
    return next;
  }

  #openTemporary(): void {
    const file = this.#disk.open(this.#temporaryPath, "create");
    // What is still to be written of before is part of the snapshot that begins now.
    this.writer.drop();
    this.writer.open(file);
  }

  get #temporaryPath(): string {
    return aofPath(this.place, `temp-${this.place.fileName}.incr`);
  }

  #removeTemporary(): void {
    try {
      if (this.#disk.exists(this.#temporaryPath)) this.#disk.remove(this.#temporaryPath);
    } catch (error) {
      this.#failed("Cannot remove the temporary AOF file", error);
    }
  }

  #ended(status: "ok" | "err"): void {
    const { statistics } = this;
    statistics.lastStatus = status;
    statistics.consecutiveFailures = status === "ok" ? 0 : statistics.consecutiveFailures + 1;
    const beyond = statistics.consecutiveFailures - failuresBeforeDelay;
    const minutes = beyond < 0 ? 0 : Math.min(2 ** beyond, delayMinutesMax);
    this.#nextTryMs = this.#engine.keyspace.nowMs + minutes * msPerMinute;
  }

  /**
   * Deletes what is no longer needed; what cannot be deleted is tried again after the next rewrite.
   */
  #deleteHistory(): void {
    const { manifest, place } = this;
    if (this.#context.settings.aofDisableAutoGc) return;
    try {
      this.#deleteStrays();
      if (manifest.history.length === 0) return;
      for (const { name } of manifest.history) {
        this.#context.log("notice", `Removing the history file ${name} in the background`);
        if (this.#disk.exists(aofPath(place, name))) this.#disk.remove(aofPath(place, name));
      }
      this.manifest = { ...manifest, history: [] };
      saveManifest(this.#disk, place, this.manifest);
    } catch (error) {
      this.#failed("Cannot remove history files", error);
    }
  }

  /** Files of ours that no manifest knows: what was left when one could be made and not named. */
  #deleteStrays(): void {
    const { base, history, incrementals } = this.manifest;
    const known = new Set([base, ...history, ...incrementals].map((each) => each?.name));
    const start = `${this.place.fileName}.`;
    for (const name of this.#disk.list(aofDirectory(this.place))) {
      if (known.has(name) || !name.startsWith(start)) continue;
      if (!ownName.test(name.slice(start.length))) continue;
      this.#context.log("notice", `Removing the file ${name}, which no manifest names`);
      this.#disk.remove(aofPath(this.place, name));
    }
  }

  #nextBase(): AofFile {
    const { base, history } = this.manifest;
    const used = [base, ...history].map((each) => each?.sequence ?? 0);
    const sequence = Math.max(0, ...used) + 1;
    const suffix = this.#context.settings.aofUseRdbPreamble ? rdbSuffix : commandsSuffix;
    return { name: `${this.place.fileName}.${sequence}.base${suffix}`, sequence };
  }

  #nextIncremental(): AofFile {
    const { incrementals, history } = this.manifest;
    const used = [...incrementals, ...history].map(({ sequence }) => sequence);
    const sequence = Math.max(0, ...used) + 1;
    return { name: `${this.place.fileName}.${sequence}.incr.aof`, sequence };
  }

  #sizeOf({ base, incrementals }: AofManifest): number {
    let sum = 0;
    for (const each of base === undefined ? incrementals : [base, ...incrementals]) {
      const file = this.#disk.open(aofPath(this.place, each.name), "read");
      sum += file.size();
      file.close();
    }
    return sum;
  }

  #failed(what: string, error: unknown): false {
    if (!(error instanceof DiskError)) throw error;
    this.#context.log("warning", `${what}: ${error.message}`);
    return false;
  }
}
