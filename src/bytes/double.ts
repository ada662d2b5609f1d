// Doubles as text, the ways that Redis versions write and read them: scores, GEO distances, RESP3
// doubles. Reading is exact (correctly rounded), writing reads back as the same double.

import { latin1 } from "./ascii.ts";
import { isWrittenZero, parseFloatText, roundToBinary } from "./float-text.ts";
import type { BinaryFormat, FloatText } from "./float-text.ts";

const doubleFormat: BinaryFormat = { precision: 53, exponentMin: -1074, exponentEnd: 1024 };

/** Redis prints integers up to here digit by digit (double2ll in src/util.c). */
const exactIntegerMax = 2 ** 62;

/** Up to this many decimals fpconv writes without an exponent, whatever the magnitude. */
const plainDecimalsMax = 6;

/** Any integer of this many digits is exact as a double, and so is a power of ten this large. */
const exactDigitsMax = 15;
const powersOfTen = Float64Array.from({ length: exactDigitsMax + 1 }, (_, power) => 10 ** power);

/**
 * The text of a double as Redis 7.2 and later reply it (d2string in src/util.c, which lays digits
 * out as fpconv_dtoa does): integers in full up to 2^62, else the fewest digits that read back as
 * the same number.
 *
 * Redis differs: its Grisu2 prints a digit or more too many for about one number in a thousand
 * (32.834422 as 32.834422000000004). We print the shortest for all.
 */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 ? formatZero(value) : String(value);
  if (!Number.isFinite(value)) return formatNonFinite(value);
  const magnitude = Math.abs(value);
  if (Number.isInteger(value)) {
    if (magnitude <= exactIntegerMax) return BigInt(value).toString();
  } else if (magnitude >= 0.000_001) {
    // JavaScript writes these without an exponent, and so does fpconv in most cases.
    const text = String(value);
    if (magnitude >= 0.001 && magnitude < 10_000) return text;
    if (text.length - text.indexOf(".") - 1 <= plainDecimalsMax) return text;
  }
  return (value < 0 ? "-" : "") + layOutShortest(magnitude);
}

function formatZero(value: number): string {
  return Object.is(value, -0) ? "-0" : "0";
}

function formatNonFinite(value: number): string {
  if (Number.isNaN(value)) return "nan";
  return value < 0 ? "-inf" : "inf";
}

/** Chooses between plain and scientific notation by the rules of fpconv's emit_digits. */
function layOutShortest(magnitude: number): string {
  const { digits, exponent } = splitScientific(magnitude.toExponential());
  const lastPlace = exponent - digits.length + 1;
  if (lastPlace >= 0 && exponent < digits.length + 7) return digits + "0".repeat(lastPlace);
  if (lastPlace < 0 && (lastPlace >= -plainDecimalsMax || Math.abs(exponent) < 4)) {
    return insertPoint(digits, exponent);
  }
  return `${pointAfterFirst(digits)}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`;
}

/**
 * The text of a double as C's `%.17g` prints it, which is what Redis before 7.2 replied; NaN and
 * the infinities as Redis spells them.
 */
export function formatDouble17(value: number): string {
  if (value === 0) return formatZero(value);
  if (!Number.isFinite(value)) return formatNonFinite(value);
  const sign = value < 0 ? "-" : "";
  const { digits: allDigits, exponent } = splitScientific(roundTo17(Math.abs(value)));
  const digits = allDigits.replace(/0+$/, "");
  if (exponent < -4 || exponent >= 17) {
    const exponentDigits = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${pointAfterFirst(digits)}e${exponent < 0 ? "-" : "+"}${exponentDigits}`;
  }
  if (exponent >= digits.length - 1) return sign + digits.padEnd(exponent + 1, "0");
  return sign + insertPoint(digits, exponent);
}

/** Scientific notation with 17 digits, ties to even as C rounds; JavaScript rounds ties up. */
function roundTo17(magnitude: number): string {
  if (!isTieAt17(magnitude)) return magnitude.toExponential(16);
  const [mantissa, exponentText] = magnitude.toExponential(17).split("e");
  const isFloorEven = Number(mantissa[17]) % 2 === 0;
  return isFloorEven ? `${mantissa.slice(0, 18)}e${exponentText}` : magnitude.toExponential(16);
}

/** Whether the number has exactly 18 digits, the last of which is a five. */
function isTieAt17(magnitude: number): boolean {
  // A double with n bits behind its point has the digits of an integer times 5^n. These are 18 for
  // n up to 25 only; and for n below 2 only if the integer needed more than 53 bits.
  const scaled = magnitude * 2 ** 25;
  if (magnitude >= 2 ** 52 || !Number.isInteger(scaled)) return false;
  const digits = (BigInt(scaled) * 5n ** 25n).toString().replace(/0+$/, "");
  return digits.length === 18;
}

interface Scientific {
  readonly digits: string;
  /** The power of ten of the first digit. */
  readonly exponent: number;
}

/** Takes `d.ddde+x` apart. */
function splitScientific(text: string): Scientific {
  const [mantissa, exponentText] = text.split("e");
  return { digits: mantissa[0] + mantissa.slice(2), exponent: Number(exponentText) };
}

function pointAfterFirst(digits: string): string {
  return digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
}

/** Plain notation for digits that reach behind the point. */
function insertPoint(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/**
 * The double that the whole range spells, or undefined, by the rules of string2d (src/util.c) with
 * the C library's strtod: decimal, hexadecimal, `inf` and `infinity` in any case are accepted; NaN,
 * spaces, and numbers too large or too small for a double are not.
 */
export function parseDouble(bytes: Uint8Array, offset: number, length: number): number | undefined {
  const end = offset + length;
  const isNegative = bytes[offset] === 0x2d && length > 0;
  let at = isNegative ? offset + 1 : offset;
  let mantissa = 0;
  let digitCount = 0;
  let pointAt = -1;
  for (; at < end; at++) {
    const digit = bytes[at] - 0x30;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digitCount++;
    } else if (bytes[at] === 0x2e && pointAt === -1) {
      pointAt = at;
    } else {
      return parseAny(bytes, offset, end);
    }
  }
  // Both the integer and the power of ten are exact, so one division rounds correctly.
  if (digitCount === 0 || digitCount > exactDigitsMax) return parseAny(bytes, offset, end);
  const value = pointAt === -1 ? mantissa : mantissa / powersOfTen[end - pointAt - 1];
  return isNegative ? -value : value;
}

function parseAny(bytes: Uint8Array, offset: number, end: number): number | undefined {
  const source = latin1(bytes, offset, end);
  const text = parseFloatText(source);
  if (text === undefined) return undefined;
  const sign = text.isNegative ? -1 : 1;
  if (text.kind === "infinity") return sign * Infinity;
  const value = text.kind === "decimal" ? Number(source) : sign * roundHexadecimal(text);
  if (!Number.isFinite(value)) return undefined;
  return value !== 0 || isWrittenZero(text) ? value : undefined;
}

function roundHexadecimal(text: FloatText): number {
  const { mantissa, exponent } = roundToBinary(text, doubleFormat);
  return mantissa === 0n ? 0 : Number(mantissa) * 2 ** exponent;
}
