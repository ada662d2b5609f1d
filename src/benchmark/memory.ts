// What an element of each type takes: the same elements are loaded into fresh servers, and their
// memory is read before and after, as the server counts it (used_memory of INFO) and as the system
// does (resident). Each type gets a server of its own, so that nothing is left over from
// another.
import { BenchmarkedServer } from "./benchmarked-server.ts";
import type { Bench } from "./bench.ts";
import { threeDigits } from "./figures.ts";
import type { LoadSettings } from "./load.ts";
import { residentBytes } from "./process-memory.ts";
import type { ServerKind } from "./server-kind.ts";
import type { MemoryCell } from "./result.ts";
import type { Fill } from "./workload.ts";

const perKey = 10;
const perCommand = 10;

/** How the elements of a type are loaded, a number of them with each command. */
interface MemoryLoad {
  readonly type: string;
  readonly summary: string;
  readonly words: readonly string[];
  readonly elementsPerCommand: number;
}

function large(type: string, element: string, command: string, words: string[]): MemoryLoad {
  return {
    type,
    summary: `${element} of one ${type}`,
    words: [command, "large", ...Array.from({ length: perCommand }, () => words).flat()],
    elementsPerCommand: perCommand,
  };
}

function small(type: string, element: string, command: string, words: string[]): MemoryLoad {
  return {
    type: `small ${type}`,
    summary: `${element} of many a ${type} of ${perKey}, keys included`,
    words: [command, "key:{key}", ...Array.from({ length: perKey }, () => words).flat()],
    elementsPerCommand: perKey,
  };
}

const field = "element:{next}";

const loads: readonly MemoryLoad[] = [
  {
    type: "string",
    summary: "key and value",
    words: ["SET", "key:{key}", "{value}"],
    elementsPerCommand: 1,
  },
  large("list", "element", "RPUSH", ["{value}"]),
  large("set", "member", "SADD", [field]),
  large("sorted set", "member and score", "ZADD", ["{score}", field]),
  large("hash", "field and value", "HSET", [field, "{value}"]),
  {
    type: "stream",
    summary: "entry of one field",
    words: ["XADD", "large", "*", "field", "{value}"],
    elementsPerCommand: 1,
  },
  small("list", "element", "RPUSH", ["{value}"]),
  small("set", "member", "SADD", [field]),
  small("sorted set", "member and score", "ZADD", ["{score}", field]),
  small("hash", "field and value", "HSET", [field, "{value}"]),
];

/** All types on all servers; nothing when no elements were asked for. */
export async function measureMemory(bench: Bench): Promise<MemoryCell[]> {
  const { options, progress } = bench;
  if (options.memoryElements === 0) return [];
  progress.expect(loads.length * options.servers.length);
  const cells: MemoryCell[] = [];
  for (const load of loads) {
    for (const kind of options.servers) {
      progress.start(`memory of ${load.type} ${kind.name}`);
      const cell = await measure(bench, kind, load);
      cells.push(cell);
      const { usedBytesPerElement: used, residentBytesPerElement: resident } = cell;
      progress.finish(`${threeDigits(used)} bytes used, ${threeDigits(resident)} resident`);
    }
  }
  return cells;
}

async function measure(bench: Bench, kind: ServerKind, load: MemoryLoad): Promise<MemoryCell> {
  const { options, placement, generators } = bench;
  const commands = Math.ceil(options.memoryElements / load.elementsPerCommand);
  const elements = commands * load.elementsPerCommand;
  const fills: Fill[] = [{ units: [{ commands: [load.words] }], count: "keys" }];
  const settings: LoadSettings = {
    connections: 1,
    keys: commands,
    distribution: "uniform",
    valueBytes: options.valueSizes[0],
    warmUpMs: 0,
    measureMs: 0,
    seed: options.seed,
  };
  const server = await BenchmarkedServer.start(kind, placement.serverCore);
  try {
    const before = await memoryOf(server);
    await generators.fill(server, fills, settings);
    const after = await memoryOf(server);
    return {
      type: load.type,
      summary: load.summary,
      elements,
      server: kind.name,
      usedBytesPerElement: (after.used - before.used) / elements,
      residentBytesPerElement: (after.resident - before.resident) / elements,
    };
  } finally {
    await server.stop();
  }
}

/** Bytes, as the server counts them and as the system does. */
export async function memoryOf(
  server: BenchmarkedServer,
): Promise<{ used: number; resident: number }> {
  const info = await server.control.info();
  return {
    used: Number(info.get("used_memory")),
    resident: residentBytes(server.pid) ?? Number(info.get("used_memory_rss")),
  };
}
