// What a benchmark has found, as `--json` writes it and as all reports read it. Numbers carry their
// unit in their name; what a system could not tell is left out.
import type { KeyDistribution } from "./key-distribution.ts";
import type { Pace } from "./load.ts";

/** Raised when a field changes its meaning or goes away. */
export const resultFormat = 1;

export interface BenchmarkResult {
  readonly format: typeof resultFormat;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationSeconds: number;
  /** As it was typed, words after the program's name. */
  readonly commandLine: readonly string[];
  readonly machine: Machine;
  readonly settings: ResultSettings;
  /** Ours first, if it was among them. */
  readonly servers: readonly ServerVersion[];
  readonly cells: readonly Cell[];
  readonly memory: readonly MemoryCell[];
  readonly fanOut: readonly FanOutCell[];
  /** Missing in results that were written before it was measured. */
  readonly idle?: readonly IdleCell[];
  readonly crossChecks: readonly CrossCheck[];
}

export interface Machine {
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  /** Processes that wanted to run in the minute before: much above 0, and others took part. */
  readonly loadBefore: number;
  /** Undefined where nothing was pinned. */
  readonly serverCore?: number;
  readonly generatorCores?: readonly number[];
}

export interface ResultSettings {
  readonly connections: number;
  readonly generators: number;
  readonly keys: number;
  readonly distribution: KeyDistribution;
  readonly rounds: number;
  readonly measureSeconds: number;
  readonly warmUpSeconds: number;
}

export interface ServerVersion {
  readonly name: string;
  readonly version: string;
  readonly command: readonly string[];
}

/** One server under one load. */
export interface Cell {
  readonly workload: string;
  readonly summary: string;
  readonly valueBytes: number;
  readonly pace: Pace;
  readonly server: string;
  readonly rounds: readonly Measurement[];
  /** Of each figure the median of the rounds. */
  readonly median: Measurement;
}

export interface Measurement {
  readonly commandsPerSecond: number;
  /** User and system time of the server's process. */
  readonly cpuUsPerCommand?: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  /** Shares of a core: 1 is one core that never rests. */
  readonly serverLoad?: number;
  readonly generatorLoad: number;
  /** Open loop: how much later than due 99 % of the requests were sent at most. */
  readonly latenessP99Us?: number;
  /** Open loop: requests that were due and never answered. */
  readonly unanswered?: number;
  readonly errors: number;
  readonly errorText?: string;
}

export interface MemoryCell {
  readonly type: string;
  readonly summary: string;
  readonly elements: number;
  readonly server: string;
  /** Beyond the empty server: as its used_memory tells, and as the system does. */
  readonly usedBytesPerElement: number;
  readonly residentBytesPerElement: number;
}

export interface FanOutCell {
  readonly server: string;
  readonly subscribers: number;
  readonly messageBytes: number;
  readonly deliveriesPerCpuSecond?: number;
  readonly deliveriesPerSecond: number;
  readonly messagesPerSecond: number;
  /**
   * At a constant rate; then with one subscriber that is stopped, which others should not notice.
   */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p50UsOneStopped: number;
  readonly p99UsOneStopped: number;
}

/** A server with many connections of which few are active, beside one that has only those. */
export interface IdleCell {
  readonly server: string;
  /** Those that are idle. */
  readonly connections: number;
  readonly activeConnections: number;
  readonly usedBytesPerConnection: number;
  readonly residentBytesPerConnection: number;
  /** CPU time that the server takes while nobody asks anything, as a share of a core. */
  readonly restLoad?: number;
  readonly paces: readonly IdlePace[];
}

/** SET from those that are active. */
export interface IdlePace {
  readonly pace: Pace;
  readonly alone: Measurement;
  readonly crowded: Measurement;
  /** CPU time of a command, with the idle ones over without: the median of the rounds' ratios. */
  readonly cpuRatio?: number;
}

/** The same test by redis-benchmark. */
export interface CrossCheck {
  readonly workload: string;
  readonly pipeline: number;
  readonly server: string;
  readonly commandsPerSecond: number;
  readonly cpuUsPerCommand?: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** `P16`, or `20000/s`. */
export function paceName(pace: Pace): string {
  return pace.kind === "closed" ? `P${pace.pipeline}` : `${pace.unitsPerSecond}/s`;
}

export function isSamePace(left: Pace, right: Pace): boolean {
  return paceName(left) === paceName(right);
}

const loadBeforeMax = 0.5;

/** Whether something else ran on the machine when the benchmark was started. */
export function isMachineBusy({ loadBefore }: Machine): boolean {
  return loadBefore > loadBeforeMax;
}

/** Above this share of its core the generator has no time to send more. */
const fullLoad = 0.9;
const latenessMaxUs = 1000;

/**
 * Why a cell's throughput and latencies say more of the generator than of the server; undefined if
 * they do not.
 */
export function generatorLimit(pace: Pace, median: Measurement): string | undefined {
  if (pace.kind === "open") {
    const lateUs = median.latenessP99Us ?? 0;
    return lateUs > latenessMaxUs ? "the generator could not keep the rate" : undefined;
  }
  const isServerFull = (median.serverLoad ?? 0) >= fullLoad;
  return median.generatorLoad >= fullLoad && !isServerFull
    ? "the generator was at its limit, the server was not"
    : undefined;
}
