// The options of `respite benchmark`: declared once, from which come the parser, the defaults and
// the text of --help.
import { parseArgs } from "node:util";
import type { KeyDistribution } from "./key-distribution.ts";
import { keyDistributions } from "./key-distribution.ts";
import type { Pace } from "./load.ts";
import type { ServerKind } from "./server-kind.ts";
import { findServers, parseServer } from "./server-kind.ts";
import type { Workload } from "./workload.ts";
import { selectWorkloads } from "./workload-list.ts";

export interface BenchmarkOptions {
  readonly servers: readonly ServerKind[];
  readonly workloads: readonly Workload[];
  readonly paces: readonly Pace[];
  readonly valueSizes: readonly number[];
  readonly connections: number;
  readonly keys: number;
  readonly distribution: KeyDistribution;
  readonly rounds: number;
  readonly measureSeconds: number;
  readonly warmUpSeconds: number;
  readonly generators: number;
  readonly isPinned: boolean;
  readonly seed: number;
  /** Elements of each type that the memory is measured with; 0: not at all. */
  readonly memoryElements: number;
  /** Subscribers that the fan-out is measured with; 0: not at all. */
  readonly subscribers: number;
  /** Idle connections that memory and CPU time are measured with; 0: not at all. */
  readonly idleConnections: number;
  readonly isCrossChecked: boolean;
}

/** What the command line asks for. */
export type BenchmarkCommand =
  | { readonly action: "help" }
  | { readonly action: "list" }
  | RunCommand;

export interface RunCommand {
  readonly action: "run";
  readonly options: BenchmarkOptions;
  /** A result that was written before; undefined: measure. */
  readonly resultFile: string | undefined;
  readonly jsonFile: string | undefined;
  readonly htmlFile: string | undefined;
}

interface OptionDeclaration {
  /** What stands for its value in the help; none: it is a switch. */
  readonly value?: string;
  readonly initial?: string;
  /** Its value under --quick. */
  readonly quick?: string;
  readonly help: string;
}

const declarations = {
  tests: {
    value: "NAMES",
    initial: "core",
    quick: "set,get,incr,lpush,hset,zadd",
    help: "workloads, or lists of them: core, redis, apps, all; none",
  },
  servers: {
    value: "NAMES",
    help: "of respite, redis, valkey, or name=command; those installed",
  },
  pipeline: {
    value: "DEPTHS",
    initial: "1,16",
    help: "requests in flight on a connection; 0: none",
  },
  rate: {
    value: "RATES",
    initial: "20000",
    quick: "0",
    help: "also requests a second at a constant rate; 0: none",
  },
  clients: { value: "COUNT", initial: "50", help: "connections" },
  keys: { value: "COUNT", initial: "100000", help: "different keys" },
  distribution: { value: "NAME", initial: "uniform", help: keyDistributions.join(" or ") },
  "value-size": { value: "BYTES", initial: "16", help: "bytes of a value; several are compared" },
  rounds: { value: "COUNT", initial: "3", quick: "1", help: "of which the medians are reported" },
  seconds: { value: "TIME", initial: "1", quick: "0.5", help: "of each measurement" },
  "warm-up": { value: "TIME", initial: "0.3", help: "seconds before each measurement" },
  generators: { value: "COUNT", help: "processes that make the load; one, or more if cores allow" },
  memory: {
    value: "ELEMENTS",
    initial: "1000000",
    quick: "100000",
    help: "of each type, to measure the memory with; 0: do not",
  },
  "fan-out": { help: "measure messages to 1,000 subscribers as well" },
  subscribers: { value: "COUNT", initial: "1000", help: "subscribers of the fan-out" },
  idle: { value: "COUNT", initial: "0", help: "idle connections beside --clients; 0: do not" },
  "cross-check": { help: "run redis-benchmark for the same tests as well" },
  "no-pinning": { help: "leave it to the system which core runs what" },
  seed: { value: "NUMBER", initial: "1", help: "of what is drawn by chance" },
  json: { value: "FILE", help: "write all figures there" },
  from: { value: "FILE", help: "measure nothing: report what --json has written there" },
  html: { value: "FILE", help: "write a page with charts there" },
  quick: { help: "a short look: fewer tests, one round, less memory" },
  list: { help: "print the workloads and end" },
  help: { help: "print this and end" },
} as const satisfies Record<string, OptionDeclaration>;

