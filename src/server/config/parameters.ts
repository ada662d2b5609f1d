// All parameters, by theme, and the type of `config.values` that follows from them. The order of
// the declarations is the order of CONFIG GET *, of new lines of CONFIG REWRITE, and of the
// reference page.

import type { CamelCase, Parameter } from "./parameter.ts";
import { cluster } from "./parameters/cluster.ts";
import { general } from "./parameters/general.ts";
import { memory } from "./parameters/memory.ts";
import { network } from "./parameters/network.ts";
import { persistence } from "./parameters/persistence.ts";
import { replication } from "./parameters/replication.ts";
import { tls } from "./parameters/tls.ts";

/** Every parameter with the heading that it stands under. */
export const themes = [
  { title: "Network and clients", parameters: network },
  { title: "Process, log and background work", parameters: general },
  { title: "Memory and encodings", parameters: memory },
  { title: "Snapshots and the append-only file", parameters: persistence },
  { title: "Replication", parameters: replication },
  { title: "Cluster", parameters: cluster },
  { title: "TLS", parameters: tls },
] as const;

type Declared = (typeof themes)[number]["parameters"][number];

/**
 * Parameter names in camelCase with their values. Units are those of the parameter: its summary
 * names them.
 */
export type ConfigValues = {
  readonly [Each in Declared as CamelCase<Each["name"]>]: Each extends Parameter<
    string,
    infer Value
  >
    ? Value
    : never;
};

export type ParameterName = Declared["name"];

export const parameters: readonly Parameter[] = themes.flatMap(
  (theme): readonly Parameter[] => theme.parameters,
);
