// Commands, bytes and turns a second, for INFO's `instantaneous_*`: the mean of the last 16
// samples, ten a second unless `hz` is less, as in Redis.
import type { Statistics } from "../engine/statistics.ts";

/** A little less than a tick at the usual `hz`, which may come early. */
const sampleUs = 95_000;
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
  #lastUs = -Infinity;

  constructor(counters: Counters) {
    this.#counters = counters;
    this.#last = { ...counters };
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

  /** Takes a sample unless the last one was a moment ago. `nowUs` is of a clock that goes on. */
  sample(nowUs: number): void {
    const passedUs = nowUs - this.#lastUs;
    if (passedUs < sampleUs) return;
    this.#lastUs = nowUs;
    const perSecond = 1e6 / passedUs;
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
