// The subcommand `respite benchmark`: reads its options, runs, prints the tables and writes the
// files. Progress goes to standard error, so that standard output holds the report alone.
import { writeFileSync } from "node:fs";
import { runBenchmark } from "./benchmark.ts";
import type { BenchmarkCommand, RunCommand } from "./options.ts";
import { helpText, parseOptions } from "./options.ts";
import { Progress } from "./progress.ts";
import { reportAsHtml } from "./report-html.ts";
import { reportAsJson } from "./report-json.ts";
import { reportForTerminal } from "./report-terminal.ts";
import { allWorkloads } from "./workload-list.ts";

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
  { options, jsonFile, htmlFile }: RunCommand,
  argv: readonly string[],
): Promise<number> {
  const progress = new Progress(process.stderr);
  try {
    const result = await runBenchmark({ options, commandLine: ["benchmark", ...argv], progress });
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

function listText(): string {
  return allWorkloads.map(({ name, summary }) => `${name.padEnd(14)} ${summary}\n`).join("");
}
