// Lua values as JSON, by the rules of cjson: a table whose keys are all positive integers is an
// array unless its holes are too many, everything else an object. The order of an object's members
// is that of the table.
//
// The text is written as bytes into one buffer, which becomes a string at the end. Functions that
// write take the place where they begin, and return the place where they end.

import { asciiBytes, latin1, writeLatin1 } from "../../bytes/ascii.ts";
import { failure } from "../call-sites.ts";
import { notEnoughMemory } from "../interpreter.ts";
import { stringSizeMax } from "../machine.ts";
import { formatGeneral, formatNumber } from "../number-text.ts";
import { LuaTable } from "../table.ts";
import { LuaUserdata, typeName } from "../values.ts";

/** What stands for JSON's null where Lua's nil would remove a key. */
export const jsonNull = new LuaUserdata("(nil)");

export interface EncodeSettings {
  sparseConvert: boolean;
  /** An array is too sparse when it has more holes than this allows; 0 allows any number. */
  sparseRatio: number;
  /** Arrays up to this length are never too sparse. */
  sparseSafe: number;
  depthMax: number;
  /** Whether numbers that JSON has not fail, are written as C writes them, or as null. */
  invalidNumbers: "off" | "on" | "null";
  precision: number;
}

const precisionOfLua = 14;
/** Up to this length writing a string character by character beats a native call. */
const shortTextMax = 24;
/** Up to this length there may be room for every character's escape. */
const mediumTextMax = 512;
/** A control character is written as six bytes, and quotes stand around a string. */
const escapeSizeMax = 6;
const numberSizeMax = 32;
const bufferSizeMin = 1 << 14;
/** A buffer that one large text needed is not kept. */
const keptBytesMax = 1 << 20;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/** Of escapes that give the character's code. */
const letterU = 0x75;
/** What follows the backslash in a character's escape; 0 for what needs none. */
const escapeLetters = makeEscapeLetters();
const hexDigits = asciiBytes("0123456789abcdef");

function makeEscapeLetters(): Uint8Array {
  const letters = new Uint8Array(256).fill(letterU, 0, 0x20);
  letters[0x7f] = letterU;
  for (const [char, letter] of ['""', "\\\\", "//", "\bb", "\tt", "\nn", "\ff", "\rr"]) {
    letters[char.charCodeAt(0)] = letter.charCodeAt(0);
  }
  return letters;
}

const emptyObject = asciiBytes("{}");
const nullText = asciiBytes("null");
const trueText = asciiBytes("true");
const falseText = asciiBytes("false");

let out = new Uint8Array(bufferSizeMin);
let settings: EncodeSettings;
/** Whether the last string that was looked at for it had escapes: the next one is like it. */
let hadEscapes = false;

/** The JSON of any value. Throws a LuaError for what has none. */
export function encodeJson(value: unknown, chosen: EncodeSettings): string {
  settings = chosen;
  const end = writeValue(0, value, 0);
  const text = latin1(out, 0, end);
  if (out.length > keptBytesMax) out = new Uint8Array(bufferSizeMin);
  return text;
}

/** Makes room for `size` bytes at `at`. */
function reserve(at: number, size: number): void {
  if (at + size > out.length) grow(at, size);
}

function grow(at: number, size: number): void {
  if (at + size > stringSizeMax) throw notEnoughMemory();
  const larger = new Uint8Array(2 * (at + size));
  larger.set(out);
  out = larger;
}

function fail(value: unknown, reason: string): never {
  throw failure(`Cannot serialise ${typeName(value)}: ${reason}`);
}

function writeValue(at: number, value: unknown, depth: number): number {
  switch (typeof value) {
    case "string":
      return writeString(at, value);
    case "number":
      return writeNumber(at, value);
    case "boolean":
      return writeWord(at, value ? trueText : falseText);
    case "undefined":
      return writeWord(at, nullText);
    default:
      break;
  }
  if (value instanceof LuaTable) return writeTable(at, value, depth + 1);
  return value === jsonNull ? writeWord(at, nullText) : fail(value, "type not supported");
}

function writeWord(at: number, word: Uint8Array): number {
  const { length } = word;
  reserve(at, length);
  for (let index = 0; index < length; index++) out[at + index] = word[index];
  return at + length;
}

