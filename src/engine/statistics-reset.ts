// CONFIG RESETSTAT: everything that only counts goes back to zero.
import type { Engine } from "./engine.ts";

export function resetStatistics(engine: Engine): void {
  for (const each of engine.registered) each.resetStatistics();
  engine.statistics.reset();
  engine.access.log.resetStatistics();
  engine.memoryLimit.resetStatistics();
  engine.scripting.cache.evictedCount = 0;
  Object.assign(engine.keyspace.statistics, {
    hits: 0,
    misses: 0,
    expired: 0,
    expiredFields: 0,
    lazyFreed: 0,
    evicted: 0,
  });
  engine.host.resetStatistics();
}
