// `redis.register_function`, which a library calls while it is loaded: with a name and a function,
// or with a table of named arguments.
import { LuaTable } from "../../lua/table.ts";
import { noResults } from "../../lua/values.ts";
import type { LuaFunction } from "../../lua/values.ts";
import type { LibraryFunction } from "./function-set.ts";
import { textOfValue } from "./lua-to-reply.ts";
import { errorOf, raise } from "./redis-library.ts";
import { scriptFlagNames } from "./script-flags.ts";

const wrongName =
  "Library names can only contain letters, numbers, or underscores(_) and must be at least one " +
  "character long";

/** Whether it may name a library or a function. */
export function isFunctionName(name: string): boolean {
  return /^[A-Za-z0-9_]+$/.test(name);
}

/** The function that libraries call; `functions` gives those of the library that is loaded. */
export function makeRegister(
  functions: () => Map<string, LibraryFunction> | undefined,
): LuaFunction {
  return (...args) => {
    const registered = functions();
    if (registered === undefined) {
      return fail("redis.register_function can only be called on FUNCTION LOAD command");
    }
    if (args.length < 1 || args.length > 2) {
      return fail("wrong number of arguments to redis.register_function");
    }
    const added = args.length === 1 ? readNamed(args[0]) : readPositional(args);
    if (!isFunctionName(added.name)) return fail(wrongName);
    if (registered.has(added.name)) return fail("Function already exists in the library");
    registered.set(added.name, added);
    return noResults;
  };
}

function fail(text: string): never {
  return raise(errorOf(text));
}

function readPositional([first, callback]: readonly unknown[]): LibraryFunction {
  const name = textOfValue(first);
  if (name === undefined) fail("first argument to redis.register_function must be a string");
  if (typeof callback !== "function") {
    fail("second argument to redis.register_function must be a function");
  }
  return { name, description: undefined, flags: 0, callback: callback as LuaFunction };
}

function readNamed(table: unknown): LibraryFunction {
  if (!(table instanceof LuaTable)) {
    return fail(
      "calling redis.register_function with a single argument is only applicable to Lua table " +
        "(representing named arguments).",
    );
  }
  const read: Partial<Record<"name" | "description", string>> & {
    callback?: LuaFunction;
    flags: number;
  } = { flags: 0 };
  for (let at = table.advance(0); at !== -1; at = table.advance(at)) {
    const key = textOfValue(table.keyAt(at));
    const value = table.valueAt(at);
    switch (key?.toLowerCase()) {
      case undefined:
        return fail("named argument key given to redis.register_function is not a string");
      case "function_name":
        read.name = textArgument("function_name", value);
        break;
      case "description":
        read.description = textArgument("description", value);
        break;
      case "callback":
        if (typeof value !== "function") {
          fail("callback argument given to redis.register_function must be a function");
        }
        read.callback = value as LuaFunction;
        break;
      case "flags":
        read.flags = readFlags(value);
        break;
      default:
        return fail("unknown argument given to redis.register_function");
    }
  }
  const { name, callback, description, flags } = read;
  if (name === undefined) {
    return fail("redis.register_function must get a function name argument");
  }
  if (callback === undefined) {
    return fail("redis.register_function must get a callback argument");
  }
  return { name, description, flags, callback };
}

function textArgument(name: string, value: unknown): string {
  const text = textOfValue(value);
  if (text === undefined) {
    return fail(`${name} argument given to redis.register_function must be a string`);
  }
  return text;
}

function readFlags(value: unknown): number {
  if (!(value instanceof LuaTable)) {
    return fail(
      "flags argument to redis.register_function must be a table representing function flags",
    );
  }
  let flags = 0;
  for (let index = 1; value.getNumber(index) !== undefined; index++) {
    const name = textOfValue(value.getNumber(index));
    const flag = name === undefined ? undefined : scriptFlagNames.get(name.toLowerCase());
    if (flag === undefined) return fail("unknown flag given");
    flags |= flag;
  }
  return flags;
}
