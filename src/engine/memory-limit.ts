// `maxmemory`: before each command keys are evicted until the data fits, for as long as one round
// may take; what is left then is done between turns.
//
// Memory that was deleted and is not freed yet counts as used, so it is freed before any more keys
// go: eviction never deletes two keys where the memory of one is enough.
import { Eviction } from "../keyspace/eviction.ts";
import type { Engine } from "./engine.ts";
import { engineGate } from "./gate.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import { commandBit } from "./registered-command.ts";
import type { Session } from "./session.ts";

/** Deletions between two looks at the clock. */
const deletionsPerLook = 16;
/** Elements that are freed between two looks at the memory. */
const elementsPerLook = 64;
/** Up to this tenacity the time grows evenly, above it by `tenacityGrowth` a step. */
const evenTenacityMax = 10;
const usPerEvenStep = 50;
const tenacityGrowth = 1.15;
const tenacityMax = 100;

/** What became of a round: the data fits; the time was over; there is nothing left to delete. */
type Outcome = "fits" | "unfinished" | "exhausted";

export class MemoryLimit {
  readonly eviction: Eviction;
  /** There was no room when the running command began: what its script adds is refused. */
  isExhausted = false;
  /** How long a round may take: see `setTenacity`. */
  #roundUs = evenTenacityMax * usPerEvenStep;
  #isUnfinished = false;
  readonly #engine: Engine;
  /** On the monotonic clock; 0: the data fits. */
  #exceededSinceUs = 0;
  #exceededUs = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.eviction = new Eviction(engine.keyspace);
    // A table that grows into the limit would only drive out the keys that it was to hold.
    engine.keyspace.hasRoomFor = (bytes) => {
      const { maxmemory } = engine.host.settings;
      return maxmemory === 0 || engine.limitedBytes + bytes <= maxmemory;
    };
  }

  /** `maxmemory-eviction-tenacity`: from 0, half a millisecond at 10, to 100, which is no limit. */
  setTenacity(tenacity: number): void {
    if (tenacity >= tenacityMax) this.#roundUs = Infinity;
    else if (tenacity <= evenTenacityMax) this.#roundUs = usPerEvenStep * tenacity;
    else {
      const steps = tenacity - evenTenacityMax;
      this.#roundUs = evenTenacityMax * usPerEvenStep * tenacityGrowth ** steps;
    }
  }

  /** Whether there is more to delete than the last round had time for. */
  get isUnfinished(): boolean {
    return this.#isUnfinished;
  }

  /** For how long the limit is exceeded now, in microseconds. */
  get currentExceededUs(): number {
    if (this.#exceededSinceUs === 0) return 0;
    return this.#engine.host.clock.monotonicUs() - this.#exceededSinceUs;
  }

  /** For how long it was and is exceeded. */
  get totalExceededUs(): number {
    return this.#exceededUs + this.currentExceededUs;
  }

  /**
   * Makes room before a command runs; whether that one may not, for want of memory. `bits` are
   * those of the request.
   */
  refuses(session: Session, command: RegisteredCommand, bits: number): boolean {
    this.isExhausted = !this.makeRoom();
    if (!this.isExhausted) return false;
    if ((bits & commandBit.denyOom) !== 0) return true;
    const { transaction } = session;
    if (transaction === undefined || command.declaration.runsTransaction !== true) return false;
    return (transaction.bits & commandBit.denyOom) !== 0;
  }

  /** A round of eviction soon, if it is needed: after the command that runs. */
  makeRoomSoon(): void {
    this.#isUnfinished = true;
  }

  /** A round of eviction, if it is needed; false when the data does not fit and nothing helps. */
  makeRoom(): boolean {
    const { maxmemory } = this.#engine.host.settings;
    if (maxmemory === 0 || this.#engine.limitedBytes <= maxmemory) {
      this.#note("fits");
      return true;
    }
    // What is loaded or held back by a pause must not change, nor what a primary looks after.
    const { gates, host } = this.#engine;
    const isReplica = (gates & engineGate.following) !== 0 && host.settings.replicaIgnoreMaxmemory;
    if (isReplica || (gates & (engineGate.loading | engineGate.paused)) !== 0) {
      this.#isUnfinished = false;
      return true;
    }
    const { timing } = this.#engine;
    const isWatched = timing.latency.thresholdMs > 0;
    const startUs = isWatched ? host.clock.monotonicUs() : 0;
    const outcome = this.#evict(maxmemory);
    if (isWatched)
      timing.latency.add("eviction-cycle", (host.clock.monotonicUs() - startUs) / 1000);
    this.#note(outcome);
    return outcome !== "exhausted";
  }

  #evict(maxmemory: number): Outcome {
    const engine = this.#engine;
    const { clock } = engine.host;
    const { reclaimer } = engine.keyspace;
    // A few deletions take no time to speak of, and are the rule: the clock is not read for them.
    let endUs = -1;
    for (let steps = 1; ; steps++) {
      if (reclaimer.pendingCount > 0) reclaimer.reclaim(elementsPerLook);
      else if (!this.eviction.evictOne()) return "exhausted";
      if (engine.limitedBytes <= maxmemory) return "fits";
      if (steps % deletionsPerLook !== 0) continue;
      const nowUs = clock.monotonicUs();
      if (endUs < 0) endUs = nowUs + this.#roundUs;
      if (nowUs <= endUs) continue;
      return this.eviction.policy === "noeviction" ? "exhausted" : "unfinished";
    }
  }

  #note(outcome: Outcome): void {
    this.#isUnfinished = outcome === "unfinished";
    if (outcome !== "fits") {
      if (this.#exceededSinceUs === 0) {
        this.#exceededSinceUs = this.#engine.host.clock.monotonicUs();
      }
    } else if (this.#exceededSinceUs !== 0) {
      this.#exceededUs += this.currentExceededUs;
      this.#exceededSinceUs = 0;
    }
  }

  resetStatistics(): void {
    this.#exceededUs = 0;
    this.#exceededSinceUs = 0;
  }
}
