// The kinds of Lua values, and what they are to the host:
//
//   nil undefined | boolean | number | string: Latin-1, one character a byte | table: LuaTable
//   function: a function of the host | userdata: LuaUserdata | thread: Coroutine
//
// A function takes its arguments as arguments and returns one value as it is, and any other number
// of values as an array. No Lua value is an array, so the two cannot be mixed up. A tail call deep
// in the stack returns a TailCall, which is an array too: whoever calls a Lua function from the
// host passes its result through `firstResult` or `allResults`.

import { LuaTable } from "./table.ts";

export type LuaFunction = (...args: unknown[]) => unknown;

/** The result of a function that returns no value. Never written. */
export const noResults: unknown[] = [];

/** A value that only the host knows what to do with. */
export class LuaUserdata {
  metatable: LuaTable | null = null;
  /** What `tostring` shows after `userdata: `, if not a number of its own. */
  readonly shown: string | undefined;

  constructor(shown?: string) {
    this.shown = shown;
  }
}

/** A call that is still to be made, in place of its results. */
export class TailCall extends Array<unknown> {
  readonly callee: LuaFunction;
  /** The call as a generator that has not begun, for code that runs in a coroutine. */
  readonly generator: Generator<unknown, unknown, unknown> | undefined;

  constructor(
    callee: LuaFunction,
    args: readonly unknown[],
    generator?: Generator<unknown, unknown, unknown>,
  ) {
    super();
    this.callee = callee;
    this.generator = generator;
    for (const arg of args) this.push(arg);
  }
}

export function makeTailCall(callee: LuaFunction, args: unknown[]): unknown {
  return new TailCall(callee, args);
}

/** Makes the calls that are still to be made. */
export function finishTailCalls(call: TailCall): unknown {
  let result: unknown = call;
  while (result instanceof TailCall) result = result.callee.apply(undefined, [...result]);
  return result;
}

/** The first of the values that a function returned. */
export function firstResult(result: unknown): unknown {
  if (!Array.isArray(result)) return result;
  const finished = result instanceof TailCall ? finishTailCalls(result) : (result as unknown[]);
  return Array.isArray(finished) ? (finished as unknown[])[0] : finished;
}

/** All values that a function returned. */
export function allResults(result: unknown): unknown[] {
  const finished = result instanceof TailCall ? finishTailCalls(result) : result;
  return Array.isArray(finished) ? (finished as unknown[]) : [finished];
}

/** Objects that answer to `type` with a name of their own. */
export abstract class LuaThread {
  abstract readonly status: string;
}

/** The name that `type` gives, and that messages show. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case "undefined":
      return "nil";
    case "boolean":
    case "number":
    case "string":
    case "function":
      return typeof value;
    default:
      if (value instanceof LuaTable) return "table";
      return value instanceof LuaThread ? "thread" : "userdata";
  }
}
