// The configuration of one server: the values, CONFIG GET and CONFIG SET, and the directives of a
// configuration file one by one. Nothing here is shared between servers. `values` always holds what
// is in force: CONFIG SET changes all of its parameters or none, and a value that a missing feature
// would need is remembered for `warnings` but never shown as if it were in force.

import { globMatches } from "../../bytes/glob.ts";
import { nodeFiles } from "./config-files.ts";
import type { ConfigFiles } from "./config-files.ts";
import { camelCase } from "./parameter.ts";
import type { CamelCase, FileLine, Parameter, Setting } from "./parameter.ts";
import { parameters } from "./parameters.ts";
import type { ConfigValues, ParameterName } from "./parameters.ts";
import {
  encodeText,
  fromByteString,
  lowerCaseAscii,
  quoteText,
  splitArguments,
  toByteString,
} from "./text.ts";

/**
 * Puts new values into effect and answers with the reason if that fails. Runs after `values` has
 * changed.
 */
export type ApplyHook = () => string | undefined;

export interface ConfigOptions {
  readonly files?: ConfigFiles;
  /** Gets the warnings that Redis logs while it parses or rolls back. */
  readonly warn?: (message: string) => void;
}

/** Who calls CONFIG SET, as far as it matters. */
export interface ConfigCaller {
  /**
   * Connected from this machine: for protected parameters under `enable-protected-configs local`.
   */
  readonly isLocal?: boolean;
  /** The data set is being loaded. */
  readonly isLoading?: boolean;
}

/**
 * What `set` answers with for some parameters during loading. Unlike its other answers it carries
 * its own error code.
 */
export const loadingError = "LOADING Redis is loading the dataset in memory";

/** One name and value of CONFIG SET, looked up. */
interface Change {
  readonly parameter: Parameter;
  /** The name of the declaration or its alias, whichever was asked for. */
  readonly name: string;
  readonly text: string;
}

/** Names and aliases in the order of declaration. An alias stands behind its parameter. */
const parametersByName: ReadonlyMap<string, Parameter> = new Map(
  parameters.flatMap((parameter): [string, Parameter][] =>
    parameter.alias === undefined
      ? [[parameter.name, parameter]]
      : [
          [parameter.name, parameter],
          [parameter.alias, parameter],
        ],
  ),
);

/** The parameter of that name or alias, in any case. */
export function findParameter(name: string): Parameter | undefined {
  return parametersByName.get(lowerCaseAscii(name));
}

export class Config {
  /**
   * What is in force. One object for the server's lifetime, so hot code may keep a reference and
   * read properties.
   */
  readonly values: ConfigValues;
  readonly files: ConfigFiles;
  /** The absolute path of the configuration file, for CONFIG REWRITE and INFO. */
  file: string | undefined = undefined;
  /** The `user` directives of the file, selectors in parentheses joined to one rule each. */
  readonly users: (readonly [name: string, ...rules: string[]])[] = [];
  /**
   * The `rename-command` directives of the file: from, to; an empty second name removes the
   * command.
   */
  readonly renamedCommands: (readonly [from: string, to: string])[] = [];

  readonly #warn: (message: string) => void;
  readonly #settings = new Map<Parameter, Setting<unknown>>();
  readonly #initial = new Map<Parameter, Setting<unknown>>();
  /** What the file asked for and cannot have yet. */
  readonly #asked = new Map<Parameter, Setting<unknown>>();
  readonly #loaded = new Set<Parameter>();
  readonly #hooks = new Map<Parameter, ApplyHook[]>();

