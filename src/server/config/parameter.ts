// How a configuration parameter is declared, once. Everything else is derived from the declaration:
// the typed `config.values`, CONFIG GET, SET and REWRITE, the configuration file's directives, the
// warnings at start, and docs/configuration.md. A kind says how values of one sort are read,
// printed and rewritten; `yesNo`, `choice`, ... declare a parameter of it. A parameter of a feature
// that does not exist yet says so in `awaits`; when the feature lands, that one word is deleted.

import type { ConfigFiles } from "./config-files.ts";
import { fromByteString, lowerCaseAscii, quoteText, toByteString } from "./text.ts";

/**
 * A value and its canonical text. The text is exact where the value is rounded: integers above
 * 2^53.
 */
export interface Setting<Value> {
  readonly value: Value;
  /**
   * What CONFIG GET answers. Two settings of a parameter are the same exactly when their texts are.
   */
  readonly text: string;
}

/** What a kind may look at beside its arguments. */
export interface ParseContext<Value> {
  /** The value that is being replaced. */
  readonly current: Value;
  /**
   * True for the second and later directives of this name in a configuration file: `save` adds up
   * there.
   */
  readonly repeated: boolean;
  readonly files: ConfigFiles;
  readonly warn: (message: string) => void;
}

/** One line of the configuration file without the parameter's name. */
export interface FileLine {
  readonly text: string;
  /** Written even if the file did not mention the parameter before. */
  readonly forced: boolean;
}

export interface Kind<Value> {
  /** For the reference page, for example "integer from 0 to 65535". */
  readonly describes: string;
  /** Answers with the new setting, or with the reason why there is none, in Redis's words. */
  parse(args: readonly string[], context: ParseContext<Value>): Setting<Value> | string;
  print(value: Value): string;
  /** The lines that CONFIG REWRITE writes. None: the parameter must not stand in the file. */
  fileLines(setting: Setting<Value>, initial: Setting<Value>): FileLine[];
  /** Where the initial value is known only at run time: `dir`. */
  initial?(files: ConfigFiles): Value;
}

/**
 * The parameter belongs to something that does not exist yet. `fixed`: only the value in force can
 * be had. Another one in the configuration file is accepted with a warning at start, CONFIG SET
 * refuses it. `inForce` is that value where it is not the parameter's own initial value. `stored`:
 * the value changes nothing until the feature lands, so any valid one is kept and shown; the file's
 * gives a warning.
 */
export type Awaits<Value> =
  | {
      readonly form: "fixed";
      readonly feature: string;
      readonly inForce?: Value;
    }
  | { readonly form: "stored"; readonly feature: string };

export interface Traits<Value> {
  /** One sentence of our own. */
  readonly summary: string;
  readonly alias?: string;
  /**
   * `immutable`: only at start. `protected`: CONFIG SET needs enable-protected-configs. Neither:
   * CONFIG SET may change it.
   */
  readonly mutability?: "immutable" | "protected";
  /** Left out of patterns in CONFIG GET, answered when named exactly. */
  readonly hidden?: true;
  /** Its value must not appear in logs, MONITOR or SLOWLOG. */
  readonly sensitive?: true;
  /** Takes several arguments in the file; CONFIG SET splits its one argument at spaces. */
  readonly multiArgument?: true;
  /** CONFIG SET is refused while the data set is being loaded. */
  readonly deniedWhileLoading?: true;
  /** Its hook runs even when the value stays the same: a certificate's file may have changed. */
  readonly reapplied?: true;
  readonly awaits?: Awaits<Value>;
}

export interface Parameter<Name extends string = string, Value = unknown> extends Traits<Value> {
  readonly name: Name;
  readonly kind: Kind<Value>;
  readonly initial: Value;
}

/** `maxmemory-policy` as `maxmemoryPolicy`. */
export type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Only the value in force can be had until the feature lands. */
export function fixed<Value>(feature: string, options: { inForce?: Value } = {}): Awaits<Value> {
  return { form: "fixed", feature, ...options };
}

/** Any value is kept; it changes nothing until the feature lands. */
export function stored(feature: string): { form: "stored"; feature: string } {
  return { form: "stored", feature };
}

export function special<const Name extends string, Value>(
  name: Name,
  initial: Value,
  kind: Kind<Value>,
  traits: Traits<Value>,
): Parameter<Name, Value> {
  return { name, initial, kind, ...traits };
}

