// Numbers as text, the way Lua 5.1 writes them (C's `%.14g`) and reads them (C's `strtod`, with
// hexadecimal integers). Text is a Latin-1 string throughout.

import { roundToBinary, parseFloatText } from "../bytes/float-text.ts";
import type { BinaryFormat } from "../bytes/float-text.ts";

const doubleFormat: BinaryFormat = { precision: 53, exponentMin: -1074, exponentEnd: 1024 };

/** As many digits as the host writes; a number that lies between two shorter ones has fewer. */
const digitsMax = 100;

/** Integers below this have at most fourteen digits, so `%.14g` writes them in full. */
const plainIntegerEnd = 1e14;

/** From here on the host writes no exponent, and C neither. */
const plainFractionMin = 1e-4;
/** As many digits as `%.14g` writes. */
const digitsOfLua = 14;

/** The text that `tostring` and `..` give to a number. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && value < plainIntegerEnd && value > -plainIntegerEnd) {
    return value === 0 && 1 / value < 0 ? "-0" : String(value);
  }
  const magnitude = value < 0 ? -value : value;
  if (magnitude >= plainFractionMin && magnitude < plainIntegerEnd) {
    // The shortest text that is read as this number. If that has no more digits than we may write,
    // rounding the number to as many gives the same ones.
    const text = String(magnitude);
    const digits = text.length - 1 - leadingZeros(magnitude);
    if (digits <= digitsOfLua) return value < 0 ? `-${text}` : text;
    // A number that lies between two of fourteen digits has fifteen; of all others the host's
    // rounding is C's.
    const rounded = digits > digitsOfLua + 1 ? value.toPrecision(digitsOfLua) : "e";
    if (!rounded.includes("e")) return trimZeros(rounded);
  }
  return formatGeneral(value, digitsOfLua);
}

/** How many zeros stand before the first digit of a fraction from `plainFractionMin` on. */
function leadingZeros(magnitude: number): number {
  if (magnitude >= 1) return 0;
  if (magnitude >= 0.1) return 1;
  if (magnitude >= 0.01) return 2;
  return magnitude >= 0.001 ? 3 : 4;
}

/**
 * What C's printf writes for a NaN or an infinity. The NaN that x86 computes has its sign set; the
 * host does not keep the sign, so they all show like that one.
 */
export function formatNonFinite(value: number): string {
  if (Number.isNaN(value)) return "-nan";
  return value < 0 ? "-inf" : "inf";
}

const signProbe = new Float64Array(1);
const signBytes = new Uint8Array(signProbe.buffer);
const signByte = new Uint8Array(Float64Array.of(-1).buffer)[0] === 0 ? 7 : 0;

/** Whether the sign bit is set, of zero and NaN as well. */
export function isNegative(value: number): boolean {
  if (value !== 0 && !Number.isNaN(value)) return value < 0;
  signProbe[0] = value;
  return signBytes[signByte] >= 0x80;
}

/** C's `%.<precision>g`; `precision` is 1 to 100. */
export function formatGeneral(value: number, precision: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value);
  if (value === 0) return isNegative(value) ? "-0" : "0";
  const scientific = formatExponent(value, precision - 1);
  const mark = scientific.indexOf("e");
  const exponent = Number(scientific.slice(mark + 1));
  if (exponent < -4 || exponent >= precision) {
    return trimZeros(scientific.slice(0, mark)) + scientific.slice(mark);
  }
  const sign = value < 0 ? "-" : "";
  const digits = scientific.slice(sign.length, mark).replace(".", "");
  if (exponent < 0) return trimZeros(`${sign}0.${"0".repeat(-exponent - 1)}${digits}`);
  if (exponent + 1 >= digits.length) return sign + digits.padEnd(exponent + 1, "0");
  return trimZeros(`${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`);
}

function trimZeros(text: string): string {
  if (!text.includes(".")) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0x30) end--;
  if (text.charCodeAt(end - 1) === 0x2e) end--;
  return text.slice(0, end);
}

/** C's `%.<decimals>e` of a finite number: the exponent has two digits at least. */
export function formatExponent(value: number, decimals: number): string {
  const sign = isNegative(value) ? "-" : "";
  const magnitude = Math.abs(value);
  const text = roundedExponential(magnitude, decimals);
  const mark = text.indexOf("e");
  const digits = text.slice(mark + 2);
  return `${sign}${text.slice(0, mark + 2)}${digits.length < 2 ? "0" : ""}${digits}`;
}

