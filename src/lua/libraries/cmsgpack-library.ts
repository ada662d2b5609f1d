// MessagePack as Redis's cmsgpack writes and reads it (deps/lua/src/lua_cmsgpack.c): whole numbers
// as integers, tables with the keys 1 to n as arrays, all others as maps.

import { argumentFailure, integerArgument, optionalInteger, stringArgument } from "../argument.ts";
import { bigEndian, readBigEndian, readDouble, writeDouble } from "../c-integer.ts";
import { failure } from "../call-sites.ts";
import { callProtected, setRawFromHost } from "../host-call.ts";
import { LuaError } from "../lua-error.ts";
import type { Interpreter } from "../interpreter.ts";
import { index } from "../operators.ts";
import { madeString } from "../pattern.ts";
import { LuaTable } from "../table.ts";
import type { LuaFunction } from "../values.ts";

/** Tables nested more deeply than this are packed as nil. */
const nestingMax = 16;

/** How deep unpacking goes, and how many values it gives, before Lua's stack would overflow. */
const unpackNestingMax = 1000;
const unpackValuesMax = 7990;

export function installCmsgpack(interpreter: Interpreter): void {
  const plain = { pack, unpack, unpack_one: unpackOne, unpack_limit: unpackLimit };
  interpreter.globals.setString("cmsgpack", makeLibrary(Object.entries(plain)));
  const safe = Object.entries(plain).map(([name, each]) => [name, protect(each)] as const);
  interpreter.globals.setString("cmsgpack_safe", makeLibrary(safe));
}

function makeLibrary(functions: readonly (readonly [string, LuaFunction])[]): LuaTable {
  const library = new LuaTable();
  for (const [name, each] of functions) library.setString(name, each);
  library.setString("_NAME", "cmsgpack");
  library.setString("_VERSION", "lua-cmsgpack 0.4.0");
  library.setString("_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo");
  library.setString("_DESCRIPTION", "MessagePack C implementation for Lua");
  return library;
}

/** The same function with errors as nil and a message. */
function protect(each: LuaFunction): LuaFunction {
  return (...args) => {
    const outcome = callProtected(each, args);
    return outcome instanceof LuaError ? [undefined, outcome.value] : outcome;
  };
}

const pack: LuaFunction = (...args) => {
  if (args.length === 0) throw argumentFailure(-1, "MessagePack pack needs input.");
  return madeString(args.map((value) => packValue(value, 0)).join(""));
};

function packValue(value: unknown, level: number): string {
  switch (typeof value) {
    case "string":
      return packString(value);
    case "boolean":
      return value ? "\xc3" : "\xc2";
    case "number":
      return packNumber(value);
    default:
      break;
  }
  if (!(value instanceof LuaTable) || level === nestingMax) return "\xc0";
  return isArray(value) ? packArray(value, level) : packMap(value, level);
}

function uint(value: number, size: number): string {
  let text = "";
  for (let left = value, at = 0; at < size; at++, left = Math.floor(left / 0x100)) {
    text = String.fromCharCode(left % 0x100) + text;
  }
  return text;
}

function packString(text: string): string {
  const { length } = text;
  if (length < 32) return String.fromCharCode(0xa0 | length) + text;
  if (length <= 0xff) return `\xd9${uint(length, 1)}${text}`;
  if (length <= 0xffff) return `\xda${uint(length, 2)}${text}`;
  return `\xdb${uint(length, 4)}${text}`;
}

function packNumber(value: number): string {
  const isInteger = Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
  if (!isInteger) {
    return Math.fround(value) === value
      ? `\xca${writeDouble(value, 4)}`
      : `\xcb${writeDouble(value, 8)}`;
  }
  if (value < 0) return packNegative(value);
  if (value <= 127) return uint(value, 1);
  if (value <= 0xff) return `\xcc${uint(value, 1)}`;
  if (value <= 0xffff) return `\xcd${uint(value, 2)}`;
  if (value <= 0xffff_ffff) return `\xce${uint(value, 4)}`;
  return `\xcf${bigEndian(BigInt(value), 8)}`;
}

function packNegative(value: number): string {
  if (value >= -32) return uint(value + 0x100, 1);
  if (value >= -128) return `\xd0${uint(value + 0x100, 1)}`;
  if (value >= -32_768) return `\xd1${uint(value + 0x1_0000, 2)}`;
  if (value >= -2_147_483_648) return `\xd2${uint(value + 0x1_0000_0000, 4)}`;
  return `\xd3${bigEndian(BigInt.asUintN(64, BigInt(value)), 8)}`;
}

/** Whether the keys are the integers from 1 to their number. */
function isArray(table: LuaTable): boolean {
  let count = 0;
  let max = 0;
  for (let cursor = table.advance(0); cursor !== -1; cursor = table.advance(cursor)) {
    const key = table.keyAt(cursor);
    if (typeof key !== "number" || key <= 0 || (key | 0) !== key) return false;
    max = Math.max(max, key);
    count++;
  }
  return max === count;
}

