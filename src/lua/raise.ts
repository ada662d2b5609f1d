// Lua's `error`. Where a script calls it by that name, the code that calls it says where it stands,
// which saves a trace of the host's stack.

import { optionalInteger } from "./argument.ts";
import { failure, failureOf } from "./call-sites.ts";
import type { Chunk } from "./call-sites.ts";
import { LuaError } from "./lua-error.ts";
import { machine } from "./machine.ts";
import { formatNumber } from "./number-text.ts";
import type { LuaFunction } from "./values.ts";

export const raise: LuaFunction = (...args) => {
  const [value] = args;
  const level = optionalInteger(args, 1, 1) | 0;
  if ((typeof value === "string" || typeof value === "number") && level > 0) {
    throw failure(textOf(value), level);
  }
  throw machine.protectedDepth > 0 ? new LuaError(value) : failureOf(value);
};

function textOf(value: string | number): string {
  return typeof value === "string" ? value : formatNumber(value);
}

/** Calls what is most likely `raise`, from a line of a chunk. */
export function raiseAt(called: LuaFunction, chunk: Chunk, line: number, args: unknown[]): unknown {
  const [value] = args;
  const isText = typeof value === "string" || typeof value === "number";
  if (called !== raise || !isText || args[1] !== undefined) return called(...args);
  throw new LuaError(`${chunk.shownName}:${line}: ${textOf(value)}`, chunk.name, line);
}
