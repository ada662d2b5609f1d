// What follows from a command's words: its arity and where its keys are; and what clients that know
// less than key specifications are told of these.
import type { Word } from "./word.ts";

/**
 * Where the keys of a command are, in the terms of Redis's key specifications. Positions count the
 * command's name as 0.
 */
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

/**
 * Number of words with the names of the command: exact when positive, at least that many when
 * negative.
 */
export function arityOf(words: readonly Word[], nameWords: number): number {
  const least = nameWords + leastWordsOf(words);
  return words.every((word) => isFixed(word)) ? least : -least;
}

/**
 * Key specifications of the keys that stand at fixed places, or from a fixed place to the end, or
 * after a count.
 */
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

/**
 * A command's keys as clients older than Redis 7 know them. Positions count the command's name as
 * 0; all 0: no keys, or unknown.
 */
export interface LegacyKeyRange {
  readonly firstKey: number;
  /** Negative: counted from the end of the request. */
  readonly lastKey: number;
  readonly step: number;
  /**
   * Whether there may be keys elsewhere, so that a client must ask COMMAND GETKEYS: the flag
   * `movablekeys`.
   */
  readonly isMovable: boolean;
}

interface RangeSpec extends KeySpec {
  readonly begin: { readonly index: number };
  readonly find: { readonly lastKey: number; readonly step: number; readonly limit: number };
}

/**
 * What populateCommandLegacyRangeSpec of Redis's src/server.c makes of key specifications: one
 * range that covers the plain ones.
 */
export function legacyKeyRange(specs: readonly KeySpec[]): LegacyKeyRange {
  let isMovable = specs.some((spec) => spec.flags.includes("INCOMPLETE") && isRange(spec));
  const [only] = specs;
  if (specs.length === 1 && isRange(only)) {
    const { step } = only.find;
    return { firstKey: only.begin.index, lastKey: lastIndex(only), step, isMovable };
  }
  let firstKey = 0;
  let lastKey = 0;
  for (const spec of specs) {
    const isNext = isRange(spec) && (lastKey === 0 || lastKey === spec.begin.index - 1);
    if (!isNext || spec.find.step !== 1) {
      isMovable = true;
      continue;
    }
    firstKey = firstKey === 0 ? spec.begin.index : Math.min(firstKey, spec.begin.index);
    // As unsigned numbers, so that a place counted from the end is beyond all that are counted from
    // the front.
    lastKey = Math.max(lastKey >>> 0, lastIndex(spec) >>> 0) | 0;
  }
  return { firstKey, lastKey, step: firstKey === 0 ? 0 : 1, isMovable };
}

function isRange(spec: KeySpec): spec is RangeSpec {
  if (spec.begin === "unknown" || spec.find === "unknown") return false;
  return "index" in spec.begin && "lastKey" in spec.find;
}

function lastIndex(spec: RangeSpec): number {
  return spec.find.lastKey < 0 ? spec.find.lastKey : spec.find.lastKey + spec.begin.index;
}
