// Calls from host functions into Lua, and the text that Lua gives to any value.

import { failure } from "./call-sites.ts";
import { luaErrorOf } from "./caught-error.ts";
import { machine } from "./machine.ts";
import { formatNumber } from "./number-text.ts";
import {
  callable,
  callMeta,
  enterHost,
  leaveHost,
  lessThan,
  metamethod,
  setRaw,
} from "./operators.ts";
import { Coroutine } from "./coroutine.ts";
import { LuaTable } from "./table.ts";
import { allResults, finishTailCalls, firstResult, LuaUserdata, TailCall } from "./values.ts";

/** Calls any value, as Lua would; all its results. */
export function callFromHost(called: unknown, args: readonly unknown[]): unknown[] {
  enterHost();
  const results = allResults(callable(called)(...args));
  leaveHost();
  return results;
}

/** Calls any value with two arguments; its first result. */
export function callPairFromHost(called: unknown, a: unknown, b: unknown): unknown {
  enterHost();
  const result = firstResult(callable(called)(a, b));
  leaveHost();
  return result;
}

/** `a < b`, where Lua's messages name no place since the host compares. */
export function lessThanFromHost(a: unknown, b: unknown): boolean {
  return lessThan(a, b);
}

/** Assigns without metamethods; the same holds for its messages. */
export function setRawFromHost(table: LuaTable, key: unknown, value: unknown): void {
  setRaw(table, key, value);
}

/**
 * Calls any value. What it returns, as functions return it, or its LuaError, if the error is Lua's
 * own.
 */
export function callProtected(called: unknown, args: readonly unknown[]): unknown {
  const { stack, hostDepth, protectedDepth } = machine;
  machine.protectedDepth = protectedDepth + 1;
  try {
    return resultFromHost(called, args);
  } catch (thrown) {
    machine.stack = stack;
    machine.hostDepth = hostDepth;
    const error = luaErrorOf(thrown);
    if (error === undefined) throw thrown;
    return error;
  } finally {
    machine.protectedDepth = protectedDepth;
  }
}

function resultFromHost(called: unknown, args: readonly unknown[]): unknown {
  enterHost();
  const call = callable(called);
  const result = args.length === 0 ? call() : call(...args);
  leaveHost();
  return result instanceof TailCall ? finishTailCalls(result) : result;
}

/** The results of a protected call that did not fail, behind `true`. */
export function succeeded(result: unknown): unknown[] {
  return Array.isArray(result) ? [true, ...(result as unknown[])] : [true, result];
}

const addresses = new WeakMap<object, string>();
let addressCount = 0;

/** What stands for the address that C's Lua shows of an object: unique, and always the same. */
function addressOf(value: object): string {
  let address = addresses.get(value);
  if (address === undefined) {
    addressCount++;
    address = `0x${(0x5500_0000_0000 + addressCount * 0x20).toString(16).padStart(12, "0")}`;
    addresses.set(value, address);
  }
  return address;
}

/** The text that `tostring` gives, which a metamethod may decide. */
export function textOf(value: unknown): unknown {
  const method = metamethod(value, "__tostring");
  return method === undefined ? plainText(value) : callMeta(method, value, undefined);
}

export function plainText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return formatNumber(value);
    case "boolean":
      return value ? "true" : "false";
    case "undefined":
      return "nil";
    case "function":
      return `function: ${addressOf(value)}`;
    default:
      break;
  }
  if (value instanceof LuaTable) return `table: ${addressOf(value)}`;
  if (value instanceof Coroutine) return `thread: ${addressOf(value)}`;
  if (value instanceof LuaUserdata) return `userdata: ${value.shown ?? addressOf(value)}`;
  throw failure("a value that is not Lua's");
}
