// What is shown while the benchmark runs: on a terminal one line that is written over, anywhere
// else a line for each measurement that is done.
export interface ProgressOutput {
  write(text: string): void;
  /** Whether a line can be written over, and how wide it may be. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const eraseLine = "\r\u001b[K";
const widthUnlessKnown = 80;

export class Progress {
  readonly #output: ProgressOutput;
  readonly #startMs = performance.now();
  #steps = 0;
  #done = 0;
  #label = "";

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** That so many more measurements will be made. */
  expect(steps: number): void {
    this.#steps += steps;
  }

  start(label: string): void {
    this.#label = label;
    this.show("");
  }

  /** How the measurement is going, where that can be seen. */
  show(state: string): void {
    if (this.#output.isTTY !== true) return;
    const line = `${this.#count()} ${this.#label} ${state}${this.#remaining()}`;
    const width = (this.#output.columns ?? widthUnlessKnown) - 1;
    this.#output.write(`${eraseLine}${line.slice(0, width)}`);
  }

  /** What the measurement that was started has shown. */
  finish(outcome: string): void {
    this.#done++;
    if (this.#output.isTTY === true) this.show(outcome);
    else this.#output.write(`${this.#count()} ${this.#label} ${outcome}\n`);
  }

  /** Leaves the terminal as it was. */
  end(): void {
    if (this.#output.isTTY === true) this.#output.write(eraseLine);
  }

  #count(): string {
    return `[${String(this.#done).padStart(String(this.#steps).length)}/${this.#steps}]`;
  }

  #remaining(): string {
    if (this.#done === 0) return "";
    const elapsed = (performance.now() - this.#startMs) / 1000;
    const seconds = Math.round((elapsed / this.#done) * (this.#steps - this.#done));
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    return `  ${clock} left`;
  }
}
