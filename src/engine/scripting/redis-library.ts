// The table `redis` that scripts have: commands, replies, logging.
import { asciiBytes } from "../../bytes/ascii.ts";
import { sha1Hex } from "../../bytes/sha1.ts";
import { failureOf } from "../../lua/call-sites.ts";
import { LuaError } from "../../lua/lua-error.ts";
import { machine } from "../../lua/machine.ts";
import { toNumber } from "../../lua/operators.ts";
import { LuaTable } from "../../lua/table.ts";
import { noResults } from "../../lua/values.ts";
import type { LuaFunction } from "../../lua/values.ts";
import type { Engine } from "../engine.ts";
import type { LogLevel } from "../host.ts";
import { target } from "../propagation.ts";
import { textOfValue } from "./lua-to-reply.ts";
import { errorTable, errorText, readReply } from "./reply-to-lua.ts";
import type { ScriptRun } from "./script-run.ts";
import { ScriptRequest } from "./script-request.ts";

const minus = 0x2d;
const logLevels: readonly LogLevel[] = ["debug", "verbose", "notice", "warning"];

/** `REPL_*`, as numbers: whom commands are propagated to. */
const replicationTargets = { none: 0, aof: target.aof, replicas: target.replicas, all: target.all };

/** Throws a table as Lua's error, with the place where the script stands if it ends the script. */
export function raise(table: LuaTable): never {
  throw machine.protectedDepth > 0 ? new LuaError(table) : failureOf(table);
}

/** An error with `ERR` in front, or with its own code after a `-`. */
export function errorOf(text: string, isCounted = false): LuaTable {
  if (!text.startsWith("-")) return errorTable(`ERR ${text}`, isCounted);
  return errorTable(errorText(text.slice(1)), isCounted);
}

export class RedisLibrary {
  readonly #engine: Engine;
  readonly #run: ScriptRun;
  readonly #request: ScriptRequest;

  constructor(engine: Engine, run: ScriptRun) {
    this.#engine = engine;
    this.#run = run;
    this.#request = new ScriptRequest(engine);
  }

  /** What scripts and functions have while they run. */
  makeTable(): LuaTable {
    const table = this.makeLoggingTable();
    const functions: Readonly<Record<string, LuaFunction>> = {
      call: (...args) => this.#call(args, true),
      pcall: (...args) => this.#call(args, false),
      setresp: (...args) => this.#setProtocol(args),
      sha1hex,
      error_reply: errorReply,
      status_reply: statusReply,
      set_repl: (...args) => this.#setTargets(args),
      acl_check_cmd: (...args) => this.#mayRun(args),
    };
    for (const [name, each] of Object.entries(functions)) table.setString(name, each);
    table.setString("REPL_NONE", replicationTargets.none);
    table.setString("REPL_AOF", replicationTargets.aof);
    table.setString("REPL_SLAVE", replicationTargets.replicas);
    table.setString("REPL_REPLICA", replicationTargets.replicas);
    table.setString("REPL_ALL", replicationTargets.all);
    return table;
  }

  /** What a library of functions has while it is loaded, too. */
  makeLoggingTable(): LuaTable {
    const table = new LuaTable();
    table.setString("log", ((...args) => this.#log(args)) satisfies LuaFunction);
    for (const [number, name] of logLevels.entries()) {
      table.setString(`LOG_${name.toUpperCase()}`, number);
    }
    const { redisVersion } = this.#engine.host;
    table.setString("REDIS_VERSION_NUM", versionNumber(redisVersion));
    table.setString("REDIS_VERSION", redisVersion);
    return table;
  }

  #call(values: readonly unknown[], isRaised: boolean): unknown {
    const problem = this.#read(values);
    if (problem !== undefined) return isRaised ? raise(problem) : problem;
    const engine = this.#engine;
    const { args, command } = this.#request;
    const refusal = this.#run.refusalOf(command, args);
    if (refusal !== undefined || command === undefined) {
      const error = errorOf(refusal ?? "", true);
      engine.scripting.noteRejection(command, error);
      return isRaised ? raise(error) : error;
    }
    const start = this.#run.run(command, args);
    const { buffer } = engine.reply;
    const value = readReply(buffer, start);
    return isRaised && buffer[start] === minus ? raise(value as LuaTable) : value;
  }

  /** Takes a request over from its arguments; the error when they are none. */
  #read(values: readonly unknown[]): LuaTable | undefined {
    if (values.length === 0) {
      return errorOf("Please specify at least one argument for this redis lib call");
    }
    if (this.#request.fill(values)) return undefined;
    return errorOf("Lua redis lib command arguments must be strings or integers");
  }

  #setProtocol(args: readonly unknown[]): unknown {
    if (args.length !== 1) raise(errorOf("redis.setresp() requires one argument."));
    const protocol = integerOf(args[0]);
    if (protocol !== 2 && protocol !== 3) raise(errorOf("RESP version must be 2 or 3."));
    this.#run.protocol = protocol;
    return noResults;
  }

  #setTargets(args: readonly unknown[]): unknown {
    if (args.length !== 1) raise(errorOf("redis.set_repl() requires one argument."));
    const targets = integerOf(args[0]);
    if ((targets & ~target.all) !== 0) {
      raise(
        errorOf("Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE."),
      );
    }
    this.#engine.propagation.scope = targets;
    return noResults;
  }

  #mayRun(values: readonly unknown[]): unknown {
    const problem = this.#read(values);
    if (problem !== undefined) return raise(problem);
    const { args, command } = this.#request;
    const { session } = this.#run;
    if (command === undefined || session === undefined) {
      return raise(errorOf("Invalid command passed to redis.acl_check_cmd()"));
    }
    return this.#engine.access.mayRun(session, command, args);
  }

  #log(args: readonly unknown[]): unknown {
    if (args.length < 2) raise(errorOf("redis.log() requires two arguments or more."));
    const level = toNumber(args[0]);
    if (level === undefined) {
      return raise(errorOf("First argument must be a number (log level)."));
    }
    const name = logLevels[Math.trunc(level)];
    if (name === undefined) return raise(errorOf("Invalid log level."));
    const words = args.slice(1).map(textOfValue);
    this.#engine.host.log(name, words.filter((word) => word !== undefined).join(" "));
    return noResults;
  }
}

/** What `lua_tonumber` and a conversion to int make of a value. */
function integerOf(value: unknown): number {
  return (toNumber(value) ?? 0) | 0;
}

const sha1hex: LuaFunction = (...args) => {
  if (args.length !== 1) return raise(errorOf("wrong number of arguments"));
  return sha1Hex(asciiBytes(textOfValue(args[0]) ?? ""));
};

const wrongArguments = "wrong number or type of arguments";

const errorReply: LuaFunction = (...args) => {
  const [text] = args;
  if (args.length !== 1 || typeof text !== "string") return errorOf(wrongArguments);
  return errorOf(`-${text.startsWith("-") ? text.slice(1) : text}`.replaceAll(/[\r\n]+$/g, ""));
};

const statusReply: LuaFunction = (...args) => {
  const [text] = args;
  if (args.length !== 1 || typeof text !== "string") return errorOf(wrongArguments);
  return LuaTable.fromFields(["ok"], [text]);
};

/** `7.4.1` as 0x00070401. */
function versionNumber(version: string): number {
  const [major, minor, patch] = version.split(".").map(Number);
  return (major << 16) | (minor << 8) | patch;
}
