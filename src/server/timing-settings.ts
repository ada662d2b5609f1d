// The parameters of SLOWLOG and LATENCY, handed to the engine at the start and whenever they
// change.
import type { Engine } from "../engine/engine.ts";
import type { Config } from "./config/config.ts";
import type { ParameterName } from "./config/parameters.ts";

const parameters = [
  "slowlog-log-slower-than",
  "slowlog-max-len",
  "latency-monitor-threshold",
  "latency-tracking",
] as const satisfies readonly ParameterName[];

export function applyTimingSettings(config: Config, { timing }: Engine): void {
  const { values } = config;
  const apply = (): undefined => {
    const { slowLog, latency } = timing;
    const thresholdUs = values.slowlogLogSlowerThan;
    slowLog.thresholdUs = thresholdUs < 0 ? Infinity : thresholdUs;
    slowLog.lengthMax = values.slowlogMaxLen;
    latency.thresholdMs = values.latencyMonitorThreshold;
    timing.track(values.latencyTracking);
    timing.limitsChanged();
  };
  apply();
  for (const name of parameters) config.onChange(name, apply);
}
