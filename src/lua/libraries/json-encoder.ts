// Lua values as JSON, by the rules of cjson: a table whose keys are all positive integers is an
// array unless its holes are too many, everything else an object. The order of an object's members
// is that of the table.
//
// The text is written as bytes into one buffer, which becomes a string at the end. Functions that
// write take the place where they begin, and return the place where they end.

import { asciiBytes, latin1, writeLatin1 } from "../../bytes/ascii.ts";
import { failure } from "../call-sites.ts";
import { notEnoughMemory } from "../caught-error.ts";
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

/** Where C's Lua has no more room for what cjson takes of its stack. */
export const stackedMax = 8000;

/** Never written. */
const nothing: readonly unknown[] = [];

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

const nullText = asciiBytes("null");
const trueText = asciiBytes("true");
const falseText = asciiBytes("false");

let out = new Uint8Array(bufferSizeMin);
let settings: EncodeSettings;
/** Whether the last string that was looked at for it had escapes: the next one is like it. */
let hadEscapes = false;

/** A table that is being written; frames are kept for other tables of the same depth. */
interface Frame {
  /** The values: of an array from 1 on, of an object from 0 on; nothing of an array with holes. */
  list: readonly unknown[];
  /** The keys of an object's values; `nothing` for an array. */
  names: readonly unknown[];
  holed: LuaTable | undefined;
  /** Where the values end, and the place of the one that is being written. */
  end: number;
  place: number;
}

const frames: Frame[] = [];
/** What cjson has taken of Lua's stack. */
let stacked = 0;

/** The JSON of any value. Throws a LuaError for what has none. */
export function encodeJson(value: unknown, chosen: EncodeSettings): string {
  settings = chosen;
  stacked = 1;
  try {
    const end = value instanceof LuaTable ? writeTable(value) : writeScalar(0, value);
    return latin1(out, 0, end);
  } finally {
    if (stacked > 1) frames.length = 0;
    if (out.length > keptBytesMax) out = new Uint8Array(bufferSizeMin);
  }
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

/**
 * Writes a table and what is in it. A loop and not recursion: the host would compile functions that
 * call each other into each other, again and again, and take a hundred times as long for it.
 */
function writeTable(root: LuaTable): number {
  let depth = 1;
  let frame = enter(root, depth);
  let { list, names, end, place } = frame;
  let at = writeStart(0, frame);
  for (;;) {
    if (++place < end) {
      const value = list === nothing ? frame.holed?.getNumber(place) : list[place];
      if (names !== nothing) {
        at = value === undefined ? at : writeKey(at, names[place]);
      }
      if (typeof value === "object" && value instanceof LuaTable) {
        frame.place = place;
        frame = enter(value, ++depth);
        ({ list, names, end, place } = frame);
        at = writeStart(at, frame);
        continue;
      }
      // What was removed from an object is no member of it.
      if (value === undefined && names !== nothing) continue;
      at = writeScalar(at, value);
    } else {
      at = writeEnd(at, frame);
      if (--depth === 0) return at;
      frame = frames[depth];
      ({ list, names, end, place } = frame);
    }
    reserve(at, 1);
    out[at++] = comma;
  }
}

/** The frame of a table at a depth, from 1 on, which stands before its first value. */
function enter(table: LuaTable, depth: number): Frame {
  if (depth > settings.depthMax || stacked + 3 > stackedMax) {
    throw failure(`Cannot serialise, excessive nesting (${depth})`);
  }
  while (frames.length <= depth) {
    frames.push({ list: nothing, names: nothing, holed: undefined, end: 0, place: 0 });
  }
  const frame = frames[depth];
  const items = table.plainItems();
  const names = table.fieldKeys;
  if (items === undefined || (items.length > 1 && names.length > 0)) {
    enterMixed(frame, table);
  } else if (items.length > 1) {
    frame.list = items;
    frame.place = 0;
  } else if (typeof names[0] === "string" && table.fieldValues[0] !== undefined) {
    frame.list = table.fieldValues;
    frame.names = names;
    frame.place = -1;
  } else {
    enterMixed(frame, table);
  }
  if (frame.holed === undefined) frame.end = frame.list.length;
  stacked += frame.names === nothing ? 1 : 2;
  return frame;
}

/** The same for a table that may have holes, or keys of any kind. */
function enterMixed(frame: Frame, table: LuaTable): void {
  const length = arrayLength(table);
  if (length > 0) {
    frame.holed = table;
    frame.end = length + 1;
    frame.place = 0;
    return;
  }
  const names: unknown[] = [];
  const values: unknown[] = [];
  for (let cursor = table.advance(0); cursor !== -1; cursor = table.advance(cursor)) {
    names.push(table.keyAt(cursor));
    values.push(table.valueAt(cursor));
  }
  frame.list = values;
  frame.names = names;
  frame.place = -1;
}

function writeStart(at: number, { names }: Frame): number {
  reserve(at, 1);
  out[at] = names === nothing ? 0x5b : 0x7b;
  return at + 1;
}

/** Ends a table: its last comma becomes the bracket, if it has one. Lets go of the table. */
function writeEnd(at: number, frame: Frame): number {
  const isArray = frame.names === nothing;
  const last = out[at - 1] === comma ? at - 1 : at;
  reserve(last, 1);
  out[last] = isArray ? 0x5d : 0x7d;
  stacked -= isArray ? 1 : 2;
  frame.list = nothing;
  frame.names = nothing;
  frame.holed = undefined;
  return last + 1;
}

/** Writes a value that is no table. */
function writeScalar(at: number, value: unknown): number {
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
      return value === jsonNull ? writeWord(at, nullText) : fail(value, "type not supported");
  }
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
    b[to] = code;
    to++;
    if (letter !== 0) to = writeEscape(b, to - 1, code, letter);
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
