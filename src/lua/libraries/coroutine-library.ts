// Lua's coroutine functions.

import { argumentFailure } from "../argument.ts";
import { failure } from "../call-sites.ts";
import { Coroutine, runningCoroutine, yieldValues } from "../coroutine.ts";
import { luaErrorOf } from "../interpreter.ts";
import type { Interpreter } from "../interpreter.ts";
import { LuaError } from "../lua-error.ts";
import { machine } from "../machine.ts";
import { LuaTable } from "../table.ts";
import type { LuaFunction } from "../values.ts";

export function installCoroutine(interpreter: Interpreter): void {
  const library = new LuaTable();
  const functions: Readonly<Record<string, LuaFunction>> = {
    create,
    resume,
    running: () => runningCoroutine(),
    status: (...args) => coroutineArgument(args).status,
    wrap,
    yield: yieldValues,
  };
  for (const [name, each] of Object.entries(functions)) library.setString(name, each);
  interpreter.globals.setString("coroutine", library);
}

function coroutineArgument(args: readonly unknown[]): Coroutine {
  const [value] = args;
  if (value instanceof Coroutine) return value;
  throw argumentFailure(0, "coroutine expected");
}

const create: LuaFunction = (...args) => new Coroutine(bodyArgument(args));

function bodyArgument([value]: readonly unknown[]): LuaFunction {
  if (typeof value === "function") return value as LuaFunction;
  throw argumentFailure(0, "Lua function expected");
}

const resume: LuaFunction = (...args) => {
  const outcome = tryResume(coroutineArgument(args), args.slice(1));
  return outcome instanceof LuaError ? [false, outcome.value] : [true, ...outcome];
};

const wrap: LuaFunction = (...args) => {
  const coroutine = new Coroutine(bodyArgument(args));
  return (...values: unknown[]): unknown => {
    const outcome = tryResume(coroutine, values);
    if (!(outcome instanceof LuaError)) return outcome;
    // Lua puts the place of the call before the message, which has its own place already.
    if (typeof outcome.value !== "string") throw outcome;
    throw failure(outcome.value);
  };
};

function tryResume(coroutine: Coroutine, values: unknown[]): unknown[] | LuaError {
  if (coroutine.status !== "suspended") {
    return new LuaError(`cannot resume ${coroutine.status} coroutine`);
  }
  const { protectedDepth } = machine;
  machine.protectedDepth = protectedDepth + 1;
  try {
    return coroutine.resume(values);
  } catch (thrown) {
    const error = luaErrorOf(thrown);
    if (error === undefined) throw thrown;
    return error;
  } finally {
    machine.protectedDepth = protectedDepth;
  }
}
