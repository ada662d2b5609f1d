// The parameters that say whether a deletion which no client has asked for is propagated as DEL or
// as UNLINK, handed to the engine at the start and whenever they change.
import type { Propagation } from "../engine/propagation.ts";
import type { Config } from "./config/config.ts";
import type { ParameterName } from "./config/parameters.ts";

const parameters = [
  "lazyfree-lazy-expire",
  "lazyfree-lazy-eviction",
  "lazyfree-lazy-server-del",
] as const satisfies readonly ParameterName[];

export function applyPropagationSettings(config: Config, propagation: Propagation): void {
  const { values } = config;
  const apply = (): undefined => {
    propagation.expiresLazily = values.lazyfreeLazyExpire;
    propagation.evictsLazily = values.lazyfreeLazyEviction;
    propagation.emptiesLazily = values.lazyfreeLazyServerDel;
  };
  apply();
  for (const name of parameters) config.onChange(name, apply);
}
