// What a workload is: which requests in which proportion, and what the server must hold before the
// first of them.
import type { Unit } from "./request-pool.ts";

/** Requests sent once for each number below `count`, before a measurement. */
export interface Fill {
  readonly units: readonly Unit[];
  /** How often; "keys": once for each key there is. */
  readonly count: number | "keys";
}

export interface Workload {
  /** Lower case, words joined by `_`: how the command line and the reports call it. */
  readonly name: string;
  readonly summary: string;
  readonly units: readonly Unit[];
  readonly fill?: readonly Fill[];
  /** At most so many different keys, where each is a large one. */
  readonly keysMax?: number;
  /** Whether it leaves the data as it found them, so that they can be used again. */
  readonly isReadOnly?: boolean;
  /** What redis-benchmark calls the same test. */
  readonly redisBenchmark?: string;
}

export function usesValue(workload: Workload): boolean {
  return workload.units.some(({ commands }) => commands.flat().some((w) => w.includes("{value}")));
}
