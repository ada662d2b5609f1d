// Requests that are due at a constant rate, as users come: whether or not the server has answered
// the ones before. A request's latency is counted from when it was due, so that a stall is felt by
// every request that fell into it, sent or not.
//
// Unit k is due at start + k / rate, on connection k modulo their number; so when unit j of a
// connection was due needs no queue, only arithmetic. Timers are too coarse for that: the loop
// spins, looking at the clock between reads. The generator itself is late when the machine has no
// core for it; how late is counted, and the reports say when it was too much.
import type { LoadConnection } from "./load-connection.ts";
import type { LoadRun, LoadSeen } from "./load.ts";
import type { RequestPool } from "./request-pool.ts";
import { LoadCounters, LoadMeter } from "./load.ts";

/** How long after the end we wait for answers. */
const patienceMs = 2000;
const progressMs = 200;
/** A connection that has so much unsent must be read by the server before it gets more. */
const unsentBytesMax = 1024 * 1024;

/** Runs the load; rejects when a connection is lost. */
export async function runOpenLoop(run: LoadRun, unitsPerSecond: number): Promise<LoadSeen> {
  const counters = new LoadCounters();
  const schedule = new Schedule(run, unitsPerSecond);
  const streams = run.connections.map(
    (connection, index) => new ScheduledStream(connection, { run, counters, schedule, index }),
  );
  const lost = new Promise<never>((_resolve, reject) => {
    for (const connection of run.connections) connection.onLost = reject;
  });
  const progress = setInterval(() => run.progress(counters.commands), progressMs);
  try {
    await Promise.race([lost, schedule.send(streams, schedule.measureStartMs)]);
    const meter = new LoadMeter(run);
    await Promise.race([lost, schedule.send(streams, schedule.measureEndMs)]);
    const seen = meter.stop();
    await Promise.race([lost, schedule.drain(streams)]);
    for (const stream of streams) stream.countUnanswered();
    return { ...seen(counters), seconds: run.measureMs / 1000 };
  } finally {
    clearInterval(progress);
  }
}

class Schedule {
  readonly connectionCount: number;
  readonly measureStartMs: number;
  readonly measureEndMs: number;
  readonly #startMs: number;
  readonly #intervalMs: number;
  #sent = 0;

  constructor(run: LoadRun, unitsPerSecond: number) {
    this.connectionCount = run.connections.length;
    this.#startMs = performance.now();
    this.#intervalMs = 1000 / unitsPerSecond;
    this.measureStartMs = this.#startMs + run.warmUpMs;
    this.measureEndMs = this.measureStartMs + run.measureMs;
  }

  /** When unit `index` of a connection is due. */
  dueMs(connection: number, index: number): number {
    return this.#startMs + (index * this.connectionCount + connection) * this.#intervalMs;
  }

  isMeasured(dueMs: number): boolean {
    return dueMs >= this.measureStartMs && dueMs < this.measureEndMs;
  }

  /** Sends what is due until then. */
  send(streams: readonly ScheduledStream[], endMs: number): Promise<void> {
    return new Promise((resolve) => {
      const turn = (): void => {
        const nowMs = performance.now();
        this.#sendDue(streams, Math.min(nowMs, endMs));
        if (nowMs >= endMs) resolve();
        else setImmediate(turn);
      };
      turn();
    });
  }

  /** Each connection is written to once at most, with all that is due on it. */
  #sendDue(streams: readonly ScheduledStream[], nowMs: number): void {
    const due = Math.ceil((nowMs - this.#startMs) / this.#intervalMs);
    const count = Math.min(due - this.#sent, this.connectionCount);
    for (let at = 0; at < count; at++) {
      const connection = (this.#sent + at) % this.connectionCount;
      streams[connection].sendUpTo(Math.ceil((due - connection) / this.connectionCount));
    }
    this.#sent = Math.max(due, this.#sent);
  }

  /** Waits for the answers to all that was sent, and sends what could not be sent before. */
  drain(streams: readonly ScheduledStream[]): Promise<void> {
    const endMs = performance.now() + patienceMs;
    return new Promise((resolve) => {
      const turn = (): void => {
        for (const stream of streams) stream.sendRest();
        if (streams.every((stream) => stream.isDone) || performance.now() > endMs) resolve();
        else setImmediate(turn);
      };
      turn();
    });
  }
}

interface ScheduledStreamOptions {
  readonly run: LoadRun;
  readonly counters: LoadCounters;
  readonly schedule: Schedule;
  readonly index: number;
}

class ScheduledStream {
  readonly #connection: LoadConnection;
  readonly #pool: RequestPool;
  readonly #counters: LoadCounters;
  readonly #schedule: Schedule;
  readonly #index: number;
  readonly #firstUnit: number;
  /** Units that are due, were sent, are answered; replies of the one that is being answered. */
  #due = 0;
  #sent = 0;
  #answered = 0;
  #replies = 0;

  constructor(connection: LoadConnection, options: ScheduledStreamOptions) {
    const { run, counters, schedule, index } = options;
    this.#connection = connection;
    this.#pool = run.pool;
    this.#counters = counters;
    this.#schedule = schedule;
    this.#index = index;
    this.#firstUnit = Math.floor((index / run.connections.length) * this.#pool.unitCount);
    connection.onReplies = (count, nowMs) => this.#take(count, nowMs);
  }

  get isDone(): boolean {
    return this.#answered === this.#due;
  }

  sendUpTo(due: number): void {
    this.#due = Math.max(due, this.#due);
    this.sendRest();
  }

  sendRest(): void {
    const { bytes, starts, unitCount } = this.#pool;
    while (this.#sent < this.#due && this.#connection.unsentBytes < unsentBytesMax) {
      const unit = (this.#firstUnit + this.#sent) % unitCount;
      const count = Math.min(this.#due - this.#sent, unitCount - unit);
      const dueMs = this.#schedule.dueMs(this.#index, this.#sent);
      this.#connection.send(bytes.subarray(starts[unit], starts[unit + count]));
      if (this.#schedule.isMeasured(dueMs)) {
        this.#counters.lateness.record((performance.now() - dueMs) * 1000, count);
      }
      this.#sent += count;
    }
  }

  /** What has waited in vain has waited at least until now. */
  countUnanswered(): void {
    const nowMs = performance.now();
    for (; this.#answered < this.#due; this.#answered++) {
      if (this.#count(nowMs, 0)) this.#counters.unanswered++;
    }
  }

  #take(count: number, nowMs: number): void {
    const { replies, unitCount } = this.#pool;
    this.#replies += count;
    for (;;) {
      const unit = (this.#firstUnit + this.#answered) % unitCount;
      const wanted = replies[unit + 1] - replies[unit];
      if (this.#replies < wanted) return;
      this.#replies -= wanted;
      this.#count(nowMs, wanted);
      this.#answered++;
    }
  }

  /** Whether the unit that is being answered belongs to what is measured. */
  #count(nowMs: number, commands: number): boolean {
    const dueMs = this.#schedule.dueMs(this.#index, this.#answered);
    if (!this.#schedule.isMeasured(dueMs)) return false;
    this.#counters.latency.record((nowMs - dueMs) * 1000, 1);
    this.#counters.commands += commands;
    return true;
  }
}