function writeString(start: number, text: string): number {
  const { length } = text;
  if (length > shortTextMax) return writeLongString(start, text);
  reserve(start, length * escapeSizeMax + 2);
  const b = out;
  let at = start;
  b[at++] = quote;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    const letter = escapeLetters[code];
    if (letter === 0) b[at++] = code;
    else at = writeEscape(b, at, code, letter);
  }
  b[at] = quote;
  return at + 1;
}

/** Writes a text natively, and makes room for the escapes where there are any. */
function writeLongString(start: number, text: string): number {
  const { length } = text;
  if (hadEscapes && length < mediumTextMax) return writeExpanding(start, text);
  reserve(start, length + 2);
  const b = out;
  b[start] = quote;
  writeLatin1(b, start + 1, text);
  const end = start + 1 + length;
  let at = start + 1;
  while (at < end && escapeLetters[b[at]] === 0) at++;
  if (at < end) return escapeInPlace(at, end);
  b[end] = quote;
  return end + 1;
}

/** The same for a text in which escapes are likely: it is looked through once. */
function writeExpanding(start: number, text: string): number {
  const { length } = text;
  const room = length * escapeSizeMax + 2;
  reserve(start, room);
  out[start] = quote;
  // It ends where it ends if all is escaped, so it is always read before it is written.
  const end = start + room - 1;
  writeLatin1(out, end - length, text);
  const written = writeEscaped(end - length, end, start + 1);
  hadEscapes = written > start + length + 2;
  return written;
}

function escapeInPlace(start: number, end: number): number {
  hadEscapes = true;
  let growth = 0;
  for (let at = start; at < end; at++) {
    const letter = escapeLetters[out[at]];
    if (letter !== 0) growth += letter === letterU ? escapeSizeMax - 1 : 1;
  }
  reserve(end, growth + 1);
  out.copyWithin(start + growth, start, end);
  return writeEscaped(start + growth, end + growth, start);
}

/** Writes the text from `start` to `end`, escaped, to `target`, and a quote behind it. */
function writeEscaped(start: number, end: number, target: number): number {
  const b = out;
  let to = target;
  for (let from = start; from < end; from++) {
    const code = b[from];
    const letter = escapeLetters[code];
    if (letter === 0) b[to++] = code;
    else to = writeEscape(b, to, code, letter);
  }
  b[to] = quote;
  return to + 1;
}

function writeEscape(b: Uint8Array, at: number, code: number, letter: number): number {
  b[at] = backslash;
  b[at + 1] = letter;
  if (letter !== letterU) return at + 2;
  b[at + 2] = 0x30;
  b[at + 3] = 0x30;
  b[at + 4] = hexDigits[code >> 4];
  b[at + 5] = hexDigits[code & 15];
  return at + escapeSizeMax;
}

function writeNumber(at: number, value: number): number {
  reserve(at, numberSizeMax);
  const { precision } = settings;
  const integer = value | 0;
  if (precision === precisionOfLua) {
    // As an integer, -0 would be 0.
    if (integer === value && (integer !== 0 || 1 / value > 0)) return writeInteger(at, integer);
    const end = writeShortFraction(at, value);
    if (end !== at) return end;
  }
  if (!Number.isFinite(value)) {
    if (settings.invalidNumbers === "off") fail(value, "must not be NaN or Inf");
    if (settings.invalidNumbers === "null") return writeWord(at, nullText);
  }
  return writeText(at, numberText(value, precision));
}

function numberText(value: number, precision: number): string {
  if (Number.isNaN(value)) return "nan";
  return precision === precisionOfLua ? formatNumber(value) : formatGeneral(value, precision);
}

function writeText(at: number, text: string): number {
  reserve(at, text.length);
  writeLatin1(out, at, text);
  return at + text.length;
}

function writeInteger(start: number, value: number): number {
  const b = out;
  let at = start;
  let rest = value;
  if (rest < 0) {
    // The one integer whose negative is none.
    if (rest === -0x8000_0000) return writeText(start, "-2147483648");
    b[at++] = 0x2d;
    rest = -rest;
  }
  return writeDigits(b, at, rest, digitCount(rest));
}

function digitCount(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count++;
  return count;
}