  constructor({ files = nodeFiles, warn = () => {} }: ConfigOptions = {}) {
    this.files = files;
    this.#warn = warn;
    for (const parameter of parameters) {
      this.#initial.set(parameter, settingOf(parameter, initialValue(parameter, files)));
      this.#settings.set(parameter, settingOf(parameter, valueInForce(parameter, files)));
    }
    // Object.fromEntries gives an object with fast properties and one shape for all servers.
    // Setting 200 properties one after another gives a dictionary, whose reads cost half as much
    // again.
    this.values = Object.fromEntries(
      [...this.#settings].map(([parameter, { value }]) => [camelCase(parameter.name), value]),
    ) as ConfigValues;
  }

  /**
   * CONFIG GET: names and printed values, each name once. A name without wildcards finds aliases
   * and hidden parameters and is answered as it was written; a pattern finds names and aliases that
   * are not hidden, whatever their case. Like `set` it takes and answers one character a byte, as
   * requests and replies hold strings.
   */
  get(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, [string, string]>();
    for (const pattern of patterns) {
      const lowered = lowerCaseAscii(pattern);
      if (!/[[*?]/.test(pattern)) {
        const parameter = findParameter(pattern);
        if (parameter === undefined || found.has(lowered)) continue;
        found.set(lowered, [pattern, this.#printed(parameter)]);
        continue;
      }
      for (const [name, parameter] of parametersByName) {
        if (parameter.hidden === true || found.has(name) || !matches(pattern, name)) continue;
        found.set(name, [name, this.#printed(parameter)]);
      }
    }
    return [...found.values()];
  }

  #printed(parameter: Parameter): string {
    return toByteString(this.textOf(parameter));
  }

  /** What CONFIG GET prints, as text. */
  textOf(parameter: Parameter): string {
    return this.#settingOf(parameter).text;
  }

  /** Whether the value after this name must be kept out of logs, MONITOR and SLOWLOG. */
  isSensitive(name: string): boolean {
    return findParameter(name)?.sensitive === true;
  }

  /**
   * Runs `hook` after CONFIG SET changed the parameter, once however many of its parameters
   * changed.
   */
  onChange(name: ParameterName, hook: ApplyHook): void {
    const parameter = findParameter(name);
    if (parameter === undefined) throw new Error(`no parameter is called ${name}`);
    const hooks = this.#hooks.get(parameter) ?? [];
    this.#hooks.set(parameter, [...hooks, hook]);
  }

  /**
   * CONFIG SET: changes all of the parameters or none. Answers with Redis's error text without the
   * code `ERR`, or with `loadingError`.
   */
  set(
    pairs: readonly (readonly [name: string, value: string])[],
    caller: ConfigCaller = {},
  ): string | undefined {
    const changes: Change[] = [];
    for (const pair of pairs) {
      const refusal = this.#select(pair, changes, caller);
      if (refusal !== undefined) return refusal;
    }
    const before = changes.map(({ parameter }) => this.#settingOf(parameter));
    const hooks = new Map<ApplyHook, string>();
    for (const change of changes) {
      const reason = this.#change(change, hooks);
      if (reason === undefined) continue;
      this.#restore(changes, before);
      return setError(change.name, reason);
    }
    return this.#applyOrRestore(hooks, changes, before);
  }

  /** Looks one parameter up and decides whether it may be set at all. */
  #select(
    [name, text]: readonly [string, string],
    changes: Change[],
    caller: ConfigCaller,
  ): string | undefined {
    const parameter = findParameter(name);
    if (parameter === undefined) {
      return `Unknown option or number of arguments for CONFIG SET - '${name}'`;
    }
    if (parameter.mutability === "immutable") return setError(name, "can't set immutable config");
    if (parameter.mutability === "protected" && !this.#allowsProtected(caller)) {
      return setError(name, "can't set protected config");
    }
    if (parameter.deniedWhileLoading === true && caller.isLoading === true) return loadingError;
    const declaredName = lowerCaseAscii(name);
    // A name and its alias in one call are not duplicates for Redis either: the later one wins.
    const isDuplicate = changes.some((change) => change.name === declaredName);
    if (isDuplicate) return setError(name, "duplicate parameter");
    changes.push({ parameter, name: declaredName, text: fromByteString(text) });
    return undefined;
  }

  #allowsProtected(caller: ConfigCaller): boolean {
    const allowed = this.values.enableProtectedConfigs;
    return allowed === "yes" || (allowed === "local" && caller.isLocal === true);
  }

  #change({ parameter, text }: Change, hooks: Map<ApplyHook, string>): string | undefined {
    const before = this.#settingOf(parameter);
    const args = parameter.multiArgument === true ? splitAtSpaces(text) : [text];
    const after = this.#parse(parameter, args, { current: before.value, repeated: false });
    if (typeof after === "string") return after;
    const isSame = after.text === before.text;
    if (!isSame && parameter.awaits?.form === "fixed") {
      return `not supported yet: ${parameter.awaits.feature}`;
    }
    if (isSame && parameter.reapplied !== true) return undefined;
    this.#store(parameter, after);
    for (const hook of this.#hooks.get(parameter) ?? []) {
      if (!hooks.has(hook)) hooks.set(hook, parameter.name);
    }
    return undefined;
  }

  #applyOrRestore(
    hooks: ReadonlyMap<ApplyHook, string>,
    changes: readonly Change[],
    before: readonly Setting<unknown>[],
  ): string | undefined {
    for (const [hook, name] of hooks) {
      const reason = hook();
      if (reason === undefined) continue;
      this.#warn(`Could not apply the new value of ${name}; going back to the earlier settings.`);
      this.#restore(changes, before);
      for (const restoring of hooks.keys()) this.#restoreWith(restoring);
      return setError(name, reason);
    }
    return undefined;
  }

  #restoreWith(hook: ApplyHook): void {
    const reason = hook();
    if (reason !== undefined) this.#warn(`Could not apply the earlier settings again: ${reason}`);
  }

  #restore(changes: readonly Change[], before: readonly Setting<unknown>[]): void {
    for (const [index, { parameter }] of changes.entries()) this.#store(parameter, before[index]);
  }

