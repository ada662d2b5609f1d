// The request that a script makes by `redis.call`: its arguments, which are Lua values, as bytes.
// One buffer and one set of offsets serve all calls.
//
// A script's strings have no bytes that we could look a name up by, and reading them character by
// character costs three times as much as copying bytes. So the names that were used lately are kept
// with their bytes and their commands; the one that a script names is the same object each time,
// and comparing it with what is kept takes no time.
import { viewedBytes } from "../../bytes/viewed.ts";
import { asciiBytes, writeLatin1 } from "../../bytes/ascii.ts";
import { formatDouble } from "../../bytes/double.ts";
import { writeInteger } from "../../bytes/integer.ts";
import { Slices } from "../../bytes/slices.ts";
import type { Engine } from "../engine.ts";
import type { RegisteredCommand } from "../registered-command.ts";

const bytesInitial = 4096;
/** A buffer that grew beyond this is not kept for the next call. */
const bytesKept = 1024 * 1024;
/** The longest number: a sign and 20 digits, or a double's 17 with point and exponent. */
const numberBytesMax = 32;
/** A power of two. */
const keptNames = 256;
const keptNameBytesMax = 32;
const noBytes = new Uint8Array(0);

export class ScriptRequest {
  readonly args = new Slices();
  /** The command that the arguments name, through its container. */
  command: RegisteredCommand | undefined;
  #buffer = viewedBytes(bytesInitial);
  readonly #names: string[] = Array.from({ length: keptNames }, () => "");
  readonly #nameBytes: Uint8Array[] = Array.from({ length: keptNames }, () => noBytes);
  readonly #commands: (RegisteredCommand | undefined)[] = [];
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Takes the arguments over; false when one of them is neither a string nor a number. */
  fill(values: readonly unknown[]): boolean {
    const { args } = this;
    args.count = 0;
    args.hashedIndex = -1;
    if (this.#buffer.length > bytesKept) this.#buffer = viewedBytes(bytesInitial);
    const slot = slotOf(values[0]);
    const isKept = slot !== -1 && this.#names[slot] === values[0];
    let at = isKept ? this.#writeName(this.#nameBytes[slot]) : 0;
    for (let index = isKept ? 1 : 0; index < values.length; index++) {
      const value = values[index];
      const start = at;
      if (typeof value === "string") {
        this.#reserve(at, value.length);
        writeLatin1(this.#buffer, at, value);
        at += value.length;
      } else if (typeof value === "number") {
        this.#reserve(at, numberBytesMax);
        at = this.#writeNumber(at, value);
      } else {
        return false;
      }
      args.push(start, at - start);
    }
    args.bytes = this.#buffer;
    this.command = isKept ? this.#commands[slot] : this.#findCommand(slot, values[0]);
    return true;
  }

  #writeName(name: Uint8Array): number {
    const buffer = this.#buffer;
    const { length } = name;
    for (let index = 0; index < length; index++) buffer[index] = name[index];
    this.args.push(0, length);
    return length;
  }

  #findCommand(slot: number, name: unknown): RegisteredCommand | undefined {
    const command = this.#engine.find(this.args);
    // What is meant by a container's name, its second argument tells.
    const isKept = slot !== -1 && command !== undefined && command.container === undefined;
    if (isKept && command.subcommands.length === 0 && typeof name === "string") {
      this.#names[slot] = name;
      this.#nameBytes[slot] = asciiBytes(name);
      this.#commands[slot] = command;
    }
    return command;
  }

  #writeNumber(at: number, value: number): number {
    if (Number.isSafeInteger(value)) return writeInteger(this.#buffer, at, value);
    const text = Number.isNaN(value) ? "nan" : formatDouble(value);
    writeLatin1(this.#buffer, at, text);
    return at + text.length;
  }

  #reserve(at: number, size: number): void {
    if (at + size <= this.#buffer.length) return;
    const grown = viewedBytes(Math.max(at + size, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, at));
    this.#buffer = grown;
  }
}

/** Where a name is kept; -1: nowhere. */
function slotOf(name: unknown): number {
  if (typeof name !== "string") return -1;
  const { length } = name;
  if (length === 0 || length > keptNameBytesMax) return -1;
  const middle = name.charCodeAt(length >> 1);
  const last = name.charCodeAt(length - 1);
  const mixed = name.charCodeAt(0) * 961 + middle * 31 + last + length * 29_791;
  return (Math.imul(mixed, 0x9e3779b1) >>> 16) & (keptNames - 1);
}
