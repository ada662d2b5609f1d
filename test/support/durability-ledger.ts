// What a server has done and what it has promised of it: the data after every unit (a request, a
// transaction), and how many units must be found again after a loss of power at this moment.
//
//   units      0 . . . . . 6 . . . 9 . . 12
//   promised               ^       |      |     by appendfsync, WAITAOF, a rewrite, a save
//   answered                       ^      |
//   executed                              ^
//   may be found           |<------------>|
//
// With the append-only file off, or until its first rewrite is complete, what is promised is an
// instant and not a range: that of a save, or that at which the file was turned off.
import type { DurableHarness } from "./durable-harness.ts";

/** What `everysec` may lose: a second until the sync begins, and the time that it takes. */
const everysecLossMs = 2000;

/** Stands for the instant of a file that was there before and was not loaded. */
const fromBefore = -1;

/** How many units must be found. */
export interface Promised {
  /** So many or more; `Infinity`: only one of the instants. */
  readonly least: number;
  /** Also possible: exactly so many. */
  readonly instants: readonly number[];
  /** The same of each save from this one on. */
  readonly firstSave: number;
}

export class DurabilityLedger {
  /** The data after so many units. */
  readonly #states: string[];
  /** After so many units, where the history of changes was; -1: not written to a file. */
  readonly #offsets: number[] = [-1];
  readonly #answeredMs: number[] = [0];
  /** Units at the instants at which saves began, and which of these can be found. */
  readonly #saves: number[];
  #firstSave = 0;
  #savesSeen = 0;
  #rewritesSeen = 0;
  #logSeen = 0;
  /** Units when the present rewrite began, or the last. */
  #rewriteBegan = Infinity;
  /** Units that a complete rewrite holds; undefined while there is no file that goes on. */
  #aofLeast: number | undefined;
  /** What a file that was turned off holds. */
  #aofInstants: number[] = [fromBefore];
  /** What the files hold that were not loaded. */
  readonly #stateBefore: string;
  /** The disk fails or has failed: what depends on time is not promised. */
  hasFaults = false;

  /** `state`: what was loaded; `stateBefore`: what the other files hold, of AOF and RDB. */
  constructor(state: string, stateBefore: string, server: DurableHarness) {
    this.#states = [state];
    this.#stateBefore = stateBefore;
    this.#saves = [server.settings.appendonly ? fromBefore : 0];
    if (server.persistence.aof.state === "on") this.#aofLeast = 0;
    this.observe(server);
  }

  get units(): number {
    return this.#states.length - 1;
  }

  get state(): string {
    return this.#states[this.units];
  }

  /** A unit was executed. */
  add(state: string, server: DurableHarness): void {
    this.#states.push(state);
    const isKept = server.persistence.aof.state === "on";
    this.#offsets.push(isKept ? server.harness.engine.propagation.offset : -1);
  }

  /** Replies of all units have gone out. */
  answer(nowMs: number): void {
    while (this.#answeredMs.length < this.#states.length) this.#answeredMs.push(nowMs);
  }

  /** After each step: sees which saves and rewrites have begun and ended. */
  observe({ persistence, log }: DurableHarness): void {
    const { rdb, aof } = persistence;
    if (rdb.statistics.saves > this.#savesSeen) this.#saves.push(this.units);
    this.#savesSeen = rdb.statistics.saves;
    if (aof.statistics.rewrites > this.#rewritesSeen) this.#rewriteBegan = this.units;
    this.#rewritesSeen = aof.statistics.rewrites;
    if (aof.state !== "on" && this.#aofLeast !== undefined) {
      this.#aofLeast = undefined;
      this.#aofInstants = [this.units];
      this.#rewriteBegan = Infinity;
      this.#offsets.fill(-1);
    }
    for (const line of log.slice(this.#logSeen)) {
      const isSaved = /DB saved on disk|Background saving terminated with success/.test(line);
      if (isSaved) this.#firstSave = this.#saves.length - 1;
      if (line.includes("AOF rewrite finished successfully")) this.#rewritten(aof.state === "on");
    }
    this.#logSeen = log.length;
  }

  /** BGREWRITEAOF is possible also while the file is off: then nothing comes behind its base. */
  #rewritten(isOn: boolean): void {
    if (isOn) this.#aofLeast = this.#rewriteBegan;
    else this.#aofInstants = [this.#rewriteBegan];
  }

  promised(server: DurableHarness): Promised {
    const { settings } = server;
    const firstSave = settings.appendonly ? Infinity : this.#firstSave;
    if (!settings.appendonly) return { least: Infinity, instants: [], firstSave };
    if (this.#aofLeast === undefined && this.hasFaults) {
      // What was turned off when it could not be written ends wherever it ends.
      return { least: 0, instants: [fromBefore], firstSave };
    }
    if (this.#aofLeast === undefined) {
      return { least: this.#rewriteBegan, instants: this.#aofInstants, firstSave };
    }
    const synced = this.#lastWithin(this.#offsets, server.persistence.syncedOffset);
    const least = Math.max(this.#aofLeast, synced, this.#answered(server));
    return { least, instants: [], firstSave };
  }

  /** How many units `appendfsync` promises. */
  #answered({ settings, harness }: DurableHarness): number {
    const { length } = this.#answeredMs;
    if (settings.appendfsync === "always") return length - 1;
    if (settings.appendfsync === "no" || this.hasFaults) return 0;
    return this.#lastWithin(this.#answeredMs, harness.nowMs - everysecLossMs);
  }

  #lastWithin(values: readonly number[], most: number): number {
    return Math.max(
      0,
      values.findLastIndex((value) => value >= 0 && value <= most),
    );
  }

  /** After how many units the data were like this, among those that were promised; -1: none. */
  find(state: string, { least, instants, firstSave }: Promised): number {
    const saves = firstSave === Infinity ? [] : this.#saves.slice(firstSave);
    const exactly = new Set([...instants, ...saves]);
    if (exactly.has(fromBefore) && state === this.#stateBefore) return 0;
    return this.#states.findLastIndex(
      (each, units) => each === state && (units >= least || exactly.has(units)),
    );
  }

  /** After which numbers of units the data were like this at all. */
  findAll(state: string): number[] {
    return this.#states.flatMap((each, units) => (each === state ? [units] : []));
  }
}
