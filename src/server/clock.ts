// The real clock, and one that stands still until a test moves it. A server takes either; nothing
// else of it reads the time.
import { performance } from "node:perf_hooks";
import type { Clock } from "../engine/host.ts";

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicUs: () => performance.now() * 1000,
};

/**
 * A clock for tests: time passes only by `advance`, and then everything that is due has happened
 * when it returns.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #listeners = new Set<() => void>();

  constructor(startMs: number = Date.now()) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicUs(): number {
    return this.#nowMs * 1000;
  }

  /** Moves time forward by `ms` milliseconds, 0 or more. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError("time only goes forward");
    this.#nowMs += ms;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each advance, until the returned function is called. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
