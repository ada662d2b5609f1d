// The cells of a result in the order in which people compare them: by pace, then by workload, the
// servers side by side; and how many times better ours is than the one it is held against.
import type { Pace } from "./load.ts";
import type { BenchmarkResult, Cell, Measurement } from "./result.ts";
import { isSamePace } from "./result.ts";
import { ownName } from "./server-kind.ts";

export interface PaceGroup {
  readonly pace: Pace;
  readonly rows: readonly Row[];
}

/** One load on all servers. */
export interface Row {
  readonly title: string;
  readonly summary: string;
  /** In the order of the servers. */
  readonly cells: readonly Cell[];
}

/** How many times better ours is, above 1, than the reference; undefined if one is missing. */
export interface Advantage {
  readonly throughput: number | undefined;
  readonly cpu: number | undefined;
}

export function groupByPace({ cells }: BenchmarkResult): PaceGroup[] {
  const showsSize = new Set(cells.map(({ valueBytes }) => valueBytes)).size > 1;
  const groups: { pace: Pace; rows: Map<string, Cell[]> }[] = [];
  for (const cell of cells) {
    let group = groups.find(({ pace }) => isSamePace(pace, cell.pace));
    if (group === undefined) {
      group = { pace: cell.pace, rows: new Map() };
      groups.push(group);
    }
    const title = showsSize ? `${cell.workload} ${cell.valueBytes} B` : cell.workload;
    const row = group.rows.get(title) ?? [];
    row.push(cell);
    group.rows.set(title, row);
  }
  return groups.map(({ pace, rows }) => ({
    pace,
    rows: [...rows].map(([title, own]) => ({ title, summary: own[0].summary, cells: own })),
  }));
}

/** The server that ours is held against: the first other one. */
export function referenceOf({ servers }: BenchmarkResult): string | undefined {
  const names = servers.map(({ name }) => name);
  return names.includes(ownName) ? names.find((name) => name !== ownName) : undefined;
}

export function advantageOf({ cells }: Row, reference: string | undefined): Advantage {
  const own = cells.find(({ server }) => server === ownName)?.median;
  const other = cells.find(({ server }) => server === reference)?.median;
  return {
    throughput: ratio(own, other, "commandsPerSecond"),
    cpu: ratio(other, own, "cpuUsPerCommand"),
  };
}

function ratio(
  above: Measurement | undefined,
  below: Measurement | undefined,
  figure: "commandsPerSecond" | "cpuUsPerCommand",
): number | undefined {
  const dividend = above?.[figure];
  const divisor = below?.[figure];
  // Of a short measurement the system may say that it took no time at all.
  if (dividend === undefined || divisor === undefined) return undefined;
  return dividend === 0 || divisor === 0 ? undefined : dividend / divisor;
}

/** What a pace is, as a title. */
export function paceTitle(pace: Pace): string {
  if (pace.kind === "open") {
    return `${pace.unitsPerSecond.toLocaleString("en")} requests a second, at a constant rate`;
  }
  return pace.pipeline === 1
    ? "As fast as replies come, no pipelining"
    : `As fast as replies come, pipelines of ${pace.pipeline}`;
}
