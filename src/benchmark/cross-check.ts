// redis-benchmark for the same tests at the same depths, so that nobody has to take the figures of
// this generator on trust. As many requests as the server answered here in the time of a
// measurement, and the CPU time of the server read around them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Bench } from "./bench.ts";
import type { BenchmarkedServer } from "./benchmarked-server.ts";
import { pinned } from "./cores.ts";
import { count } from "./figures.ts";
import { cpuSeconds } from "./process-cpu.ts";
import type { Cell, CrossCheck } from "./result.ts";
import { isInstalled } from "./server-kind.ts";
import { allWorkloads } from "./workload-list.ts";

const program = "redis-benchmark";
const requestsMin = 10_000;

/** Nothing when it was not asked for; rejects when redis-benchmark is not there. */
export async function crossCheck(bench: Bench, cells: readonly Cell[]): Promise<CrossCheck[]> {
  const { options, progress, servers } = bench;
  if (!options.isCrossChecked) return [];
  if (!isInstalled(program)) throw new Error(`${program} is not installed`);
  const checked = cells.filter((cell) => cell.pace.kind === "closed" && testOf(cell) !== undefined);
  progress.expect(checked.length);
  const found: CrossCheck[] = [];
  for (const cell of checked) {
    const server = servers.find(({ name }) => name === cell.server);
    if (server === undefined || cell.pace.kind !== "closed") continue;
    progress.start(`${program} ${cell.workload} P${cell.pace.pipeline} ${cell.server}`);
    const check = await runTest(bench, server, cell, cell.pace.pipeline);
    found.push(check);
    progress.finish(`${count(check.commandsPerSecond)}/s`);
  }
  return found;
}

function testOf({ workload }: Cell): string | undefined {
  return allWorkloads.find(({ name }) => name === workload)?.redisBenchmark;
}

async function runTest(
  { options, placement }: Bench,
  server: BenchmarkedServer,
  cell: Cell,
  pipeline: number,
): Promise<CrossCheck> {
  const wanted = Math.round(cell.median.commandsPerSecond * options.measureSeconds);
  const requests = Math.max(wanted, requestsMin);
  await server.control.run("FLUSHALL", "SYNC");
  const words = ["-p", server.port, "-t", testOf(cell), "-n", requests, "-P", pipeline];
  words.push("-c", options.connections, "-r", options.keys, "-d", cell.valueBytes, "--csv");
  const command = pinned(placement.generatorCores, [program, ...words.map(String)]);
  const before = cpuSeconds(server.pid);
  const output = await outputOf(command);
  const after = cpuSeconds(server.pid);
  const { testCount, ...figures } = parseCsv(output);
  const spent = before === undefined || after === undefined ? undefined : after - before;
  return {
    workload: cell.workload,
    pipeline,
    server: server.name,
    ...figures,
    // Where it fills a list first, the CPU time is not that of the test alone.
    ...(spent === undefined || testCount > 1 ? {} : { cpuUsPerCommand: (spent * 1e6) / requests }),
  };
}

async function outputOf([file, ...words]: readonly string[]): Promise<string> {
  const child = spawn(file, words, { stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += String(chunk)));
  await once(child, "close");
  return output;
}

/**
 * The figures of the last test that it ran, and how many it ran: LRANGE's begin with one that fills
 * the list. The columns are test, requests a second, and the latencies avg, min, p50, p95, p99, max
 * in milliseconds.
 */
export function parseCsv(output: string): {
  testCount: number;
  commandsPerSecond: number;
  p50Us: number;
  p99Us: number;
} {
  const lines = output.split("\n").filter((line) => line.startsWith('"') && !/"rps"/.test(line));
  const fields = [...(lines.at(-1) ?? "").matchAll(/"([^"]*)"/g)].map(([, field]) => field);
  const numbers = fields.slice(-7).map(Number);
  if (numbers.length !== 7 || numbers.some((number) => Number.isNaN(number))) {
    throw new Error(`${program} wrote ${output.slice(0, 200)}`);
  }
  return {
    testCount: lines.length,
    commandsPerSecond: numbers[0],
    p50Us: numbers[3] * 1000,
    p99Us: numbers[5] * 1000,
  };
}
