// A server that lives in turns on a disk in memory, and loses its power at every operation of that
// disk: what is left each time is loaded by another server, which must have all that was promised
// and nothing by half.
import assert from "node:assert/strict";
import type { Promised } from "./durability-ledger.ts";
import { DurabilityLedger } from "./durability-ledger.ts";
import type { MutableSettings } from "./durable-harness.ts";
import { DurableHarness, workingDirectory } from "./durable-harness.ts";
import { FaultDisk } from "./fault-disk.ts";
import { genericRequest, stringRequest } from "./key-requests.ts";
import type { Reply } from "./reply.ts";
import { ReplyError } from "./reply.ts";
import { RequestGenerator } from "./request-generator.ts";
import { valueRequests, valueTypes } from "./value-requests.ts";

const startMs = 1_700_000_000_000;
const turnMsMax = 300;
/** Values are kept small, so that there can be many losses of power. */
const wordsMax = 22;
const requestsMax = 4;
/** Long enough for the longest delay of a rewrite that has failed. */
const settleTurns = 70;
const settleMs = 60_000;
const storyLinesMax = 60;

type Request = readonly (string | number | bigint | Uint8Array)[];

/** What a loss of power at some moment leaves, and what must be in it. */
interface Crash {
  readonly disk: FaultDisk;
  readonly promised: Promised;
  readonly nowMs: number;
  readonly settings: MutableSettings;
  readonly operation: number;
}

export interface SimulationOptions {
  /** The power fails at one in so many operations of the disk. */
  readonly crashOneIn: number;
}

export class CrashSimulation {
  readonly from: RequestGenerator;
  readonly disk: FaultDisk;
  readonly server: DurableHarness;
  readonly ledger: DurabilityLedger;
  /** How often the power failed, and how often less was found than had been executed. */
  crashes = 0;
  losses = 0;
  /** Requests that were refused because the disk fails. */
  refusals = 0;
  readonly #options: SimulationOptions;
  #pending: Crash[] = [];
  readonly #story: string[];

  /** Starts a server on the disk; `previous` lived there before. */
  constructor(
    from: RequestGenerator,
    disk: FaultDisk,
    settings: MutableSettings,
    options: SimulationOptions,
    previous?: CrashSimulation,
  ) {
    this.from = from;
    this.disk = disk;
    this.#options = options;
    this.#story = previous === undefined ? [] : previous.#story;
    this.#tell(`start ${JSON.stringify(settings)}`);
    const nowMs = previous === undefined ? startMs : previous.server.harness.nowMs;
    const otherSettings = { ...settings, appendonly: !settings.appendonly };
    const before = factsOn(disk.survivor(), otherSettings, nowMs);
    const left: FaultDisk[] = [];
    disk.beforeOperation = () => {
      if (from.oneIn(options.crashOneIn)) left.push(disk.survivor());
    };
    this.server = new DurableHarness(disk, settings, loadMs(settings, nowMs));
    this.server.load();
    this.server.harness.advance(nowMs - this.server.harness.nowMs);
    this.ledger = new DurabilityLedger(this.server.facts, before, this.server);
    // A loss of power while files are loaded changes nothing of what is in them.
    const promised = { least: 0, instants: [], firstSave: Infinity };
    for (const each of left) this.#crash(each, promised);
    this.recoverAll();
    disk.beforeOperation = () => {
      if (from.oneIn(options.crashOneIn)) {
        this.#crash(disk.survivor(), this.ledger.promised(this.server));
      }
    };
  }

  static begin(
    seed: number,
    settings: MutableSettings,
    options: SimulationOptions,
  ): CrashSimulation {
    const disk = new FaultDisk(seed);
    disk.makeDirectory(workingDirectory);
    disk.syncDirectory("");
    return new CrashSimulation(new RequestGenerator(seed), disk, settings, options);
  }

