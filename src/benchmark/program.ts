// The subcommand `respite benchmark`: reads its options, runs, prints the tables and writes the
// files. Progress goes to standard error, so that standard output holds the report alone.
import { readFileSync, writeFileSync } from "node:fs";
import { runBenchmark } from "./benchmark.ts";
import type { BenchmarkCommand, RunCommand } from "./options.ts";
import { helpText, parseOptions } from "./options.ts";
import { Progress } from "./progress.ts";
import { reportAsHtml } from "./report-html.ts";
import { reportAsJson } from "./report-json.ts";
import { reportForTerminal } from "./report-terminal.ts";
import type { BenchmarkResult } from "./result.ts";
import { resultFormat } from "./result.ts";
import { allWorkloads } from "./workload-list.ts";

/** What a shell gives for a program that an interrupt has ended. */
const exitCodeInterrupted = 130;

/** Resolves to the exit code: 1 for what was typed wrong or did not work. */
export async function runBenchmarkProgram(argv: readonly string[]): Promise<number> {
  let command: BenchmarkCommand;
  try {
    command = parseOptions(argv);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`${error.message}\nTry respite benchmark --help.\n`);
    return 1;
  }
  if (command.action === "run") return await runAndReport(command, argv);
  process.stdout.write(command.action === "help" ? helpText() : listText());
  return 0;
}

async function runAndReport(
  { options, resultFile, jsonFile, htmlFile }: RunCommand,
  argv: readonly string[],
): Promise<number> {
  const progress = new Progress(process.stderr);
  // An exit, and not the end that a signal makes by itself, ends the servers as well.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      progress.end();
      process.exit(exitCodeInterrupted);
    });
  }
  try {
    const result =
      resultFile === undefined
        ? await runBenchmark({ options, commandLine: ["benchmark", ...argv], progress })
        : readResult(resultFile);
    progress.end();
    process.stdout.write(`\n${reportForTerminal(result)}`);
    if (jsonFile !== undefined) writeFileSync(jsonFile, reportAsJson(result));
    if (htmlFile !== undefined) writeFileSync(htmlFile, reportAsHtml(result));
    return 0;
  } catch (error) {
    progress.end();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** What `--json` has written; an error says why it cannot be used. */
function readResult(file: string): BenchmarkResult {
  const result = JSON.parse(readFileSync(file, "utf8")) as BenchmarkResult;
  if (result.format === resultFormat) return result;
  throw new Error(`${file} is no result of a benchmark, or one of another version`);
}

function listText(): string {
  return allWorkloads.map(({ name, summary }) => `${name.padEnd(14)} ${summary}\n`).join("");
}
