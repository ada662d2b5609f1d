// What a server does between requests: deleting expired keys, going on with eviction, moving hash
// buckets, freeing flushed data, closing idle clients.
//
// A tick comes `hz` times a second and looks after everything. What is more than a tick's share
// (many keys that expired together, a flushed database) is done in slices of a millisecond, after
// turns and on a short timer, so that no client waits longer than that.
import type { Engine } from "../engine/engine.ts";
import type { Database } from "../keyspace/database.ts";
import { expireSlice } from "../keyspace/expiry.ts";
import type { ExpirySlice } from "../keyspace/expiry.ts";
import { expireFieldsSlice } from "../keyspace/hash-expire.ts";
import type { Persistence } from "../persistence/persistence.ts";
import type { ConnectionHub } from "./connection-hub.ts";

/** Longest stretch of background work at a time. */
const sliceUs = 1000;
/**
 * Pause between slices while nothing else happens: background work takes at most about half of an
 * idle server.
 */
const sliceGapMs = 1;
const snapshotSliceUsMin = 200;
const snapshotSliceUsMax = 500;
const timerMsMax = 2 ** 31 - 1;
const samplesPerStep = 64;
const recordsPerStep = 256;
const bucketsPerStep = 128;
/** The cycle goes on while more than a tenth of the keys that it looked at were over their time. */
const staleShare = 0.1;

