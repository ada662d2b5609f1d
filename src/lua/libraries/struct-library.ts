// Values from and to packed binary data, by a format string: the struct library as Redis builds it
// (deps/lua/src/lua_struct.c), with the sizes of C's types on 64-bit Linux.

import { argumentFailure, numberArgument, optionalInteger, stringArgument } from "../argument.ts";
import {
  bigEndian,
  readBigEndian,
  readDouble,
  reversed,
  toLong,
  toUnsignedLong,
  writeDouble,
} from "../c-integer.ts";
import { failure } from "../call-sites.ts";
import type { Interpreter } from "../interpreter.ts";
import { toNumber } from "../operators.ts";
import { madeString } from "../pattern.ts";
import { LuaTable } from "../table.ts";
import type { LuaFunction } from "../values.ts";

const integerSizeMax = 32;
const alignmentMax = 8;
const intMax = 0x7fff_ffff;
const resultsMax = 7990;

const fixedSizes: Readonly<Record<string, number>> = {
  B: 1,
  b: 1,
  H: 2,
  h: 2,
  L: 8,
  l: 8,
  T: 8,
  f: 4,
  d: 8,
  x: 1,
};

export function installStruct(interpreter: Interpreter): void {
  const library = new LuaTable();
  library.setString("pack", pack);
  library.setString("unpack", unpack);
  library.setString("size", size);
  interpreter.globals.setString("struct", library);
}

/** Walks over a format string, with what it has set so far. */
class Format {
  readonly #text: string;
  #at = 0;
  #isLittle = true;
  #alignment = 1;
  option = "";
  size = 0;

  constructor(args: readonly unknown[]) {
    const text = stringArgument(args, 0);
    const end = text.indexOf("\0");
    this.#text = end === -1 ? text : text.slice(0, end);
  }

  /** Reads the next option and its size; false at the end. */
  next(): boolean {
    if (this.#at >= this.#text.length) return false;
    this.option = this.#text[this.#at++];
    this.size = this.#readSize();
    return true;
  }

  #readSize(): number {
    const { option } = this;
    if (option === "c") return this.#readNumber(1);
    if (option !== "i" && option !== "I") {
      return Object.hasOwn(fixedSizes, option) ? fixedSizes[option] : 0;
    }
    const given = this.#readNumber(4);
    if (given > integerSizeMax) {
      throw failure(`integral size ${given} is larger than limit of ${integerSizeMax}`);
    }
    return given;
  }

