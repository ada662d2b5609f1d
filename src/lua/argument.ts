// How host functions read their arguments and complain of them, in Lua's words. `args` is the whole
// list of a call, `at` the place of one in it, from 0.

import { failureAt, failureOf, findCurrentPlace } from "./call-sites.ts";
import { toNumber } from "./operators.ts";
import { formatNumber } from "./number-text.ts";
import { LuaTable } from "./table.ts";
import { typeName } from "./values.ts";
import type { LuaFunction } from "./values.ts";

/** What C makes of a double that no 64-bit integer is near. */
const integerOfNone = -(2 ** 63);

/** An error about the argument at `at`; the function is called what its caller calls it. */
export function argumentFailure(at: number, message: string): unknown {
  const place = findCurrentPlace();
  const subject = place?.site.subject;
  const name = subject === undefined || subject.name === "" ? "?" : subject.name;
  // The object of a method call is an argument that the reader does not see.
  const position = subject?.kind === "method" ? at : at + 1;
  if (position === 0 && subject?.kind === "method")
    return failureAt(`calling '${name}' on bad self (${message})`, place);
  return failureAt(`bad argument #${position} to '${name}' (${message})`, place);
}

export function typeArgumentFailure(
  args: readonly unknown[],
  at: number,
  expected: string,
): unknown {
  const actual = at < args.length ? typeName(args[at]) : "no value";
  return argumentFailure(at, `${expected} expected, got ${actual}`);
}

export function tableArgument(args: readonly unknown[], at: number): LuaTable {
  const value = args[at];
  if (value instanceof LuaTable) return value;
  throw typeArgumentFailure(args, at, "table");
}

export function functionArgument(args: readonly unknown[], at: number): LuaFunction {
  const value = args[at];
  if (typeof value === "function") return value as LuaFunction;
  throw typeArgumentFailure(args, at, "function");
}

/** Fails with a message without a place, as it does where the C functions of Lua check it. */
export function checkWritable(table: LuaTable): void {
  if (table.isReadonly) throw failureOf("Attempt to modify a readonly table");
}

/** A string, or a number as its text. */
export function stringArgument(args: readonly unknown[], at: number): string {
  const value = args[at];
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatNumber(value);
  throw typeArgumentFailure(args, at, "string");
}

export function optionalString(args: readonly unknown[], at: number, otherwise: string): string {
  return args[at] === undefined ? otherwise : stringArgument(args, at);
}

/** A number, or a string that spells one. */
export function numberArgument(args: readonly unknown[], at: number): number {
  const value = toNumber(args[at]);
  if (value !== undefined) return value;
  throw typeArgumentFailure(args, at, "number");
}

export function optionalNumber(args: readonly unknown[], at: number, otherwise: number): number {
  return args[at] === undefined ? otherwise : numberArgument(args, at);
}

/** A number as C converts it to a 64-bit integer: the fraction is cut off. */
export function integerArgument(args: readonly unknown[], at: number): number {
  return toInteger(numberArgument(args, at));
}

export function optionalInteger(args: readonly unknown[], at: number, otherwise: number): number {
  return args[at] === undefined ? otherwise : integerArgument(args, at);
}

/** The low 32 bits of that, signed, where C has an `int`. */
export function intArgument(args: readonly unknown[], at: number): number {
  return toInt(integerArgument(args, at));
}

export function toInteger(value: number): number {
  if (!(value > integerOfNone && value < 2 ** 63)) return integerOfNone;
  return Math.trunc(value) + 0;
}

export function toInt(integer: number): number {
  // The host's own conversion takes the number modulo 2^32 too.
  return integer | 0;
}

/** Complains if there is no argument at all at `at`, not even nil. */
export function requireArgument(args: readonly unknown[], at: number): unknown {
  if (at >= args.length) throw argumentFailure(at, "value expected");
  return args[at];
}
