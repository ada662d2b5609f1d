// Everything about a server's files, in one place: what is loaded at the start, what is saved when,
// and what commands may ask of it.
import type { FunctionSet } from "../engine/scripting/function-set.ts";
import type { Engine } from "../engine/engine.ts";
import { target } from "../engine/propagation.ts";
import { engineGate } from "../engine/gate.ts";
import type { PersistenceControl } from "../engine/host.ts";
import { Failure } from "../keyspace/failure.ts";
import { expiryHold } from "../keyspace/keyspace.ts";
import { AofError } from "./aof-reader.ts";
import { AofLoading } from "./aof-loading.ts";
import { emptyManifest } from "./aof-manifest.ts";
import { loadManifest, upgradeOldAof } from "./aof-manifest-file.ts";
import { AppendOnlyFile } from "./append-only-file.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { DiskError } from "./disk.ts";
import type { DumpHistory, Loading } from "./rdb-file-loading.ts";
import { RdbFileLoading, rdbListener } from "./rdb-file-loading.ts";
import type { RdbListener, RdbLoadOptions, RdbLoader } from "./rdb-loader.ts";
import { RdbError } from "./rdb-reader.ts";
import { RdbSaving } from "./rdb-saving.ts";
import { receivedPath, removeAbandoned } from "./received-files.ts";
import type { PersistenceContext } from "./settings.ts";
import type { SnapshotJob } from "./snapshot-jobs.ts";
import { SnapshotJobs } from "./snapshot-jobs.ts";

function isLoadError(error: unknown): error is Error {
  return error instanceof RdbError || error instanceof AofError || error instanceof DiskError;
}

const savesFail = new Failure(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to " +
    "disk. Commands that may modify the data set are disabled, because this instance is " +
    "configured to report errors during writes if RDB snapshotting fails " +
    "(stop-writes-on-bgsave-error option). Please check the Redis logs for details about the " +
    "RDB error.",
);

export class Persistence implements PersistenceControl {
  readonly jobs: SnapshotJobs;
  readonly rdb: RdbSaving;
  readonly aof: AppendOnlyFile;
  /** Set while the data set is being loaded. */
  loading: Loading | undefined;
  loadingStartedMs = 0;
  /** What is loaded takes the place of the old data only in the end: clients are served. */
  isLoadingBeside = false;
  /** Keys whose time is over are loaded all the same: a primary will say when they go. */
  keepsExpired = false;
  /** Called when a dump file begins to be loaded, and when it is: with the history it tells of. */
  onLoading: () => void = () => {};
  onLoaded: (history: DumpHistory | undefined) => void = () => {};
  readonly #engine: Engine;
  readonly #disk: Disk;
  readonly #context: PersistenceContext;

  constructor(engine: Engine, disk: Disk, context: PersistenceContext) {
    this.#engine = engine;
    this.#disk = disk;
    this.#context = context;
    this.jobs = new SnapshotJobs(() => engine.host.clock.monotonicUs());
    this.rdb = new RdbSaving(engine, disk, this.jobs, context);
    this.jobs.onEnd = () => this.#setGates();
    this.aof = new AppendOnlyFile(engine, disk, this.jobs, this.rdb, context);
  }

  get lastSaveSeconds(): number {
    return this.rdb.statistics.lastSaveSeconds;
  }

  get hasAof(): boolean {
    return this.aof.state !== "off";
  }

  get syncedOffset(): number {
    return this.aof.writer.syncedOffset;
  }

  get refusal(): Failure | undefined {
    if (this.rdb.refusesWrites) return savesFail;
    const { error } = this.aof.writer;
    if (error === undefined) return undefined;
    return new Failure(`MISCONF Errors writing to the AOF file: ${error.message}`);
  }

  save(): Failure | undefined {
    const wasRewriting = this.jobs.isRunning("aof");
    const failure = this.rdb.save();
    if (wasRewriting && !this.jobs.isRunning("aof")) this.aof.isScheduled = true;
    this.#setGates();
    return failure;
  }

  saveInBackground(options: { readonly mayWait: boolean }): "started" | "scheduled" | Failure {
    const outcome = this.rdb.saveInBackground(options);
    this.#setGates();
    return outcome;
  }

  rewriteInBackground(): "started" | "scheduled" | Failure {
    const outcome = this.aof.rewrite();
    this.#setGates();
    return outcome;
  }

