// Correct JSON as Lua values, fast: what cjson reads and JSON does not have, and everything that is
// wrong, is left to the careful decoder, which knows the messages.
//
// The text is looked at as bytes and cut as a string. Where there are escapes, they are replaced in
// the bytes first, and a zero byte is put for each closing quote, which then is the only one left:
//
//   without escapes   {"key":"value"}      strings end at a quote
//   with escapes      {"key<0>:"val"ue<0>} strings end at a zero byte
//
// Keys and whole lists of keys are remembered, since documents of a kind come together: a key that
// follows the one that it followed the last time is found by comparing bytes.

import { asciiBytes, latin1, writeLatin1 } from "../../bytes/ascii.ts";
import { failure } from "../call-sites.ts";
import { LuaTable } from "../table.ts";
import type { FieldNames } from "../table.ts";
import { jsonNull, stackedMax } from "./json-encoder.ts";
import { replaceEscapes } from "./json-escapes.ts";

/** Thrown, and caught here, where the careful decoder must look. */
const notPlain = Symbol("not plain");

const quote = 0x22;
/** What the text must have room for behind its end: what stops every loop. */
const endSize = 3;
/** A buffer that one large text needed is not kept. */
const keptBytesMax = 1 << 20;

const trueText = asciiBytes("true");
const falseText = asciiBytes("false");
const nullText = asciiBytes("null");

/** Numbers of so many digits, and powers of ten up to this, are exact as doubles. */
const exactDigitsMax = 15;
const exactPowerMax = 22;
const powersOfTen = Float64Array.from({ length: exactPowerMax + 1 }, (_, at) => Number(`1e${at}`));

/** Remembered keys: where a key is follows from its hash. */
const slotCount = 2048;
const keyShift = 5;
const keySizeMax = 1 << keyShift;
/** Stands for the start of an object, and for a key that is not remembered. */
const noSlot = slotCount;
const slotKeys: string[] = Array.from({ length: slotCount + 1 }, () => "");
const slotSizes = new Uint8Array(slotCount + 1);
const slotBytes = new Uint8Array((slotCount + 1) * keySizeMax);
/** The slot of the key that came after that of another, the last time. */
const followers = new Uint16Array(slotCount + 1);

/** Stands for the keys of an array. */
const noKeys = -1;

/** Remembered lists of keys. */
const listCount = 256;
const listSizeMax = 512;
const lists: (FieldNames | undefined)[] = Array.from({ length: listCount }, () => undefined);

/**
 * The tables that are begun, each with what comes before it in `values`, before it in `keys`, its
 * last key's slot, and the hash of its list of keys. An array has -1 for its keys.
 */
const frameSize = 4;
let frames = new Int32Array(frameSize * 64);

let bytes = new Uint8Array(1 << 14);
/** The text that is cut into strings. */
let source = "";
let closing = quote;
let position = 0;
let depth = 0;
/** What cjson has taken of Lua's stack. */
let stacked = 0;
/** The items and values of the tables that are begun, and the keys of the objects among them. */
let values: unknown[] = [];
let keys: string[] = [];
let valueCount = 0;
let keyCount = 0;

/** The value of a text without zero bytes; undefined where the text is not plain JSON. */
export function decodePlainJson(text: string, depthMax: number): unknown {
  const size = text.length;
  if (bytes.length < size + endSize) bytes = new Uint8Array(2 * size + endSize);
  writeLatin1(bytes, 0, text);
  bytes.fill(quote, size, size + 2);
  bytes[size + 2] = 0;
  source = text;
  closing = quote;
  if (text.includes("\\") && !useReplaced(size)) return undefined;
  position = 0;
  depth = 0;
  stacked = 1;
  values = [undefined];
  keys = [""];
  valueCount = 0;
  keyCount = 0;
  try {
    const value = readDocument(depthMax);
    nextCode();
    return position === source.length ? value : undefined;
  } catch (thrown) {
    if (thrown === notPlain) return undefined;
    throw thrown;
  } finally {
    source = "";
    values = [];
    keys = [];
    if (bytes.length > keptBytesMax) bytes = new Uint8Array(1 << 14);
  }
}

/** Goes on with a text without escapes; false if one of them is wrong. */
function useReplaced(size: number): boolean {
  const end = replaceEscapes(bytes, size);
  if (end === -1) return false;
  source = latin1(bytes, 0, end);
  closing = 0;
  bytes.fill(0, end, end + endSize);
  return true;
}