  /**
   * One directive of a configuration file or of the command line. Answers with the reason if it is
   * refused. Every parameter may be given, also immutable ones; no hook runs.
   */
  load(parameter: Parameter, args: readonly string[]): string | undefined {
    const split = splitDirective(parameter, args);
    if (typeof split === "string") return split;
    const before = this.#asked.get(parameter) ?? this.#settingOf(parameter);
    const repeated = this.#loaded.has(parameter);
    const after = this.#parse(parameter, split, { current: before.value, repeated });
    if (typeof after === "string") return after;
    this.#loaded.add(parameter);
    if (parameter.awaits?.form !== "fixed") {
      this.#store(parameter, after);
      return undefined;
    }
    this.#asked.set(parameter, after);
    return undefined;
  }

  /**
   * The same for values as `values` holds them: the options of a server that is started as a
   * library.
   */
  loadValues(values: Partial<ConfigValues>): string | undefined {
    for (const parameter of parameters) {
      const value: unknown = values[camelCase(parameter.name) as keyof ConfigValues];
      if (value === undefined) continue;
      // A string is text already; `values` may hold it otherwise.
      const text = typeof value === "string" ? value : parameter.kind.print(value);
      const reason = this.load(parameter, [text]);
      if (reason !== undefined) return `${parameter.name}: ${reason}`;
    }
    return undefined;
  }

  /** What happened has changed a parameter that CONFIG SET does not. No hook runs. */
  override<Name extends ParameterName>(name: Name, value: ConfigValues[CamelCase<Name>]): void {
    const parameter = findParameter(name);
    if (parameter !== undefined) this.#store(parameter, settingOf(parameter, value));
  }

  /** One line for each directive that has no effect yet, to be logged at start. */
  get warnings(): string[] {
    const lines: string[] = [];
    for (const parameter of this.#loaded) {
      const { awaits } = parameter;
      if (awaits === undefined) continue;
      const kept =
        awaits.form === "fixed" ? this.#settingOf(parameter) : this.#initial.get(parameter);
      const asked = this.#asked.get(parameter) ?? this.#settingOf(parameter);
      if (asked.text === kept?.text) continue;
      const shown = parameter.sensitive === true ? "(redacted)" : quoteText(asked.text);
      lines.push(
        `No effect yet: ${parameter.name} ${shown} (not supported yet: ${awaits.feature})`,
      );
    }
    return lines;
  }

  /**
   * The lines that CONFIG REWRITE writes for a parameter; undefined: those of the file stay as they
   * are.
   */
  fileLines(parameter: Parameter): FileLine[] | undefined {
    // The file may ask for something that is not there yet. It must still ask when the feature has
    // landed.
    if (parameter.awaits?.form === "fixed") return undefined;
    const initial = this.#initial.get(parameter) ?? this.#settingOf(parameter);
    return parameter.kind.fileLines(this.#settingOf(parameter), initial);
  }

  #parse(
    parameter: Parameter,
    args: readonly string[],
    { current, repeated }: { current: unknown; repeated: boolean },
  ): Setting<unknown> | string {
    return parameter.kind.parse(args, { current, repeated, files: this.files, warn: this.#warn });
  }

  #store(parameter: Parameter, setting: Setting<unknown>): void {
    this.#settings.set(parameter, setting);
    (this.values as Record<string, unknown>)[camelCase(parameter.name)] = setting.value;
  }

  #settingOf(parameter: Parameter): Setting<unknown> {
    const setting = this.#settings.get(parameter);
    if (setting === undefined) throw new Error(`${parameter.name} is not declared`);
    return setting;
  }
}

function initialValue(parameter: Parameter, files: ConfigFiles): unknown {
  return parameter.kind.initial === undefined ? parameter.initial : parameter.kind.initial(files);
}

function valueInForce(parameter: Parameter, files: ConfigFiles): unknown {
  const { awaits } = parameter;
  const isOther = awaits?.form === "fixed" && awaits.inForce !== undefined;
  return isOther ? awaits.inForce : initialValue(parameter, files);
}

function settingOf(parameter: Parameter, value: unknown): Setting<unknown> {
  return { value, text: parameter.kind.print(value) };
}

function matches(pattern: string, name: string): boolean {
  const patternBytes = encodeText(pattern);
  const nameBytes = encodeText(name);
  return globMatches(patternBytes, 0, patternBytes.length, nameBytes, 0, nameBytes.length, 1);
}

function setError(name: string, reason: string): string {
  return `CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;
}

/**
 * At every single space, so that two of them enclose an empty argument; the empty text has no
 * arguments.
 */
function splitAtSpaces(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

/**
 * The arguments of a directive, or the reason why their number is wrong. Several may come quoted as
 * one.
 */
function splitDirective(parameter: Parameter, args: readonly string[]): readonly string[] | string {
  if (parameter.multiArgument !== true) {
    return args.length === 1 ? args : "wrong number of arguments";
  }
  if (args.length !== 1 || args[0] === "") return args;
  return splitArguments(args[0]) ?? "Unbalanced quotes in configuration line";
}
