// A result that was never measured, with round figures, for the tests of the reports.
import type {
  BenchmarkResult,
  Cell,
  CrossCheck,
  FanOutCell,
  IdleCell,
  Measurement,
  MemoryCell,
} from "../../src/benchmark/result.ts";
import { resultFormat } from "../../src/benchmark/result.ts";
import type { Pace } from "../../src/benchmark/load.ts";

const closed: Pace = { kind: "closed", pipeline: 16 };
const open: Pace = { kind: "open", unitsPerSecond: 20_000 };

function measurement(commandsPerSecond: number, cpuUsPerCommand: number): Measurement {
  return {
    commandsPerSecond,
    cpuUsPerCommand,
    p50Us: 100,
    p95Us: 200,
    p99Us: 1500,
    p999Us: 2_500_000,
    maxUs: 3_000_000,
    serverLoad: 0.95,
    generatorLoad: 0.5,
    errors: 0,
  };
}

function cell(workload: string, pace: Pace, server: string, median: Measurement): Cell {
  const summary = `What ${workload} does`;
  return { workload, summary, valueBytes: 16, pace, server, rounds: [median], median };
}

function memoryCell(type: string, server: string, bytes: number): MemoryCell {
  return {
    type,
    summary: "an element",
    elements: 1000,
    server,
    usedBytesPerElement: bytes - 1,
    residentBytesPerElement: bytes,
  };
}

function fanOutCell(server: string, deliveriesPerCpuSecond: number): FanOutCell {
  return {
    server,
    subscribers: 1000,
    messageBytes: 100,
    deliveriesPerCpuSecond,
    deliveriesPerSecond: 150_000,
    messagesPerSecond: 100,
    p50Us: 900,
    p99Us: 5000,
    p50UsOneStopped: 900,
    p99UsOneStopped: 5000,
  };
}

function idleCell(server: string, residentBytesPerConnection: number): IdleCell {
  return {
    server,
    connections: 10_000,
    activeConnections: 100,
    usedBytesPerConnection: 2048,
    residentBytesPerConnection,
    restLoad: 0.004,
    paces: [
      {
        pace: closed,
        alone: measurement(500_000, 2),
        crowded: measurement(400_000, 2.1),
        cpuRatio: 1.05,
      },
    ],
  };
}

const crossCheck: CrossCheck = {
  workload: "set",
  pipeline: 16,
  server: "redis",
  commandsPerSecond: 510_000,
  cpuUsPerCommand: 2.1,
  p50Us: 110,
  p99Us: 1400,
};

/** Twice as fast as Redis at SET, half as fast at GET; one cell limited, one with errors. */
export const fixedResult: BenchmarkResult = {
  format: resultFormat,
  startedAt: "2026-01-02T03:04:05.000Z",
  durationSeconds: 90,
  commandLine: ["benchmark", "--servers", 'respite,redis=<redis> & "more"'],
  machine: {
    system: "Linux 6 x64",
    processor: "A processor",
    cores: 4,
    memoryBytes: 2 ** 33,
    node: "v26.0.0",
    loadBefore: 0.1,
    serverCore: 3,
    generatorCores: [0, 1],
  },
  settings: {
    connections: 50,
    generators: 2,
    keys: 100_000,
    distribution: "uniform",
    rounds: 3,
    measureSeconds: 1,
    warmUpSeconds: 0.3,
  },
  servers: [
    { name: "respite", version: "0.1.0", command: ["node", "main.ts"] },
    { name: "redis", version: "7.0.15", command: ["<redis>"] },
  ],
  cells: [
    cell("set", closed, "respite", measurement(1_000_000, 1)),
    cell("set", closed, "redis", measurement(500_000, 2)),
    cell("get", closed, "respite", {
      ...measurement(400_000, 1.5),
      errors: 3,
      errorText: "ERR no",
    }),
    cell("get", closed, "redis", {
      ...measurement(800_000, 1.2),
      serverLoad: 0.4,
      generatorLoad: 0.99,
    }),
    cell("set", open, "respite", { ...measurement(20_000, 4), latenessP99Us: 20, unanswered: 0 }),
    cell("set", open, "redis", { ...measurement(20_000, 5), latenessP99Us: 5000, unanswered: 7 }),
  ],
  memory: [memoryCell("string", "respite", 70), memoryCell("string", "redis", 126)],
  fanOut: [fanOutCell("respite", 300_000), fanOutCell("redis", 200_000)],
  idle: [idleCell("respite", 1234), idleCell("redis", 9876)],
  crossChecks: [crossCheck],
};
