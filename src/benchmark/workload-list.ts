// All workloads by name, and the lists of them that have names of their own.
import { appWorkloads } from "./app-workloads.ts";
import { redisWorkloads } from "./redis-workloads.ts";
import type { Workload } from "./workload.ts";

export const allWorkloads: readonly Workload[] = [...redisWorkloads, ...appWorkloads];

const core =
  "set get incr mset lpush lpop sadd hset zadd lrange_100 xadd " +
  "mix_80_20 session rate_limit list_queue stream_queue";

function byName(name: string): Workload {
  const found = allWorkloads.find((workload) => workload.name === name);
  if (found === undefined) throw new RangeError(`no workload ${name}`);
  return found;
}

export const workloadLists: Readonly<Record<string, readonly Workload[]>> = {
  core: core.split(" ").map(byName),
  redis: redisWorkloads,
  apps: appWorkloads,
  all: allWorkloads,
};

/**
 * Workloads by names of workloads and of lists, each once, in the order of the names. A RangeError
 * names the one that there is not.
 */
export function selectWorkloads(names: readonly string[]): Workload[] {
  return [...new Set(names.flatMap((name) => workloadLists[name] ?? [byName(name)]))];
}
