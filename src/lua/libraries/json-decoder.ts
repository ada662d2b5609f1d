// JSON as Lua values, by the rules of cjson: objects and arrays are tables, null is `jsonNull`,
// escapes become UTF-8, and numbers are whatever C's strtod reads, if that is allowed. Messages
// name cjson's tokens and count characters from 1.
//
// The decoder here reads whatever cjson reads and finds every fault; what is correct JSON, another
// one reads in a fraction of the time.

import { failure } from "../call-sites.ts";
import { parseNumber } from "../number-text.ts";
import { LuaTable } from "../table.ts";
import { jsonNull, stackedMax } from "./json-encoder.ts";
import { decodePlainJson } from "./plain-json-decoder.ts";

export interface DecodeSettings {
  depthMax: number;
  /** Whether numbers that are not JSON are read: hexadecimal, infinite, NaN, leading zeros. */
  invalidNumbers: boolean;
}

const tokenNames: Readonly<Record<string, string>> = {
  "{": "T_OBJ_BEGIN",
  "}": "T_OBJ_END",
  "[": "T_ARR_BEGIN",
  "]": "T_ARR_END",
  ":": "T_COLON",
  ",": "T_COMMA",
  "": "T_END",
};

const simpleEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
};

const plainNumber = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9a-zA-Z.])/y;
/** What strtod reads, as much of it as there is. */
const anyNumber = new RegExp(
  [
    String.raw`[+-]?(?:0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?`,
    String.raw`inf(?:inity)?`,
    String.raw`nan(?:\([0-9a-zA-Z_]*\))?`,
    String.raw`(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)`,
  ].join("|"),
  "iy",
);
/** What may not be read when only JSON's own numbers are allowed. */
const invalidNumber = /\+|-?(?:0[xX0-9]|inf|nan)/iy;

/** Decodes a whole text, up to its first zero byte. */
export function decodeJson(text: string, settings: DecodeSettings): unknown {
  if (text.length >= 2 && (text[0] === "\0" || text[1] === "\0")) {
    throw failure("JSON parser does not support UTF-16 or UTF-32");
  }
  const end = text.indexOf("\0");
  const whole = end === -1 ? text : text.slice(0, end);
  const plain = decodePlainJson(whole, settings.depthMax);
  return plain === undefined ? decodeCarefully(whole, settings) : plain;
}

/** The same for a text without zero bytes, without haste. */
export function decodeCarefully(text: string, settings: DecodeSettings): unknown {
  const decoder = new Decoder(text, settings);
  const value = decoder.value();
  decoder.expectEnd();
  return value;
}

class Decoder {
  readonly #text: string;
  readonly #settings: DecodeSettings;
  #at = 0;
  #depth = 0;
  #stacked = 1;
  /** Where the next backslash is, or the end of the text. */
  #nextEscape = -1;

  constructor(text: string, settings: DecodeSettings) {
    this.#text = text;
    this.#settings = settings;
  }

