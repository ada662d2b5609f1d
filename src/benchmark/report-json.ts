// The result as a file for programs: all of it, with every round.
import type { BenchmarkResult } from "./result.ts";

/** Ends with a line break; numbers keep four digits after the point, which is finer than noise. */
export function reportAsJson(result: BenchmarkResult): string {
  return `${JSON.stringify(result, rounded, 2)}\n`;
}

function rounded(_name: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value;
}
