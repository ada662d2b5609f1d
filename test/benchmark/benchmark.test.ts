// The benchmark as a whole, short, against our own server: every workload is answered without an
// error, and the program prints its tables and writes its files.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runBenchmark } from "../../src/benchmark/benchmark.ts";
import { parseOptions } from "../../src/benchmark/options.ts";
import { Progress } from "../../src/benchmark/progress.ts";
import type { BenchmarkResult } from "../../src/benchmark/result.ts";
import { allWorkloads } from "../../src/benchmark/workload-list.ts";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
/** Node keeps what it has compiled there, which makes a server start three times as fast. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "respite-compile-cache") };
const short = "--servers respite --rounds 1 --clients 4 --keys 200 --generators 1 --memory 0";

async function run(words: string): Promise<{ result: BenchmarkResult; progress: string }> {
  const argv = words.split(" ");
  const command = parseOptions(argv);
  assert.ok(command.action === "run");
  let progress = "";
  const result = await runBenchmark({
    options: command.options,
    commandLine: argv,
    progress: new Progress({ write: (text) => void (progress += text) }),
  });
  return { result, progress };
}

describe("respite benchmark", () => {
  it("has workloads that the server answers without errors, in both loops", async () => {
    const words = `${short} --tests all --pipeline 3 --rate 2000 --seconds 0.1 --warm-up 0`;
    const { result, progress } = await run(words);
    assert.equal(result.cells.length, allWorkloads.length * 2);
    for (const { workload, pace, median } of result.cells) {
      const what = `${workload} ${pace.kind}`;
      assert.equal(median.errors, 0, `${what}: ${median.errorText}`);
      assert.ok(median.p50Us <= median.p999Us, what);
    }
    // A machine may be too busy to answer within the time, but not always.
    const answered = result.cells.filter(({ median }) => median.commandsPerSecond > 0);
    assert.ok(answered.length > result.cells.length / 2, `${answered.length} cells have figures`);
    assert.equal(progress.trimEnd().split("\n").length, result.cells.length, progress);
  });

  it("pops elements that are there", async () => {
    for (const name of ["lpop", "rpop", "spop", "zpopmin"]) {
      const found = allWorkloads.find((workload) => workload.name === name)!;
      const [pop, push] = found.units;
      const pushed = push.commands[0].filter((word) => /\{(?:value|next)\}/.test(word)).length;
      assert.ok(pushed * (push.weight ?? 1) > (pop.weight ?? 1), name);
    }
  });

  it("tells of a server that answers with errors", async () => {
    const server = `respite=${process.execPath} ${main} --rename-command SET NONE`;
    const words =
      "--rounds 1 --clients 2 --memory 0 --tests set --rate 0 --pipeline 2 --seconds 0.1";
    const command = parseOptions([...words.split(" "), "--servers", server]);
    assert.ok(command.action === "run");
    const { options } = command;
    const progress = new Progress({ write: () => undefined });
    const { cells } = await runBenchmark({ options, commandLine: [], progress });
    assert.ok(cells[0].median.errors > 0);
    assert.match(cells[0].median.errorText ?? "", /^ERR unknown command 'SET'/);
  });

  it("says why a server does not start, and leaves nothing behind", async () => {
    const words = ["--servers", `broken=${process.execPath} ${main} --maxmemory nonsense`];
    const command = parseOptions(words);
    assert.ok(command.action === "run");
    const progress = new Progress({ write: () => undefined });
    await assert.rejects(
      runBenchmark({ options: command.options, commandLine: [], progress }),
      /broken did not start:[^]*maxmemory/,
    );
  });

  it("prints tables and writes both files, as a program", () => {
    const folder = mkdtempSync(join(tmpdir(), "respite-benchmark-test-"));
    try {
      const words = `${short} --tests set --pipeline 2 --rate 1000 --seconds 0.1 --memory 1000`;
      const files = ["--json", join(folder, "a.json"), "--html", join(folder, "a.html")];
      const printed = execFileSync(
        process.execPath,
        [main, "benchmark", ...words.split(" "), ...files],
        { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env },
      );
      assert.match(printed, /pipelines of 2 \(P2\)[^]*set +respite/);
      assert.match(printed, /Memory beyond the empty server[^]*small hash +respite/);
      const result = JSON.parse(readFileSync(join(folder, "a.json"), "utf8")) as BenchmarkResult;
      assert.equal(result.cells.length, 2);
      assert.ok(result.memory.every(({ usedBytesPerElement }) => usedBytesPerElement > 5));
      const page = readFileSync(join(folder, "a.html"), "utf8");
      assert.match(page, /^<!doctype html>[^]*<\/html>\n$/);
      const again = ["--from", join(folder, "a.json"), "--html", join(folder, "b.html")];
      execFileSync(process.execPath, [main, "benchmark", ...again], { stdio: "ignore", env });
      assert.match(readFileSync(join(folder, "b.html"), "utf8"), /Benchmark of respite</);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("explains itself, lists its workloads, and refuses what it does not know", () => {
    const program = (...words: string[]): { text: string; status: number | null } => {
      const command = [main, "benchmark", ...words];
      const options = { encoding: "utf8", env } as const;
      const { stdout, stderr, status } = spawnSync(process.execPath, command, options);
      return { text: stdout + stderr, status };
    };
    assert.match(program("--help").text, /^Usage: respite benchmark \[options\]\n/);
    assert.match(program("--list").text, /^ping_inline +PING as a line of text\n/);
    for (const words of [["--rounds", "0"], ["--tests", "nothing"], ["--bogus"], ["stray"]]) {
      const { text, status } = program(...words);
      assert.equal(status, 1, words.join(" "));
      assert.match(text, /Try respite benchmark --help/);
    }
  });
});