function packCount(count: number, small: number, markers: string): string {
  if (count <= 15) return String.fromCharCode(small | count);
  return count <= 0xffff ? markers[0] + uint(count, 2) : markers[1] + uint(count, 4);
}

function packArray(table: LuaTable, level: number): string {
  const count = table.length;
  let text = packCount(count, 0x90, "\xdc\xdd");
  for (let at = 1; at <= count; at++) text += packValue(index(table, at), level + 1);
  return text;
}

function packMap(table: LuaTable, level: number): string {
  let count = 0;
  let text = "";
  for (let cursor = table.advance(0); cursor !== -1; cursor = table.advance(cursor)) {
    count++;
    text += packValue(table.keyAt(cursor), level + 1);
    text += packValue(table.valueAt(cursor), level + 1);
  }
  return packCount(count, 0x80, "\xde\xdf") + text;
}

/** Reads values from a string, one after another. */
class Reader {
  readonly #source: string;
  at: number;
  #depth = 0;

  constructor(source: string, offset: number) {
    this.#source = source;
    this.at = offset;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#source.length;
  }

  #take(count: number): string {
    if (this.at + count > this.#source.length) throw failure("Missing bytes in input.");
    this.at += count;
    return this.#source.slice(this.at - count, this.at);
  }

  #uint(size: number): number {
    return Number(readBigEndian(this.#take(size)));
  }

  #int(size: number): number {
    return Number(BigInt.asIntN(size * 8, readBigEndian(this.#take(size))));
  }

  value(): unknown {
    const kind = this.#take(1).charCodeAt(0);
    if (kind < 0x80) return kind;
    if (kind >= 0xe0) return kind - 0x100;
    if (kind < 0x90) return this.#map(kind & 0xf);
    if (kind < 0xa0) return this.#array(kind & 0xf);
    if (kind < 0xc0) return this.#take(kind & 0x1f);
    return this.#marked(kind);
  }

  #marked(kind: number): unknown {
    switch (kind) {
      case 0xc0:
        return undefined;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xca:
        return readDouble(this.#take(4));
      case 0xcb:
        return readDouble(this.#take(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#uint(1 << (kind - 0xcc));
      case 0xcf:
      case 0xd3:
        // Lua's integers are signed, and Redis gives them the bits as they are.
        return this.#int(8);
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.#int(1 << (kind - 0xd0));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#take(this.#uint(1 << (kind - 0xd9)));
      case 0xdc:
        return this.#array(this.#uint(2));
      case 0xdd:
        return this.#array(this.#uint(4));
      case 0xde:
        return this.#map(this.#uint(2));
      case 0xdf:
        return this.#map(this.#uint(4));
      default:
        throw failure("Bad data format in input.");
    }
  }

  #descend(): void {
    if (++this.#depth > unpackNestingMax) throw tooManyValues();
  }

  #array(count: number): LuaTable {
    this.#descend();
    const table = new LuaTable();
    for (let at = 1; at <= count; at++) table.setNumber(at, this.value());
    this.#depth--;
    return table;
  }

  #map(count: number): LuaTable {
    this.#descend();
    const table = new LuaTable();
    for (let at = 0; at < count; at++) {
      const key = this.value();
      setRawFromHost(table, key, this.value());
    }
    this.#depth--;
    return table;
  }
}

function tooManyValues(): unknown {
  const advice = "too many return values at once; use unpack_one or unpack_limit instead.";
  return failure(`stack overflow (${advice})`);
}

const unpack: LuaFunction = (...args) => unpackValues(args, 0, 0);

const unpackOne: LuaFunction = (...args) => unpackValues(args, 1, optionalInteger(args, 1, 0));

const unpackLimit: LuaFunction = (...args) =>
  unpackValues(args, integerArgument(args, 1), optionalInteger(args, 2, 0));

/** With a limit or an offset, the offset where to go on comes first, -1 at the end. */
function unpackValues(args: readonly unknown[], limit: number, offset: number): unknown[] {
  const source = stringArgument(args, 0);
  if (offset < 0 || limit < 0) {
    // The second number is meant to be the limit; Redis shows the length.
    const shown = `offset of ${offset | 0} and limit of ${source.length}`;
    throw failure(`Invalid request to unpack with ${shown}.`);
  }
  if (offset > source.length) {
    throw failure(`Start offset ${offset | 0} greater than input length ${source.length}.`);
  }
  const isWhole = limit === 0 && offset === 0;
  const countMax = isWhole ? Infinity : limit;
  const reader = new Reader(source, offset);
  const values: unknown[] = [];
  while (!reader.isAtEnd && values.length < countMax) {
    if (values.length > unpackValuesMax) throw tooManyValues();
    values.push(reader.value());
  }
  return isWhole ? values : [reader.isAtEnd ? -1 : reader.at, ...values];
}
