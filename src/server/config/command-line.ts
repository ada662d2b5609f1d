// The command line: `respite [redis.conf] [--name value ...] [-]`. Options become directives, one a
// line, exactly as in Redis's main() (server.c), so that what works with redis-server works here:
// several values, name and value in one argument, `--save ''`, values that begin with two dashes.

import { redisVersion } from "../redis-version.ts";
import { version } from "../version.ts";
import type { ConfigSources } from "./config-file.ts";
import { lowerCaseAscii, quoteText, splitArguments } from "./text.ts";

export type CommandLine =
  | {
      readonly action: "run";
      readonly sources: ConfigSources;
      /** Nothing was given at all: the server says at start that it uses the initial values. */
      readonly isEmpty: boolean;
    }
  | {
      readonly action: "print";
      readonly text: string;
      readonly destination: "standard output" | "standard error";
      readonly exitCode: number;
    };

/** `argv` without the program and the script. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const [first] = argv;
  if (first === "-v" || first === "--version") return print(`${versionLine()}\n`);
  // Redis differs: help that was asked for is no failure, so it goes to standard output with exit
  // code 0.
  if (first === "-h" || first === "--help") return print(helpText);
  if (first === "--test-memory") return refuse("--test-memory", "Respite does not test memory.");
  if (first === "--check-system") {
    return refuse("--check-system", "Respite does not check the system.");
  }
  if (argv.includes("--sentinel")) {
    return refuse("--sentinel", "Respite does not run as Sentinel; use Redis's own.");
  }
  return { action: "run", sources: parseSources(argv), isEmpty: argv.length === 0 };
}

/** One line that tools can take apart as they do that of Redis. */
export function versionLine(): string {
  return `Respite v=${version} redis_version=${redisVersion} node=${process.version} bits=64`;
}

function parseSources(argv: readonly string[]): ConfigSources {
  const hasFile = argv.length > 0 && !argv[0].startsWith("-");
  const options = new OptionLines();
  let readsStandardInput = false;
  for (let index = hasFile ? 1 : 0; index < argv.length; index++) {
    const isFirstOrLast = index === 0 || index === argv.length - 1;
    if (argv[index] === "-" && isFirstOrLast) readsStandardInput = true;
    else options.add(argv[index], argv[index + 1]);
  }
  return {
    ...(hasFile ? { file: argv[0] } : {}),
    readsStandardInput,
    ...(argv.length > 0 ? { options: options.text } : {}),
  };
}

/**
 * Turns options into lines. A name waits for at least one value, so the first value may begin with
 * two dashes.
 */
class OptionLines {
  text = "";
  #awaitsValue = false;

  add(argument: string, next: string | undefined): void {
    if (this.#awaitsValue || !argument.startsWith("--")) {
      this.text += `${quoteText(argument)} `;
      this.#awaitsValue = false;
      return;
    }
    if (this.text !== "") this.text += "\n";
    this.text += `${argument.slice(2)} `;
    // `"--port 6380"` brings its value along.
    this.#awaitsValue = splitArguments(argument)?.length === 1;
    if (!this.#awaitsValue || lowerCaseAscii(argument) !== "--save") return;
    // A list that a program built may be empty: `--save --port 1` and `--save` at the end mean no
    // save points.
    if (next === undefined || next.startsWith("--")) {
      this.text += '""';
      this.#awaitsValue = false;
    }
  }
}

function print(text: string): CommandLine {
  return { action: "print", text, destination: "standard output", exitCode: 0 };
}

function refuse(option: string, reason: string): CommandLine {
  const text = `${option} is not supported. ${reason}\n`;
  return { action: "print", text, destination: "standard error", exitCode: 1 };
}

const helpText = `Usage: respite [/path/to/redis.conf] [--name value ...] [-]
       respite benchmark [--help]

Starts a server. The configuration comes from the file, then from standard
input if there is a lone dash, then from the options; the last one wins.
Every parameter of redis.conf is an option of the same name. The word
benchmark compares servers instead of starting one.

  -v, --version    print the version and exit
  -h, --help       print this text and exit

Examples:
  respite
  respite --port 7777 --requirepass secret
  respite /etc/redis.conf --loglevel verbose
  echo 'maxmemory 128mb' | respite -
`;
