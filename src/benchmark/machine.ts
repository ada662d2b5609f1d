// On what the figures were taken.
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import type { Placement } from "./cores.ts";
import type { Machine } from "./result.ts";

export function describeMachine({ serverCore, generatorCores }: Placement): Machine {
  return {
    system: `${type()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    loadBefore: loadavg()[0],
    ...(serverCore === undefined ? {} : { serverCore, generatorCores }),
  };
}
