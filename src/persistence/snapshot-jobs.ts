// The one snapshot that can be under way, whoever wants it: a file, the base of an append-only
// file, replicas. It goes on a slice at a time, between turns.
import type { DiskError } from "./disk.ts";

export type SnapshotPurpose = "rdb" | "aof" | "replicas";

export interface SnapshotJob {
  /** Keys that are written so far. */
  readonly keyCount: number;
  /**
   * Goes on for a slice; whether there is more to do now. `done` is called once, in a later turn,
   * with the error that ended it if one did.
   */
  step(isOver: () => boolean, done: (error: DiskError | undefined) => void): boolean;
  /** Stops; `done` is not called. */
  abort(): void;
}

interface RunningJob {
  readonly purpose: SnapshotPurpose;
  readonly job: SnapshotJob;
  readonly startedMs: number;
  readonly keysTotal: number;
  readonly done: (error: DiskError | undefined) => void;
}

export class SnapshotJobs {
  /** Microseconds that each key is to take at least, for tests: `rdb-key-save-delay`. */
  keyDelayUs = 0;
  /** How many have begun: each is what Redis forks for. */
  startedCount = 0;
  /** Called when one has ended, well or not, after whoever wanted it was told. */
  onEnd: () => void = () => {};
  #running: RunningJob | undefined;
  readonly #monotonicUs: () => number;
  #startedUs = 0;

  constructor(monotonicUs: () => number) {
    this.#monotonicUs = monotonicUs;
  }

  get running(): RunningJob | undefined {
    return this.#running;
  }

  isRunning(purpose: SnapshotPurpose): boolean {
    return this.#running?.purpose === purpose;
  }

  start(running: RunningJob): void {
    if (this.#running !== undefined) throw new Error("a snapshot is under way");
    this.#running = running;
    this.startedCount++;
    this.#startedUs = this.#monotonicUs();
  }

  /** Goes on for a slice; whether there is more to do now. */
  slice(isOver: () => boolean): boolean {
    const running = this.#running;
    if (running === undefined) return false;
    const { job, done } = running;
    if (this.#isAhead(job)) return true;
    const isDue = this.keyDelayUs > 0 ? () => isOver() || this.#isAhead(job) : isOver;
    return job.step(isDue, (error) => {
      if (this.#running !== running) return;
      this.#running = undefined;
      done(error);
      this.onEnd();
    });
  }

  /** Whether more keys are written than the delay allows. */
  #isAhead(job: SnapshotJob): boolean {
    if (this.keyDelayUs <= 0) return false;
    return job.keyCount * this.keyDelayUs > this.#monotonicUs() - this.#startedUs;
  }

  /** Stops what is under way, which ends with the error. */
  abort(error: DiskError): void {
    const running = this.#running;
    this.#running = undefined;
    running?.job.abort();
    running?.done(error);
    this.onEnd();
  }
}
