// The parameters of `maxmemory` and of eviction, handed to the engine at the start and whenever
// they change.
import type { Engine } from "../engine/engine.ts";
import { engineGate } from "../engine/gate.ts";
import type { Config } from "./config/config.ts";
import type { ParameterName } from "./config/parameters.ts";

const parameters = [
  "maxmemory-policy",
  "maxmemory-samples",
  "maxmemory-eviction-tenacity",
  "lfu-log-factor",
  "lfu-decay-time",
] as const satisfies readonly ParameterName[];

export function applyEvictionSettings(config: Config, engine: Engine): void {
  const { values } = config;
  const { keyspace, memoryLimit } = engine;
  const apply = (): undefined => {
    const { eviction } = memoryLimit;
    eviction.policy = values.maxmemoryPolicy;
    eviction.samples = values.maxmemorySamples;
    memoryLimit.setTenacity(values.maxmemoryEvictionTenacity);
    keyspace.uses.isOn = values.maxmemoryPolicy.endsWith("-lfu");
    keyspace.uses.logFactor = values.lfuLogFactor;
    keyspace.uses.decayMinutes = values.lfuDecayTime;
    // What new records get depends on the policy.
    keyspace.setTime(keyspace.nowMs);
  };
  apply();
  for (const name of parameters) config.onChange(name, apply);
  engine.setGate(engineGate.memoryLimit, values.maxmemory > 0);
  config.onChange("maxmemory", () => {
    engine.setGate(engineGate.memoryLimit, values.maxmemory > 0);
    if (values.maxmemory > 0 && values.maxmemory < engine.usedBytes) lower(engine);
    return undefined;
  });
}

/** The limit is now below what is used. */
function lower(engine: Engine): void {
  const { host, memoryLimit, usedBytes } = engine;
  host.log(
    "warning",
    `WARNING: the new maxmemory value set via CONFIG SET (${host.settings.maxmemory}) is smaller ` +
      `than the current memory usage (${usedBytes}). This will result in key eviction and/or the ` +
      "inability to accept new write commands depending on the maxmemory-policy.",
  );
  // Not within CONFIG SET: what goes is no part of a transaction that it may be in.
  memoryLimit.makeRoomSoon();
}
