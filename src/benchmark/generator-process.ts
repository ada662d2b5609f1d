// The program of a generator: fills a server or puts a load on it, as it is told, one order after
// the other. A process of its own, so that it can be pinned to a core that is not the server's, and
// its CPU time told apart.
import type { GeneratorAnswer, GeneratorOrder } from "./generator-messages.ts";
import { seededRandom } from "../bytes/random.ts";
import { runClosedLoop } from "./closed-loop.ts";
import { LoadConnection } from "./load-connection.ts";
import { runOpenLoop } from "./open-loop.ts";
import { patienceMs } from "./patience.ts";
import type { PoolOptions } from "./request-pool.ts";
import { RequestPool } from "./request-pool.ts";

type LoadOrder = Extract<GeneratorOrder, { kind: "load" }>;
type FillOrder = Extract<GeneratorOrder, { kind: "fill" }>;

const fillBatch = 1000;

/** The pool of the last order: the other server is asked for the same. */
let lastPool: { readonly description: string; readonly pool: RequestPool } | undefined;

function poolFor({ workload, settings }: LoadOrder): RequestPool {
  const { keys, distribution, valueBytes, seed } = settings;
  const { units } = workload;
  const description = JSON.stringify({ units, keys, distribution, valueBytes, seed });
  if (lastPool?.description === description) return lastPool.pool;
  const random = seededRandom(seed);
  const pool = RequestPool.draw({ units, keys, distribution, valueBytes, random });
  lastPool = { description, pool };
  return pool;
}

async function load(order: LoadOrder): Promise<GeneratorAnswer> {
  const { target, pace, settings } = order;
  const pool = poolFor(order);
  const connections: LoadConnection[] = [];
  try {
    for (let index = 0; index < settings.connections; index++) {
      connections.push(await LoadConnection.open(target.port));
    }
    const run = {
      pool,
      connections,
      serverPid: target.pid,
      warmUpMs: settings.warmUpMs,
      measureMs: settings.measureMs,
      patienceMs,
      progress: (commands: number) => tell({ kind: "progress", commands }),
    };
    const seen =
      pace.kind === "closed"
        ? await runClosedLoop(run, pace.pipeline)
        : await runOpenLoop(run, pace.unitsPerSecond);
    return { kind: "seen", seen };
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** One batch is written while the server works on the one before. */
async function fill({ target, fills, settings }: FillOrder): Promise<GeneratorAnswer> {
  const connection = await LoadConnection.open(target.port);
  const random = seededRandom(settings.seed);
  try {
    for (const { units, count } of fills) {
      const options: PoolOptions = { ...settings, units, random };
      const end = count === "keys" ? settings.keys : count;
      let sent: Promise<void> = Promise.resolve();
      for (let first = 0; first < end; first += fillBatch) {
        const batch = RequestPool.sequence(options, first, Math.min(first + fillBatch, end));
        await sent;
        sent = connection.request(batch.bytes, batch.replies[batch.unitCount]);
      }
      await sent;
    }
    return { kind: "filled" };
  } finally {
    connection.close();
  }
}

function tell(answer: GeneratorAnswer): void {
  process.send?.(answer);
}

function obey(order: GeneratorOrder): void {
  (order.kind === "load" ? load(order) : fill(order)).then(tell, (error: unknown) =>
    tell({ kind: "failed", reason: error instanceof Error ? error.message : String(error) }),
  );
}

process.on("message", obey);
// Without whoever gives the orders there is nothing to do.
process.on("disconnect", () => process.exit());
// An interrupt at the terminal reaches the whole group; the one who gives orders ends us.
process.on("SIGINT", () => undefined);
tell({ kind: "ready" });
