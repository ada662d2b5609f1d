// One page that holds all of a result: charts, then every figure, then on what and how it was
// taken. It needs nothing but itself, so it can be mailed, kept, or put on any server.
import type { RatioBar } from "./bar-chart.ts";
import { barChart, ratioChart, ratioScale } from "./bar-chart.ts";
import type { PaceGroup } from "./comparison.ts";
import { advantageOf, groupByPace, paceTitle, referenceOf } from "./comparison.ts";
import { count, geometricMean, microseconds, threeDigits } from "./figures.ts";
import { latencyChart } from "./latency-chart.ts";
import { drawing, element, escapeMarkup } from "./markup.ts";
import { pageStyle, seriesCount } from "./page-style.ts";
import {
  fanOutTable,
  figuresTable,
  idleTable,
  machineTable,
  memoryTable,
} from "./report-html-tables.ts";
import type { BenchmarkResult, Cell } from "./result.ts";
import { generatorLimit } from "./result.ts";
import { ownName } from "./server-kind.ts";

const percentileNames = ["p50", "p95", "p99", "p99.9"];

/** A whole document. */
export function reportAsHtml(result: BenchmarkResult): string {
  const names = result.servers.map(({ name }) => name);
  const title = `Benchmark of ${names.join(", ")}`;
  return [
    "<!doctype html>\n",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeMarkup(title)}</title><style>${pageStyle}</style></head>\n<body><main>`,
    headOf(result, title),
    ...comparisonCharts(result),
    ...latencyCharts(result),
    ...memoryCharts(result),
    ...fanOutCharts(result),
    ...idleCharts(result),
    element("h2", {}, "Every figure"),
    ...groupByPace(result).map((group) => figuresTable(result, group)),
    machineTable(result),
    "</main></body></html>\n",
  ].join("\n");
}

function headOf(result: BenchmarkResult, title: string): string {
  const { startedAt, durationSeconds, machine } = result;
  const when = `${startedAt.slice(0, 16).replace("T", " ")} UTC`;
  const minutes = Math.max(Math.round(durationSeconds / 60), 1);
  return [
    element("h1", {}, escapeMarkup(title)),
    element(
      "p",
      { class: "dim" },
      escapeMarkup(
        `${when}, ${minutes} min, on ${machine.processor} with ${machine.cores} cores, ` +
          `${machine.system}.`,
      ),
    ),
    cards(result),
    legend(result),
  ].join("\n");
}

/** What somebody wants to know who looks for three seconds. */
function cards(result: BenchmarkResult): string {
  const reference = referenceOf(result);
  if (reference === undefined) return "";
  const items: string[] = [];
  for (const { pace, rows } of groupByPace(result)) {
    const cpu = rows.flatMap((row) => advantageOf(row, reference).cpu ?? []);
    if (cpu.length === 0) continue;
    const label = pace.kind === "open" ? `at ${count(pace.unitsPerSecond)}/s` : "";
    const depth = pace.kind === "closed" ? `pipelines of ${pace.pipeline}` : label;
    items.push(
      card(geometricMean(cpu), `CPU time of a command: ${reference}'s over ours, ${depth}`),
    );
  }
  const memory = memoryRatios(result, reference);
  if (memory.length > 0) {
    items.push(card(geometricMean(memory), `memory of an element: ${reference}'s over ours`));
  }
  return element("ul", { class: "cards" }, ...items);
}

function card(ratio: number, text: string): string {
  const figure = element("strong", {}, `${threeDigits(ratio)}×`);
  return element("li", {}, figure, element("span", {}, escapeMarkup(text)));
}

function memoryRatios({ memory }: BenchmarkResult, reference: string): number[] {
  return memory
    .filter(({ server }) => server === ownName)
    .map((own) => {
      const other = memory.find(({ server, type }) => server === reference && type === own.type);
      return (other?.residentBytesPerElement ?? 0) / own.residentBytesPerElement;
    })
    .filter((ratio) => ratio > 0 && Number.isFinite(ratio));
}

function legend({ servers }: BenchmarkResult): string {
  const items = servers.map(({ name, version }, index) => {
    const square = element("rect", { class: seriesClass(index), width: 12, height: 12, rx: 2 });
    const picture = drawing(
      { width: 12, height: 12, title: `The colour of ${name}`, description: "" },
      square,
    );
    return element("li", {}, picture, escapeMarkup(`${name} ${version}`));
  });
  return element("ul", { class: "legend" }, ...items);
}

