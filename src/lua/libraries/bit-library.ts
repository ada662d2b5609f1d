// Bitwise operations on 32-bit integers, as the bit library of LuaJIT's author defines them
// (deps/lua/src/lua_bit.c in Redis): numbers wrap around, results are signed.

import { typeArgumentFailure } from "../argument.ts";
import type { Interpreter } from "../interpreter.ts";
import { toNumber } from "../operators.ts";
import { LuaTable } from "../table.ts";
import type { LuaFunction } from "../values.ts";

export function installBit(interpreter: Interpreter): void {
  const library = new LuaTable();
  const functions: Readonly<Record<string, LuaFunction>> = {
    arshift: (...args) => bits(args, 0) >> bits(args, 1),
    band: (...args) => combine(args, (a, b) => a & b),
    bnot: (...args) => ~bits(args, 0),
    bor: (...args) => combine(args, (a, b) => a | b),
    bswap: (...args) => swapBytes(bits(args, 0)),
    bxor: (...args) => combine(args, (a, b) => a ^ b),
    lshift: (...args) => bits(args, 0) << bits(args, 1),
    rol: (...args) => rotate(bits(args, 0), bits(args, 1)),
    ror: (...args) => rotate(bits(args, 0), -bits(args, 1)),
    rshift: (...args) => (bits(args, 0) >>> bits(args, 1)) | 0,
    tobit: (...args) => bits(args, 0),
    tohex,
  };
  for (const [name, each] of Object.entries(functions)) library.setString(name, each);
  interpreter.globals.setString("bit", library);
}

/** Added to a double, it moves the rounded integer to the low bits of the mantissa. */
const shiftToLowBits = 2 ** 52 + 2 ** 51;
const scratch = new DataView(new ArrayBuffer(8));

function bits(args: readonly unknown[], at: number): number {
  const value = toNumber(args[at]);
  if (value === undefined) throw typeArgumentFailure(args, at, "number");
  scratch.setFloat64(0, value + shiftToLowBits);
  return scratch.getInt32(4);
}

function combine(args: readonly unknown[], operation: (a: number, b: number) => number): number {
  let result = bits(args, 0);
  for (let at = args.length - 1; at > 0; at--) result = operation(result, bits(args, at));
  return result;
}

function rotate(value: number, count: number): number {
  return (value << count) | (value >>> -count);
}

function swapBytes(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

const tohex: LuaFunction = (...args) => {
  const value = bits(args, 0);
  const wanted = args.length < 2 ? 8 : bits(args, 1);
  const count = Math.min(Math.abs(wanted), 8);
  const text = (value >>> 0)
    .toString(16)
    .padStart(8, "0")
    .slice(8 - count);
  return wanted < 0 ? text.toUpperCase() : text;
};