  #tell(text: string): void {
    this.#story.push(text.slice(0, 300));
  }

  #crash(disk: FaultDisk, promised: Promised): void {
    const { nowMs } = this.server.harness;
    const settings = { ...this.server.settings };
    this.#pending.push({ disk, promised, nowMs, settings, operation: this.disk.operations });
  }

  /** The power fails, and a server starts on what is left. */
  restart(): CrashSimulation {
    this.#tell("the power fails");
    const { disk, server } = this;
    this.recoverAll();
    const promised = this.ledger.promised(server);
    disk.heal();
    const left = disk.crash();
    const next = new CrashSimulation(this.from, left, { ...server.settings }, this.#options, this);
    assert.ok(this.ledger.find(next.ledger.state, promised) >= 0, "the next has other data");
    return next;
  }

  /** Loads what each loss of power has left. */
  recoverAll(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const crash of pending) this.#recover(crash);
  }

  #recover(crash: Crash): void {
    const { settings, promised, disk, nowMs } = crash;
    let found: string;
    try {
      found = factsOn(disk, { ...settings }, nowMs);
    } catch (error) {
      this.#fail(crash, `it cannot be loaded: ${String(error)}`);
    }
    this.crashes++;
    const units = this.ledger.find(found, promised);
    if (units < 0) {
      const all = this.ledger.findAll(found).join(", ");
      this.#fail(crash, `the data are those after ${all || "no number of"} units:\n${found}\n`);
    }
    if (units < this.ledger.units) this.losses++;
  }

  #fail({ operation, promised }: Crash, what: string): never {
    assert.fail(
      `${what}; executed ${this.ledger.units}, promised ${JSON.stringify(promised)}, ` +
        `operation ${operation}\n${this.#story.slice(-storyLinesMax).join("\n")}\n` +
        this.server.log.slice(-8).join("\n"),
    );
  }

  /** One request, as a unit. */
  run(...request: Request): Reply {
    return this.unit([request])[0];
  }

  /** Requests that are a unit: one, or a transaction. */
  unit(requests: readonly Request[]): Reply[] {
    const { harness } = this.server;
    this.#tell(requests.map((each) => each.join(" ").slice(0, 60)).join(" | "));
    const replies = requests.map((each) => harness.run(...each));
    for (const reply of replies) {
      if (reply instanceof ReplyError && reply.text.startsWith("MISCONF")) this.refusals++;
    }
    this.ledger.add(this.server.facts, this.server);
    this.#after();
    return replies;
  }

  #after(): void {
    this.ledger.observe(this.server);
    this.recoverAll();
  }

  /** CONFIG SET appendonly. */
  switchAof(isOn: boolean): string | undefined {
    this.#tell(`appendonly ${String(isOn)}`);
    const failure = this.server.switchAof(isOn);
    this.#after();
    return failure;
  }

  /** The end of a turn: replies go out, unless the server ends itself, which is false. */
  endTurn(): boolean {
    const { server, ledger } = this;
    server.persistence.beforeReplies();
    if (!server.isFatal) ledger.answer(server.harness.nowMs);
    this.#after();
    return !server.isFatal;
  }

  /** What happens between turns: slices of a snapshot, calls of the disk that end, a tick. */
  background(): void {
    const { from, server, disk } = this;
    for (let left = from.random.below(4); left > 0; left--) {
      let looks = from.random.below(6);
      server.persistence.slice(() => looks-- <= 0);
      this.#after();
    }
    const callsMax = from.oneIn(3) ? from.random.below(3) : Infinity;
    for (let calls = 0; calls < callsMax && disk.turn(); calls++) this.#after();
    server.harness.advance(from.random.below(turnMsMax));
    if (from.oneIn(2)) server.persistence.tick();
    this.#after();
  }

  /** The disk begins to fail, in one way or another. */
  breakDisk(): void {
    const { from, disk } = this;
    const { faults } = disk;
    const bytes = from.random.below(400);
    const count = from.random.below(3);
    const kind = from.pick(["space", "bytes", "syncs", "changes"]);
    this.#tell(`the disk fails: ${kind}, ${bytes}, ${count}`);
    this.ledger.hasFaults = true;
    if (from.oneIn(2)) faults.shortWriteOneIn = 2;
    if (kind === "space") faults.spaceBytes = bytes;
    if (kind === "bytes") faults.goodBytes = bytes;
    if (kind === "syncs") faults.goodSyncs = count;
    if (kind === "changes") faults.goodChanges = count;
  }

  healDisk(): void {
    this.#tell("the disk is whole again");
    this.disk.heal();
  }

  /** All that is under way comes to its end, and what was put off is done. */
  settle(): void {
    const { server, disk } = this;
    for (let left = settleTurns; left > 0; left--) {
      server.persistence.tick();
      while (server.persistence.slice(() => false)) continue;
      while (disk.turn()) continue;
      server.harness.advance(settleMs);
      this.endTurn();
    }
  }

  /** Some requests of any kind. */
  write(): void {
    const { from } = this;
    // In a transaction it saves what is there in the middle of it, as in Redis.
    if (from.oneIn(60)) this.run("FLUSHALL");
    if (!from.oneIn(4)) {
      for (const request of this.#requests()) this.unit([request]);
      return;
    }
    const requests = [...this.#requests(), ...this.#requests()];
    this.unit([["MULTI"], ...requests, ["EXEC"]]);
  }

  #requests(): Request[] {
    const { from } = this;
    if (from.oneIn(60)) return [["FLUSHDB"]];
    if (from.oneIn(30)) return [["SWAPDB", 0, 1]];
    if (from.oneIn(12)) return [["SET", "brief", "x", "PX", 1 + from.random.below(1500)]];
    if (from.oneIn(12)) return [["GET", "brief"]];
    if (from.oneIn(3)) return [stringRequest(from)];
    if (from.oneIn(2)) return [genericRequest(from)];
    const requests = valueRequests(from, from.key(), from.pick(valueTypes));
    return requests.slice(0, requestsMax).map((each) => each.slice(0, wordsMax));
  }
}

/** Loading an RDB file drops what is over its time, which would look like a loss. */
function loadMs(settings: MutableSettings, nowMs: number): number {
  return settings.appendonly ? nowMs : 0;
}

/** What a server finds on the disk. Throws when that cannot be loaded. */
function factsOn(disk: FaultDisk, settings: MutableSettings, nowMs: number): string {
  return new DurableHarness(disk, settings, loadMs(settings, nowMs)).load().facts;
}
