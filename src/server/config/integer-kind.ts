// Integer parameters: plain, memory (with b, k, kb, m, mb, g, gb), octal, and memory or a
// percentage. Redis holds them in 64-bit variables, and its errors and wrap-around follow from that
// (config.c, util.c: memtoull, string2ll). We compute with BigInt, print exactly, and hand out
// numbers: above 2^53 `value` is rounded and `text` is not.

import type { FileLine, Kind, Parameter, Setting, Traits } from "./parameter.ts";
import { lowerCaseAscii } from "./text.ts";

/** The bounds of C's types on the machines that Redis runs on. */
export const intMin = -2147483648;
export const intMax = 2147483647;
export const unsignedIntMax = 4294967295;
export const longMax = 2n ** 63n - 1n;
export const unsignedLongMax = 2n ** 64n - 1n;

export interface IntegerTraits extends Traits<number> {
  readonly min: number | bigint;
  readonly max: number | bigint;
  /** `percent-or-memory`: a percentage is held as its negative, so -5 means 5 percent. */
  readonly unit?: "memory" | "octal" | "percent-or-memory";
  /** The variable is unsigned in Redis: a negative number is then a very large one. */
  readonly unsigned?: true;
  /**
   * Values within the bounds but outside of this range are moved to its nearest end without a word.
   */
  readonly clamp?: { readonly min: bigint; readonly max: bigint };
}

export function integer<const Name extends string>(
  name: Name,
  initial: number,
  { min, max, unit, unsigned, clamp, ...traits }: IntegerTraits,
): Parameter<Name, number> {
  const shape: Shape = {
    min: BigInt(min),
    max: BigInt(max),
    unit: unit ?? "plain",
    isUnsigned: unsigned === true,
    clamp: clamp ?? { min: BigInt(min), max: BigInt(max) },
  };
  return { name, initial, kind: integerKind(shape), ...traits };
}

interface Shape {
  readonly min: bigint;
  readonly max: bigint;
  readonly unit: "plain" | "memory" | "octal" | "percent-or-memory";
  readonly isUnsigned: boolean;
  readonly clamp: { readonly min: bigint; readonly max: bigint };
}

function integerKind(shape: Shape): Kind<number> {
  return {
    describes: describe(shape),
    parse(args) {
      const parsed = readers[shape.unit](args[0]);
      if (parsed === undefined) return unreadable[shape.unit];
      const number = BigInt.asIntN(64, parsed);
      return boundsError(shape, number) ?? settingOf(shape, number);
    },
    // What is no integer is printed as it is, so that parsing refuses it.
    print: (value) => (Number.isInteger(value) ? printNumber(shape, BigInt(value)) : String(value)),
    fileLines: (setting, initial) => [fileLine(shape, setting, initial)],
  };
}

function settingOf(shape: Shape, number: bigint): Setting<number> {
  const isPercent = shape.unit === "percent-or-memory" && number < 0n;
  if (isPercent) return { value: Number(number), text: printNumber(shape, number) };
  const stored = shape.isUnsigned ? BigInt.asUintN(64, number) : number;
  const { min, max } = shape.clamp;
  const kept = stored < min ? min : stored > max ? max : stored;
  return { value: Number(kept), text: printNumber(shape, kept) };
}

function printNumber(shape: Shape, number: bigint): string {
  if (shape.unit === "percent-or-memory" && number < 0n) return `${-number}%`;
  return number.toString(shape.unit === "octal" ? 8 : 10);
}

const readers: Record<Shape["unit"], (text: string) => bigint | undefined> = {
  plain: readInteger,
  memory: readMemory,
  octal: readOctal,
  "percent-or-memory": (text) => readMemory(text) ?? readPercent(text),
};

const unreadable: Record<Shape["unit"], string> = {
  plain: "argument couldn't be parsed into an integer",
  memory: "argument must be a memory value",
  octal: "argument couldn't be parsed as an octal number",
  "percent-or-memory": "argument must be a memory or percent value",
};

/** A 64-bit integer in its one canonical form: no sign but a minus, no leading zeros, no spaces. */
function readInteger(text: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]{0,19})$/.test(text)) return undefined;
  const number = BigInt(text);
  return number < -longMax - 1n || number > longMax ? undefined : number;
}

