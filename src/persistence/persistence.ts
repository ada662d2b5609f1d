// Everything about a server's files, in one place: what is loaded at the start, what is saved when,
// and what commands may ask of it.
import type { Engine } from "../engine/engine.ts";
import { engineGate } from "../engine/gate.ts";
import type { PersistenceControl } from "../engine/host.ts";
import { Failure } from "../keyspace/failure.ts";
import type { Disk } from "./disk.ts";
import { DiskError } from "./disk.ts";
import type { Loading } from "./rdb-file-loading.ts";
import { RdbFileLoading } from "./rdb-file-loading.ts";
import { RdbSaving } from "./rdb-saving.ts";
import type { PersistenceContext } from "./settings.ts";
import { SnapshotJobs } from "./snapshot-jobs.ts";

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
  /** Set while the data set is being loaded. */
  loading: Loading | undefined;
  loadingStartedMs = 0;
  readonly #engine: Engine;
  readonly #disk: Disk;
  readonly #context: PersistenceContext;

  constructor(engine: Engine, disk: Disk, context: PersistenceContext) {
    this.#engine = engine;
    this.#disk = disk;
    this.#context = context;
    this.jobs = new SnapshotJobs(() => engine.host.clock.monotonicUs());
    this.rdb = new RdbSaving(engine, disk, this.jobs, context);
  }

  get lastSaveSeconds(): number {
    return this.rdb.statistics.lastSaveSeconds;
  }

  get refusal(): Failure | undefined {
    return this.rdb.refusesWrites ? savesFail : undefined;
  }

  save(): Failure | undefined {
    const failure = this.rdb.save();
    this.#setGates();
    return failure;
  }

  saveInBackground(options: { readonly mayWait: boolean }): "started" | "scheduled" | Failure {
    const outcome = this.rdb.saveInBackground(options);
    this.#setGates();
    return outcome;
  }

  rewriteInBackground(): "started" | "scheduled" | Failure {
    return new Failure("ERR");
  }

  flushed(): void {
    this.rdb.flushed();
    this.#setGates();
  }

  /**
   * Begins to load what the files have, if there are any; `loadStep` goes on. Throws a DiskError
   * or an RdbError when they cannot be loaded.
   */
  beginLoading(): void {
    const { settings } = this.#context;
    const path = `${settings.dir}/${settings.dbfilename}`;
    if (!this.#disk.exists(path)) return;
    const { keyspace } = this.#engine;
    this.loadingStartedMs = keyspace.nowMs;
    this.loading = new RdbFileLoading(
      this.#engine,
      this.#disk,
      path,
      this.#context,
      this.rdb.libraries,
    );
    keyspace.expires = false;
    this.#engine.setGate(engineGate.loading, true);
  }

  /** Goes on for about so many bytes; whether all is loaded. Throws like `beginLoading`. */
  loadStep(bytesMax: number): boolean {
    const { loading } = this;
    if (loading === undefined) return true;
    if (!loading.step(bytesMax)) return false;
    const { keyspace, host } = this.#engine;
    this.loading = undefined;
    keyspace.expires = true;
    keyspace.dirty = 0;
    this.#engine.setGate(engineGate.loading, false);
    const seconds = (host.clock.nowMs() - this.loadingStartedMs) / 1000;
    if (loading instanceof RdbFileLoading) {
      const { keysLoaded, keysExpired } = loading.loader;
      this.#context.log(
        "notice",
        `Done loading RDB, keys loaded: ${keysLoaded}, keys expired: ${keysExpired}.`,
      );
      this.#context.log("notice", `DB loaded from disk: ${seconds.toFixed(3)} seconds`);
      Object.assign(this.rdb.statistics, { keysLoaded, keysExpired });
    }
    return true;
  }

  /** Goes on with the snapshot that is under way; whether there is more to do now. */
  slice(isOver: () => boolean): boolean {
    const isMore = this.jobs.slice(isOver);
    this.#setGates();
    return isMore;
  }

  /** Ten times a second or so: starts what is due. */
  tick(): void {
    this.rdb.tick();
    this.#setGates();
  }

  /**
   * Brings the files up to date for the end of the server; whether that was done, or need not be.
   * What was under way in the background is given up.
   */
  prepareToExit(request: { readonly save: "default" | "save" | "nosave" }): boolean {
    const { log, settings } = this.#context;
    if (this.jobs.isRunning("rdb")) {
      log("warning", "There is a child saving an .rdb. Killing it!");
      this.jobs.abort(new DiskError("ECANCELED", "the server ends"));
    }
    const isAsked = request.save === "save";
    if (!isAsked && (request.save === "nosave" || settings.save.length === 0)) return true;
    log("notice", "Saving the final RDB snapshot before exiting.");
    return this.save() === undefined;
  }

  #setGates(): void {
    this.#engine.setGate(engineGate.unsaved, this.refusal !== undefined);
    this.#engine.setGate(engineGate.snapshot, this.#engine.keyspace.snapshot !== undefined);
  }
}