type OptionName = keyof typeof declarations;
const declared: ReadonlyArray<[string, OptionDeclaration]> = Object.entries(declarations);

export function helpText(): string {
  const lines = declared.map(([name, { value, initial, help }]) => {
    const left = `  --${name}${value === undefined ? "" : ` ${value}`}`;
    return `${left.padEnd(24)} ${help}${initial === undefined ? "" : ` (${initial})`}`;
  });
  return [
    "Usage: respite benchmark [options]",
    "",
    "Compares this server with those that are installed, under the same load, in turn: throughput,",
    "latencies, CPU time of a command, memory of an element. Lists are written with commas.",
    "",
    ...lines,
    "",
  ].join("\n");
}

/** A RangeError says what is wrong. */
export function parseOptions(argv: readonly string[]): BenchmarkCommand {
  const given = parseWords(argv);
  if (given.has("help")) return { action: "help" };
  if (given.has("list")) return { action: "list" };
  const values = new OptionValues(given);
  return {
    action: "run",
    options: values.options(),
    resultFile: given.get("from"),
    jsonFile: given.get("json"),
    htmlFile: given.get("html"),
  };
}

function parseWords(argv: readonly string[]): Map<string, string> {
  const options = Object.fromEntries(
    declared.map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    const { values } = parseArgs({ args: [...argv], options });
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new RangeError((error as Error).message, { cause: error });
  }
}

class OptionValues {
  readonly #given: ReadonlyMap<string, string>;

  constructor(given: ReadonlyMap<string, string>) {
    this.#given = given;
  }

  options(): BenchmarkOptions {
    const distribution = this.#text("distribution");
    if (!isDistribution(distribution)) throw new RangeError(`no distribution ${distribution}`);
    const servers = this.#text("servers");
    const tests = this.#list("tests").filter((name) => name !== "none");
    return {
      servers: servers === "" ? findServers() : this.#list("servers").map(parseServer),
      workloads: selectWorkloads(tests),
      paces: this.#paces(),
      valueSizes: this.#list("value-size").map((text) => parseNumber("value-size", text, 1)),
      connections: this.#number("clients", 1),
      keys: this.#number("keys", 1),
      distribution,
      rounds: this.#number("rounds", 1),
      measureSeconds: this.#number("seconds", 0.05),
      warmUpSeconds: this.#number("warm-up", 0),
      generators: this.#text("generators") === "" ? 0 : this.#number("generators", 1),
      isPinned: !this.#given.has("no-pinning"),
      seed: this.#number("seed", 0),
      memoryElements: this.#number("memory", 0),
      subscribers: this.#given.has("fan-out") ? this.#number("subscribers", 2) : 0,
      idleConnections: this.#number("idle", 0),
      isCrossChecked: this.#given.has("cross-check"),
    };
  }

  #paces(): Pace[] {
    const numbers = (name: OptionName): number[] =>
      this.#list(name)
        .map((text) => parseNumber(name, text, 0))
        .filter((number) => number > 0);
    return [
      ...numbers("pipeline").map((pipeline): Pace => ({ kind: "closed", pipeline })),
      ...numbers("rate").map((unitsPerSecond): Pace => ({ kind: "open", unitsPerSecond })),
    ];
  }

  #text(name: OptionName): string {
    const { quick, initial }: OptionDeclaration = declarations[name];
    const preset = this.#given.has("quick") ? (quick ?? initial) : initial;
    return this.#given.get(name) ?? preset ?? "";
  }

  #list(name: OptionName): string[] {
    return this.#text(name)
      .split(",")
      .filter((word) => word !== "");
  }

  #number(name: OptionName, min: number): number {
    return parseNumber(name, this.#text(name), min);
  }
}

const wholeUnless = new Set(["seconds", "warm-up"]);

function parseNumber(name: string, text: string, min: number): number {
  const number = Number(text);
  const isValid = text !== "" && number >= min && Number.isFinite(number);
  if (!isValid || (!wholeUnless.has(name) && !Number.isInteger(number))) {
    throw new RangeError(`--${name} ${text} is not a number of ${min} or more`);
  }
  return number;
}

function isDistribution(text: string): text is KeyDistribution {
  return keyDistributions.some((name) => name === text);
}
