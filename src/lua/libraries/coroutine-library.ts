// Lua's coroutine functions.

import { argumentFailure } from "../argument.ts";
import { failure } from "../call-sites.ts";
import { Coroutine, runningCoroutine, yieldValues } from "../coroutine.ts";
import { succeeded } from "../host-call.ts";
import type { Interpreter } from "../interpreter.ts";
import { LuaError } from "../lua-error.ts";
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
  const outcome = coroutineArgument(args).resume(args.slice(1));
  return outcome instanceof LuaError ? [false, outcome.value] : succeeded(outcome);
};

const wrap: LuaFunction = (...args) => {
  const coroutine = new Coroutine(bodyArgument(args));
  return (...values: unknown[]): unknown => {
    const outcome = coroutine.resume(values);
    if (!(outcome instanceof LuaError)) return outcome;
    // Lua puts the place of the call before the message, which has its own place already.
    if (typeof outcome.value !== "string") throw outcome;
    throw failure(outcome.value);
  };
};
