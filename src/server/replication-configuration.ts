// The parameters that replication does not read each time, handed to it at the start and whenever
// they change.
import type { Replication } from "../replication/replication.ts";
import type { Config } from "./config/config.ts";
import type { ParameterName } from "./config/parameters.ts";

const parameters = [
  "repl-backlog-size",
  "min-replicas-to-write",
  "min-replicas-max-lag",
  "replica-read-only",
  "replica-serve-stale-data",
] as const satisfies readonly ParameterName[];

export function applyReplicationSettings(config: Config, replication: Replication): void {
  const apply = (): undefined => {
    replication.asPrimary.applySettings();
    replication.follower.applySettings();
  };
  apply();
  for (const name of parameters) config.onChange(name, apply);
}