/** Passes spaces; the byte that is there. */
function nextCode(): number {
  let code = bytes[position];
  while (code === 0x20 || code === 10 || code === 13 || code === 9) code = bytes[++position];
  return code;
}

/**
 * Reads a value and what is in it. A loop and not recursion: the host would compile functions that
 * call each other into each other, again and again, and take a hundred times as long for it.
 */
function readDocument(depthMax: number): unknown {
  let value: unknown;
  for (;;) {
    if (depth > 0 && frames[depth * frameSize - 3] !== noKeys) readName();
    const code = nextCode();
    if (code === 0x5b || code === 0x7b) {
      if (depth >= depthMax || stacked + slotsOf(code) >= stackedMax) throw tooDeep();
      position++;
      if (nextCode() !== code + 2) {
        openTable(code);
        continue;
      }
      position++;
      value = new LuaTable();
    } else {
      value = code === quote ? readString() : readScalar(code);
    }
    for (;;) {
      if (depth === 0) return value;
      values[valueCount++] = value;
      const after = nextCode();
      position++;
      if (after === 0x2c) break;
      value = closeTable(after);
    }
  }
}

/** The careful decoder knows where that is in a text with escapes; but it has less room itself. */
function tooDeep(): unknown {
  if (closing !== quote) return notPlain;
  const shown = `(${depth + 1}) at character ${position + 1}`;
  return failure(`Found too many nested data structures ${shown}`);
}

/** What cjson takes of Lua's stack for a table that begins with the bracket `code`. */
function slotsOf(code: number): number {
  return code === 0x5b ? 1 : 2;
}

/** Begins a table that is not empty. */
function openTable(code: number): void {
  const isArray = code === 0x5b;
  if (frames.length <= (depth + 1) * frameSize) growFrames();
  const frame = depth++ * frameSize;
  frames[frame] = valueCount;
  frames[frame + 1] = isArray ? noKeys : keyCount;
  stacked += slotsOf(code);
  frames[frame + 2] = noSlot;
  frames[frame + 3] = 0;
  // Lua counts from 1.
  if (isArray) values[valueCount++] = undefined;
}

function growFrames(): void {
  const larger = new Int32Array(2 * frames.length);
  larger.set(frames);
  frames = larger;
}

/** Ends a table with the bracket that was read. */
function closeTable(code: number): LuaTable {
  const frame = --depth * frameSize;
  const valueStart = frames[frame];
  const keyStart = frames[frame + 1];
  if (code !== (keyStart === noKeys ? 0x5d : 0x7d)) throw notPlain;
  const own = values.slice(valueStart, valueCount);
  valueCount = valueStart;
  if (keyStart === noKeys) {
    stacked--;
    return LuaTable.fromItems(own);
  }
  stacked -= 2;
  const names = findNames(keyStart, frames[frame + 3]);
  keyCount = keyStart;
  return LuaTable.fromNames(names, own);
}

/** Reads a key and the colon. */
function readName(): void {
  const frame = (depth - 1) * frameSize;
  if (nextCode() !== quote) throw notPlain;
  const slot = readKey(frames[frame + 2]);
  frames[frame + 2] = slot;
  frames[frame + 3] = Math.imul(frames[frame + 3], 31) + slot;
  if (nextCode() !== 0x3a) throw notPlain;
  position++;
}

function readScalar(code: number): unknown {
  switch (code) {
    case 0x74:
    case 0x66:
    case 0x6e:
      return readWord(code);
    default:
      return readNumber(code);
  }
}

/** Reads `true`, `false` or `null`, which begins with `code`. */
function readWord(code: number): unknown {
  const word = code === 0x74 ? trueText : code === 0x66 ? falseText : nullText;
  const start = position;
  for (let at = 0; at < word.length; at++) {
    if (bytes[start + at] !== word[at]) throw notPlain;
  }
  position = start + word.length;
  return code === 0x6e ? jsonNull : code === 0x74;
}

function readString(): string {
  const b = bytes;
  const end = closing;
  const start = position + 1;
  let at = start;
  while (b[at] !== end) at++;
  if (at >= source.length) throw notPlain;
  position = at + 1;
  return source.slice(start, at);
}