function seriesOf({ servers }: BenchmarkResult, server: string): number {
  const index = servers.findIndex(({ name }) => name === server);
  return Math.min(index, seriesCount - 1);
}

function seriesClass(index: number): string {
  return `s${Math.min(index, seriesCount - 1)}`;
}

function comparisonCharts(result: BenchmarkResult): string[] {
  const groups = groupByPace(result);
  if (groups.length === 0) return [];
  const closed = groups.filter(({ pace }) => pace.kind === "closed");
  return [
    ...throughputCharts(result, closed),
    element("h2", {}, "CPU time of a command"),
    element("p", {}, "User and system time of the server's process. Shorter is better."),
    ...groups.flatMap((group) => cpuChart(result, group)),
  ];
}

function throughputCharts(result: BenchmarkResult, groups: readonly PaceGroup[]): string[] {
  const reference = referenceOf(result);
  if (reference === undefined || groups.length === 0) return [];
  const barsOf = ({ rows }: PaceGroup): RatioBar[] =>
    rows.flatMap((row) => {
      const ratio = advantageOf(row, reference).throughput;
      return ratio === undefined ? [] : [{ label: row.title, hint: row.summary, ratio }];
    });
  const scale = ratioScale(groups.flatMap(barsOf));
  const charts = groups.map((group) => {
    const bars = barsOf(group);
    const title = `Throughput, ours over that of ${reference}: ${paceTitle(group.pace)}`;
    const description = bars
      .map(({ label, ratio }) => `${label} ${threeDigits(ratio)} times`)
      .join(", ");
    return (
      element("h3", {}, escapeMarkup(paceTitle(group.pace))) +
      wide(ratioChart({ title, description }, bars, scale)) +
      limitNote(group)
    );
  });
  return [
    element("h2", {}, escapeMarkup(`Throughput against ${reference}`)),
    element("p", {}, "Commands a second, ours over theirs. To the right of 1× ours is faster."),
    ...charts,
  ];
}

/** On a narrow screen it is scrolled, not shrunk until nobody can read it. */
function wide(chart: string): string {
  return element("div", { class: "wide" }, chart);
}

function limitNote({ rows }: PaceGroup): string {
  const limited = rows.filter((row) =>
    row.cells.some(({ pace, median }) => generatorLimit(pace, median) !== undefined),
  );
  if (limited.length === 0) return "";
  const names = limited.map(({ title }) => title).join(", ");
  const text = `Limited by the generator, not by a server: ${names}.`;
  return element("p", { class: "notes" }, escapeMarkup(text));
}

function cpuChart(result: BenchmarkResult, group: PaceGroup): string[] {
  const groups = group.rows.map((row) => ({
    label: row.title,
    hint: row.summary,
    bars: row.cells.flatMap(({ server, median: { cpuUsPerCommand } }) =>
      cpuUsPerCommand === undefined
        ? []
        : [
            {
              series: seriesOf(result, server),
              name: server,
              value: cpuUsPerCommand,
              text: `${threeDigits(cpuUsPerCommand)} µs`,
            },
          ],
    ),
  }));
  if (groups.every(({ bars }) => bars.length === 0)) return [];
  const title = `CPU time of a command: ${paceTitle(group.pace)}`;
  const description = groups
    .map(({ label, bars }) => `${label}: ${bars.map((b) => `${b.name} ${b.text}`).join(", ")}`)
    .join("; ");
  return [
    element("h3", {}, escapeMarkup(paceTitle(group.pace))),
    wide(barChart({ title, description }, groups)),
  ];
}

function latencyCharts(result: BenchmarkResult): string[] {
  const groups = groupByPace(result);
  if (groups.length === 0) return [];
  return [
    element("h2", {}, "Latency"),
    element(
      "p",
      {},
      "From half of the requests (p50) to all but one in a thousand (p99.9). Lower is better, the" +
        " scale is logarithmic. At a constant rate the time counts from when a request was due, " +
        "sent or not; otherwise from when it was sent, full pipelines ahead of it.",
    ),
    ...groups.map((group) => latencyGroup(result, group)),
  ];
}

