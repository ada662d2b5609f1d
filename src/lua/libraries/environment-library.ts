// `setfenv` and `getfenv`: the table of globals of a function, or of one on the stack.

import { argumentFailure, intArgument, numberArgument, tableArgument } from "../argument.ts";
import { failure } from "../call-sites.ts";
import { environmentAt, findEnvironment } from "../environment.ts";
import type { Environment } from "../environment.ts";
import type { Interpreter } from "../interpreter.ts";
import { toNumber } from "../operators.ts";
import type { LuaFunction } from "../values.ts";

export function installEnvironment(interpreter: Interpreter): void {
  const { globals } = interpreter;
  const getfenv: LuaFunction = (...args) => {
    const level = args[0] === undefined ? 1 : args[0];
    if (typeof level === "function") return interpreter.globalsOf(level as LuaFunction);
    return environmentOf([level])?.table ?? globals;
  };
  globals.setString("getfenv", getfenv);
  globals.setString("setfenv", setfenv);
}

const setfenv: LuaFunction = (...args) => {
  const table = tableArgument(args, 1);
  const [target] = args;
  if (typeof target !== "function" && toNumber(target) === 0) {
    throw failure("'setfenv' cannot change environment of given object");
  }
  const environment = environmentOf(args);
  if (environment === undefined) {
    throw failure("'setfenv' cannot change environment of given object");
  }
  environment.table = table;
  return target;
};

function environmentOf(args: readonly unknown[]): Environment | undefined {
  const [target] = args;
  if (typeof target === "function") return findEnvironment(target);
  numberArgument(args, 0);
  const level = intArgument(args, 0);
  if (level < 0) throw argumentFailure(0, "level must be non-negative");
  if (level === 0) return undefined;
  const found = environmentAt(level);
  if (found === undefined) throw argumentFailure(0, "invalid level");
  return found;
}