function readNumber(first: number): number {
  const b = bytes;
  const start = position;
  let at = first === 0x2d ? start + 1 : start;
  const digitsStart = at;
  let code = b[at];
  let value = 0;
  while (code >= 0x30 && code <= 0x39) {
    value = value * 10 + (code - 0x30);
    code = b[++at];
  }
  let digitCount = at - digitsStart;
  if (digitCount === 0 || (digitCount > 1 && b[digitsStart] === 0x30)) throw notPlain;
  let decimals = 0;
  if (code === 0x2e) {
    const pointAt = at;
    code = b[++at];
    while (code >= 0x30 && code <= 0x39) {
      value = value * 10 + (code - 0x30);
      code = b[++at];
    }
    decimals = at - pointAt - 1;
    if (decimals === 0) throw notPlain;
    digitCount += decimals;
  }
  if (code === 0x65 || code === 0x45) return readExponent(start, at);
  if (!isNumberEnd(code)) throw notPlain;
  position = at;
  if (digitCount > exactDigitsMax) return Number(source.slice(start, at));
  // The quotient of two exact numbers is rounded once, as the number itself must be.
  if (decimals > 0) value /= powersOfTen[decimals];
  return first === 0x2d ? -value : value;
}

/** Reads on behind a mantissa. */
function readExponent(start: number, mark: number): number {
  const b = bytes;
  let at = mark + 1;
  if (b[at] === 0x2b || b[at] === 0x2d) at++;
  const digitsStart = at;
  while (b[at] >= 0x30 && b[at] <= 0x39) at++;
  if (at === digitsStart || !isNumberEnd(b[at])) throw notPlain;
  position = at;
  return Number(source.slice(start, at));
}

/** Whether a byte may follow a number: a comma, a bracket, a space, what ends the text. */
function isNumberEnd(code: number): boolean {
  if (code === 0x2c || code === 0x5d || code === 0x7d) return true;
  return code === closing || code === 0x20 || code === 10 || code === 13 || code === 9;
}

/** Reads a key onto `keys`; its slot, by which the next one is guessed. */
function readKey(previous: number): number {
  const b = bytes;
  const start = position + 1;
  const guess = followers[previous];
  const guessSize = slotSizes[guess];
  if (guessSize > 0 && b[start + guessSize] === closing && isKeyAt(start, guess, guessSize)) {
    position = start + guessSize + 1;
    keys[keyCount++] = slotKeys[guess];
    return guess;
  }
  const slot = findSlot(start);
  if (slot === noSlot) return slot;
  followers[previous] = slot;
  keys[keyCount++] = slotKeys[slot];
  return slot;
}

function isKeyAt(start: number, slot: number, size: number): boolean {
  const b = bytes;
  const from = slot << keyShift;
  for (let at = 0; at < size; at++) {
    if (b[start + at] !== slotBytes[from + at]) return false;
  }
  return true;
}

/** The slot that has the key at `start`, after putting it there; long keys go to `keys` at once. */
function findSlot(start: number): number {
  const b = bytes;
  const end = closing;
  let at = start;
  let hash = 0;
  for (let code = b[at]; code !== end; code = b[++at]) hash = (Math.imul(hash, 31) + code) | 0;
  if (at >= source.length) throw notPlain;
  position = at + 1;
  const size = at - start;
  if (size === 0 || size > keySizeMax) {
    keys[keyCount++] = source.slice(start, at);
    return noSlot;
  }
  const slot = (hash ^ (hash >>> 11) ^ (hash >>> 22)) & (slotCount - 1);
  if (slotSizes[slot] === size && isKeyAt(start, slot, size)) return slot;
  slotSizes[slot] = size;
  slotBytes.set(b.subarray(start, at), slot << keyShift);
  // Not a part of the text, which would stay in memory for it.
  slotKeys[slot] = latin1(b, start, at);
  return slot;
}

/** The names of an object from `keys`, shared with other objects that have the same. */
function findNames(start: number, hash: number): FieldNames {
  const count = keyCount - start;
  const place = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (listCount - 1);
  const known = lists[place];
  if (known !== undefined && isSameList(known.keys, start, count)) return known;
  const names = LuaTable.makeNames(keys.slice(start, keyCount));
  // A key that stands twice has the last value.
  if (names === undefined) throw notPlain;
  if (count <= listSizeMax && areRemembered(names.keys)) lists[place] = names;
  return names;
}

function isSameList(known: readonly unknown[], start: number, count: number): boolean {
  if (known.length !== count) return false;
  for (let at = 0; at < count; at++) {
    if (known[at] !== keys[start + at]) return false;
  }
  return true;
}

/** Whether all keys are copies, not parts of a text that would stay in memory. */
function areRemembered(names: readonly unknown[]): boolean {
  for (const name of names) {
    if ((name as string).length > keySizeMax) return false;
  }
  return true;
}
