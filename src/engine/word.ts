// The words of a command: what may stand after its name. A command's `words` are the one
// description of its syntax; arity, key positions, the option parser, the handler's types and
// COMMAND DOCS all come from it (`syntax.ts`, `option-parser.ts`, `command-reply.ts`).
//
// A word with a token (`EX seconds`) or a pure token (`NX`) that is optional is an *option*: its
// name becomes a property of the handler's `options`. `Word<Names>` carries the names of the
// options within it as a type, so a misspelt one does not compile.

declare const optionNames: unique symbol;

export type WordKind =
  | "key"
  | "string"
  | "integer"
  | "double"
  | "pattern"
  | "unix-time"
  | "pure-token"
  | "oneof"
  | "block";

/** Facts about a word that COMMAND DOCS shows. */
export interface WordFacts {
  /** The keyword before the word's value, or the word itself for a pure token. */
  readonly token?: string;
  readonly since?: string;
  readonly deprecatedSince?: string;
  /** Name to show, when it differs from `name`. */
  readonly display?: string;
  /**
   * Index of the key specification that a pattern belongs to, or a key whose place among the keys
   * does not tell it.
   */
  readonly keySpec?: number;
}

export interface Word<Names extends string = string> extends WordFacts {
  readonly kind: WordKind;
  readonly name: string;
  readonly optional?: boolean;
  /** May be repeated; with `manyTokens` its token is repeated too. */
  readonly many?: boolean;
  readonly manyTokens?: boolean;
  readonly children?: readonly Word[];
  /** Of a key: what the command does with it, such as `"RW access update"`. */
  readonly access?: string;
  readonly [optionNames]?: Names;
}

/** Names of the options that a list of words may carry. */
export type OptionNames<W extends readonly Word[]> =
  W[number] extends Word<infer Names> ? Names : never;

type NamesOf<N extends string, F> = F extends { readonly token: string } ? N : never;

/**
 * A key. `access` says what the command does with it, in the words of Redis's key specifications:
 * first RO, RW, OW or RM, then any of access, update, insert, delete, not_key, incomplete,
 * variable_flags, separated by blanks.
 */
export function key(name: string, access: string, facts: WordFacts = {}): Word<never> {
  return { kind: "key", name, access, ...facts };
}

export function string<N extends string, const F extends WordFacts = Record<never, never>>(
  name: N,
  facts?: F,
): Word<NamesOf<N, F>> {
  return { kind: "string", name, ...facts };
}

export function integer<N extends string, const F extends WordFacts = Record<never, never>>(
  name: N,
  facts?: F,
): Word<NamesOf<N, F>> {
  return { kind: "integer", name, ...facts };
}

export function double<N extends string, const F extends WordFacts = Record<never, never>>(
  name: N,
  facts?: F,
): Word<NamesOf<N, F>> {
  return { kind: "double", name, ...facts };
}

export function pattern<N extends string, const F extends WordFacts = Record<never, never>>(
  name: N,
  facts?: F,
): Word<NamesOf<N, F>> {
  return { kind: "pattern", name, ...facts };
}

export function unixTime<N extends string, const F extends WordFacts = Record<never, never>>(
  name: N,
  facts?: F,
): Word<NamesOf<N, F>> {
  return { kind: "unix-time", name, ...facts };
}

/**
 * A keyword that stands for itself. Its token is its name in capitals unless `facts` says
 * otherwise.
 */
export function token<N extends string>(name: N, facts: WordFacts = {}): Word<N> {
  return { kind: "pure-token", name, token: name.toUpperCase(), ...facts };
}

/** Exactly one of several words. */
export function oneOf<const W extends readonly Word[]>(
  name: string,
  children: W,
  facts: WordFacts = {},
): Word<OptionNames<W>> {
  return { kind: "oneof", name, children, ...facts };
}

/** Several words that come together. A block with a token is one option under its own name. */
export function block<
  const N extends string,
  const W extends readonly Word[],
  const F extends WordFacts = Record<never, never>,
>(name: N, children: W, facts?: F): Word<NamesOf<N, F> | OptionNames<W>> {
  return { kind: "block", name, children, ...facts };
}

export function optional<Names extends string>(word: Word<Names>): Word<Names> {
  return { ...word, optional: true };
}

/** One or more times. */
export function many<Names extends string>(word: Word<Names>): Word<Names> {
  return { ...word, many: true };
}

/** One or more times, the token too. */
export function manyTokens<Names extends string>(word: Word<Names>): Word<Names> {
  return { ...word, many: true, manyTokens: true };
}
