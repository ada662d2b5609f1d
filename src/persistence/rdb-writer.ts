// Writes the parts that RDB values are made of: lengths, strings, doubles, times. What they add up
// to is `value-encoder.ts`'s.
//
// Bytes gather in `buffer`. With a sink they are handed on whenever a good many have gathered, and
// a long string goes past the buffer; without one the buffer grows and is the result.
import { copyBytes } from "../bytes/ascii.ts";
import { parseInteger } from "../bytes/integer.ts";
import { compressLzf } from "../bytes/lzf.ts";
import type { ByteSink } from "./byte-stream.ts";
import { lengthTag, stringEncoding } from "./rdb-format.ts";

const initialBytes = 1024;
/** With a sink, what gathers before it is handed on. */
const handedBytes = 64 * 1024;
/** A tag and a length of 64 bits. */
const lengthBytesMax = 9;
/** Digits and sign of the longest integer that is written as one. */
const integerTextMax = 11;
/** Shorter strings are not compressed, and compression must save four bytes. */
const compressedBytesMin = 21;
const savedBytesMin = 4;
const two32 = 4294967296;

export interface RdbWriterOptions {
  /** Whether strings are compressed where that makes them shorter: `rdbcompression`. */
  readonly compresses: boolean;
  readonly sink?: ByteSink;
}

export class RdbWriter {
  buffer: Uint8Array = new Uint8Array(initialBytes);
  /** Where the next byte goes: bytes before it are written and not yet handed on. */
  position = 0;
  readonly #compresses: boolean;
  readonly #sink: ByteSink | undefined;
  readonly #double = new DataView(new ArrayBuffer(8));

  constructor(options: RdbWriterOptions) {
    this.#compresses = options.compresses;
    this.#sink = options.sink;
  }

  /** Makes room for `count` bytes. */
  reserve(count: number): void {
    if (this.position + count <= this.buffer.length) return;
    if (this.#sink !== undefined) this.flush();
    const needed = this.position + count;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, needed));
    copyBytes(this.buffer, 0, grown, 0, this.position);
    this.buffer = grown;
  }

  /** Hands on what has gathered. Without a sink it stays. */
  flush(): void {
    if (this.#sink === undefined || this.position === 0) return;
    this.#sink.write(this.buffer, 0, this.position);
    this.position = 0;
    if (this.buffer.length > handedBytes) this.buffer = new Uint8Array(handedBytes);
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.position++] = value;
  }

  /** A length or another number, below 2^53. */
  length(value: number): void {
    this.reserve(lengthBytesMax);
    const { buffer } = this;
    if (value < 64) {
      buffer[this.position++] = value;
    } else if (value < 16384) {
      buffer[this.position++] = lengthTag.bits14 | (value >>> 8);
      buffer[this.position++] = value;
    } else if (value < two32) {
      buffer[this.position++] = lengthTag.bits32;
      this.#bigEndian(value);
    } else {
      buffer[this.position++] = lengthTag.bits64;
      this.#bigEndian(Math.floor(value / two32));
      this.#bigEndian(value % two32);
    }
  }

  /** The same for a number of 64 bits in two words. */
  length64(high: number, low: number): void {
    if (high === 0) {
      this.length(low >>> 0);
      return;
    }
    this.reserve(lengthBytesMax);
    this.buffer[this.position++] = lengthTag.bits64;
    this.#bigEndian(high);
    this.#bigEndian(low);
  }

  #bigEndian(word: number): void {
    const { buffer } = this;
    buffer[this.position++] = word >>> 24;
    buffer[this.position++] = word >>> 16;
    buffer[this.position++] = word >>> 8;
    buffer[this.position++] = word;
  }

  /** Four bytes, the highest first; room for them is the caller's to reserve. */
  rawWord(word: number): void {
    this.#bigEndian(word);
  }

  /** A string, as an integer or compressed where that is shorter. */
  string(bytes: Uint8Array, offset: number, length: number): void {
    if (length <= integerTextMax && this.#integer(bytes, offset, length)) return;
    if (this.#compresses && length >= compressedBytesMin) {
      if (this.#compressed(bytes, offset, length)) return;
    }
    this.length(length);
    this.raw(bytes, offset, length);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array, offset: number, length: number): void {
    if (this.#sink !== undefined && length >= handedBytes) {
      this.flush();
      this.#sink.write(bytes, offset, length);
      return;
    }
    this.reserve(length);
    copyBytes(bytes, offset, this.buffer, this.position, length);
    this.position += length;
  }

  #integer(bytes: Uint8Array, offset: number, length: number): boolean {
    const value = parseInteger(bytes, offset, length);
    if (value !== (value | 0)) return false;
    this.reserve(5);
    const { buffer } = this;
    const isByte = value === (value << 24) >> 24;
    const isShort = value === (value << 16) >> 16;
    const kind = isByte
      ? stringEncoding.int8
      : isShort
        ? stringEncoding.int16
        : stringEncoding.int32;
    buffer[this.position++] = lengthTag.encoded | kind;
    const count = isByte ? 1 : isShort ? 2 : 4;
    for (let index = 0; index < count; index++) buffer[this.position++] = value >>> (index * 8);
    return true;
  }

  /** Compresses straight into the buffer, behind the longest head, and moves the result down. */
  #compressed(bytes: Uint8Array, offset: number, length: number): boolean {
    const room = length - savedBytesMin;
    const headBytes = 1 + 2 * lengthBytesMax;
    this.reserve(headBytes + room);
    const { buffer } = this;
    const start = this.position + headBytes;
    const size = compressLzf(bytes, offset, length, buffer, start, room);
    if (size === 0) return false;
    this.lzfHead(size, length);
    buffer.copyWithin(this.position, start, start + size);
    this.position += size;
    return true;
  }

  /** What stands before `size` compressed bytes that unfold to `length`. */
  lzfHead(size: number, length: number): void {
    this.byte(lengthTag.encoded | stringEncoding.lzf);
    this.length(size);
    this.length(length);
  }

  /** A double in its eight bytes. */
  double(value: number): void {
    this.#double.setFloat64(0, value, true);
    this.#eightBytes();
  }

  /** A time in ms since 1970, or -1 for none: a signed integer of 64 bits, little-endian. */
  time(ms: number): void {
    this.#double.setInt32(0, ms | 0, true);
    this.#double.setInt32(4, Math.floor(ms / two32), true);
    this.#eightBytes();
  }

  #eightBytes(): void {
    this.reserve(8);
    for (let index = 0; index < 8; index++) {
      this.buffer[this.position++] = this.#double.getUint8(index);
    }
  }
}
