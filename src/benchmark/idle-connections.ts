// What connections cost that do nothing: memory of each, and CPU time that they take from those
// that are active.
//
// Two servers of a kind run side by side, one of them with the idle connections. Both get the same
// load in turns, so that whatever else the machine does falls on both; what counts is the ratio of
// their CPU times within a round. Memory is read before and after the connections are made, on a
// server that has been under load, so that what it takes to warm up is not counted with it.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Bench } from "./bench.ts";
import { BenchmarkedServer } from "./benchmarked-server.ts";
import { pinned } from "./cores.ts";
import { threeDigits } from "./figures.ts";
import type { IdleClientsAnswer, IdleClientsOrder } from "./idle-clients-message.ts";
import type { LoadSettings, Pace } from "./load.ts";
import { measurementOf, median, medianOf } from "./measurement.ts";
import { memoryOf } from "./memory.ts";
import { ownProgram } from "./own-program.ts";
import { cpuSeconds } from "./process-cpu.ts";
import type { IdleCell, IdlePace, Measurement } from "./result.ts";
import type { ServerKind } from "./server-kind.ts";
import { selectWorkloads } from "./workload-list.ts";

const firstWarmUpFactor = 3;
/** After connections were made: what cleans up behind them, a collector for one, has its time. */
const settleMs = 3000;
const restMs = 2000;
/** Connections besides those of the load: the benchmark's own, and some that have just ended. */
const spareConnections = 64;

/** Each server with and without them; nothing when none were asked for. */
export async function measureIdle(bench: Bench): Promise<IdleCell[]> {
  const { options, progress } = bench;
  if (options.idleConnections === 0) return [];
  const paces = options.paces.filter(({ kind }) => kind === "closed");
  const cells: IdleCell[] = [];
  progress.expect(options.servers.length);
  for (const kind of options.servers) {
    progress.start(`${options.idleConnections} idle connections ${kind.name}`);
    const cell = await measure(bench, kind, paces);
    cells.push(cell);
    const { usedBytesPerConnection: used, residentBytesPerConnection: resident } = cell;
    progress.finish(`${threeDigits(used)} bytes used, ${threeDigits(resident)} resident each`);
  }
  return cells;
}

async function measure(bench: Bench, kind: ServerKind, paces: readonly Pace[]): Promise<IdleCell> {
  const { options, placement } = bench;
  const count = options.idleConnections;
  const alone = await BenchmarkedServer.start(kind, placement.serverCore);
  const crowded = await BenchmarkedServer.start(kind, placement.serverCore);
  const clients = new IdleClients(placement.generatorCores);
  try {
    const clientsMax = String(count + options.connections + spareConnections);
    await crowded.control.run("CONFIG", "SET", "maxclients", clientsMax);
    for (const pace of paces) {
      for (const server of [alone, crowded]) await load(bench, server, pace, -1);
    }
    const before = await memoryOf(crowded);
    await clients.open({ port: crowded.port, count });
    await pause(settleMs);
    const after = await memoryOf(crowded);
    const restLoad = await loadAtRest(crowded);
    return {
      server: kind.name,
      connections: count,
      activeConnections: options.connections,
      usedBytesPerConnection: (after.used - before.used) / count,
      residentBytesPerConnection: (after.resident - before.resident) / count,
      ...(restLoad === undefined ? {} : { restLoad }),
      paces: await measurePaces(bench, paces, [alone, crowded]),
    };
  } finally {
    clients.stop();
    await alone.stop();
    await crowded.stop();
  }
}

async function measurePaces(
  bench: Bench,
  paces: readonly Pace[],
  servers: readonly [alone: BenchmarkedServer, crowded: BenchmarkedServer],
): Promise<IdlePace[]> {
  const measured = paces.map(() => servers.map((): Measurement[] => []));
  for (let round = 0; round < bench.options.rounds; round++) {
    for (const [paceIndex, pace] of paces.entries()) {
      // Who is first changes with the round.
      for (let turn = 0; turn < servers.length; turn++) {
        const index = (turn + round) % servers.length;
        const found = await load(bench, servers[index], pace, round);
        measured[paceIndex][index].push(found);
        bench.progress.show(`round ${round + 1}, CPU ${found.cpuUsPerCommand?.toFixed(2)} µs`);
      }
    }
  }
  return paces.map((pace, index) => {
    const [alone, crowded] = measured[index];
    const ratios = crowded.map(
      ({ cpuUsPerCommand }, round) => (cpuUsPerCommand ?? 0) / (alone[round].cpuUsPerCommand ?? 0),
    );
    return {
      pace,
      alone: medianOf(alone),
      crowded: medianOf(crowded),
      ...(Number.isFinite(median(ratios)) ? { cpuRatio: median(ratios) } : {}),
    };
  });
}

/** A round before the first only warms up. */
async function load(
  { options, generators }: Bench,
  server: BenchmarkedServer,
  pace: Pace,
  round: number,
): Promise<Measurement> {
  const { connections, keys, distribution, warmUpSeconds, measureSeconds, seed } = options;
  const settings: LoadSettings = {
    connections,
    keys,
    distribution,
    valueBytes: options.valueSizes[0],
    warmUpMs: warmUpSeconds * 1000 * (round < 0 ? firstWarmUpFactor : 1),
    measureMs: measureSeconds * 1000,
    seed,
  };
  const [workload] = selectWorkloads(["set"]);
  const order = { target: server, workload, pace, settings };
  return measurementOf(await generators.load(order, () => undefined), pace);
}

/** CPU time of a server that nobody asks anything, as a share of one core. */
async function loadAtRest({ pid }: BenchmarkedServer): Promise<number | undefined> {
  const before = cpuSeconds(pid);
  await pause(restMs);
  const after = cpuSeconds(pid);
  return before === undefined || after === undefined
    ? undefined
    : ((after - before) * 1000) / restMs;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

class IdleClients {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(cores: readonly number[]) {
    const program = ownProgram("./idle-clients.ts");
    const [file, ...words] = pinned(cores, [process.execPath, program]);
    this.#child = spawn(file, words, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#ended = once(this.#child, "exit").then(() => {
      throw new Error("the idle clients have ended");
    });
    this.#ended.catch(() => undefined);
  }

  /** Rejects with the system's reason when not all of them can be had. */
  async open(order: IdleClientsOrder): Promise<void> {
    const answered = once(this.#child, "message");
    this.#child.send(order);
    const [answer] = (await Promise.race([answered, this.#ended])) as [IdleClientsAnswer];
    if (answer.kind === "failed") {
      throw new Error(`${order.count} idle connections cannot be had: ${answer.reason}`);
    }
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
