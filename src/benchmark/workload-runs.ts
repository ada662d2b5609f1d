// The main measurement: every workload at every pace against every server, in rounds. Within a
// round the servers take turns for each load, and who goes first changes with the round, so that
// what the machine does besides falls on all of them alike. Servers run all the time; the one that
// is not asked costs nothing.
import type { Bench } from "./bench.ts";
import type { BenchmarkedServer } from "./benchmarked-server.ts";
import { count, microseconds } from "./figures.ts";
import type { Generators } from "./generators.ts";
import type { LoadSettings, Pace } from "./load.ts";
import { measurementOf, medianOf } from "./measurement.ts";
import type { BenchmarkOptions } from "./options.ts";
import type { Progress } from "./progress.ts";
import type { Cell, Measurement } from "./result.ts";
import { paceName } from "./result.ts";
import type { Workload } from "./workload.ts";
import { usesValue } from "./workload.ts";

const settleMs = 50;
/** In the first round a server compiles what it runs, or has its memory yet to get. */
const firstWarmUpFactor = 3;

interface Slot {
  readonly workload: Workload;
  readonly valueBytes: number;
  readonly pace: Pace;
  readonly server: BenchmarkedServer;
  readonly rounds: Measurement[];
}

export class WorkloadRuns {
  readonly #options: BenchmarkOptions;
  readonly #generators: Generators;
  readonly #progress: Progress;
  readonly #slots: readonly Slot[];
  /** What each server is filled with. */
  readonly #filled = new Map<BenchmarkedServer, string>();

  constructor({ options, servers, generators, progress }: Bench) {
    this.#options = options;
    this.#generators = generators;
    this.#progress = progress;
    this.#slots = slotsOf(options, servers);
    progress.expect(this.#slots.length * options.rounds);
  }

  async run(): Promise<Cell[]> {
    for (let round = 0; round < this.#options.rounds; round++) {
      for (const slot of this.#inTurns(round)) await this.#measure(slot, round);
    }
    return this.#slots.map((slot) => ({
      workload: slot.workload.name,
      summary: slot.workload.summary,
      valueBytes: slot.valueBytes,
      pace: slot.pace,
      server: slot.server.name,
      rounds: slot.rounds,
      median: medianOf(slot.rounds),
    }));
  }

  /** The slots, those of one load in an order that changes with the round. */
  #inTurns(round: number): Slot[] {
    const serverCount = this.#options.servers.length;
    const turned = [...this.#slots];
    for (let start = 0; start < turned.length; start += serverCount) {
      const sameLoad = turned.slice(start, start + serverCount);
      const shift = round % serverCount;
      turned.splice(start, serverCount, ...sameLoad.slice(shift), ...sameLoad.slice(0, shift));
    }
    return turned;
  }

  async #measure(slot: Slot, round: number): Promise<void> {
    const { workload, pace, server, valueBytes } = slot;
    const { rounds } = this.#options;
    this.#progress.start(
      `round ${round + 1}/${rounds} ${titleOf(workload, valueBytes, this.#options)} ` +
        `${paceName(pace)} ${server.name}`,
    );
    const settings = this.#settings(workload, valueBytes, round);
    await this.#prepare(slot, settings);
    let last = { commands: 0, atMs: performance.now() };
    const load = { target: server, workload, pace, settings };
    const progress = (now: number): void => {
      const atMs = performance.now();
      const perSecond = ((now - last.commands) / (atMs - last.atMs)) * 1000;
      last = { commands: now, atMs };
      if (perSecond > 0) this.#progress.show(`${count(perSecond)}/s`);
    };
    const seen = await this.#generators.load(load, progress).catch((error: Error) => {
      const what = `${workload.name} ${paceName(pace)}`;
      throw new Error(`${server.name}, ${what}: ${error.message}`, { cause: error });
    });
    const measured = measurementOf(seen, pace);
    slot.rounds.push(measured);
    this.#progress.finish(outcomeOf(measured));
  }

  #settings(workload: Workload, valueBytes: number, round: number): LoadSettings {
    const { connections, keys, distribution, warmUpSeconds, measureSeconds, seed } = this.#options;
    return {
      connections,
      keys: Math.min(keys, workload.keysMax ?? keys),
      distribution,
      valueBytes,
      warmUpMs: warmUpSeconds * 1000 * (round === 0 ? firstWarmUpFactor : 1),
      measureMs: measureSeconds * 1000,
      seed: seed + round,
    };
  }

  /** Fills the server, unless it still holds what this workload needs. */
  async #prepare({ workload, server }: Slot, settings: LoadSettings): Promise<void> {
    const fills = workload.fill ?? [];
    const { keys, valueBytes } = settings;
    const needed = JSON.stringify({ fills, keys, valueBytes });
    if (this.#filled.get(server) !== needed) {
      await server.control.run("FLUSHALL", "SYNC");
      await this.#generators.fill(server, fills, settings);
      // What the server does after a flush should not be counted with what comes next.
      await new Promise((resolve) => {
        setTimeout(resolve, settleMs);
      });
    }
    this.#filled.set(server, workload.isReadOnly === true ? needed : "");
  }
}

/** Those of one load side by side. */
function slotsOf(options: BenchmarkOptions, servers: readonly BenchmarkedServer[]): Slot[] {
  const sized = options.workloads.flatMap((workload) => {
    const sizes = usesValue(workload) ? options.valueSizes : options.valueSizes.slice(0, 1);
    return sizes.map((valueBytes) => ({ workload, valueBytes }));
  });
  const loads = sized.flatMap((each) => options.paces.map((pace) => ({ ...each, pace })));
  return loads.flatMap((load) => servers.map((server) => ({ ...load, server, rounds: [] })));
}

function titleOf({ name }: Workload, valueBytes: number, { valueSizes }: BenchmarkOptions): string {
  return valueSizes.length > 1 ? `${name} ${valueBytes} B` : name;
}

function outcomeOf({ commandsPerSecond, cpuUsPerCommand, p99Us, errorText }: Measurement): string {
  const cpu = cpuUsPerCommand === undefined ? "" : `, CPU ${cpuUsPerCommand.toFixed(2)} µs`;
  const error = errorText === undefined ? "" : `, ERROR ${errorText}`;
  return `${count(commandsPerSecond)}/s${cpu}, p99 ${microseconds(p99Us)}${error}`;
}
