// LATENCY GRAPH: an event's samples as a picture of characters, four rows high, with the age of
// each sample written downwards below it.
import type { LatencySeries } from "../../engine/latency-monitor.ts";

const columns = 80;
const rows = 4;
/** What a row shows of a sample that ends in it, by height; one that goes higher is a bar. */
const tops = "_o#";
const bar = "|";

export function latencyGraph(event: string, series: LatencySeries, nowSeconds: number): string {
  const values = series.samples.map(({ ms }) => ms);
  const high = Math.max(...values);
  const low = Math.min(...values);
  const title = `${event} - high ${high} ms, low ${low} ms (all time high ${series.maxMs} ms)`;
  const lines = [title, "-".repeat(columns)];
  for (let start = 0; start < values.length; start += columns) {
    if (start > 0) lines.push("");
    const samples = series.samples.slice(start, start + columns);
    const steps = samples.map(({ ms }) => stepOf(ms, low, high));
    for (let row = rows - 1; row >= 0; row--) {
      lines.push(steps.map((step) => mark(step, row * tops.length)).join(""));
    }
    lines.push("", ...labelLines(samples.map(({ timeSeconds }) => age(nowSeconds - timeSeconds))));
  }
  return `${lines.join("\n")}\n`;
}

/** How high a sample stands, in steps of which each row has three. */
function stepOf(ms: number, low: number, high: number): number {
  const stepCount = rows * tops.length;
  return Math.min(Math.floor(((ms - low) * stepCount) / (high - low || 1)), stepCount - 1);
}

function mark(step: number, rowStart: number): string {
  if (step < rowStart) return " ";
  return tops[step - rowStart] ?? bar;
}

/** The labels, each written from top to bottom. */
function labelLines(labels: readonly string[]): string[] {
  const height = Math.max(...labels.map((label) => label.length));
  return Array.from({ length: height }, (_, row) =>
    labels.map((label) => label[row] ?? " ").join(""),
  );
}

function age(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
