// What all measurements of a benchmark share: what was asked for, and whom to ask.
import type { BenchmarkedServer } from "./benchmarked-server.ts";
import type { Placement } from "./cores.ts";
import type { Generators } from "./generators.ts";
import type { BenchmarkOptions } from "./options.ts";
import type { Progress } from "./progress.ts";

export interface Bench {
  readonly options: BenchmarkOptions;
  readonly placement: Placement;
  /** In the order of the options; running all the time. */
  readonly servers: readonly BenchmarkedServer[];
  readonly generators: Generators;
  readonly progress: Progress;
}
