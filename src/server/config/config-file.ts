// Reads the configuration at start: the file, standard input and the options of the command line,
// in this order, the last one wins. The text is put together as Redis does it (config.c:
// loadServerConfig), because its errors count lines over the whole of it. Every failure is fatal: a
// server must not start with half a configuration.

import * as path from "node:path";
import { globMatches } from "../../bytes/glob.ts";
import { redisVersion } from "../redis-version.ts";
import { findParameter } from "./config.ts";
import type { Config } from "./config.ts";
import { FileError } from "./config-files.ts";
import type { ConfigFiles } from "./config-files.ts";
import { encodeText, lowerCaseAscii, splitArguments } from "./text.ts";
import { loadUser } from "./user-directive.ts";

/** Where the configuration comes from, as the command line says. */
export interface ConfigSources {
  readonly file?: string;
  readonly readsStandardInput?: boolean;
  /** Directives, one a line. */
  readonly options?: string;
}

export interface LoadHooks {
  /**
   * Called for `rename-command`; the second name may be empty. Answers with the reason if there is
   * no such command.
   */
  readonly renameCommand?: (from: string, to: string) => string | undefined;
  /** Called before standard input is read. */
  readonly notice?: (message: string) => void;
}

/** The server cannot start. The exit code is 1. */
export class FatalConfigError extends Error {
  /** `standard error`: print `message` there as it is. `log`: it is one warning for the log. */
  readonly destination: "standard error" | "log";

  constructor(message: string, destination: "standard error" | "log") {
    super(message);
    this.name = "FatalConfigError";
    this.destination = destination;
  }
}

/** Loads all sources into `config` and sets `config.file`. Throws a FatalConfigError. */
export function loadConfig(config: Config, sources: ConfigSources, hooks: LoadHooks = {}): void {
  const loader = new Loader(config, hooks);
  let text = "";
  if (sources.file !== undefined) {
    config.file = path.resolve(config.files.workingDirectory(), sources.file);
    text += loader.read(config.file);
  }
  if (sources.readsStandardInput === true) {
    hooks.notice?.("Reading config from stdin");
    text += config.files.readStandardInput();
  }
  if (sources.options !== undefined) text += `\n${sources.options}`;
  loader.load(text);
}

/** Redis would go on until the stack ends. */
const includeDepthMax = 64;

/** Directives that once existed and are still accepted with one argument. */
const forgottenDirectives = new Set([
  "list-max-ziplist-entries",
  "list-max-ziplist-value",
  "lua-replicate-commands",
]);

class Loader {
  readonly #config: Config;
  readonly #hooks: LoadHooks;
  #depth = 0;

  constructor(config: Config, hooks: LoadHooks) {
    this.#config = config;
    this.#hooks = hooks;
  }

  load(text: string): void {
    for (const [index, untrimmed] of text.split("\n").entries()) {
      const line = untrimmed.replace(/^[ \t\r]+|[ \t\r]+$/g, "");
      if (line === "" || line.startsWith("#")) continue;
      const reason = this.#loadLine(line);
      if (reason !== undefined) throw fileError(reason, { line, number: index + 1 });
    }
    this.#checkLogFile();
  }

  #loadLine(line: string): string | undefined {
    const words = splitArguments(line);
    if (words === undefined) return "Unbalanced quotes in configuration line";
    if (words.length === 0) return undefined;
    const directive = lowerCaseAscii(words[0]);
    const args = words.slice(1);
    const parameter = findParameter(directive);
    if (parameter !== undefined) return this.#config.load(parameter, args);
    if (forgottenDirectives.has(directive) && args.length === 1) return undefined;
    return this.#loadDirective(directive, args);
  }

  /** What can stand in a file and is not a parameter. */
  #loadDirective(directive: string, args: readonly string[]): string | undefined {
    if (directive === "include" && args.length === 1) return this.#include(args[0]);
    if (directive === "rename-command" && args.length === 2) {
      this.#config.renamedCommands.push([args[0], args[1]]);
      return this.#hooks.renameCommand?.(args[0], args[1]);
    }
    if (directive === "user" && args.length >= 1) return loadUser(this.#config, args);
    // To leave it out would start a server that lacks commands.
    if (directive === "loadmodule" && args.length >= 1) return "not supported yet: modules";
    if (directive.includes(".")) {
      return args.length === 0
        ? "Module config specified without value"
        : "not supported yet: modules";
    }
    if (directive === "sentinel") return "sentinel directive while not in sentinel mode";
    return "Bad directive or wrong number of arguments";
  }

  #include(pattern: string): string | undefined {
    if (this.#depth >= includeDepthMax)
      return `more than ${includeDepthMax} files include each other`;
    this.#depth++;
    this.load(this.read(pattern));
    this.#depth--;
    return undefined;
  }

  /**
   * The content of a file, or of all files that a pattern finds one after another. A relative path
   * starts at the directory in force.
   */
  read(file: string): string {
    const isPattern = /[*?[]/.test(file);
    const files = isPattern ? findFiles(this.#config.files, this.#resolve(file)) : [file];
    return files.map((found) => this.#readFile(found)).join("");
  }

  #resolve(file: string): string {
    return path.resolve(this.#config.values.dir, file);
  }

  #readFile(file: string): string {
    try {
      return this.#config.files.read(this.#resolve(file));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const message = `Fatal error, can't open config file '${file}': ${error.reason}`;
      throw new FatalConfigError(message, "log");
    }
  }

  /** Later the server could not say why it logs nothing. */
  #checkLogFile(): void {
    const { logfile } = this.#config.values;
    if (logfile === "") return;
    const reason = this.#config.files.checkAppend(this.#resolve(logfile));
    if (reason !== undefined) throw fileError(`Can't open the log file: ${reason}`);
  }
}

function fileError(reason: string, at?: { line: string; number: number }): FatalConfigError {
  const place =
    at === undefined
      ? ""
      : `Reading the configuration file, at line ${at.number}\n>>> '${at.line}'\n`;
  return new FatalConfigError(
    `\n*** FATAL CONFIG FILE ERROR (Redis ${redisVersion}) ***\n${place}${reason}\n`,
    "standard error",
  );
}

/**
 * The files that a pattern with wildcards in any part of the path finds, in the order of their
 * bytes, as glob() of C.
 */
function findFiles(files: ConfigFiles, pattern: string): string[] {
  const { root } = path.parse(pattern);
  let found = [root];
  for (const part of pattern.slice(root.length).split(/[\\/]/)) {
    if (part === "") continue;
    found = found.flatMap((directory) => matchPart(files, directory, part));
  }
  return found.filter((file) => files.exists(file));
}

function matchPart(files: ConfigFiles, directory: string, part: string): string[] {
  if (!/[*?[]/.test(part)) return [path.join(directory, part)];
  const pattern = encodeText(part);
  return files
    .list(directory)
    .filter((name) => {
      // A dot at the start of a name must be written out.
      if (name.startsWith(".") && !part.startsWith(".")) return false;
      const bytes = encodeText(name);
      return globMatches(pattern, 0, pattern.length, bytes, 0, bytes.length, 0);
    })
    .sort((a, b) => Buffer.compare(encodeText(a), encodeText(b)))
    .map((name) => path.join(directory, name));
}
