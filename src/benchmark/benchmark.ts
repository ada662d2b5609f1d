// A whole benchmark: starts the servers and the generators, takes all measurements that were asked
// for, one after the other, and returns what they found.
import type { Bench } from "./bench.ts";
import { BenchmarkedServer } from "./benchmarked-server.ts";
import type { Placement } from "./cores.ts";
import { placeOnCores } from "./cores.ts";
import { crossCheck } from "./cross-check.ts";
import { measureFanOut } from "./fan-out.ts";
import { Generators } from "./generators.ts";
import { describeMachine } from "./machine.ts";
import { measureIdle } from "./idle-connections.ts";
import { measureMemory } from "./memory.ts";
import type { BenchmarkOptions } from "./options.ts";
import type { Progress } from "./progress.ts";
import type { BenchmarkResult } from "./result.ts";
import { resultFormat } from "./result.ts";
import { WorkloadRuns } from "./workload-runs.ts";

/** One generator for each core that the server leaves, up to this many. */
const generatorsMax = 4;

export interface BenchmarkRun {
  readonly options: BenchmarkOptions;
  /** As it was typed, for the reports. */
  readonly commandLine: readonly string[];
  readonly progress: Progress;
}

/** Rejects when a server cannot be started or is lost. Nothing is left running. */
export async function runBenchmark(run: BenchmarkRun): Promise<BenchmarkResult> {
  const { options, progress } = run;
  const startedAt = new Date();
  const placement = placeOnCores(options);
  const machine = describeMachine(placement);
  const servers: BenchmarkedServer[] = [];
  const generatorCount = options.generators === 0 ? generatorsFor(placement) : options.generators;
  const generators = await Generators.start({
    count: generatorCount,
    cores: placement.generatorCores,
  });
  try {
    for (const kind of options.servers) {
      servers.push(await BenchmarkedServer.start(kind, placement.serverCore));
    }
    const bench: Bench = { options, placement, servers, generators, progress };
    return {
      format: resultFormat,
      startedAt: startedAt.toISOString(),
      commandLine: run.commandLine,
      machine,
      settings: {
        connections: options.connections,
        generators: generatorCount,
        keys: options.keys,
        distribution: options.distribution,
        rounds: options.rounds,
        measureSeconds: options.measureSeconds,
        warmUpSeconds: options.warmUpSeconds,
      },
      servers: servers.map(({ name, version }, index) => ({
        name,
        version,
        command: options.servers[index].command,
      })),
      ...(await measureAll(bench)),
      durationSeconds: (Date.now() - startedAt.getTime()) / 1000,
    };
  } finally {
    generators.stop();
    for (const server of servers) await server.stop();
  }
}

async function measureAll(
  bench: Bench,
): Promise<Pick<BenchmarkResult, "cells" | "crossChecks" | "fanOut" | "idle" | "memory">> {
  const runs = new WorkloadRuns(bench);
  const cells = await runs.run();
  const crossChecks = await crossCheck(bench, cells);
  const fanOut = await measureFanOut(bench);
  const idle = await measureIdle(bench);
  const memory = await measureMemory(bench);
  return { cells, crossChecks, fanOut, idle, memory };
}

function generatorsFor({ generatorCores }: Placement): number {
  return Math.min(Math.max(generatorCores.length, 1), generatorsMax);
}
