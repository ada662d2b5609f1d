// Lua's mathematical functions.

import { argumentFailure, intArgument, numberArgument } from "../argument.ts";
import { failure } from "../call-sites.ts";
import type { Interpreter } from "../interpreter.ts";
import type { Lrand48 } from "../lrand48.ts";
import { power } from "../operators.ts";
import { LuaTable } from "../table.ts";
import { noResults } from "../values.ts";
import type { LuaFunction } from "../values.ts";

/** Draws are taken modulo this. */
const drawMax = 0x7fff_ffff;

/** `random` is the host's to seed; scripts seed it through `math.randomseed`. */
export function installMath(interpreter: Interpreter, random: Lrand48): void {
  const library = new LuaTable();
  const functions: Readonly<Record<string, LuaFunction>> = {
    ...oneArgument,
    atan2: (...args) => Math.atan2(numberArgument(args, 0), numberArgument(args, 1)),
    fmod: (...args) => numberArgument(args, 0) % numberArgument(args, 1),
    frexp,
    ldexp: (...args) => scaleByTwo(numberArgument(args, 0), intArgument(args, 1)),
    max: (...args) => choose(args, (a, b) => a > b),
    min: (...args) => choose(args, (a, b) => a < b),
    modf,
    pow: (...args) => power(numberArgument(args, 0), numberArgument(args, 1)),
    random: (...args) => draw(random, args),
    randomseed: (...args) => {
      random.seed(intArgument(args, 0));
      return noResults;
    },
  };
  for (const [name, each] of Object.entries(functions)) library.setString(name, each);
  library.setString("pi", Math.PI);
  library.setString("huge", Infinity);
  library.setString("mod", functions["fmod"]);
  interpreter.globals.setString("math", library);
}

function ofNumber(compute: (value: number) => number): LuaFunction {
  return (...args) => compute(numberArgument(args, 0));
}

const oneArgument: Readonly<Record<string, LuaFunction>> = {
  abs: ofNumber(Math.abs),
  acos: ofNumber(Math.acos),
  asin: ofNumber(Math.asin),
  atan: ofNumber(Math.atan),
  ceil: ofNumber(Math.ceil),
  cos: ofNumber(Math.cos),
  cosh: ofNumber(Math.cosh),
  deg: ofNumber((value) => value / (Math.PI / 180)),
  exp: ofNumber(Math.exp),
  floor: ofNumber(Math.floor),
  log: ofNumber(Math.log),
  log10: ofNumber(Math.log10),
  rad: ofNumber((value) => value * (Math.PI / 180)),
  sin: ofNumber(Math.sin),
  sinh: ofNumber(Math.sinh),
  sqrt: ofNumber(Math.sqrt),
  tan: ofNumber(Math.tan),
  tanh: ofNumber(Math.tanh),
};

/** The first of the numbers that no later one is better than. */
function choose(args: readonly unknown[], isBetter: (a: number, b: number) => boolean): number {
  let best = numberArgument(args, 0);
  for (let at = 1; at < args.length; at++) {
    const value = numberArgument(args, at);
    if (isBetter(value, best)) best = value;
  }
  return best;
}

/** The whole part and the fraction. */
const modf: LuaFunction = (...args) => {
  const value = numberArgument(args, 0);
  const whole = Math.trunc(value);
  const fraction = Number.isFinite(value) || Number.isNaN(value) ? value - whole : 0;
  // A fraction of zero has the sign of the number.
  const isMinusZero = fraction === 0 && (value < 0 || Object.is(value, -0));
  return [whole, isMinusZero ? -0 : fraction];
};

/** The number as a fraction from 0.5 to 1 and a power of two. */
const frexp: LuaFunction = (...args) => {
  const value = numberArgument(args, 0);
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1);
  let fraction = scaleByTwo(value, -exponent);
  while (Math.abs(fraction) < 0.5) {
    fraction *= 2;
    exponent--;
  }
  while (Math.abs(fraction) >= 1) {
    fraction /= 2;
    exponent++;
  }
  return [fraction, exponent];
};

/** Steps that stay in range, since the power alone may not be a double. */
function scaleByTwo(value: number, exponent: number): number {
  const step = 1000;
  let scaled = value;
  let left = Math.max(-3000, Math.min(3000, exponent));
  for (; left > step; left -= step) scaled *= 2 ** step;
  for (; left < -step; left += step) scaled *= 2 ** -step;
  return scaled * 2 ** left;
}

function draw(random: Lrand48, args: readonly unknown[]): number {
  const fraction = (random.next() % drawMax) / drawMax;
  switch (args.length) {
    case 0:
      return fraction;
    case 1: {
      const high = intArgument(args, 0);
      if (high < 1) throw argumentFailure(0, "interval is empty");
      return Math.floor(fraction * high) + 1;
    }
    case 2: {
      const low = intArgument(args, 0);
      const high = intArgument(args, 1);
      if (low > high) throw argumentFailure(1, "interval is empty");
      // C's int wraps around where the interval has more than 2^31 numbers.
      return Math.floor(fraction * ((high - low + 1) | 0)) + low;
    }
    default:
      throw failure("wrong number of arguments");
  }
}
