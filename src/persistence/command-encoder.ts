// Writes commands as clients send them: the form in which an append-only file holds data.
import { asciiBytes } from "../bytes/ascii.ts";
import { integerLength, writeInteger } from "../bytes/integer.ts";
import type { RdbWriter } from "./rdb-writer.ts";

const asterisk = 0x2a;
const dollar = 0x24;
const lineEnd = asciiBytes("\r\n");
const integerTextMax = 20;
const digits = new Uint8Array(32);

export class CommandEncoder {
  readonly #writer: RdbWriter;

  constructor(writer: RdbWriter) {
    this.#writer = writer;
  }

  /** Begins a command of so many words, its name included, which are written next. */
  begin(wordCount: number): this {
    this.#line(asterisk, wordCount);
    return this;
  }

  text(word: string): this {
    const bytes = asciiBytes(word);
    return this.bytes(bytes, 0, bytes.length);
  }

  bytes(bytes: Uint8Array, offset: number, length: number): this {
    this.#line(dollar, length);
    this.#writer.raw(bytes, offset, length);
    this.#writer.raw(lineEnd, 0, lineEnd.length);
    return this;
  }

  number(value: number): this {
    if (!Number.isSafeInteger(value)) return this.text(String(BigInt(value)));
    const length = integerLength(value);
    writeInteger(digits, 0, value);
    return this.bytes(digits, 0, length);
  }

  #line(mark: number, count: number): void {
    const writer = this.#writer;
    writer.reserve(1 + integerTextMax + lineEnd.length);
    writer.buffer[writer.position] = mark;
    const end = writeInteger(writer.buffer, writer.position + 1, count);
    writer.buffer.set(lineEnd, end);
    writer.position = end + lineEnd.length;
  }
}
