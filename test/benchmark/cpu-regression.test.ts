// That a command has not become dearer: its CPU time here against real Redis's under the same load
// in the same minute, held against the ratios that were recorded. A quarter more is a failure.
//
// CPU time and not speed, a ratio and not a time, and the median of many rounds so short that both
// servers' turns meet the same conditions: so a machine that is slow, or busy with other things,
// does not matter much. What still seems too dear is measured again before it counts. Only where
// the servers hardly get to run nothing can be said: code that runs so little is not even compiled.
// `UPDATE_RATIOS=1` records the ratios anew; do so on a machine that does nothing else.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { runBenchmark } from "../../src/benchmark/benchmark.ts";
import { parseOptions } from "../../src/benchmark/options.ts";
import { Progress } from "../../src/benchmark/progress.ts";
import type { Cell } from "../../src/benchmark/result.ts";
import { median } from "../../src/benchmark/measurement.ts";
import { reasonToSkip } from "../support/real-redis.ts";

const file = join(import.meta.dirname, "recorded-ratios.json");
const workloads = ["set", "get", "incr", "lpush", "hset", "zadd"];
const rounds = 7;
const growthMax = 1.25;
const isRecording = process.env["UPDATE_RATIOS"] === "1";

/** With more than so many a core that want to run, figures tell more of others than of us. */
const loadMax = 1.5;
/** Whatever seems too dear is measured so often again before it counts. */
const repetitions = 3;

function reasonNotToMeasure(): string | false {
  if (process.platform !== "linux") return "the ratios were recorded on Linux";
  if (loadavg()[0] > loadMax * availableParallelism()) return "the machine is too busy to tell";
  return reasonToSkip();
}

/** Less than so much of a core for a server, and it says nothing. */
const serverLoadMin = 0.35;

interface Ratios {
  /** By workload: our CPU time of a command over Redis's, the median of the rounds' ratios. */
  readonly byName: ReadonlyMap<string, number>;
  /** How much of a core the servers had, the median of the cells. */
  readonly serverLoad: number;
}

async function measureRatios(names: readonly string[], roundCount: number): Promise<Ratios> {
  const words = [
    "--servers=respite,redis",
    `--tests=${names.join(",")}`,
    `--rounds=${roundCount}`,
    "--seconds=0.12",
    "--warm-up=0.15",
    "--keys=20000",
    "--pipeline=16",
    "--rate=0",
    "--clients=20",
    "--memory=0",
    "--generators=1",
  ];
  const command = parseOptions(words);
  assert.ok(command.action === "run");
  const progress = new Progress({ write: () => undefined });
  const { options } = command;
  const { cells } = await runBenchmark({ options, commandLine: words, progress });
  return {
    byName: new Map(names.map((name) => [name, ratioOf(cells, name)])),
    serverLoad: median(cells.map((cell) => cell.median.serverLoad ?? 0)),
  };
}

function ratioOf(cells: readonly Cell[], name: string): number {
  const [own, other] = ["respite", "redis"].map(
    (server) => cells.find((cell) => cell.workload === name && cell.server === server)!.rounds,
  );
  const ratios = own.map((round, index) => round.cpuUsPerCommand! / other[index].cpuUsPerCommand!);
  return median(ratios.filter((ratio) => Number.isFinite(ratio)));
}

it("no command costs a quarter more than recorded", { skip: reasonNotToMeasure() }, async (t) => {
  if (isRecording) {
    const { byName } = await measureRatios(workloads, 4 * rounds);
    const rounded = [...byName].map(([name, ratio]) => [name, Math.round(ratio * 100) / 100]);
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(rounded), undefined, 2)}\n`);
  }
  const recorded = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
  assert.deepEqual(Object.keys(recorded), workloads, "record the ratios with UPDATE_RATIOS=1");
  const tooDear = ({ byName }: Ratios): string[] =>
    [...byName.keys()].filter((name) => !(byName.get(name)! <= recorded[name] * growthMax));
  const first = await measureRatios(workloads, rounds);
  for (const [name, ratio] of first.byName) {
    t.diagnostic(`${name}: ${ratio.toFixed(2)} of Redis's CPU time, recorded ${recorded[name]}`);
  }
  let latest = first;
  let suspects = tooDear(first);
  for (let left = repetitions; left > 0 && suspects.length > 0; left--) {
    if (latest.serverLoad < serverLoadMin) {
      const share = Math.round(latest.serverLoad * 100);
      t.skip(`the machine is too busy to tell: servers had ${share} % of a core`);
      return;
    }
    latest = await measureRatios(suspects, 2 * rounds);
    for (const [name, ratio] of latest.byName) t.diagnostic(`${name} again: ${ratio.toFixed(2)}`);
    suspects = tooDear(latest);
  }
  assert.deepEqual(suspects, []);
});