export interface HousekeepingOptions {
  readonly engine: Engine;
  readonly hub: ConnectionHub;
  readonly persistence: Persistence;
  readonly replication: { tick(): void };
  /** Called at the end of each tick. */
  afterTick(): void;
  /**
   * Values in force: ticks a second, seconds of idleness after which a client is closed (0: never).
   */
  settings(): { hz: number; timeoutSeconds: number; isRehashing: boolean };
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #slice: ExpirySlice = { sampled: 0, expired: 0 };
  #tickTimer: NodeJS.Timeout | undefined;
  #sliceTimer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** What the deadline timer waits for. */
  #deadlineMs = Infinity;
  /** Databases whose last sample had many expired keys. */
  readonly #stale = new Set<number>();
  /** Unix seconds: at the last look, who had been active later was not idle for too long. */
  #oldestSeconds = -1;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  isExpiring = true;
  /** DEBUG PAUSE-CRON. */
  isPaused = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  start(): void {
    const { hz } = this.#options.settings();
    this.#tickTimer = setTimeout(() => {
      this.#options.hub.beginTurn();
      if (!this.isPaused) this.tick();
      this.start();
    }, 1000 / hz);
    // The sockets keep the process alive for as long as the server is open; a timer alone must not.
    this.#tickTimer.unref();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#tickTimer);
    clearTimeout(this.#sliceTimer);
    clearTimeout(this.#deadlineTimer);
  }

  /** One round of everything. The turn's time has been read. */
  tick(): void {
    const { engine, hub } = this.#options;
    const { keyspace } = engine;
    const startUs = engine.host.clock.monotonicUs();
    engine.pause.check(keyspace.nowMs);
    this.#closeIdle();
    hub.tendBuffers();
    for (const database of keyspace.databases) {
      const isDue = database.hashExpiries.firstTimeMs < keyspace.nowMs;
      if (isDue || database.volatileKeys.count > 0) this.#stale.add(database.index);
    }
    this.#options.persistence.tick();
    this.#options.replication.tick();
    this.afterTurn(0);
    this.#rehash();
    const { statistics } = engine;
    statistics.peakUsedBytes = Math.max(statistics.peakUsedBytes, engine.usedBytes);
    hub.trim();
    this.#options.afterTick();
    statistics.cronUs += engine.host.clock.monotonicUs() - startUs;
  }

  /** Makes sure that a turn comes when the next wait of a blocked client, or a pause, is over. */
  #armDeadline(): void {
    const { engine, hub } = this.#options;
    const pauseEndMs = engine.pause.isActive ? engine.pause.endMs : Infinity;
    const nextDeadlineMs = Math.min(engine.blocking.nextDeadlineMs, pauseEndMs);
    if (nextDeadlineMs === this.#deadlineMs) return;
    clearTimeout(this.#deadlineTimer);
    this.#deadlineMs = nextDeadlineMs;
    if (nextDeadlineMs === Infinity) return;
    // Longer delays than a timer can take are looked at again when it fires.
    const delayMs = Math.min(Math.max(nextDeadlineMs - engine.keyspace.nowMs, 1), timerMsMax);
    this.#deadlineTimer = setTimeout(() => {
      this.#deadlineMs = Infinity;
      hub.beginTurn();
    }, delayMs);
    this.#deadlineTimer.unref();
  }

  /** A slice of what is left to do, if there is anything, after a turn that took so long. */
  afterTurn(turnUs: number): void {
    if (this.#isStopped) return;
    this.#armDeadline();
    this.#goOnWithSnapshot(turnUs);
    if (!this.#isMoreToDo) return;
    const { memoryLimit } = this.#options.engine;
    this.#expireStale();
    this.#reclaim();
    if (memoryLimit.isUnfinished) memoryLimit.makeRoom();
    if (!this.#isMoreToDo || this.#sliceTimer !== undefined) return;
    this.#sliceTimer = setTimeout(() => {
      this.#sliceTimer = undefined;
      this.#options.hub.beginTurn();
    }, sliceGapMs);
    this.#sliceTimer.unref();
  }

  get #isMoreToDo(): boolean {
    const { keyspace, memoryLimit } = this.#options.engine;
    if (this.#stale.size > 0 || memoryLimit.isUnfinished) return true;
    return keyspace.reclaimer.pendingCount > 0;
  }

  /**
   * A snapshot takes half as long as the turn before it did, within bounds: it takes a third of
   * what busy clients have, and all that idle ones leave.
   */
  #goOnWithSnapshot(turnUs: number): void {
    const { engine, hub, persistence } = this.#options;
    if (persistence.jobs.running === undefined) return;
    const { clock } = engine.host;
    const budgetUs = Math.min(Math.max(turnUs / 2, snapshotSliceUsMin), snapshotSliceUsMax);
    const endUs = clock.monotonicUs() + budgetUs;
    if (persistence.slice(() => clock.monotonicUs() >= endUs)) hub.beginTurn();
  }

  /** Does everything that is due, however long it takes: after a virtual clock has moved. */
  runAll(): void {
    const { engine, persistence } = this.#options;
    engine.beginTurn();
    this.tick();
    engine.blocking.expire(engine.keyspace.nowMs);
    engine.blocking.serve();
    for (const database of engine.keyspace.databases) {
      if (!this.#mayExpire) break;
      let left = database.volatileKeys.count;
      while (left > 0) {
        expireSlice(database, samplesPerStep, this.#slice);
        left -= Math.max(this.#slice.sampled, 1);
      }
      do expireFieldsSlice(database, samplesPerStep, this.#slice);
      while (this.#slice.expired > 0);
    }
    engine.keyspace.reclaimer.reclaimAll();
    while (engine.memoryLimit.isUnfinished) engine.memoryLimit.makeRoom();
    while (persistence.slice(() => false)) continue;
    this.#stale.clear();
    clearTimeout(this.#sliceTimer);
    this.#sliceTimer = undefined;
  }

  get #mayExpire(): boolean {
    return this.isExpiring && this.#options.engine.keyspace.expires;
  }

  #expireStale(): void {
    const { engine } = this.#options;
    if (!this.#mayExpire) {
      this.#stale.clear();
      return;
    }
    const { clock } = engine.host;
    const startUs = clock.monotonicUs();
    for (const index of this.#stale) {
      const database = engine.keyspace.databases[index];
      do {
        if (!this.#expireStep(database)) {
          this.#stale.delete(index);
          break;
        }
      } while (clock.monotonicUs() - startUs < sliceUs);
      if (clock.monotonicUs() - startUs >= sliceUs) {
        engine.statistics.expiredTimeCapReached++;
        break;
      }
    }
    const spentUs = clock.monotonicUs() - startUs;
    engine.statistics.expireCycleUs += spentUs;
    engine.timing.latency.add("expire-cycle", spentUs / 1000);
  }

  /** Looks at some keys and fields of a database; whether many of either were over their time. */
  #expireStep(database: Database): boolean {
    const slice = this.#slice;
    expireSlice(database, samplesPerStep, slice);
    const areKeysStale = slice.expired > slice.sampled * staleShare;
    expireFieldsSlice(database, samplesPerStep, slice);
    return areKeysStale || slice.expired === slice.sampled;
  }

  #reclaim(): void {
    const { engine } = this.#options;
    const { clock } = engine.host;
    const { reclaimer } = engine.keyspace;
    const startUs = clock.monotonicUs();
    while (reclaimer.reclaim(recordsPerStep)) {
      if (clock.monotonicUs() - startUs >= sliceUs) return;
    }
  }

  #rehash(): void {
    if (!this.#options.settings().isRehashing) return;
    const { engine } = this.#options;
    const { clock } = engine.host;
    const startUs = clock.monotonicUs();
    for (const database of engine.keyspace.databases) {
      while (database.table.rehash(bucketsPerStep)) {
        if (clock.monotonicUs() - startUs >= sliceUs) return;
      }
    }
  }

  #closeIdle(): void {
    const { timeoutSeconds } = this.#options.settings();
    if (timeoutSeconds === 0) return;
    const { engine, hub } = this.#options;
    const oldest = Math.floor(engine.keyspace.nowMs / 1000) - timeoutSeconds;
    // Times are whole seconds, so nobody has become too old since the last look: there may be
    // thousands of clients, and ten ticks a second.
    if (oldest === this.#oldestSeconds) return;
    this.#oldestSeconds = oldest;
    for (const connection of hub.connections) {
      const { session } = connection;
      // Who waits for us is not idle, nor is a subscriber or a monitor.
      if (session.isPostponed || session.waiter !== undefined) continue;
      if (session.replica !== undefined) continue;
      if (session.subscriptionCount > 0 || engine.monitors.has(session)) continue;
      if (session.lastActiveSeconds >= oldest) continue;
      hub.log("verbose", `Closing idle client: id=${session.id}`);
      connection.close();
    }
  }
}