function latencyGroup(result: BenchmarkResult, { pace, rows }: PaceGroup): string {
  const all = rows.flatMap(({ cells }) => cells.flatMap((cell) => percentilesOf(cell)));
  const positive = all.filter((us) => us > 0);
  const lowUs = 10 ** Math.floor(Math.log10(Math.min(...positive, 1000)));
  const highUs = 10 ** Math.ceil(Math.log10(Math.max(...positive, 1001)));
  const charts = rows.map((row) => {
    const answered = row.cells.filter(({ median }) => median.p999Us > 0);
    const lines = answered.map((cell) => ({
      series: seriesOf(result, cell.server),
      name: cell.server,
      valuesUs: percentilesOf(cell),
    }));
    const description = lines
      .map(({ name, valuesUs }) => {
        const words = valuesUs.map((us, i) => `${percentileNames[i]} ${microseconds(us)}`);
        return `${name}: ${words.join(", ")}`;
      })
      .join("; ");
    return latencyChart({
      title: row.title,
      description,
      names: percentileNames,
      lines,
      lowUs,
      highUs,
    });
  });
  const heading = element("h3", {}, escapeMarkup(paceTitle(pace)));
  return heading + element("div", { class: "small" }, ...charts);
}

function percentilesOf({ median }: Cell): number[] {
  return [median.p50Us, median.p95Us, median.p99Us, median.p999Us];
}

function memoryCharts(result: BenchmarkResult): string[] {
  const { memory } = result;
  if (memory.length === 0) return [];
  const types = [...new Set(memory.map(({ type }) => type))];
  const groups = types.map((type) => {
    const cells = memory.filter((cell) => cell.type === type);
    return {
      label: type,
      hint: cells[0].summary,
      bars: cells.map(({ server, residentBytesPerElement: bytes }) => ({
        series: seriesOf(result, server),
        name: server,
        value: bytes,
        text: `${threeDigits(bytes)} B`,
      })),
    };
  });
  const description = groups
    .map(({ label, bars }) => `${label}: ${bars.map((b) => `${b.name} ${b.text}`).join(", ")}`)
    .join("; ");
  return [
    element("h2", {}, "Memory of an element"),
    element(
      "p",
      {},
      "Resident memory beyond the empty server, divided by the elements. Shorter is better. A " +
        "small collection has ten elements, and its key counts with them; the others are one key.",
    ),
    wide(barChart({ title: "Memory of an element, by type", description }, groups)),
    memoryTable(result),
  ];
}

function fanOutCharts(result: BenchmarkResult): string[] {
  const { fanOut } = result;
  if (fanOut.length === 0) return [];
  const bars = fanOut.map((cell) => {
    const value = cell.deliveriesPerCpuSecond ?? cell.deliveriesPerSecond;
    const series = seriesOf(result, cell.server);
    return { series, name: cell.server, value, text: `${count(value)}/s` };
  });
  const title = "Deliveries of messages a second of CPU time";
  const description = bars.map(({ name, text }) => `${name} ${text}`).join(", ");
  const subscribers = fanOut[0].subscribers.toLocaleString("en");
  const hint = "one publisher, one channel";
  return [
    element("h2", {}, `A message to ${subscribers} subscribers`),
    element("p", {}, "Deliveries that a second of the server's CPU time makes. Longer is better."),
    wide(barChart({ title, description }, [{ label: "deliveries", hint, bars }])),
    fanOutTable(result),
  ];
}

function idleCharts(result: BenchmarkResult): string[] {
  const { idle = [] } = result;
  if (idle.length === 0) return [];
  const bars = idle.map(({ server, residentBytesPerConnection: bytes }) => ({
    series: seriesOf(result, server),
    name: server,
    value: Math.max(bytes, 0),
    text: `${threeDigits(bytes)} B`,
  }));
  const description = bars.map(({ name, text }) => `${name} ${text}`).join(", ");
  return [
    element("h2", {}, `${idle[0].connections.toLocaleString("en")} idle connections`),
    element("p", {}, "Resident memory of a connection that is silent. Shorter is better."),
    wide(
      barChart({ title: "Memory of an idle connection", description }, [
        { label: "idle", hint: "a connection that has said hello", bars },
      ]),
    ),
    idleTable(idle),
  ];
}
