// LATENCY's events: what held the server up, by kind, and when. Each kind of event keeps the worst
// of each second, for the last 160 seconds that had one.
const samplesMax = 160;

/** What may hold the server up; the names are Redis's. */
export type LatencyEvent =
  | "command"
  | "fast-command"
  | "expire-cycle"
  | "eviction-cycle"
  | "aof-write"
  | "aof-write-alone"
  | "aof-write-active-child"
  | "aof-write-pending-fsync"
  | "aof-fsync-always"
  | "aof-rename";

export interface LatencySample {
  /** Seconds since 1970. */
  readonly timeSeconds: number;
  /** The worst of that second, in milliseconds. */
  ms: number;
}

export class LatencySeries {
  /** The oldest first; at least one. */
  readonly samples: LatencySample[] = [];
  /** The worst ever, in milliseconds. */
  maxMs = 0;

  add(timeSeconds: number, ms: number): void {
    this.maxMs = Math.max(this.maxMs, ms);
    const last = this.samples.at(-1);
    if (last?.timeSeconds === timeSeconds) {
      last.ms = Math.max(last.ms, ms);
      return;
    }
    if (this.samples.length === samplesMax) this.samples.shift();
    this.samples.push({ timeSeconds, ms });
  }
}

export class LatencyMonitor {
  /** `latency-monitor-threshold`: what takes less is not noted; 0: nothing is. */
  thresholdMs = 0;
  readonly #nowMs: () => number;
  readonly #events = new Map<string, LatencySeries>();

  /** `nowMs` is the time of the turn. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Notes that something took so many milliseconds, if that was long. */
  add(event: LatencyEvent, ms: number): void {
    if (this.thresholdMs === 0 || ms < this.thresholdMs) return;
    let series = this.#events.get(event);
    if (series === undefined) {
      series = new LatencySeries();
      this.#events.set(event, series);
    }
    series.add(Math.floor(this.#nowMs() / 1000), Math.floor(ms));
  }

  get events(): ReadonlyMap<string, LatencySeries> {
    return this.#events;
  }

  find(event: string): LatencySeries | undefined {
    return this.#events.get(event);
  }

  /** Forgets an event's samples, whatever the case of its name; whether there were any. */
  forget(event: string): boolean {
    return this.#events.delete(event.toLowerCase());
  }

  /** Forgets all; how many events there were. */
  reset(): number {
    const { size } = this.#events;
    this.#events.clear();
    return size;
  }
}
