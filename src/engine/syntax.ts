// What follows from a command's words: its arity and where its keys are.
import type { Word } from "./word.ts";

/** Where the keys of a command are, in the terms of Redis's key specifications. Positions count the command's name as 0. */
export interface KeySpec {
  /** `RO`, `RW`, `OW` or `RM`, then the others, in capitals. */
  readonly flags: readonly string[];
  readonly begin:
    | { readonly index: number }
    | { readonly keyword: string; readonly startFrom: number }
    | "unknown";
  readonly find:
    | { readonly lastKey: number; readonly step: number; readonly limit: number }
    | { readonly keyNumIndex: number; readonly firstKey: number; readonly step: number }
    | "unknown";
  readonly notes?: string;
}

/** Words that one repetition of a word must have, at least. */
function leastWords(word: Word): number {
  if (word.optional === true) return 0;
  const own = word.token === undefined ? 0 : 1;
  if (word.kind === "pure-token") return 1;
  if (word.kind === "block") return own + leastWordsOf(word.children ?? []);
  if (word.kind === "oneof") {
    return own + Math.min(...(word.children ?? []).map((child) => leastWords(child)));
  }
  return own + 1;
}

function leastWordsOf(words: readonly Word[]): number {
  return words.reduce((sum, word) => sum + leastWords(word), 0);
}

function isFixed(word: Word): boolean {
  if (word.optional === true || word.many === true) return false;
  if (word.kind === "oneof") {
    const sizes = (word.children ?? []).map((child) => leastWords(child));
    return new Set(sizes).size === 1 && (word.children ?? []).every((child) => isFixed(child));
  }
  return (word.children ?? []).every((child) => isFixed(child));
}

/** Number of words with the names of the command: exact when positive, at least that many when negative. */
export function arityOf(words: readonly Word[], nameWords: number): number {
  const least = nameWords + leastWordsOf(words);
  return words.every((word) => isFixed(word)) ? least : -least;
}

/** Key specifications of the keys that stand at fixed places, or from a fixed place to the end, or after a count. */
export function keySpecsOf(words: readonly Word[], nameWords: number): KeySpec[] {
  const specs: KeySpec[] = [];
  let position = nameWords;
  for (const [index, word] of words.entries()) {
    const spec = keySpecAt(words, index, position);
    if (spec !== undefined) specs.push(spec);
    if (!isFixed(word)) break;
    position += leastWords(word);
  }
  return specs;
}

function keySpecAt(words: readonly Word[], index: number, position: number): KeySpec | undefined {
  const word = words[index];
  if (word.kind === "key") {
    const isAfterCount = word.many === true && words[index - 1]?.name === "numkeys";
    if (isAfterCount) {
      return {
        flags: accessFlags(word),
        begin: { index: position - 1 },
        find: { keyNumIndex: 0, firstKey: 1, step: 1 },
      };
    }
    return keyRange(word, position, word.many === true ? lastKeyOf(words, index) : 0, 1);
  }
  if (word.kind !== "block" || word.many !== true) return undefined;
  const [first] = word.children ?? [];
  if (first?.kind !== "key") return undefined;
  return keyRange(first, position, lastKeyOf(words, index), leastWordsOf(word.children ?? []));
}

/** The last key counted from the end: -1, or further up when words follow. */
function lastKeyOf(words: readonly Word[], index: number): number {
  return -1 - leastWordsOf(words.slice(index + 1));
}

function keyRange(word: Word, index: number, lastKey: number, step: number): KeySpec {
  return { flags: accessFlags(word), begin: { index }, find: { lastKey, step, limit: 0 } };
}

function accessFlags(word: Word): string[] {
  return (word.access ?? "").toUpperCase().split(" ");
}
