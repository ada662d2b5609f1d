// `string.format`: C's printf for the conversions that Lua passes on to it, and `%q`.

import { argumentFailure, numberArgument, stringArgument } from "../argument.ts";
import { toLong, toUnsignedLong } from "../c-integer.ts";
import { failure } from "../call-sites.ts";
import {
  formatExponent,
  formatFixed,
  formatGeneral,
  formatNonFinite,
  isNegative,
} from "../number-text.ts";

interface Directive {
  readonly isLeft: boolean;
  readonly hasPlus: boolean;
  readonly hasSpace: boolean;
  readonly isAlternate: boolean;
  readonly hasZeros: boolean;
  readonly width: number;
  /** -1 where none is given. */
  readonly precision: number;
  readonly conversion: string;
  /** What is wrong with it, or "". */
  readonly fault: string;
}

const flagCharacters = "-+ #0";
const flagsMax = 5;

/** A string at least this long goes into the result as it is, whatever its width. */
const longStringSize = 100;

/** A format taken apart: texts and directives in turn, starting with a text. */
interface ParsedFormat {
  readonly texts: readonly string[];
  readonly directives: readonly Directive[];
}

/** Scripts use the same few formats again and again. */
const formatsMax = 200;
const formats = new Map<string, ParsedFormat>();

function parseFormat(format: string): ParsedFormat {
  const known = formats.get(format);
  if (known !== undefined) return known;
  const texts: string[] = [];
  const directives: Directive[] = [];
  let text = "";
  let at = 0;
  for (;;) {
    const next = format.indexOf("%", at);
    if (next === -1) break;
    text += format.slice(at, next);
    if (format[next + 1] === "%") {
      text += "%";
      at = next + 2;
      continue;
    }
    const { end, fault } = findDirectiveEnd(format, next + 1);
    texts.push(text);
    text = "";
    directives.push({ ...parseDirective(format.slice(next + 1, end + 1)), fault });
    at = end + 1;
    // Nothing behind a fault is ever looked at.
    if (fault !== "") break;
  }
  texts.push(text + format.slice(at));
  const parsed = { texts, directives };
  if (formats.size >= formatsMax) formats.clear();
  formats.set(format, parsed);
  return parsed;
}

export function formatString(...args: unknown[]): string {
  const { texts, directives } = parseFormat(stringArgument(args, 0));
  let result = texts[0];
  for (let at = 0; at < directives.length; at++) {
    const argument = at + 1;
    if (argument >= args.length) throw argumentFailure(argument, "no value");
    const directive = directives[at];
    if (directive.fault !== "") throw failure(`invalid format (${directive.fault})`);
    result += convert(directive, args, argument) + texts[argument];
  }
  return result;
}

/** Where the conversion character of the directive is, and what is wrong before it. */
function findDirectiveEnd(
  format: string,
  start: number,
): { readonly end: number; readonly fault: string } {
  let at = start;
  while (at < format.length && flagCharacters.includes(format[at])) at++;
  if (at - start > flagsMax) return { end: at, fault: "repeated flags" };
  at = skipTwoDigits(format, at);
  if (format[at] === ".") at = skipTwoDigits(format, at + 1);
  return { end: at, fault: isDigit(format, at) ? "width or precision too long" : "" };
}