  /** Passes spaces; the code of the character there, NaN at the end. */
  #skipSpaces(): number {
    const text = this.#text;
    for (let at = this.#at; ; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x20 || (code >= 9 && code <= 13 && code !== 11 && code !== 12)) continue;
      this.#at = at;
      return code;
    }
  }

  value(): unknown {
    const code = this.#skipSpaces();
    if (code === 0x22) return this.#string("value");
    if (code === 0x7b) return this.#object();
    if (code === 0x5b) return this.#array();
    return this.#scalar(code, "value");
  }

  expectEnd(): void {
    if (!Number.isNaN(this.#skipSpaces())) this.#failExpecting("the end");
  }

  /** A number, true, false or null. */
  #scalar(code: number, expected: string): unknown {
    const text = this.#text;
    const at = this.#at;
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) return this.#number(expected);
    if (text.startsWith("true", at)) {
      this.#at += 4;
      return true;
    }
    if (text.startsWith("false", at)) {
      this.#at += 5;
      return false;
    }
    if (text.startsWith("null", at)) {
      this.#at += 4;
      return jsonNull;
    }
    if (this.#settings.invalidNumbers && "iInN+".includes(text[at] ?? " ")) {
      invalidNumber.lastIndex = at;
      if (invalidNumber.test(text)) return this.#number(expected);
    }
    return this.#failExpecting(expected);
  }

  #number(expected: string): number {
    const text = this.#text;
    plainNumber.lastIndex = this.#at;
    const plain = plainNumber.exec(text);
    if (plain !== null) {
      this.#at += plain[0].length;
      return Number(plain[0]);
    }
    invalidNumber.lastIndex = this.#at;
    if (!this.#settings.invalidNumbers && invalidNumber.test(text)) {
      this.#fail(expected, "invalid number", this.#at);
    }
    anyNumber.lastIndex = this.#at;
    const any = anyNumber.exec(text);
    const value = any === null ? undefined : parseNumber(any[0]);
    if (any === null || value === undefined)
      return this.#fail(expected, "invalid number", this.#at);
    this.#at += any[0].length;
    return value;
  }

  #string(expected: string): string {
    const text = this.#text;
    const start = this.#at + 1;
    const end = text.indexOf('"', start);
    if (this.#nextEscape < start) {
      const found = text.indexOf("\\", start);
      this.#nextEscape = found === -1 ? text.length : found;
    }
    if (end !== -1 && end < this.#nextEscape) {
      this.#at = end + 1;
      return text.slice(start, end);
    }
    return this.#escapedString(start, expected);
  }

  #escapedString(start: number, expected: string): string {
    const text = this.#text;
    let result = "";
    let kept = start;
    let at = start;
    for (;;) {
      if (at >= text.length) this.#fail(expected, "unexpected end of string", at);
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (code !== 0x5c) {
        at++;
        continue;
      }
      result += text.slice(kept, at);
      const escape = text[at + 1] ?? "";
      if (escape === "u") {
        const codePoint = readCodePoint(text, at);
        if (codePoint === -1) this.#fail(expected, "invalid unicode escape code", at);
        result += utf8(codePoint);
        at += codePoint > 0xffff ? 12 : 6;
      } else {
        if (!Object.hasOwn(simpleEscapes, escape)) this.#fail(expected, "invalid escape code", at);
        result += simpleEscapes[escape];
        at += 2;
      }
      kept = at;
    }
    this.#at = at + 1;
    return result + text.slice(kept, at);
  }

  /** Goes into a table that takes so much of Lua's stack in cjson. */
  #descend(slots: number): void {
    this.#stacked += slots;
    if (++this.#depth <= this.#settings.depthMax && this.#stacked < stackedMax) return;
    const shown = `(${this.#depth}) at character ${this.#at}`;
    throw failure(`Found too many nested data structures ${shown}`);
  }

  #ascend(slots: number): void {
    this.#stacked -= slots;
    this.#depth--;
  }

  #array(): LuaTable {
    this.#at++;
    this.#descend(1);
    if (this.#skipSpaces() === 0x5d) {
      this.#at++;
      this.#ascend(1);
      return new LuaTable();
    }
    const items: unknown[] = [undefined];
    for (;;) {
      items.push(this.value());
      const code = this.#skipSpaces();
      if (code !== 0x2c && code !== 0x5d) this.#failExpecting("comma or array end");
      this.#at++;
      if (code === 0x5d) break;
    }
    this.#ascend(1);
    return LuaTable.fromItems(items);
  }

  #object(): LuaTable {
    this.#at++;
    this.#descend(2);
    const table = new LuaTable();
    let code = this.#skipSpaces();
    if (code === 0x7d) {
      this.#at++;
      this.#ascend(2);
      return table;
    }
    for (;;) {
      if (code !== 0x22) this.#failExpecting("object key string");
      const key = this.#string("object key string");
      if (this.#skipSpaces() !== 0x3a) this.#failExpecting("colon");
      this.#at++;
      table.setString(key, this.value());
      code = this.#skipSpaces();
      if (code !== 0x2c && code !== 0x7d) this.#failExpecting("comma or object end");
      this.#at++;
      if (code === 0x7d) break;
      code = this.#skipSpaces();
    }
    this.#ascend(2);
    return table;
  }

  #fail(expected: string, found: string, at: number): never {
    throw failure(`Expected ${expected} but found ${found} at character ${at + 1}`);
  }

  /** Fails with the token that is there; what is wrong inside the token comes first. */
  #failExpecting(expected: string): never {
    const at = this.#at;
    const char = this.#text[at] ?? "";
    if (Object.hasOwn(tokenNames, char)) this.#fail(expected, tokenNames[char], at);
    if (char === '"') {
      this.#string(expected);
      this.#fail(expected, "T_STRING", at);
    }
    this.#fail(expected, expected === "value" ? "invalid token" : this.#scalarToken(char), at);
  }

  #scalarToken(char: string): string {
    if (!"-+0123456789tfniIN".includes(char)) return "invalid token";
    const at = this.#at;
    const { invalidNumbers } = this.#settings;
    if (/[+iIN]/.test(char) && !invalidNumbers) return "invalid token";
    try {
      const value = this.#scalar(char.charCodeAt(0), "value");
      if (typeof value === "boolean") return "T_BOOLEAN";
      return value === jsonNull ? "T_NULL" : "T_NUMBER";
    } catch {
      return /[-0-9]/.test(this.#text[at]) ? "invalid number" : "invalid token";
    }
  }
}

/** The code point of a `\u` escape at `at`, or of two that make a surrogate pair; else -1. */
function readCodePoint(text: string, at: number): number {
  const first = readHex4(text, at + 2);
  if ((first & 0xf800) !== 0xd800) return first;
  if (first === -1 || (first & 0x400) !== 0 || text.slice(at + 6, at + 8) !== "\\u") return -1;
  const second = readHex4(text, at + 8);
  if (second === -1 || (second & 0xfc00) !== 0xdc00) return -1;
  return (((first & 0x3ff) << 10) | (second & 0x3ff)) + 0x1_0000;
}

function readHex4(text: string, at: number): number {
  const digits = text.slice(at, at + 4);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

/** The bytes of a code point in UTF-8, as a Latin-1 string. */
function utf8(codePoint: number): string {
  if (codePoint < 0x80) return String.fromCharCode(codePoint);
  const last = 0x80 | (codePoint & 0x3f);
  if (codePoint < 0x800) return String.fromCharCode(0xc0 | (codePoint >> 6), last);
  const middle = 0x80 | ((codePoint >> 6) & 0x3f);
  if (codePoint < 0x1_0000) return String.fromCharCode(0xe0 | (codePoint >> 12), middle, last);
  const high = 0x80 | ((codePoint >> 12) & 0x3f);
  return String.fromCharCode(0xf0 | (codePoint >> 18), high, middle, last);
}
