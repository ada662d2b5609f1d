// The request that a script makes by `redis.call`: its arguments, which are Lua values, as bytes.
// One buffer and one set of offsets serve all calls.
import { writeLatin1 } from "../../bytes/ascii.ts";
import { formatDouble } from "../../bytes/double.ts";
import { writeInteger } from "../../bytes/integer.ts";
import { Slices } from "../../bytes/slices.ts";

const bytesInitial = 4096;
/** A buffer that grew beyond this is not kept for the next call. */
const bytesKept = 1024 * 1024;
/** The longest number: a sign and 20 digits, or a double's 17 with point and exponent. */
const numberBytesMax = 32;

export class ScriptRequest {
  readonly args = new Slices();
  #buffer = new Uint8Array(bytesInitial);

  /** Takes the arguments over; false when one of them is neither a string nor a number. */
  fill(values: readonly unknown[]): boolean {
    const { args } = this;
    args.count = 0;
    args.hashedIndex = -1;
    if (this.#buffer.length > bytesKept) this.#buffer = new Uint8Array(bytesInitial);
    let at = 0;
    for (let index = 0; index < values.length; index++) {
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
    return true;
  }

  #writeNumber(at: number, value: number): number {
    if (Number.isSafeInteger(value)) return writeInteger(this.#buffer, at, value);
    const text = Number.isNaN(value) ? "nan" : formatDouble(value);
    writeLatin1(this.#buffer, at, text);
    return at + text.length;
  }

  #reserve(at: number, size: number): void {
    if (at + size <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(at + size, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, at));
    this.#buffer = grown;
  }
}
