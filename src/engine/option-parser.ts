// Parses the options of a request, by the words that the command declares: tokens in any order,
// each with as many values as its words have; two alternatives of one `oneOf`, or a token that is
// not declared, are a syntax error.
//
// An option's value in `options` is an argument index: of the value, of the first value of a block,
// or of the token itself when it has no value. 0 (the command's name) means absent. The object is
// made once per command and reused; its properties are getters of one array, since writing to a
// property by its name costs V8 more than all else here, and a getter nothing.
import { asciiBytes, equalsWord, lowerCase } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import { syntaxError } from "../keyspace/failure.ts";
import type { Word } from "./word.ts";

export type Options<Names extends string> = { readonly [Name in Names]: number };

interface Option {
  /** Where its value stands. Options of the same name share a place. */
  readonly place: number;
  readonly token: Uint8Array;
  /** The token's first byte. */
  readonly initial: number;
  /** Values after the token. */
  readonly values: number;
  /** Alternatives of one choice share a number; -1 for an option on its own. */
  readonly choice: number;
}

export class OptionParser {
  readonly options: Record<string, number> = {};
  /** The first argument that was not an option, after `parseFrom`. */
  next = 0;
  readonly #options: Option[] = [];
  /** Names of the options, by their places. */
  readonly #names: string[] = [];
  /** Argument indexes by the options' places. */
  readonly #values: Int32Array;
  /** What was taken of each choice: a place, or -1. */
  readonly #chosen: Int32Array;
  #isDirty = false;

  constructor(words: readonly Word[]) {
    let choices = 0;
    for (const word of words) {
      if (word.kind === "oneof") {
        const choice = choices++;
        for (const child of word.children ?? []) this.#declare(child, choice);
        if (word.token !== undefined) this.#declare(word, -1);
      } else {
        this.#declare(word, -1);
      }
    }
    const values = new Int32Array(this.#names.length);
    this.#values = values;
    this.#chosen = new Int32Array(choices).fill(-1);
    for (const [place, name] of this.#names.entries()) {
      Object.defineProperty(this.options, name, { get: () => values[place], enumerable: true });
    }
  }

  get isEmpty(): boolean {
    return this.#options.length === 0;
  }

  #declare(word: Word, choice: number): void {
    if (word.token === undefined) return;
    const children = word.kind === "block" ? (word.children ?? []) : [];
    const isPure = word.kind === "pure-token";
    const values = isPure
      ? 0
      : Math.max(1, children.filter((child) => child.optional !== true).length);
    let place = this.#names.indexOf(word.name);
    if (place < 0) place = this.#names.push(word.name) - 1;
    const token = asciiBytes(word.token.toLowerCase());
    this.#options.push({ place, token, initial: token[0], values, choice });
  }

  /** The options of a request that has none. */
  none(): Record<string, number> {
    if (this.#isDirty) this.#clear();
    return this.options;
  }

  /** Options from argument `start` to the last; anything else is a syntax error. */
  parse(args: Slices, start: number): Record<string, number> {
    const options = this.parseFrom(args, start);
    if (this.next < args.count) throw syntaxError;
    return options;
  }

  /**
   * Options from argument `start` up to the first argument that is none, whose index is in `next`.
   */
  parseFrom(args: Slices, start: number): Record<string, number> {
    if (this.#isDirty) this.#clear();
    let index = start;
    while (index < args.count) {
      const option = this.#match(args, index);
      if (option === undefined) break;
      if (index + option.values >= args.count) throw syntaxError;
      this.#isDirty = true;
      if (option.choice >= 0) {
        const before = this.#chosen[option.choice];
        if (before >= 0 && before !== option.place) throw syntaxError;
        this.#chosen[option.choice] = option.place;
      }
      this.#values[option.place] = option.values === 0 ? index : index + 1;
      index += option.values + 1;
    }
    this.next = index;
    return this.options;
  }

  #match(args: Slices, index: number): Option | undefined {
    const { bytes } = args;
    const offset = args.offsets[index];
    const length = args.lengths[index];
    const initial = lowerCase[bytes[offset]];
    for (const option of this.#options) {
      if (option.initial !== initial) continue;
      if (equalsWord(bytes, offset, length, option.token)) return option;
    }
    return undefined;
  }

  #clear(): void {
    for (let place = 0; place < this.#values.length; place++) this.#values[place] = 0;
    for (let choice = 0; choice < this.#chosen.length; choice++) this.#chosen[choice] = -1;
    this.#isDirty = false;
  }
}
