// The tables of the page: what the charts draw, in figures.
import type { PaceGroup } from "./comparison.ts";
import { advantageOf, paceTitle, referenceOf } from "./comparison.ts";
import { count, microseconds, threeDigits } from "./figures.ts";
import { element, escapeMarkup } from "./markup.ts";
import type { BenchmarkResult, IdleCell } from "./result.ts";
import { generatorLimit, isMachineBusy, paceName } from "./result.ts";
import { ownName } from "./server-kind.ts";

interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly string[])[];
}

function table({ caption, head, rows }: Table): string {
  const heads = head.map((text) => element("th", { scope: "col" }, escapeMarkup(text)));
  const body = rows.map(([first, ...rest]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "words" }, escapeMarkup(first)),
      ...rest.map((text) => element("td", {}, escapeMarkup(text))),
    ),
  );
  return element(
    "div",
    { class: "wide" },
    element(
      "table",
      {},
      element("caption", {}, escapeMarkup(caption)),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...body),
    ),
  );
}

const figureHead = ["commands/s", "×", "CPU µs", "×", "p50", "p95", "p99", "p99.9", "max"];

export function figuresTable(result: BenchmarkResult, { pace, rows }: PaceGroup): string {
  const reference = referenceOf(result);
  const lines = rows.flatMap((row) => {
    const { throughput, cpu } = advantageOf(row, reference);
    return row.cells.map(({ server, median }) => {
      const isOwn = server === ownName;
      const { p50Us, p95Us, p99Us, p999Us, maxUs, cpuUsPerCommand } = median;
      const limit = generatorLimit(pace, median) === undefined ? "" : "*";
      return [
        `${row.title} ${server}`,
        count(median.commandsPerSecond) + limit,
        isOwn ? ratioText(throughput) : "",
        cpuUsPerCommand === undefined ? "–" : threeDigits(cpuUsPerCommand),
        isOwn ? ratioText(cpu) : "",
        ...[p50Us, p95Us, p99Us, p999Us, maxUs].map((us) =>
          median.commandsPerSecond === 0 ? "–" : microseconds(us),
        ),
      ];
    });
  });
  return table({ caption: paceTitle(pace), head: ["workload", ...figureHead], rows: lines });
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? "" : `${threeDigits(ratio)}×`;
}

export function memoryTable({ memory }: BenchmarkResult): string {
  return table({
    caption: "Bytes of an element",
    head: ["type", "elements", "as the server counts", "resident"],
    rows: memory.map((cell) => [
      `${cell.type} ${cell.server}`,
      cell.elements.toLocaleString("en"),
      threeDigits(cell.usedBytesPerElement),
      threeDigits(cell.residentBytesPerElement),
    ]),
  });
}

export function fanOutTable({ fanOut }: BenchmarkResult): string {
  const [{ messageBytes, messagesPerSecond }] = fanOut;
  const latencies = ["p50", "p99", "p50, one stopped", "p99, one stopped"];
  return table({
    caption:
      `Messages of ${messageBytes} bytes: deliveries flat out, and latencies at ` +
      `${messagesPerSecond} messages a second`,
    head: ["server", "a second of CPU", "a second", ...latencies],
    rows: fanOut.map((cell) => [
      cell.server,
      cell.deliveriesPerCpuSecond === undefined ? "–" : count(cell.deliveriesPerCpuSecond),
      count(cell.deliveriesPerSecond),
      ...[cell.p50Us, cell.p99Us, cell.p50UsOneStopped, cell.p99UsOneStopped].map(microseconds),
    ]),
  });
}

export function idleTable(cells: readonly IdleCell[]): string {
  const [{ connections, activeConnections, paces }] = cells;
  const figures = paces.flatMap(({ pace }) => [
    `CPU µs ${paceName(pace)}`,
    "with them",
    "×",
    "p99 with them",
  ]);
  return table({
    caption:
      `${connections.toLocaleString("en")} idle connections: bytes of each, CPU time at rest, ` +
      `and SET from ${activeConnections} others without and with them`,
    head: ["server", "as the server counts", "resident", "at rest", ...figures],
    rows: cells.map((cell) => [
      cell.server,
      threeDigits(cell.usedBytesPerConnection),
      threeDigits(cell.residentBytesPerConnection),
      cell.restLoad === undefined ? "–" : `${(cell.restLoad * 100).toFixed(2)} %`,
      ...cell.paces.flatMap(({ alone, crowded, cpuRatio }) => [
        ...[alone, crowded].map(({ cpuUsPerCommand: us }) =>
          us === undefined ? "–" : threeDigits(us),
        ),
        ratioText(cpuRatio),
        microseconds(crowded.p99Us),
      ]),
    ]),
  });
}

const gibibyte = 2 ** 30;

/** On what, of what, and how: so that somebody else can do it again. */
export function machineTable(result: BenchmarkResult): string {
  const { machine, settings, servers, commandLine } = result;
  const { serverCore, generatorCores } = machine;
  const rows: [string, string][] = [
    ["Processor", `${machine.processor}, ${machine.cores} cores`],
    ["Memory", `${threeDigits(machine.memoryBytes / gibibyte)} GiB`],
    ["System", machine.system],
    ["Node", machine.node],
    [
      "Other work",
      isMachineBusy(machine)
        ? `yes, a load of ${threeDigits(machine.loadBefore)} before: take the figures as rough`
        : `a load of ${threeDigits(machine.loadBefore)} before`,
    ],
    [
      "Cores",
      serverCore === undefined
        ? "nothing pinned"
        : `servers on ${serverCore}, load from ${(generatorCores ?? []).join(", ")}`,
    ],
    ...servers.map(({ name, version, command }): [string, string] => [
      name,
      `${version} (${command.join(" ")})`,
    ]),
    [
      "Load",
      `${settings.connections} connections from ${settings.generators} ` +
        `${settings.generators === 1 ? "process" : "processes"}, ` +
        `${settings.keys.toLocaleString("en")} keys, ${settings.distribution}`,
    ],
    [
      "Time",
      `medians of ${settings.rounds} rounds of ${settings.measureSeconds} s, each after ` +
        `${settings.warmUpSeconds} s of warm-up, servers in turns`,
    ],
  ];
  const lines = rows.map(([name, text]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "words" }, escapeMarkup(name)),
      element("td", { class: "words" }, escapeMarkup(text)),
    ),
  );
  return [
    element("h2", {}, "On what and how"),
    element("div", { class: "wide" }, element("table", {}, element("tbody", {}, ...lines))),
    element("p", {}, "The command line:"),
    element("pre", {}, escapeMarkup(`respite ${commandLine.join(" ")}`)),
  ].join("\n");
}
