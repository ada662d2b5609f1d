// The generators, seen by the benchmark: one process or several, which get the same order and whose
// answers are added up. Connections are divided among them; in an open loop the rate is as well.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { pinned } from "./cores.ts";
import type { GeneratorAnswer, GeneratorOrder, Target } from "./generator-messages.ts";
import type { LoadSeen, LoadSettings, Pace } from "./load.ts";
import { ownProgram } from "./own-program.ts";
import type { Fill, Workload } from "./workload.ts";

export interface GeneratorsOptions {
  readonly count: number;
  readonly cores: readonly number[];
}

export interface Load {
  readonly target: Target;
  readonly workload: Workload;
  readonly pace: Pace;
  readonly settings: LoadSettings;
}

export class Generators {
  readonly #processes: readonly GeneratorProcess[];

  private constructor(processes: readonly GeneratorProcess[]) {
    this.#processes = processes;
  }

  static async start({ count, cores }: GeneratorsOptions): Promise<Generators> {
    const processes = Array.from({ length: count }, () => new GeneratorProcess(cores));
    await Promise.all(processes.map((each) => each.started));
    return new Generators(processes);
  }

  /** Puts into the server what a workload needs. */
  async fill(target: Target, fills: readonly Fill[], settings: LoadSettings): Promise<void> {
    await this.#processes[0].order({ kind: "fill", target, fills, settings });
  }

  /** What each generator has seen; `progress` is told of all commands so far. */
  async load(load: Load, progress: (commands: number) => void): Promise<LoadSeen[]> {
    const count = Math.min(this.#processes.length, load.settings.connections);
    const commands = new Array<number>(count).fill(0);
    const answers = this.#processes.slice(0, count).map((each, index) =>
      each.order(orderFor(load, index, count), (own) => {
        commands[index] = own;
        progress(commands.reduce((sum, number) => sum + number, 0));
      }),
    );
    const seen: LoadSeen[] = [];
    for (const answer of await Promise.all(answers)) {
      if (answer.kind === "seen") seen.push(answer.seen);
    }
    return seen;
  }

  stop(): void {
    for (const each of this.#processes) each.stop();
  }
}

/** The part of generator `index` in a load. */
function orderFor(load: Load, index: number, count: number): GeneratorOrder {
  const { settings, pace } = load;
  const connections =
    Math.floor(settings.connections / count) + (index < settings.connections % count ? 1 : 0);
  const share = connections / settings.connections;
  return {
    kind: "load",
    ...load,
    settings: { ...settings, connections, seed: settings.seed + index },
    pace: pace.kind === "open" ? { ...pace, unitsPerSecond: pace.unitsPerSecond * share } : pace,
  };
}

class GeneratorProcess {
  readonly started: Promise<GeneratorAnswer>;
  readonly #child: ChildProcess;
  #progress: (commands: number) => void = () => undefined;
  #resolve: (answer: GeneratorAnswer) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(cores: readonly number[]) {
    const [program, ...words] = pinned(cores, [
      process.execPath,
      ownProgram("./generator-process.ts"),
    ]);
    this.#child = spawn(program, words, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#child.on("message", (message) => this.#take(message as GeneratorAnswer));
    this.#child.on("error", (error) => this.#reject(error));
    this.#child.on("exit", () => this.#reject(new Error("the load generator has ended")));
    this.started = this.#answer();
  }

  order(
    order: GeneratorOrder,
    progress: (commands: number) => void = () => undefined,
  ): Promise<GeneratorAnswer> {
    this.#progress = progress;
    const answer = this.#answer();
    this.#child.send(order);
    return answer;
  }

  stop(): void {
    this.#reject = () => undefined;
    this.#child.kill("SIGKILL");
  }

  #answer(): Promise<GeneratorAnswer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  #take(answer: GeneratorAnswer): void {
    if (answer.kind === "progress") this.#progress(answer.commands);
    else if (answer.kind === "failed") this.#reject(new Error(answer.reason));
    else this.#resolve(answer);
  }
}