function writeDigits(b: Uint8Array, at: number, value: number, count: number): number {
  let rest = value;
  for (let place = at + count - 1; place >= at; place--) {
    const tenth = (rest / 10) | 0;
    b[place] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
  return at + count;
}

const fractionDigits = 4;
const fractionScale = 10_000;
const fractionMin = 1 / fractionScale;
const fractionEnd = 1e9;

/**
 * Writes a number that is read again from a decimal of up to four places; that has at most 13
 * digits, so rounding to 14 gives the same. Returns `start` for any other number.
 */
function writeShortFraction(start: number, value: number): number {
  const magnitude = value < 0 ? -value : value;
  if (!(magnitude >= fractionMin && magnitude < fractionEnd)) return start;
  const scaled = Math.round(magnitude * fractionScale);
  if (scaled / fractionScale !== magnitude) return start;
  const whole = Math.floor(magnitude);
  const b = out;
  let at = start;
  if (value < 0) b[at++] = 0x2d;
  at = writeDigits(b, at, whole, digitCount(whole));
  b[at++] = 0x2e;
  at = writeDigits(b, at, scaled - whole * fractionScale, fractionDigits);
  while (b[at - 1] === 0x30) at--;
  return at;
}

function writeTable(at: number, table: LuaTable, depth: number): number {
  if (depth > settings.depthMax) {
    throw failure(`Cannot serialise, excessive nesting (${depth})`);
  }
  const items = table.plainItems();
  const keys = table.fieldKeys;
  if (items !== undefined) {
    if (keys.length === 0) {
      return items.length <= 1 ? writeWord(at, emptyObject) : writeItems(at, items, depth);
    }
    const isObject =
      items.length <= 1 && typeof keys[0] === "string" && table.fieldValues[0] !== undefined;
    if (isObject) return writeObject(at, table, depth);
  }
  const length = arrayLength(table);
  return length > 0 ? writeArray(at, table, length, depth) : writeObject(at, table, depth);
}

function writeItems(start: number, items: readonly unknown[], depth: number): number {
  reserve(start, 1);
  out[start] = 0x5b;
  let at = start + 1;
  for (let index = 1; index < items.length; index++) {
    at = writeValue(at, items[index], depth);
    reserve(at, 1);
    out[at++] = comma;
  }
  out[at - 1] = 0x5d;
  return at;
}

/** An array that may have holes. */
function writeArray(start: number, table: LuaTable, length: number, depth: number): number {
  reserve(start, 1);
  out[start] = 0x5b;
  let at = start + 1;
  for (let index = 1; index <= length; index++) {
    at = writeValue(at, table.getNumber(index), depth);
    reserve(at, 1);
    out[at++] = comma;
  }
  out[at - 1] = 0x5d;
  return at;
}

/** The largest index of an array, -1 for what is none. */
function arrayLength(table: LuaTable): number {
  let max = 0;
  let count = 0;
  for (let cursor = table.advance(0); cursor !== -1; cursor = table.advance(cursor)) {
    const key = table.keyAt(cursor);
    if (typeof key !== "number" || !(key >= 1) || Math.floor(key) !== key) return -1;
    if (key > max) max = key;
    count++;
  }
  const { sparseRatio, sparseSafe } = settings;
  if (sparseRatio > 0 && max > count * sparseRatio && max > sparseSafe) {
    if (!settings.sparseConvert) fail(table, "excessively sparse array");
    return -1;
  }
  return max;
}

function writeObject(start: number, table: LuaTable, depth: number): number {
  reserve(start, 2);
  out[start] = 0x7b;
  let at = start + 1;
  for (let cursor = table.advance(0); cursor !== -1; cursor = table.advance(cursor)) {
    at = writeKey(at, table.keyAt(cursor));
    at = writeValue(at, table.valueAt(cursor), depth);
    reserve(at, 1);
    out[at++] = comma;
  }
  // The last comma becomes the brace; an object without members has none.
  if (at === start + 1) at++;
  out[at - 1] = 0x7d;
  return at;
}

function writeKey(start: number, key: unknown): number {
  let at = start;
  if (typeof key === "string") {
    at = writeString(at, key);
  } else if (typeof key === "number") {
    reserve(at, 1);
    out[at++] = quote;
    at = writeNumber(at, key);
    reserve(at, 1);
    out[at++] = quote;
  } else {
    fail(key, "table key must be a number or string");
  }
  reserve(at, 1);
  out[at] = 0x3a;
  return at + 1;
}
