// The tables on the terminal: one for each pace, a line for each workload and server, and on our
// line how many times better it is than the one it is held against.
import type { PaceGroup } from "./comparison.ts";
import { advantageOf, groupByPace, paceTitle, referenceOf } from "./comparison.ts";
import { count, geometricMean, microseconds, threeDigits } from "./figures.ts";
import type { BenchmarkResult, Cell } from "./result.ts";
import { generatorLimit, isMachineBusy, paceName } from "./result.ts";
import { ownName } from "./server-kind.ts";
import { textLines } from "./text-table.ts";

/** The whole report, ending with a line break. */
export function reportForTerminal(result: BenchmarkResult): string {
  return [
    headLines(result),
    ...groupByPace(result).map((group) => paceLines(result, group)),
    memoryLines(result),
    fanOutLines(result),
    idleLines(result),
    crossCheckLines(result),
    errorLines(result),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function headLines({ machine, servers, settings }: BenchmarkResult): string[] {
  const { serverCore, generatorCores } = machine;
  const cores =
    serverCore === undefined
      ? "nothing pinned to a core"
      : `servers on core ${serverCore}, load from core ${(generatorCores ?? []).join(", ")}`;
  return [
    servers.map(({ name, version }) => `${name} ${version}`).join(", "),
    `${machine.processor}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}`,
    `${settings.connections} connections, ${settings.keys.toLocaleString("en")} keys ` +
      `(${settings.distribution}), medians of ${settings.rounds} rounds of ` +
      `${settings.measureSeconds} s; ${cores}`,
    ...(isMachineBusy(machine) ? [`THE MACHINE WAS BUSY before: load ${machine.loadBefore}`] : []),
  ];
}

const paceHead = ["commands/s", "", "CPU µs/command", "", "p50", "p95", "p99", "p99.9"];

function paceLines(result: BenchmarkResult, group: PaceGroup): string[] {
  const reference = referenceOf(result);
  const limits = new Set<string>();
  const rows = group.rows.flatMap((row) => {
    const { throughput, cpu } = advantageOf(row, reference);
    return row.cells.map((cell, index) => {
      const { median, server } = cell;
      const limit = generatorLimit(cell.pace, median);
      if (limit !== undefined) limits.add(limit);
      const isOwn = server === ownName;
      return [
        index === 0 ? row.title : "",
        server,
        count(median.commandsPerSecond) + (limit === undefined ? " " : "*"),
        isOwn ? times(throughput) : "",
        median.cpuUsPerCommand === undefined ? "-" : threeDigits(median.cpuUsPerCommand),
        isOwn ? times(cpu) : "",
        ...[median.p50Us, median.p95Us, median.p99Us, median.p999Us].map((us) =>
          median.commandsPerSecond === 0 ? "-" : microseconds(us),
        ),
      ];
    });
  });
  return [
    `${paceTitle(group.pace)} (${paceName(group.pace)})`,
    "",
    ...textLines({ head: ["workload", "server", ...paceHead], rows, wordColumns: 2 }),
    ...meanLine(group, reference),
    ...[...limits].map((limit) => `* ${limit}`),
  ];
}

function meanLine({ rows }: PaceGroup, reference: string | undefined): string[] {
  const advantages = rows.map((row) => advantageOf(row, reference));
  const throughputs = advantages.flatMap(({ throughput }) => throughput ?? []);
  const cpus = advantages.flatMap(({ cpu }) => cpu ?? []);
  if (throughputs.length === 0) return [];
  const cpu = cpus.length === 0 ? "" : `, CPU ${times(geometricMean(cpus))}`;
  return [`mean against ${reference}: throughput ${times(geometricMean(throughputs))}${cpu}`];
}

function times(ratio: number | undefined): string {
  return ratio === undefined ? "" : `${threeDigits(ratio)}x`;
}

function memoryLines({ memory }: BenchmarkResult): string[] {
  if (memory.length === 0) return [];
  const rows = memory.map(({ type, elements, server, ...bytes }) => [
    type,
    server,
    elements.toLocaleString("en"),
    threeDigits(bytes.usedBytesPerElement),
    threeDigits(bytes.residentBytesPerElement),
  ]);
  const head = ["type", "server", "elements", "used bytes each", "resident bytes each"];
  return ["Memory beyond the empty server", "", ...textLines({ head, rows, wordColumns: 2 })];
}

function fanOutLines({ fanOut }: BenchmarkResult): string[] {
  if (fanOut.length === 0) return [];
  const [{ subscribers, messageBytes, messagesPerSecond }] = fanOut;
  const rows = fanOut.map((cell) => [
    cell.server,
    cell.deliveriesPerCpuSecond === undefined ? "-" : count(cell.deliveriesPerCpuSecond),
    count(cell.deliveriesPerSecond),
    ...[cell.p50Us, cell.p99Us, cell.p50UsOneStopped, cell.p99UsOneStopped].map(microseconds),
  ]);
  const figures = ["of CPU", "a second", "p50", "p99", "p50, one stopped", "p99, one stopped"];
  return [
    `Messages of ${messageBytes} bytes to ${subscribers} subscribers: deliveries a second flat ` +
      `out, latencies at ${messagesPerSecond} messages a second`,
    "",
    ...textLines({ head: ["server", ...figures], rows, wordColumns: 1 }),
  ];
}

function idleLines({ idle = [] }: BenchmarkResult): string[] {
  if (idle.length === 0) return [];
  const [{ connections, activeConnections, paces }] = idle;
  const rows = idle.map((cell) => [
    cell.server,
    threeDigits(cell.usedBytesPerConnection),
    threeDigits(cell.residentBytesPerConnection),
    cell.restLoad === undefined ? "-" : `${(cell.restLoad * 100).toFixed(2)} %`,
    ...cell.paces.flatMap(({ alone, crowded, cpuRatio }) => [
      ...[alone, crowded].map(({ cpuUsPerCommand: us }) =>
        us === undefined ? "-" : threeDigits(us),
      ),
      times(cpuRatio),
      microseconds(crowded.p99Us),
    ]),
  ]);
  const figures = paces.flatMap(({ pace }) => [`CPU µs ${paceName(pace)}`, "with", "", "p99"]);
  return [
    `${connections.toLocaleString("en")} idle connections: memory of each, CPU time at rest, and ` +
      `SET from ${activeConnections} others without and with them`,
    "",
    ...textLines({
      head: ["server", "used bytes", "resident", "at rest", ...figures],
      rows,
      wordColumns: 1,
    }),
  ];
}

function crossCheckLines({ crossChecks, cells }: BenchmarkResult): string[] {
  if (crossChecks.length === 0) return [];
  const rows = crossChecks.map((check) => {
    const own = cells.find((cell) => isSameTest(cell, check))?.median;
    const pair = (
      figure: "commandsPerSecond" | "cpuUsPerCommand" | "p50Us" | "p99Us",
      format: (number: number) => string,
    ): string[] =>
      [check[figure], own?.[figure]].map((number) => (number === undefined ? "-" : format(number)));
    return [
      check.workload,
      `P${check.pipeline}`,
      check.server,
      ...pair("commandsPerSecond", count),
      ...pair("cpuUsPerCommand", threeDigits),
      ...pair("p50Us", microseconds),
      ...pair("p99Us", microseconds),
    ];
  });
  const figures = ["commands/s", "CPU µs", "p50", "p99"].flatMap((name) => [name, "here"]);
  return [
    "redis-benchmark, and the same figures taken here",
    "",
    ...textLines({ head: ["workload", "", "server", ...figures], rows, wordColumns: 3 }),
  ];
}

function isSameTest(
  { workload, pace, server }: Cell,
  check: BenchmarkResult["crossChecks"][number],
): boolean {
  return (
    workload === check.workload &&
    server === check.server &&
    paceName(pace) === `P${check.pipeline}`
  );
}

function errorLines({ cells }: BenchmarkResult): string[] {
  return cells
    .filter(({ median }) => median.errors > 0)
    .map(
      ({ workload, pace, server, median }) =>
        `ERRORS: ${server} answered ${workload} ${paceName(pace)} with ${median.errors} errors, ` +
        `the first: ${median.errorText}`,
    );
}
