// The Lua state that scripts share, and its globals: Lua's libraries and `redis`, all of them
// read-only, so that no script can leave anything behind for the next.
import { failure } from "../../lua/call-sites.ts";
import { callProtected, succeeded } from "../../lua/host-call.ts";
import { Interpreter } from "../../lua/interpreter.ts";
import type { InterpreterLimits } from "../../lua/interpreter.ts";
import { installLibraries } from "../../lua/libraries/standard-libraries.ts";
import { Lrand48 } from "../../lua/lrand48.ts";
import { LuaError } from "../../lua/lua-error.ts";
import { LuaTable } from "../../lua/table.ts";
import type { LuaFunction } from "../../lua/values.ts";
import { textOfValue } from "./lua-to-reply.ts";

/** Memory of a Lua state with its libraries, as measured; what a call takes is gone at its end. */
const stateBytes = 17 * 1024;
/** What the state holds of a script or a function: a closure, and entries in tables. */
const closureBytes = 160;

/**
 * Memory of a Lua state with so many scripts or functions, roughly. The code that they are compiled
 * to is Node's, like all code, and not counted.
 */
export function luaStateBytes(count: number): number {
  return stateBytes + count * closureBytes;
}

/** An interpreter with everything that scripts may use; nothing is protected yet. */
export function makeInterpreter(
  redis: LuaTable,
  limits: InterpreterLimits,
  processorSeconds: () => number,
): Interpreter {
  const interpreter = new Interpreter(limits);
  installLibraries(interpreter, { random: new Lrand48(), processorSeconds });
  const { globals } = interpreter;
  globals.setString("pcall", protectedCall);
  globals.setString("redis", redis);
  return interpreter;
}

/** Reading what is not there is an error from now on. */
export function forbidMissing(table: LuaTable): void {
  const metatable = new LuaTable();
  metatable.setString("__index", missing);
  table.setMetatable(metatable);
}

const missing: LuaFunction = (...args) => {
  const name = textOfValue(args[1]);
  if (args.length !== 2) throw failure("Wrong number of arguments to luaProtectedTableError");
  if (name === undefined) {
    throw failure("Second argument to luaProtectedTableError must be a string or number");
  }
  throw failure(`Script attempted to access nonexistent global variable '${name}'`);
};

/** Makes a table and all that can be reached from it read-only. */
export function protectDeeply(table: LuaTable): void {
  if (table.isReadonly) return;
  table.isReadonly = true;
  for (let at = table.advance(0); at !== -1; at = table.advance(at)) {
    const value = table.valueAt(at);
    if (value instanceof LuaTable) protectDeeply(value);
  }
  if (table.metatable !== null) protectDeeply(table.metatable);
}

/**
 * `pcall`, where an error of `redis.call` is only its text, as it was before such errors were
 * tables.
 */
const protectedCall: LuaFunction = (...args) => {
  if (args.length === 0) throw failure("bad argument #1 to 'pcall' (value expected)");
  const outcome = callProtected(args[0], args.slice(1));
  if (!(outcome instanceof LuaError)) return succeeded(outcome);
  const { value } = outcome;
  if (!(value instanceof LuaTable)) return [false, value];
  const text = value.getString("err");
  const isText = typeof text === "string" || typeof text === "number";
  // What was looked up stays behind the error, on Lua's stack, and so is a result.
  return isText ? [false, text] : [false, value, text];
};