export function yesNo<const Name extends string>(
  name: Name,
  initial: boolean,
  traits: Traits<boolean>,
): Parameter<Name, boolean> {
  return { name, initial, kind: yesNoKind, ...traits };
}

const yesNoKind: Kind<boolean> = {
  describes: "`yes` or `no`",
  parse(args) {
    const word = lowerCaseAscii(args[0]);
    if (word === "yes" || word === "no") return { value: word === "yes", text: word };
    return "argument must be 'yes' or 'no'";
  },
  print: (value) => (value ? "yes" : "no"),
  fileLines: plainFileLine,
};

/** The text as it is, forced when it is not the initial one. */
export function plainFileLine(setting: Setting<unknown>, initial: Setting<unknown>): FileLine[] {
  return [{ text: setting.text, forced: setting.text !== initial.text }];
}

/** A key of `synonyms` is a word of the list too, and is held as the word that it means. */
export function choice<const Name extends string, const Word extends string>(
  name: Name,
  initial: NoInfer<Word>,
  words: readonly Word[],
  traits: Traits<NoInfer<Word>>,
  synonyms: Partial<Record<NoInfer<Word>, NoInfer<Word>>> = {},
): Parameter<Name, Word> {
  return { name, initial, kind: choiceKind(words, synonyms), ...traits };
}

function choiceKind<Word extends string>(
  words: readonly Word[],
  synonyms: Partial<Record<Word, Word>>,
): Kind<Word> {
  return {
    describes: listWords(words),
    parse(args) {
      const asked = args.length === 1 ? lowerCaseAscii(args[0]) : "";
      const word = words.find((known) => known === asked);
      if (word === undefined) return choiceError(words);
      const value = synonyms[word] ?? word;
      return { value, text: value };
    },
    print: (value) => value,
    fileLines: plainFileLine,
  };
}

/**
 * Several words at once; none of them is printed as `noneWord`, which stands first in the error.
 */
export function choices<const Name extends string, const Word extends string>(
  name: Name,
  { words, noneWord, check }: Choices<Word>,
  traits: Traits<readonly Word[]>,
): Parameter<Name, readonly Word[]> {
  const kind: Kind<readonly Word[]> = {
    describes: `\`${noneWord}\`, or any of ${listWords(words)}`,
    parse(args) {
      const asked = new Set(args.map(lowerCaseAscii));
      const value = words.filter((word) => asked.delete(word));
      asked.delete(noneWord);
      if (args.length === 0 || asked.size > 0) return choiceError([noneWord, ...words]);
      return check(value) ?? { value, text: kind.print(value) };
    },
    print: (value) => (value.length === 0 ? noneWord : value.join(" ")),
    fileLines: plainFileLine,
  };
  return { name, initial: [], kind, multiArgument: true, ...traits };
}

export interface Choices<Word> {
  readonly words: readonly Word[];
  readonly noneWord: string;
  /** The reason why these words do not go together. */
  readonly check: (value: readonly Word[]) => string | undefined;
}

function listWords(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function choiceError(words: readonly string[]): string {
  return `argument(s) must be one of the following: ${words.join(", ")}`;
}

export interface StringTraits extends Traits<string> {
  /** The empty string means that nothing is set, so CONFIG REWRITE leaves the parameter out. */
  readonly emptyIsUnset?: true;
  /**
   * `values` holds one character a byte, as requests do, so that a password can be compared with
   * one.
   */
  readonly holdsBytes?: true;
  /** The reason why a string is refused. */
  readonly check?: (value: string) => string | undefined;
}

export function string<const Name extends string>(
  name: Name,
  initial: string,
  { emptyIsUnset, holdsBytes, check, ...traits }: StringTraits,
): Parameter<Name, string> {
  const kind: Kind<string> = {
    describes: "string",
    parse(args) {
      const [text] = args;
      return check?.(text) ?? { value: holdsBytes === true ? toByteString(text) : text, text };
    },
    print: (value) => (holdsBytes === true ? fromByteString(value) : value),
    fileLines(setting, first) {
      if (emptyIsUnset === true && setting.text === "") return [];
      return [{ text: quoteText(setting.text), forced: setting.text !== first.text }];
    },
  };
  return { name, initial, kind, ...traits };
}
