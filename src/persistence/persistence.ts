// Everything about a server's files, in one place: what is loaded at the start, what is saved when,
// and what commands may ask of it.
import type { Engine } from "../engine/engine.ts";
import { engineGate } from "../engine/gate.ts";
import type { PersistenceControl } from "../engine/host.ts";
import { Failure } from "../keyspace/failure.ts";
import type { Disk } from "./disk.ts";
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
  readonly #engine: Engine;

  constructor(engine: Engine, disk: Disk, context: PersistenceContext) {
    this.#engine = engine;
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

  #setGates(): void {
    this.#engine.setGate(engineGate.unsaved, this.refusal !== undefined);
    this.#engine.setGate(engineGate.snapshot, this.#engine.keyspace.snapshot !== undefined);
  }
}
