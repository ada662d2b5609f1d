// A sink that keeps what an engine propagates, for tests.
import type { Engine } from "../../src/engine/engine.ts";
import type { PropagationSink } from "../../src/engine/propagation.ts";
import { target } from "../../src/engine/propagation.ts";
import { parseReplies } from "./reply.ts";

/** One propagated command. */
export interface Propagated {
  database: number;
  readonly bytes: Uint8Array;
  /** Name and arguments, as Latin-1. */
  readonly words: readonly string[];
}

export class PropagationRecorder implements PropagationSink {
  #recorded: Propagated[] = [];

  constructor(engine: Engine, targetBit: number = target.aof) {
    engine.propagation.attach(this, targetBit);
  }

  append(database: number, bytes: Uint8Array, offset: number, length: number): void {
    const copy = bytes.slice(offset, offset + length);
    const [words] = parseReplies(copy) as string[][];
    // MULTI and EXEC are of no database: they are shown with that of the command beside them.
    if (database >= 0) {
      for (const each of this.#recorded) if (each.database < 0) each.database = database;
    }
    const own = database < 0 && words[0] === "EXEC" ? this.#recorded.at(-1)!.database : database;
    this.#recorded.push({ database: own, bytes: copy, words });
  }

  /** What came since the last call. */
  takeAll(): Propagated[] {
    const recorded = this.#recorded;
    this.#recorded = [];
    return recorded;
  }

  /** The same as lines: the database's number and the words, those that are odd in quotes. */
  take(): string[] {
    return this.takeAll().map((each) => `${each.database} ${shownWords(each.words)}`);
  }
}

/** Words in one line. */
export function shownWords(words: readonly string[]): string {
  return words.map((word) => (/^[!-~]+$/.test(word) ? word : JSON.stringify(word))).join(" ");
}