/** JavaScript rounds a tie up, C to the even digit. */
function roundedExponential(magnitude: number, decimals: number): string {
  const text = magnitude.toExponential(decimals);
  // Only a number of few binary digits can lie exactly between two decimal ones.
  const longer = decimals < 100 ? magnitude.toExponential(decimals + 1) : text;
  const mark = longer.indexOf("e");
  if (longer.charCodeAt(mark - 1) !== 0x35 || !isExactly(magnitude, longer)) return text;
  const floor = longer.slice(0, decimals === 0 ? mark - 2 : mark - 1);
  return (floor.charCodeAt(floor.length - 1) & 1) === 0 ? floor + longer.slice(mark) : text;
}

/** Whether `text`, a decimal number close to `magnitude`, is `magnitude` to the last bit. */
function isExactly(magnitude: number, text: string): boolean {
  if (Number(text) !== magnitude) return false;
  const exact = magnitude.toExponential(digitsMax);
  return exact.slice(0, exact.indexOf("e")).replace(/0+$/, "") === text.slice(0, text.indexOf("e"));
}

/** C's `%.<decimals>f` of a finite number; JavaScript's own gives up at 1e21. */
export function formatFixed(value: number, decimals: number): string {
  const sign = isNegative(value) ? "-" : "";
  const magnitude = Math.abs(value);
  if (magnitude >= 1e21) {
    return `${sign}${BigInt(magnitude)}${decimals > 0 ? `.${"0".repeat(decimals)}` : ""}`;
  }
  return sign + roundedFixed(magnitude, decimals);
}

function roundedFixed(magnitude: number, decimals: number): string {
  const text = magnitude.toFixed(decimals);
  const longer = decimals < 100 ? magnitude.toFixed(decimals + 1) : text;
  if (longer.charCodeAt(longer.length - 1) !== 0x35 || Number(longer) !== magnitude) return text;
  if (!/^5?0*$/.test(magnitude.toFixed(digitsMax).slice(longer.indexOf(".") + decimals + 1)))
    return text;
  const floor = longer.slice(0, decimals === 0 ? -2 : -1);
  return (floor.charCodeAt(floor.length - 1) & 1) === 0 ? floor : text;
}

const spaces = " \t\n\v\f\r";
const decimalText = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const nanText = /^[+-]?nan(?:\([0-9a-zA-Z_]*\))?$/i;

/** The number that the whole of `text` spells to Lua, spaces around it allowed, or undefined. */
export function parseNumber(text: string): number | undefined {
  const trimmed = trimSpaces(text);
  if (decimalText.test(trimmed)) return Number(trimmed);
  const first = trimmed.charCodeAt(0);
  const isSigned = first === 0x2b || first === 0x2d;
  const sign = first === 0x2d ? -1 : 1;
  if (nanText.test(trimmed)) return sign * Number.NaN;
  const parsed = parseFloatText(trimmed);
  if (parsed === undefined) return undefined;
  if (parsed.kind === "infinity") return sign * Infinity;
  if (/^[+-]?0[xX][0-9a-fA-F]{1,13}$/.test(trimmed)) {
    return sign * Number(isSigned ? trimmed.slice(1) : trimmed);
  }
  const { mantissa, exponent } = roundToBinary(parsed, doubleFormat);
  return sign * (mantissa === 0n ? 0 : Number(mantissa) * 2 ** exponent);
}

function trimSpaces(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && spaces.includes(text[start])) start++;
  while (end > start && spaces.includes(text[end - 1])) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** The integer that `text` spells in `base` (2 to 36), as C's `strtoul` reads it, or undefined. */
export function parseInteger(text: string, base: number): number | undefined {
  let digits = trimSpaces(text).toLowerCase();
  const isMinus = digits[0] === "-";
  if (isMinus || digits[0] === "+") digits = digits.slice(1);
  if (base === 16 && /^0x[0-9a-f]/.test(digits)) digits = digits.slice(2);
  if (digits === "") return undefined;
  let value = 0n;
  for (const char of digits) {
    const digit = digitValue(char);
    if (digit >= base) return undefined;
    value = value * BigInt(base) + BigInt(digit);
  }
  const limit = 2n ** 64n - 1n;
  if (value > limit) return Number(limit);
  return Number(isMinus ? BigInt.asUintN(64, -value) : value);
}

function digitValue(char: string): number {
  const code = char.charCodeAt(0);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x7a ? code - 0x57 : 36;
}
