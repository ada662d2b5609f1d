// Commands, bytes and turns a second, for INFO's `instantaneous_*`: the mean of the last 16
// samples, ten a second, as in Redis.
import type { Statistics } from "../engine/statistics.ts";

const sampleMs = 100;
const sampleCount = 16;

export interface RateValues {
  readonly operations: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly turns: number;
  /** What a turn took on average, in microseconds. */
  readonly turnUs: number;
}

type Counters = Pick<Statistics, "commands" | "inputBytes" | "outputBytes" | "turns" | "turnUs">;

export class Rates {
  readonly #counters: Counters;
  #samples: RateValues[] = [];
  #last: Counters;
  #timer: NodeJS.Timeout | undefined;

  constructor(counters: Counters) {
    this.#counters = counters;
    this.#last = { ...counters };
  }

  start(): void {
    this.#timer = setInterval(() => this.#sample(), sampleMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  reset(): void {
    this.#samples = [];
    this.#last = { ...this.#counters };
  }

  get latest(): RateValues {
    const mean = (field: keyof RateValues): number =>
      this.#samples.reduce((sum, each) => sum + each[field], 0) / Math.max(1, this.#samples.length);
    return {
      operations: Math.round(mean("operations")),
      inputBytes: mean("inputBytes"),
      outputBytes: mean("outputBytes"),
      turns: mean("turns"),
      turnUs: mean("turnUs"),
    };
  }

  #sample(): void {
    const perSecond = 1000 / sampleMs;
    const { commands, inputBytes, outputBytes, turns, turnUs } = this.#counters;
    const newTurns = turns - this.#last.turns;
    this.#samples.push({
      operations: (commands - this.#last.commands) * perSecond,
      inputBytes: (inputBytes - this.#last.inputBytes) * perSecond,
      outputBytes: (outputBytes - this.#last.outputBytes) * perSecond,
      turns: newTurns * perSecond,
      turnUs: (turnUs - this.#last.turnUs) / Math.max(newTurns, 1),
    });
    if (this.#samples.length > sampleCount) this.#samples.shift();
    this.#last = { commands, inputBytes, outputBytes, turns, turnUs };
  }
}
