// Which core the server gets and which the generators, so that neither takes the other's time:
// `taskset` on Linux, where it is installed and there are two cores at least; elsewhere the system
// places them as it likes.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

export interface Placement {
  /** Undefined: not pinned. */
  readonly serverCore: number | undefined;
  readonly generatorCores: readonly number[];
}

const unpinned: Placement = { serverCore: undefined, generatorCores: [] };

export function placeOnCores(wanted: { readonly isPinned: boolean }): Placement {
  if (!wanted.isPinned || process.platform !== "linux") return unpinned;
  if (spawnSync("taskset", ["--version"], { stdio: "ignore" }).status !== 0) return unpinned;
  const status = readFileSync("/proc/self/status", "utf8");
  const cores = parseCoreList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? "");
  const serverCore = cores.at(-1);
  if (serverCore === undefined || cores.length < 2) return unpinned;
  const others = cores.filter((core) => core !== serverCore);
  const siblings = siblingsOf(serverCore);
  const apart = others.filter((core) => !siblings.includes(core));
  return { serverCore, generatorCores: apart.length > 0 ? apart : others };
}

/** The command under `taskset`, or as it is when there are no cores to keep to. */
export function pinned(cores: readonly number[], command: readonly string[]): readonly string[] {
  return cores.length === 0 ? command : ["taskset", "-c", cores.join(","), ...command];
}

/** `0-3,8` as 0, 1, 2, 3, 8. */
export function parseCoreList(list: string): number[] {
  return list
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [first, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** Hyperthreads that share the core's units with it. */
function siblingsOf(core: number): number[] {
  const file = `/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`;
  return existsSync(file) ? parseCoreList(readFileSync(file, "utf8").trim()) : [];
}
