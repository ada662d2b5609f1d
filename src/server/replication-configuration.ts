// The parameters that replication does not read each time, handed to it at the start and whenever
// they change.
import type { Primary } from "../replication/primary.ts";
import type { Config } from "./config/config.ts";
import type { ParameterName } from "./config/parameters.ts";

const parameters = [
  "repl-backlog-size",
  "min-replicas-to-write",
  "min-replicas-max-lag",
] as const satisfies readonly ParameterName[];

export function applyReplicationSettings(config: Config, primary: Primary): void {
  const apply = (): undefined => primary.applySettings();
  apply();
  for (const name of parameters) config.onChange(name, apply);
}
