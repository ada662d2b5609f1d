// What the benchmark and its generators, processes of their own, say to each other: one order, then
// its answer, with news of how far it is in between.
import type { LoadSeen, LoadSettings, Pace } from "./load.ts";
import type { Fill, Workload } from "./workload.ts";

export interface Target {
  readonly port: number;
  readonly pid: number;
}

export type GeneratorOrder =
  | {
      readonly kind: "fill";
      readonly target: Target;
      readonly fills: readonly Fill[];
      readonly settings: LoadSettings;
    }
  | {
      readonly kind: "load";
      readonly target: Target;
      readonly workload: Workload;
      readonly pace: Pace;
      readonly settings: LoadSettings;
    };

export type GeneratorAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "filled" }
  | { readonly kind: "progress"; readonly commands: number }
  | { readonly kind: "seen"; readonly seen: LoadSeen }
  | { readonly kind: "failed"; readonly reason: string };
