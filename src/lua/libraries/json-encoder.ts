// Lua values as JSON, by the rules of cjson: a table whose keys are all positive integers is an
// array unless its holes are too many, everything else an object. The order of an object's members
// is that of the table.

import { failure } from "../call-sites.ts";
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
/** Up to this length a loop over the characters is faster than a regular expression. */
const shortTextMax = 16;

// oxlint-disable-next-line no-control-regex -- control characters are what must be escaped
const escaped = /["\\/\x00-\x1f\x7f]/;
// oxlint-disable-next-line no-control-regex -- the same, each of them
const everyEscaped = /["\\/\x00-\x1f\x7f]/g;

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "/": "\\/",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

function escapeCharacter(char: string): string {
  return shortEscapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Whether nothing in a short text must be escaped, found without a regular expression. */
function isShortAndPlain(text: string): boolean {
  const { length } = text;
  if (length > shortTextMax) return false;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x22 || code === 0x5c || code === 0x2f || code === 0x7f) {
      return false;
    }
  }
  return true;
}

function encodeString(text: string): string {
  if (isShortAndPlain(text)) return `"${text}"`;
  return escaped.test(text) ? `"${text.replace(everyEscaped, escapeCharacter)}"` : `"${text}"`;
}

function fail(value: unknown, reason: string): never {
  throw failure(`Cannot serialise ${typeName(value)}: ${reason}`);
}

export function encodeJson(value: unknown, settings: EncodeSettings, depth: number): string {
  switch (typeof value) {
    case "string":
      return encodeString(value);
    case "number":
      return encodeNumber(value, settings);
    case "boolean":
      return value ? "true" : "false";
    case "undefined":
      return "null";
    default:
      break;
  }
  if (value instanceof LuaTable) return encodeTable(value, settings, depth + 1);
  return value === jsonNull ? "null" : fail(value, "type not supported");
}

function encodeNumber(value: number, { invalidNumbers, precision }: EncodeSettings): string {
  if (!Number.isFinite(value)) {
    if (invalidNumbers === "off") fail(value, "must not be NaN or Inf");
    if (invalidNumbers === "null") return "null";
    return Number.isNaN(value) ? "nan" : formatNumber(value);
  }
  return precision === precisionOfLua ? formatNumber(value) : formatGeneral(value, precision);
}

function encodeTable(table: LuaTable, settings: EncodeSettings, depth: number): string {
  if (depth > settings.depthMax) {
    throw failure(`Cannot serialise, excessive nesting (${depth})`);
  }
  const length = arrayLength(table, settings);
  if (length <= 0) return encodeObject(table, settings, depth);
  let text = "[";
  for (let at = 1; at <= length; at++) {
    if (at > 1) text += ",";
    text += encodeJson(table.getNumber(at), settings, depth);
  }
  return `${text}]`;
}

/** The largest index of an array, -1 for what is none. */
function arrayLength(table: LuaTable, settings: EncodeSettings): number {
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

function encodeObject(table: LuaTable, settings: EncodeSettings, depth: number): string {
  let text = "{";
  for (let cursor = table.advance(0); cursor !== -1; cursor = table.advance(cursor)) {
    const key = table.keyAt(cursor);
    if (text.length > 1) text += ",";
    if (typeof key === "string") text += `${encodeString(key)}:`;
    else if (typeof key === "number") text += `"${encodeNumber(key, settings)}":`;
    else fail(key, "table key must be a number or string");
    text += encodeJson(table.valueAt(cursor), settings, depth);
  }
  return `${text}}`;
}
