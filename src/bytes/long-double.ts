// The 80-bit extended arithmetic of the x87, which INCRBYFLOAT and HINCRBYFLOAT need to give the
// same digits as Redis on Linux x86-64: 64 bits of mantissa, rounding to nearest, ties to even.
// A double would print 3.0000000000000004 where Redis prints 3. BigInt, so a few microseconds each.

import { latin1 } from "./ascii.ts";
import {
  isWrittenZero,
  parseFloatText,
  roundBinary,
  roundToBinary,
  shiftRightToEven,
} from "./float-text.ts";
import type { BinaryFormat } from "./float-text.ts";

/** `mantissa` times 2 to `exponent`; an infinite exponent means infinity, a NaN one NaN. */
export interface LongDouble {
  readonly isNegative: boolean;
  /** 0 to 2^64 - 1. */
  readonly mantissa: bigint;
  readonly exponent: number;
}

const extendedFormat: BinaryFormat = {
  precision: 64,
  exponentMin: -16445,
  exponentEnd: 16384,
};

/** MAX_LONG_DOUBLE_CHARS of Redis: texts of this many bytes or more are refused. */
const textSizeEnd = 5 * 1024;

/** How many decimals `%.17Lf` prints. */
const decimalCount = 17;
const decimalScale = 10n ** BigInt(decimalCount);

/**
 * The number that the whole range spells, rounded to 64 bits, or undefined, by the rules of
 * string2ld (src/util.c) with the C library's strtold. Infinity is a number here; INCRBYFLOAT
 * refuses it later.
 */
export function parseLongDouble(
  bytes: Uint8Array,
  offset: number,
  length: number,
): LongDouble | undefined {
  if (length >= textSizeEnd) return undefined;
  const text = parseFloatText(latin1(bytes, offset, offset + length));
  if (text === undefined) return undefined;
  const { isNegative } = text;
  if (text.kind === "infinity") return { isNegative, mantissa: 1n, exponent: Infinity };
  const { mantissa, exponent } = roundToBinary(text, extendedFormat);
  if (exponent === Infinity) return undefined;
  if (mantissa === 0n && !isWrittenZero(text)) return undefined;
  return { isNegative, mantissa, exponent };
}

/** The sum, rounded once; infinite when it is too large, NaN for two opposite infinities. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble {
  if (!isFiniteLongDouble(a) || !isFiniteLongDouble(b)) return addNonFinite(a, b);
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = alignedMantissa(a, exponent) + alignedMantissa(b, exponent);
  // A sum of zero is positive unless both were negative zeros.
  const isNegative = sum < 0n || (sum === 0n && a.isNegative && b.isNegative);
  const mantissa = sum < 0n ? -sum : sum;
  return { isNegative, ...roundBinary({ mantissa, exponent }, extendedFormat) };
}

function alignedMantissa({ isNegative, mantissa, exponent }: LongDouble, to: number): bigint {
  const aligned = mantissa << BigInt(exponent - to);
  return isNegative ? -aligned : aligned;
}

function addNonFinite(a: LongDouble, b: LongDouble): LongDouble {
  if (isFiniteLongDouble(a) || Number.isNaN(b.exponent)) return b;
  if (isFiniteLongDouble(b) || Number.isNaN(a.exponent)) return a;
  if (a.isNegative === b.isNegative) return a;
  return { isNegative: false, mantissa: 1n, exponent: NaN };
}

/** False for the infinities and NaN. */
export function isFiniteLongDouble(value: LongDouble): boolean {
  return Number.isFinite(value.exponent);
}

/**
 * The text of the number as ld2string gives it in its human mode: `%.17Lf`, never an exponent,
 * without the zeros that end it and without a minus before a zero.
 */
export function formatLongDoubleHuman(value: LongDouble): string {
  if (Number.isNaN(value.exponent)) return "nan";
  const sign = value.isNegative ? "-" : "";
  if (value.exponent === Infinity) return `${sign}inf`;
  const scaled =
    value.exponent < 0
      ? shiftRightToEven(value.mantissa * decimalScale, -value.exponent)
      : (value.mantissa * decimalScale) << BigInt(value.exponent);
  if (scaled === 0n) return "0";
  const digits = scaled.toString().padStart(decimalCount + 1, "0");
  const fraction = digits.slice(-decimalCount).replace(/0+$/, "");
  const whole = sign + digits.slice(0, -decimalCount);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