  /** Begins a snapshot that goes to replicas; none may be under way. */
  startForReplicas(job: SnapshotJob, done: (error: DiskError | undefined) => void): void {
    const { databases, nowMs } = this.#engine.keyspace;
    const keysTotal = databases.reduce((sum, { size }) => sum + size, 0);
    this.jobs.start({ purpose: "replicas", job, startedMs: nowMs, keysTotal, done });
    this.rdb.statistics.saves++;
    this.#context.log(
      "notice",
      `Background RDB transfer started by pid ${this.#context.processId}`,
    );
    this.#setGates();
  }

  get #dumpPath(): string {
    const { dir, dbfilename } = this.#context.settings;
    return `${dir}/${dbfilename}`;
  }

  /** The file that was last saved, to be read. Throws a DiskError. */
  openDump(): DiskFile {
    return this.#disk.open(this.#dumpPath, "read");
  }

  /** A file for a snapshot that is sent to us; one at a time. Throws a DiskError. */
  openReceived(): DiskFile {
    return this.#disk.open(receivedPath(this.#context), "create");
  }

  /** It is complete and synced: the dump file from now on. Throws a DiskError. */
  adoptReceived(): void {
    this.#disk.rename(receivedPath(this.#context), this.#dumpPath);
    this.#disk.syncDirectory(this.#context.settings.dir);
  }

  dropReceived(): void {
    try {
      this.#disk.remove(receivedPath(this.#context));
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#context.log("warning", `Cannot remove what was received: ${error.message}`);
    }
  }

  /** How dump files are loaded. */
  get rdbLoadOptions(): Pick<RdbLoadOptions, "policy" | "checksum"> {
    const { maxmemoryPolicy: policy, rdbchecksum } = this.#context.settings;
    return { policy, checksum: rdbchecksum ? "compared" : "ignored" };
  }

  /** Tells the log of what is loaded; libraries of functions are added to the set. */
  rdbListener(functions: FunctionSet): RdbListener {
    return rdbListener(this.#engine, this.#context, { functions, replaces: false });
  }

  /** All data go, and nobody is told. */
  empty(): void {
    this.#engine.keyspace.flushAll(true);
    this.#engine.scripting.functions.clear();
  }

  /** Removes the file; false when it is not there or cannot be removed. */
  removeDump(): boolean {
    try {
      this.#disk.remove(this.#dumpPath);
      return true;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return false;
    }
  }

  flushed(): void {
    const wasRewriting = this.jobs.isRunning("aof");
    this.rdb.flushed();
    if (wasRewriting && !this.jobs.isRunning("aof")) this.aof.isScheduled = true;
    this.#setGates();
  }

  /** CONFIG SET appendonly: the error if it could not be done. */
  switchAof(isOn: boolean): string | undefined {
    // What is being loaded is loaded first; then the file is begun, or not.
    if (this.loading !== undefined) return undefined;
    if (!isOn) this.aof.turnOff();
    else if (!this.aof.turnOn()) return "Unable to turn on AOF. Check server logs.";
    this.#setGates();
    return undefined;
  }

  /**
   * Begins to load what the files have, if there are any; `loadStep` goes on. Throws, with a
   * message for the operator, when they cannot be loaded.
   */
  beginLoading(): void {
    const { keyspace } = this.#engine;
    const { settings } = this.#context;
    removeAbandoned(this.#disk, this.#context);
    this.loading = settings.appendonly ? this.#openAof() : this.#openRdb();
    this.loadingStartedMs = keyspace.nowMs;
    if (this.loading === undefined) return;
    keyspace.holdExpiry(expiryHold.loading, true);
    this.#engine.setGate(engineGate.loading, true);
  }

  #openRdb(): Loading | undefined {
    const { settings } = this.#context;
    this.aof.manifest = loadManifest(this.#disk, this.aof.place) ?? emptyManifest();
    const path = `${settings.dir}/${settings.dbfilename}`;
    if (!this.#disk.exists(path)) return undefined;
    this.onLoading();
    return new RdbFileLoading(this.#engine, this.#disk, path, this.#context, {
      expired: this.#expired,
    });
  }

  get #expired(): "kept" | "dropped" {
    return this.keepsExpired ? "kept" : "dropped";
  }

  #openAof(): Loading | undefined {
    const { place } = this.aof;
    const found = loadManifest(this.#disk, place);
    const { manifest, isMoved } = upgradeOldAof(this.#disk, place, found);
    this.aof.manifest = manifest;
    if (isMoved) {
      this.#context.log(
        "notice",
        `Successfully migrated an old-style AOF file (${place.fileName}) into the AOF directory ` +
          `(${place.directoryName}).`,
      );
    }
    const isEmpty = manifest.base === undefined && manifest.incrementals.length === 0;
    if (isEmpty) return undefined;
    return new AofLoading(this.#engine, this.#disk, { manifest, place }, this.#context);
  }

  /**
   * Goes on for about so many bytes; whether all is loaded, and the files are ready to be written.
   * Throws like `beginLoading`.
   */
  loadStep(bytesMax: number): boolean {
    const { loading } = this;
    const { keyspace, host } = this.#engine;
    if (loading !== undefined) {
      if (!loading.step(bytesMax)) return false;
      this.loading = undefined;
      keyspace.holdExpiry(expiryHold.loading, false);
      keyspace.dirty = 0;
      this.#engine.setGate(engineGate.loading, false);
      const seconds = (host.clock.nowMs() - this.loadingStartedMs) / 1000;
      if (loading instanceof RdbFileLoading) {
        this.#tellLoaded(loading.loader);
        const { history } = loading;
        this.onLoaded(history.id !== "" && history.offset >= 0 ? history : undefined);
        this.#context.log("notice", `DB loaded from disk: ${seconds.toFixed(3)} seconds`);
      } else {
        this.#context.log(
          "notice",
          `DB loaded from append only file: ${seconds.toFixed(3)} seconds`,
        );
      }
    }
    if (!this.#context.settings.appendonly) return true;
    // Turned on while an RDB file was loaded: what append-only files there are, are of other data.
    if (loading instanceof RdbFileLoading) this.aof.turnOn();
    else this.aof.start();
    return true;
  }

  #tellLoaded({ keysLoaded, keysExpired, emptyKeysPassedOver: empty }: RdbLoader): void {
    const counts = `keys loaded: ${keysLoaded}, keys expired: ${keysExpired}`;
    const rest = empty === 0 ? "" : `, empty keys skipped: ${empty}`;
    this.#context.log("notice", `Done loading RDB, ${counts}${rest}.`);
    Object.assign(this.rdb.statistics, { keysLoaded, keysExpired });
  }

  /** Before replies go out: what they promise is in the append-only file, as far as it promises. */
  beforeReplies(): void {
    if (!this.aof.writer.isOpen) return;
    const { statistics, host } = this.#engine;
    const startUs = host.clock.monotonicUs();
    this.aof.writer.flush();
    statistics.logWriteUs += host.clock.monotonicUs() - startUs;
    // Not only of this flush: a sync beside the event loop may have failed since the last one.
    const isRefusing = (this.#engine.gates & engineGate.unsaved) !== 0;
    if (isRefusing !== (this.refusal !== undefined)) this.#setGates();
  }

  reload(request: { saves: boolean; flushes: boolean; merges: boolean }): boolean {
    const { dir, dbfilename } = this.#context.settings;
    if (request.saves && this.save() !== undefined) return false;
    return this.#loadAgain(request.flushes, () => {
      return new RdbFileLoading(this.#engine, this.#disk, `${dir}/${dbfilename}`, this.#context, {
        duplicates: request.merges ? "replaced" : "refused",
        expired: this.#expired,
      });
    });
  }

  reloadAof(): boolean {
    const { aof } = this;
    if (!this.#finishAof()) return false;
    const files = { manifest: aof.manifest, place: aof.place };
    return this.#loadAgain(true, () => {
      return new AofLoading(this.#engine, this.#disk, files, this.#context);
    });
  }

  /** Loads all at once, and tells nobody of the changes. */
  #loadAgain(flushes: boolean, open: () => Loading): boolean {
    const { keyspace, propagation } = this.#engine;
    const hadAof = this.aof.state !== "off";
    propagation.suppress();
    if (hadAof) propagation.detach(this.aof.writer);
    if (flushes) this.empty();
    keyspace.holdExpiry(expiryHold.loading, true);
    try {
      const loading = open();
      while (!loading.step(Infinity)) continue;
      if (loading instanceof RdbFileLoading) this.#tellLoaded(loading.loader);
      return true;
    } catch (error) {
      if (!isLoadError(error)) throw error;
      this.#context.log("warning", error.message);
      return false;
    } finally {
      keyspace.holdExpiry(expiryHold.loading, false);
      keyspace.dirty = 0;
      if (hadAof) propagation.attach(this.aof.writer, target.aof);
    }
  }

  /**
   * What a replica is sent begins to be loaded: in place of the data set, which must be empty, or
   * beside it. Files are written again when it is complete, or will not be.
   */
  beginReplicaLoading(loading: Loading, { isBeside }: { readonly isBeside: boolean }): void {
    const { keyspace } = this.#engine;
    this.loading = loading;
    this.isLoadingBeside = isBeside;
    this.loadingStartedMs = keyspace.nowMs;
    if (!isBeside) keyspace.holdExpiry(expiryHold.loading, true);
    this.#engine.setGate(isBeside ? engineGate.asyncLoading : engineGate.loading, true);
  }

  endReplicaLoading(): void {
    this.loading = undefined;
    this.isLoadingBeside = false;
    this.#engine.keyspace.holdExpiry(expiryHold.loading, false);
    this.#engine.setGate(engineGate.loading | engineGate.asyncLoading, false);
  }

  /** The files that are being written are of data that are about to go. */
  stopWriting(): void {
    this.aof.turnOff();
    if (this.jobs.running === undefined) return;
    if (this.jobs.isRunning("rdb")) {
      this.#context.log(
        "notice",
        "Replica is about to load the RDB file received from the master, but there is a pending " +
          `RDB child running. Killing process ${this.#context.processId} and removing its temp ` +
          "file to avoid any race",
      );
    }
    this.jobs.abort(new DiskError("ECANCELED", "other data take the place of these"));
  }

  /** Goes on with the snapshot that is under way; whether there is more to do now. */
  slice(isOver: () => boolean): boolean {
    const isMore = this.jobs.slice(isOver);
    this.#setGates();
    return isMore;
  }

  /** Ten times a second or so: starts what is due. */
  tick(): void {
    if (this.loading !== undefined) return;
    this.rdb.tick();
    this.aof.tick();
    this.#setGates();
  }

  /**
   * Brings the files up to date for the end of the server; whether that was done, or need not be.
   * What was under way in the background is given up.
   */
  prepareToExit(request: {
    readonly save: "default" | "save" | "nosave";
    readonly force: boolean;
  }): boolean {
    const { log, settings } = this.#context;
    if (this.aof.state === "waiting") {
      if (!request.force) {
        log("warning", "Writing initial AOF, can't exit");
        return false;
      }
      log("warning", "Writing initial AOF. Exit anyway.");
    }
    if (this.rdb.isSaving) {
      log("warning", "There is a child saving an .rdb. Killing it!");
      this.jobs.abort(new DiskError("ECANCELED", "the server ends"));
    }
    if (this.jobs.isRunning("aof")) {
      log("warning", "There is a child rewriting the AOF. Killing it!");
      this.jobs.abort(new DiskError("ECANCELED", "the server ends"));
    }
    if (!this.#finishAof()) return false;
    // What is not loaded completely is not worth a file.
    if (this.loading !== undefined) return true;
    const isAsked = request.save === "save";
    if (!isAsked && (request.save === "nosave" || settings.save.length === 0)) return true;
    log("notice", "Saving the final RDB snapshot before exiting.");
    return this.save() === undefined;
  }

  /** The end: nothing is written after it. */
  close(): void {
    this.jobs.abort(new DiskError("ECANCELED", "the server ends"));
    this.aof.close();
  }

  #finishAof(): boolean {
    if (!this.aof.writer.isOpen) return true;
    const { log } = this.#context;
    log("notice", "Calling fsync() on the AOF file.");
    try {
      this.aof.writer.syncAll();
      return true;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      log("warning", `Fail to fsync the AOF file: ${error.message}`);
      return false;
    }
  }

  #setGates(): void {
    this.#engine.setGate(engineGate.unsaved, this.refusal !== undefined);
    this.#engine.setGate(engineGate.snapshot, this.#engine.keyspace.snapshot !== undefined);
  }
}
