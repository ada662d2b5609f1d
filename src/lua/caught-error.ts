// What an exception of the host is to Lua: its own error, the end of the stack or of the memory, or
// nothing that a script may catch.

import { failure } from "./call-sites.ts";
import { LuaError } from "./lua-error.ts";

/** The error that a script gets when the host has no more memory for it. */
export function notEnoughMemory(): LuaError {
  return new LuaError("not enough memory");
}

/** The Lua error that an exception stands for; undefined for what Lua must not catch. */
export function luaErrorOf(error: unknown): LuaError | undefined {
  if (error instanceof LuaError) return error;
  if (!(error instanceof RangeError)) return undefined;
  // The host has run out of stack, or was asked for a string or an array that it cannot make.
  const isStack = /call stack/.test(error.message);
  return isStack ? failure("stack overflow") : notEnoughMemory();
}
