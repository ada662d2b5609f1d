// How soon the kernel ends this process when memory runs out: `oom-score-adj`. The score that the
// process was started with is kept, so that turning the parameter off, or CONFIG SET going back
// after an error, restores it. Linux only, and only `main.ts` uses it: a library leaves its process
// alone.
import { readFileSync, writeFileSync } from "node:fs";

/** The kernel's file with the score of a process, as text. */
export interface ScoreFile {
  read(): string;
  write(text: string): void;
}

export const ownScoreFile: ScoreFile = {
  read: () => readFileSync(path, "latin1"),
  write: (text) => writeFileSync(path, text),
};

const path = "/proc/self/oom_score_adj";
/** What the kernel takes: -1000 to 1000. */
const scoreMax = 1000;

export interface OomScoreOptions {
  readonly file: ScoreFile;
  readonly warn: (message: string) => void;
}

export class OomScore {
  readonly #options: OomScoreOptions;
  /** The score of the process when we found it; undefined while we leave it as it is. */
  #base: number | undefined;

  constructor(options: OomScoreOptions) {
    this.#options = options;
  }

  /**
   * Puts the parameters into effect: `yes` adds the score to the one that the process had,
   * `absolute` replaces that. Answers with Redis's reason when the kernel refuses.
   */
  apply(mode: "no" | "yes" | "relative" | "absolute", score: number): string | undefined {
    if (mode === "no" && this.#base === undefined) return undefined;
    try {
      this.#base ??= Number.parseInt(this.#options.file.read(), 10);
      const base = this.#base;
      if (mode === "no") this.#base = undefined;
      const wanted = mode === "no" ? base : mode === "absolute" ? score : base + score;
      this.#options.file.write(`${Math.max(-scoreMax, Math.min(scoreMax, wanted))}\n`);
      return undefined;
    } catch (error) {
      this.#options.warn(`Unable to set oom_score_adj: ${String(error)}`);
      return "Failed to set current oom_score_adj. Check server logs.";
    }
  }
}