  #readNumber(otherwise: number): number {
    let end = this.#at;
    while (/[0-9]/.test(this.#text[end] ?? "")) end++;
    if (end === this.#at) return otherwise;
    const value = Number(this.#text.slice(this.#at, end));
    if (value > intMax) throw failure("integral size overflow");
    this.#at = end;
    return value;
  }

  /** How many bytes stand before an item that starts at `position` at the earliest. */
  padding(position: number): number {
    if (this.size === 0 || this.option === "c") return 0;
    const unit = Math.min(this.size, this.#alignment);
    return (unit - (position & (unit - 1))) & (unit - 1);
  }

  /** Takes an option that stands for no item. */
  control(): void {
    switch (this.option) {
      case " ":
        return;
      case ">":
        this.#isLittle = false;
        return;
      case "<":
        this.#isLittle = true;
        return;
      case "!": {
        const alignment = this.#readNumber(alignmentMax);
        if (alignment <= 0 || (alignment & (alignment - 1)) !== 0) {
          throw failure(`alignment ${alignment} is not a power of 2`);
        }
        this.#alignment = alignment;
        return;
      }
      default:
        throw argumentFailure(0, `invalid format option '${this.option}'`);
    }
  }

  /** Bytes in the order that is set, from and to most significant first. */
  ordered(bytes: string): string {
    return this.#isLittle ? reversed(bytes) : bytes;
  }
}

const pack: LuaFunction = (...given) => {
  // Redis's code puts a nil behind the arguments, which messages show.
  const args = [...given, undefined];
  const format = new Format(given);
  let argument = 1;
  let result = "";
  while (format.next()) {
    result += "\0".repeat(format.padding(result.length));
    switch (format.option) {
      case "b":
      case "B":
      case "h":
      case "H":
      case "l":
      case "L":
      case "T":
      case "i":
      case "I": {
        const value = numberArgument(args, argument++);
        const bits = value < 0 ? BigInt.asUintN(64, toLong(value)) : toUnsignedLong(value);
        result += format.ordered(bigEndian(bits, format.size));
        break;
      }
      case "x":
        result += "\0";
        break;
      case "f":
      case "d": {
        const width = format.option === "f" ? 4 : 8;
        result += format.ordered(writeDouble(numberArgument(args, argument++), width));
        break;
      }
      case "c":
      case "s": {
        const text = stringArgument(args, argument++);
        const length = format.size === 0 ? text.length : format.size;
        if (text.length < length) throw argumentFailure(argument, "string too short");
        result += text.slice(0, length) + (format.option === "s" ? "\0" : "");
        break;
      }
      default:
        format.control();
    }
  }
  return madeString(result);
};

const unpack: LuaFunction = (...args) => {
  const format = new Format(args);
  const source = stringArgument(args, 1);
  const start = optionalInteger(args, 2, 1);
  if (start === 0) throw argumentFailure(2, "offset must be 1 or greater");
  // To Redis a negative offset is one that is far too large.
  let position = start < 0 ? Infinity : start - 1;
  const results: unknown[] = [];
  while (format.next()) {
    position += format.padding(position);
    checkRoom(source, position, format.size);
    if (results.length > resultsMax) throw failure("stack overflow (too many results)");
    position += unpackItem(format, source, position, results);
  }
  results.push(position + 1);
  return results;
};

function checkRoom(source: string, position: number, length: number): void {
  if (!(length >= 0 && position <= source.length - length)) {
    throw argumentFailure(1, "data string too short");
  }
}

/** Adds what stands at `position` to the results; how many bytes it took. */
function unpackItem(format: Format, source: string, position: number, results: unknown[]): number {
  const { option, size: width } = format;
  const bytes = source.slice(position, position + width);
  switch (option) {
    case "b":
    case "h":
    case "l":
    case "i":
      results.push(signedInteger(readBigEndian(format.ordered(bytes)), width));
      return width;
    case "B":
    case "H":
    case "L":
    case "T":
    case "I":
      results.push(Number(readBigEndian(format.ordered(bytes))));
      return width;
    case "x":
      return width;
    case "f":
    case "d":
      results.push(readDouble(format.ordered(bytes)));
      return width;
    case "c":
      return unpackText(source, position, width, results);
    case "s": {
      const end = source.indexOf("\0", position);
      if (end === -1) throw failure("unfinished string in data");
      results.push(source.slice(position, end));
      return end - position + 1;
    }
    default:
      format.control();
      return width;
  }
}

/** The sign is the highest bit of the item's own size. */
function signedInteger(bits: bigint, width: number): number {
  const shift = BigInt((width * 8 - 1) & 63);
  const isNegative = ((bits >> shift) & 1n) === 1n || bits >> (shift + 1n) !== 0n;
  if (!isNegative) return Number(bits);
  return Number(BigInt.asIntN(64, bits | (-1n << shift)));
}

/** With size 0, the size is the number that was read last. */
function unpackText(source: string, position: number, width: number, results: unknown[]): number {
  let length = width;
  if (length === 0) {
    const last = results.length === 0 ? undefined : toNumber(results[results.length - 1]);
    if (last === undefined) throw failure("format 'c0' needs a previous size");
    results.pop();
    length = Math.trunc(last);
    checkRoom(source, position, length);
  }
  results.push(source.slice(position, position + length));
  return length;
}

const size: LuaFunction = (...args) => {
  const format = new Format(args);
  let position = 0;
  while (format.next()) {
    position += format.padding(position);
    if (format.option === "s") throw argumentFailure(0, "option 's' has no fixed size");
    if (format.option === "c" && format.size === 0) {
      throw argumentFailure(0, "option 'c0' has no fixed size");
    }
    if (!/[0-9A-Za-z]/.test(format.option)) format.control();
    position += format.size;
  }
  return position;
};