const multipliers = new Map<string, bigint>([
  ["", 1n],
  ["b", 1n],
  ["k", 1000n],
  ["kb", 1024n],
  ["m", 1000n ** 2n],
  ["mb", 1024n ** 2n],
  ["g", 1000n ** 3n],
  ["gb", 1024n ** 3n],
]);

/**
 * An amount of memory in bytes, as memtoull reads it: digits that may be missing, and a unit. Wraps
 * at 2^64 as Redis does.
 */
export function readMemory(text: string): bigint | undefined {
  const [, digits, unit] = /^([0-9]{0,127})([^]*)$/.exec(text) ?? [];
  const multiplier = multipliers.get(lowerCaseAscii(unit));
  if (multiplier === undefined) return undefined;
  const amount = digits === "" ? 0n : BigInt(digits);
  return BigInt.asUintN(64, (amount > unsignedLongMax ? unsignedLongMax : amount) * multiplier);
}

function readPercent(text: string): bigint | undefined {
  const percent = text.endsWith("%") ? readInteger(text.slice(0, -1)) : undefined;
  return percent === undefined || percent < 0n ? undefined : -percent;
}

function readOctal(text: string): bigint | undefined {
  const [matched, sign, digits] = /^(?:[ \t-\r]*([+-]?)([0-7]+))?$/.exec(text) ?? [];
  if (matched === undefined) return undefined;
  if (matched === "") return 0n;
  const number = BigInt(`0o${digits}`);
  if (number > longMax) return undefined;
  return sign === "-" ? -number : number;
}

/**
 * As strtoll in base 10 with a check that nothing follows: leading spaces, any sign, saturating;
 * the empty string is 0.
 */
export function readLoose(text: string): bigint | undefined {
  if (text === "") return 0n;
  const [, digits] = /^[ \t-\r]*([+-]?[0-9]+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const number = BigInt(digits.replace("+", ""));
  if (number > longMax) return longMax;
  return number < -longMax - 1n ? -longMax - 1n : number;
}

function boundsError(shape: Shape, number: bigint): string | undefined {
  if (shape.unit === "percent-or-memory" && number < 0n) {
    const largest = -shape.min;
    return number < shape.min
      ? `percentage argument must be less or equal to ${largest}`
      : undefined;
  }
  const compared = shape.isUnsigned ? BigInt.asUintN(64, number) : number;
  if (compared >= shape.min && compared <= shape.max) return undefined;
  const base = shape.unit === "octal" ? 8 : 10;
  const range = `${shape.min.toString(base)} and ${shape.max.toString(base)}`;
  return `argument must be between ${range} inclusive`;
}

function fileLine(shape: Shape, setting: Setting<number>, initial: Setting<number>): FileLine {
  const isMemory = shape.unit === "memory" || shape.unit === "percent-or-memory";
  const isBytes = isMemory && !setting.text.endsWith("%");
  return {
    text: isBytes ? printMemory(BigInt(setting.text)) : setting.text,
    forced: setting.text !== initial.text,
  };
}

/** Bytes in the largest unit that divides them. */
export function printMemory(bytes: bigint): string {
  for (const unit of ["gb", "mb", "kb"]) {
    const size = multipliers.get(unit) ?? 1n;
    if (bytes !== 0n && bytes % size === 0n) return `${bytes / size}${unit}`;
  }
  return bytes.toString();
}

function describe(shape: Shape): string {
  const base = shape.unit === "octal" ? 8 : 10;
  const range = `${printBound(shape.min, base)} to ${printBound(shape.max, base)}`;
  if (shape.unit === "memory") return `bytes, ${range}; units k, kb, m, mb, g, gb`;
  if (shape.unit === "percent-or-memory") return `bytes, or a percentage up to ${-shape.min}%`;
  return `${shape.unit === "octal" ? "octal number" : "integer"}, ${range}`;
}

function printBound(bound: bigint, base: number): string {
  if (bound === longMax) return "2^63-1";
  if (bound === unsignedLongMax) return "2^64-1";
  return bound.toString(base);
}
