// The medians of rounds.
import assert from "node:assert/strict";
import { it } from "node:test";
import { medianOf } from "./measurement.ts";
import type { Measurement } from "./result.ts";

function round(commandsPerSecond: number, changes: Partial<Measurement> = {}): Measurement {
  const latencies = { p50Us: 1, p95Us: 2, p99Us: 3, p999Us: 4, maxUs: 5 };
  return { commandsPerSecond, ...latencies, generatorLoad: 0.5, errors: 0, ...changes };
}

it("the median of a figure is that of the rounds which have it", () => {
  const rounds = [
    round(0),
    round(100, { cpuUsPerCommand: 10 }),
    round(300, { cpuUsPerCommand: 30, errors: 2, errorText: "ERR no" }),
  ];
  const { commandsPerSecond, cpuUsPerCommand, errors, errorText } = medianOf(rounds);
  assert.deepEqual([commandsPerSecond, cpuUsPerCommand], [100, 20]);
  assert.deepEqual([errors, errorText], [2, "ERR no"]);
  assert.equal("cpuUsPerCommand" in medianOf([round(0), round(0)]), false);
});
