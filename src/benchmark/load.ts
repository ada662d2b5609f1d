// A load on one server for some seconds, and what was seen of it: counts, latencies, CPU times.
//
// After the warm-up the counters start anew. What ends a measurement is the clock, not a number of
// requests, so that every server is under load for the same time.
import type { HistogramParts } from "./histogram.ts";
import type { KeyDistribution } from "./key-distribution.ts";
import type { LoadConnection } from "./load-connection.ts";
import type { RequestPool } from "./request-pool.ts";
import { Histogram } from "./histogram.ts";
import { cpuSeconds } from "./process-cpu.ts";

/** How requests are sent. */
export type Pace =
  /** Each connection sends so many, waits for their replies, and sends the next. */
  | { readonly kind: "closed"; readonly pipeline: number }
  /** They are due at a constant rate, over all connections, whatever comes back. */
  | { readonly kind: "open"; readonly unitsPerSecond: number };

export interface LoadSettings {
  readonly connections: number;
  readonly keys: number;
  readonly distribution: KeyDistribution;
  readonly valueBytes: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly seed: number;
}

/** What one generator has seen. */
export interface LoadSeen {
  readonly seconds: number;
  readonly commands: number;
  readonly errors: number;
  readonly errorText: string;
  /** Latencies of units: in a closed loop from sending, in an open one from when it was due. */
  readonly latency: HistogramParts;
  /** In an open loop: how much later than due units were sent. */
  readonly lateness: HistogramParts;
  /** Units that were due and had no reply in the end. */
  readonly unanswered: number;
  /** CPU time of the generator and of the server, as shares of the time: 1 is one core. */
  readonly generatorLoad: number;
  readonly serverLoad: number | undefined;
}

export interface LoadRun {
  readonly pool: RequestPool;
  readonly connections: readonly LoadConnection[];
  readonly serverPid: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How long no reply may come while some are waited for; an open loop does not wait. */
  readonly patienceMs: number;
  /** Told of all commands so far, a few times a second. */
  readonly progress: (commands: number) => void;
}

/** What both loops count. */
export class LoadCounters {
  readonly latency = new Histogram();
  readonly lateness = new Histogram();
  commands = 0;
  unanswered = 0;

  clear(): void {
    this.latency.clear();
    this.lateness.clear();
    this.commands = 0;
  }
}

/** Marks of time and CPU at the beginning of a measurement. */
export class LoadMeter {
  readonly #run: LoadRun;
  readonly #startMs = performance.now();
  readonly #own = process.cpuUsage();
  readonly #server: number | undefined;

  constructor(run: LoadRun) {
    this.#run = run;
    this.#server = cpuSeconds(run.serverPid);
  }

  /** To be called as the measurement ends; what it returns, when the last reply has come. */
  stop(): (counters: LoadCounters) => LoadSeen {
    const seconds = (performance.now() - this.#startMs) / 1000;
    const own = process.cpuUsage(this.#own);
    const server = cpuSeconds(this.#run.serverPid);
    const skimmers = this.#run.connections.map(({ skimmer }) => skimmer);
    return (counters) => ({
      seconds,
      commands: counters.commands,
      errors: skimmers.reduce((sum, { errors }) => sum + errors, 0),
      errorText: skimmers.find(({ errors }) => errors > 0)?.errorText ?? "",
      latency: counters.latency.parts(),
      lateness: counters.lateness.parts(),
      unanswered: counters.unanswered,
      generatorLoad: (own.user + own.system) / 1e6 / seconds,
      serverLoad:
        server === undefined || this.#server === undefined
          ? undefined
          : (server - this.#server) / seconds,
    });
  }
}