function skipTwoDigits(format: string, start: number): number {
  if (!isDigit(format, start)) return start;
  return isDigit(format, start + 1) ? start + 2 : start + 1;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

const directivePattern = /^([-+ #0]*)(\d*)(\.?)(\d*)([^]?)$/;

function parseDirective(text: string): Omit<Directive, "fault"> {
  const [, flags, width, point, precision, conversion] = directivePattern.exec(text)!;
  return {
    isLeft: flags.includes("-"),
    hasPlus: flags.includes("+"),
    hasSpace: flags.includes(" "),
    isAlternate: flags.includes("#"),
    hasZeros: flags.includes("0"),
    width: Number(width),
    precision: point === "" ? -1 : Number(precision),
    conversion,
  };
}

function convert(directive: Directive, args: readonly unknown[], at: number): string {
  switch (directive.conversion) {
    case "c":
      return formatCharacter(directive, numberArgument(args, at));
    case "d":
    case "i":
      return formatSigned(directive, numberArgument(args, at));
    case "o":
    case "u":
    case "x":
    case "X":
      return formatUnsigned(directive, numberArgument(args, at));
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return formatDouble(directive, numberArgument(args, at));
    case "q":
      return quoteString(stringArgument(args, at));
    case "s":
      return formatText(directive, stringArgument(args, at));
    default: {
      const shown = directive.conversion === "\0" ? "" : directive.conversion;
      throw failure(`invalid option '%${shown}' to 'format'`);
    }
  }
}

function pad(text: string, { isLeft, width }: Directive): string {
  return isLeft ? text.padEnd(width) : text.padStart(width);
}

/** Pads between the sign (or `0x`) and the digits where zeros are wanted. */
function padNumber(prefix: string, digits: string, directive: Directive): string {
  const { isLeft, hasZeros, width } = directive;
  if (!hasZeros || isLeft) return pad(prefix + digits, directive);
  return prefix + digits.padStart(width - prefix.length, "0");
}

function signOf(isMinus: boolean, { hasPlus, hasSpace }: Directive): string {
  if (isMinus) return "-";
  if (hasPlus) return "+";
  return hasSpace ? " " : "";
}

/** A zero byte ends what C has written. */
function formatCharacter(directive: Directive, value: number): string {
  const isInt = value > -(2 ** 31) - 1 && value < 2 ** 31;
  const text = pad(String.fromCharCode(isInt ? Math.trunc(value) & 0xff : 0), directive);
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

function withPrecision(digits: string, { precision }: Directive): string {
  if (precision === 0 && digits === "0") return "";
  return digits.padStart(precision, "0");
}

/** A precision does away with padding by zeros. */
function padInteger(prefix: string, digits: string, directive: Directive): string {
  return directive.precision >= 0
    ? pad(prefix + digits, directive)
    : padNumber(prefix, digits, directive);
}

function formatSigned(directive: Directive, value: number): string {
  const integer = toLong(value);
  const isMinus = integer < 0n;
  const digits = withPrecision(String(isMinus ? -integer : integer), directive);
  return padInteger(signOf(isMinus, directive), digits, directive);
}

function formatUnsigned(directive: Directive, value: number): string {
  const { conversion, isAlternate } = directive;
  const integer = toUnsignedLong(value);
  const radix = conversion === "o" ? 8 : conversion === "u" ? 10 : 16;
  let digits = withPrecision(integer.toString(radix), directive);
  if (isAlternate && radix === 8 && digits[0] !== "0") digits = `0${digits}`;
  const prefix = isAlternate && radix === 16 && integer !== 0n ? "0x" : "";
  const text = padInteger(prefix, digits, directive);
  return conversion === "X" ? text.toUpperCase() : text;
}

function formatDouble(directive: Directive, value: number): string {
  const { conversion } = directive;
  const lower = conversion.toLowerCase();
  const prefix = signOf(isNegative(value), directive);
  const isUpper = lower !== conversion;
  if (!Number.isFinite(value)) {
    const text = Number.isNaN(value) || value < 0 ? formatNonFinite(value) : `${prefix}inf`;
    return pad(isUpper ? text.toUpperCase() : text, directive);
  }
  const digits = doubleDigits(directive, Math.abs(value), lower);
  const text = padNumber(prefix, digits, directive);
  return isUpper ? text.toUpperCase() : text;
}

function doubleDigits({ precision, isAlternate }: Directive, value: number, kind: string): string {
  const decimals = precision === -1 ? 6 : precision;
  switch (kind) {
    case "e": {
      const text = formatExponent(value, decimals);
      return isAlternate && decimals === 0 ? text.replace("e", ".e") : text;
    }
    case "f":
      return formatFixed(value, decimals) + (isAlternate && decimals === 0 ? "." : "");
    default:
      return isAlternate
        ? formatGeneralPadded(value, Math.max(decimals, 1))
        : formatGeneral(value, Math.max(decimals, 1));
  }
}

/** `%#g`: the zeros at the end are kept. */
function formatGeneralPadded(value: number, precision: number): string {
  const scientific = formatExponent(value, precision - 1);
  const mark = scientific.indexOf("e");
  const exponent = value === 0 ? 0 : Number(scientific.slice(mark + 1));
  if (exponent < -4 || exponent >= precision) {
    return precision === 1 ? scientific.replace("e", ".e") : scientific;
  }
  const text = formatFixed(value, precision - 1 - exponent);
  return text.includes(".") ? text : `${text}.`;
}

function formatText(directive: Directive, text: string): string {
  const { precision } = directive;
  if (precision === -1 && text.length >= longStringSize) return text;
  const end = text.indexOf("\0");
  const shown = end === -1 ? text : text.slice(0, end);
  return pad(precision === -1 ? shown : shown.slice(0, precision), directive);
}

/** A literal that Lua reads back as the same string. */
function quoteString(text: string): string {
  const escaped = text.replace(/["\\\n\r\0]/g, (char) => {
    if (char === "\r") return "\\r";
    return char === "\0" ? "\\000" : `\\${char}`;
  });
  return `"${escaped}"`;
}
