// As many requests as the server answers: each connection sends a pipeline, waits for all of its
// replies, sends the next. It tells what a server can do; its latencies are those of clients that
// wait, so a server that stalls is asked less just then (coordinated omission), which is why there
// is an open loop as well.
import type { LoadConnection } from "./load-connection.ts";
import type { LoadRun, LoadSeen } from "./load.ts";
import type { RequestPool } from "./request-pool.ts";
import { LoadCounters, LoadMeter } from "./load.ts";
import { Patience } from "./patience.ts";

const progressMs = 200;

/** Runs the load; rejects when a connection is lost or the server answers no more. */
export async function runClosedLoop(run: LoadRun, pipeline: number): Promise<LoadSeen> {
  const counters = new LoadCounters();
  const depth = Math.min(pipeline, run.pool.unitCount);
  const patience = new Patience(run.patienceMs);
  const loops = run.connections.map(
    (connection, index) => new PipelineLoop(connection, { run, counters, patience, depth, index }),
  );
  const lost = new Promise<never>((_resolve, reject) => {
    for (const connection of run.connections) connection.onLost = reject;
    patience.over.catch(reject);
  });
  const progress = setInterval(() => run.progress(counters.commands), progressMs);
  try {
    for (const loop of loops) loop.send();
    await Promise.race([lost, delay(run.warmUpMs)]);
    counters.clear();
    const meter = new LoadMeter(run);
    await Promise.race([lost, delay(run.measureMs)]);
    const seen = meter.stop();
    for (const loop of loops) loop.isEnding = true;
    await Promise.race([lost, Promise.all(loops.map((loop) => loop.ended))]);
    return seen(counters);
  } finally {
    clearInterval(progress);
    patience.stop();
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

interface PipelineLoopOptions {
  readonly run: LoadRun;
  readonly counters: LoadCounters;
  readonly patience: Patience;
  readonly depth: number;
  readonly index: number;
}

class PipelineLoop {
  /** Then replies are still waited for, but no longer counted. */
  isEnding = false;
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;
  readonly #connection: LoadConnection;
  readonly #pool: RequestPool;
  readonly #counters: LoadCounters;
  readonly #patience: Patience;
  readonly #depth: number;
  /** The first unit that has no reply yet, the end of the pipeline, and replies of this unit. */
  #unit: number;
  #endUnit: number;
  #replies = 0;
  #sentMs = 0;

  constructor(connection: LoadConnection, options: PipelineLoopOptions) {
    const { run, counters, patience, depth, index } = options;
    this.#connection = connection;
    this.#pool = run.pool;
    this.#counters = counters;
    this.#patience = patience;
    this.#depth = depth;
    // Connections begin at different places, so that they do not ask for the same at once.
    const part = index / run.connections.length;
    this.#unit = Math.floor(part * this.#pool.unitCount);
    this.#endUnit = this.#unit;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    connection.onReplies = (count, nowMs) => this.#take(count, nowMs);
  }

  send(): void {
    const { bytes, starts, unitCount } = this.#pool;
    if (this.#endUnit + this.#depth > unitCount) this.#endUnit = 0;
    this.#unit = this.#endUnit;
    this.#endUnit += this.#depth;
    this.#sentMs = performance.now();
    this.#connection.send(bytes.subarray(starts[this.#unit], starts[this.#endUnit]));
  }

  #take(count: number, nowMs: number): void {
    const { replies } = this.#pool;
    const first = this.#unit;
    this.#patience.renew();
    this.#replies += count;
    let unit = first;
    while (unit < this.#endUnit && replies[unit + 1] - replies[first] <= this.#replies) unit++;
    this.#replies -= replies[unit] - replies[first];
    this.#unit = unit;
    if (!this.isEnding) {
      const latencyUs = (nowMs - this.#sentMs) * 1000;
      this.#counters.commands += count;
      if (unit > first) this.#counters.latency.record(latencyUs, unit - first);
    }
    if (unit < this.#endUnit) return;
    if (this.isEnding) this.#end();
    else this.send();
  }
}
