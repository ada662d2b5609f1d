// Lua's basic functions: types and conversions, raw access, metatables, errors, loading. What a
// host does not want scripts to have it removes from the globals afterwards.

import {
  argumentFailure,
  checkWritable,
  functionArgument,
  intArgument,
  optionalInteger,
  optionalString,
  requireArgument,
  stringArgument,
  tableArgument,
} from "../argument.ts";
import { failure } from "../call-sites.ts";
import { callProtected, plainText, setRawFromHost, succeeded, textOf } from "../host-call.ts";
import type { Interpreter } from "../interpreter.ts";
import { LuaSyntaxError } from "../lexer.ts";
import { LuaError } from "../lua-error.ts";
import { machine } from "../machine.ts";
import { parseInteger } from "../number-text.ts";
import { raise } from "../raise.ts";
import { isTrue, metamethod, metatableOf, toNumber } from "../operators.ts";
import { addEntryStep, nextEntry, nextItem } from "../table-operations.ts";
import { LuaTable } from "../table.ts";
import { firstResult, LuaUserdata, noResults, typeName } from "../values.ts";
import type { LuaFunction } from "../values.ts";

/** How many values a call can hold, its arguments included, as in Lua's own configuration. */
const callValuesMax = 8000;

export function installBase(interpreter: Interpreter): void {
  const { globals } = interpreter;
  globals.setString("_G", globals);
  globals.setString("_VERSION", "Lua 5.1");
  const functions: Readonly<Record<string, LuaFunction>> = {
    type: luaType,
    tostring,
    tonumber,
    rawget,
    rawset,
    rawequal,
    next: checkedNext,
    pairs,
    ipairs,
    select,
    unpack,
    getmetatable,
    setmetatable,
    error: raise,
    assert: assertTrue,
    pcall,
    xpcall,
    collectgarbage,
    gcinfo: () => Math.ceil(machine.allocated / 1024),
    newproxy,
    load: (...args) => load(interpreter, args),
    loadstring: (...args) => loadString(interpreter, args),
  };
  for (const [name, each] of Object.entries(functions)) globals.setString(name, each);
}

const luaType: LuaFunction = (...args) => typeName(requireArgument(args, 0));

const tostring: LuaFunction = (...args) => textOf(requireArgument(args, 0));

const tonumber: LuaFunction = (...args) => {
  const base = args[1] === undefined ? 10 : intArgument(args, 1);
  if (base === 10) return toNumber(requireArgument(args, 0));
  const text = stringArgument(args, 0);
  if (base < 2 || base > 36) throw argumentFailure(1, "base out of range");
  const end = text.indexOf("\0");
  return parseInteger(end === -1 ? text : text.slice(0, end), base);
};

const rawget: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  return table.get(requireArgument(args, 1));
};

const rawset: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  requireArgument(args, 1);
  requireArgument(args, 2);
  checkWritable(table);
  setRawFromHost(table, args[1], args[2]);
  return table;
};

const rawequal: LuaFunction = (...args) => requireArgument(args, 0) === requireArgument(args, 1);

const checkedNext: LuaFunction = (...args) => nextEntry(tableArgument(args, 0), args[1]);
addEntryStep(checkedNext);

const pairs: LuaFunction = (...args) => [checkedNext, tableArgument(args, 0), undefined];

const ipairs: LuaFunction = (...args) => [nextItem, tableArgument(args, 0), 0];

const select: LuaFunction = (...args) => {
  const count = args.length - 1;
  if (args[0] === "#") return count;
  const from = intArgument(args, 0);
  if (from >= 0) {
    if (from === 0) throw argumentFailure(0, "index out of range");
    return args.slice(from);
  }
  if (from + count < 0) throw argumentFailure(0, "index out of range");
  return args.slice(1 + count + from);
};

const unpack: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  const from = optionalInteger(args, 1, 1) | 0;
  const to = args[2] === undefined ? table.length : intArgument(args, 2);
  if (from > to) return noResults;
  const count = to - from + 1;
  if (count + args.length > callValuesMax) throw failure("too many results to unpack");
  const values: unknown[] = [];
  for (let at = from; at <= to; at++) values.push(table.getNumber(at));
  return values;
};

const getmetatable: LuaFunction = (...args) => {
  const value = requireArgument(args, 0);
  return metamethod(value, "__metatable") ?? metatableOf(value) ?? undefined;
};

const setmetatable: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  const metatable = args[1];
  if (args.length < 2 || (metatable !== undefined && !(metatable instanceof LuaTable))) {
    throw argumentFailure(1, "nil or table expected");
  }
  if (metamethod(table, "__metatable") !== undefined) {
    throw failure("cannot change a protected metatable");
  }
  checkWritable(table);
  table.setMetatable(metatable ?? null);
  return table;
};

const assertTrue: LuaFunction = (...args) => {
  if (isTrue(requireArgument(args, 0))) return args;
  throw failure(optionalString(args, 1, "assertion failed!"));
};

const pcall: LuaFunction = (...args) => {
  const called = requireArgument(args, 0);
  const outcome = callProtected(called, args.length === 1 ? noResults : args.slice(1));
  return outcome instanceof LuaError ? [false, outcome.value] : succeeded(outcome);
};

const xpcall: LuaFunction = (...args) => {
  if (args.length < 2) throw argumentFailure(1, "value expected");
  const outcome = callProtected(args[0], noResults);
  if (!(outcome instanceof LuaError)) return succeeded(outcome);
  const handled = callProtected(args[1], [outcome.value]);
  return [false, handled instanceof LuaError ? handled.value : firstResult(handled)];
};

/** The host collects as it sees fit; scripts that ask get answers that do no harm. */
const collectgarbage: LuaFunction = (...args) => {
  const option = optionalString(args, 0, "collect");
  switch (option) {
    case "count":
      return machine.allocated / 1024;
    case "stop":
    case "restart":
    case "collect":
      return 0;
    case "step":
      return true;
    case "setpause":
    case "setstepmul":
      return 200;
    default:
      throw argumentFailure(0, `invalid option '${option}'`);
  }
};

const newproxy: LuaFunction = (...args) => {
  const proxy = new LuaUserdata();
  const [model] = args;
  if (model === true) {
    proxy.metatable = new LuaTable();
  } else if (model instanceof LuaUserdata && model.metatable !== null) {
    proxy.metatable = model.metatable;
  } else if (model !== undefined && model !== false) {
    throw argumentFailure(0, "boolean or proxy expected");
  }
  return proxy;
};

function compileFor(interpreter: Interpreter, source: string, chunkName: string): unknown {
  // Scripts have no business with compiled code, which could break the machine.
  try {
    return interpreter.compileNested(source, chunkName);
  } catch (error) {
    if (error instanceof LuaSyntaxError) return [undefined, error.message];
    throw error;
  }
}

function loadString(interpreter: Interpreter, args: readonly unknown[]): unknown {
  const source = stringArgument(args, 0);
  return compileFor(interpreter, source, optionalString(args, 1, source));
}

function load(interpreter: Interpreter, args: readonly unknown[]): unknown {
  const reader = functionArgument(args, 0);
  const chunkName = optionalString(args, 1, "=(load)");
  const parts: string[] = [];
  for (;;) {
    const outcome = callProtected(reader, noResults);
    if (outcome instanceof LuaError) return [undefined, outcome.value];
    const part = firstResult(outcome);
    if (part === undefined || part === "") break;
    if (typeof part !== "string" && typeof part !== "number") {
      return [undefined, failure("reader function must return a string").value];
    }
    parts.push(plainText(part));
  }
  return compileFor(interpreter, parts.join(""), chunkName);
}
