// Ranges of bytes that are handed around without copying: a request's arguments, a stored value.
//
// Both classes are reused for every request, so whoever wants to keep the bytes copies them before
// returning.
import { asciiBytes, copyBytes, latin1, utf8 } from "./ascii.ts";

const initialCapacity = 16;

/** One range: `length` bytes of `bytes` from `offset`. */
export class Slice {
  bytes: Uint8Array;
  offset: number;
  length: number;

  constructor(bytes: Uint8Array = new Uint8Array(0), offset = 0, length: number = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
  }

  set(bytes: Uint8Array, offset: number, length: number): this {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
    return this;
  }

  /** A copy of the bytes, the receiver's own. */
  copy(): Uint8Array {
    return this.bytes.slice(this.offset, this.offset + this.length);
  }

  toString(): string {
    return latin1(this.bytes, this.offset, this.offset + this.length);
  }
}

/**
 * Several ranges of one buffer: range `index` is `lengths[index]` bytes from `offsets[index]`, for
 * indexes below `count`.
 */
export class Slices {
  bytes: Uint8Array = new Uint8Array(0);
  offsets = new Int32Array(initialCapacity);
  lengths = new Int32Array(initialCapacity);
  count = 0;
  /** Index of the range whose hash is in `hash`; -1: none. Set by who has computed it ahead. */
  hashedIndex = -1;
  hash = 0;

  /** Adds a range, growing the two arrays when they are full. */
  push(offset: number, length: number): void {
    const index = this.count;
    if (index === this.offsets.length) this.#grow();
    this.offsets[index] = offset;
    this.lengths[index] = length;
    this.count = index + 1;
  }

  /** Range `index` as a string of one character a byte. Allocates: for cold paths. */
  latin1(index: number): string {
    const offset = this.offsets[index];
    return latin1(this.bytes, offset, offset + this.lengths[index]);
  }

  /** Range `index` decoded as UTF-8. Allocates: for cold paths. */
  text(index: number): string {
    const offset = this.offsets[index];
    return utf8(this.bytes, offset, offset + this.lengths[index]);
  }

  /** A copy of range `index`. */
  copy(index: number): Uint8Array {
    const offset = this.offsets[index];
    return this.bytes.slice(offset, offset + this.lengths[index]);
  }

  /** Gives back the memory of an unusually long request. */
  trim(): void {
    if (this.offsets.length <= 4096) return;
    this.offsets = new Int32Array(initialCapacity);
    this.lengths = new Int32Array(initialCapacity);
  }

  #grow(): void {
    const offsets = new Int32Array(this.offsets.length * 2);
    const lengths = new Int32Array(offsets.length);
    offsets.set(this.offsets);
    lengths.set(this.lengths);
    this.offsets = offsets;
    this.lengths = lengths;
  }
}

/** A copy of the ranges in a buffer of their own. */
export function copySlices(source: Slices): Slices {
  const copy = new Slices();
  copySlicesTo(source, copy, new Uint8Array(bytesOfSlices(source)), 0);
  return copy;
}

/**
 * Makes `copy` the same ranges, their bytes copied to `bytes[start..]`, which has room for them;
 * returns where they end there.
 */
export function copySlicesTo(
  source: Slices,
  copy: Slices,
  bytes: Uint8Array,
  start: number,
): number {
  let end = start;
  copy.bytes = bytes;
  copy.count = 0;
  copy.hashedIndex = source.hashedIndex;
  copy.hash = source.hash;
  for (let index = 0; index < source.count; index++) {
    const length = source.lengths[index];
    copyBytes(source.bytes, source.offsets[index], bytes, end, length);
    copy.push(end, length);
    end += length;
  }
  return end;
}

/** Bytes of all ranges. */
export function bytesOfSlices(slices: Slices): number {
  let sum = 0;
  for (let index = 0; index < slices.count; index++) sum += slices.lengths[index];
  return sum;
}

/** The given strings (Latin-1) or byte arrays as ranges of one new buffer. */
export function slicesOf(parts: readonly (string | Uint8Array)[]): Slices {
  const encoded = parts.map((part) => (typeof part === "string" ? asciiBytes(part) : part));
  const slices = new Slices();
  slices.bytes = new Uint8Array(encoded.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of encoded) {
    slices.bytes.set(part, offset);
    slices.push(offset, part.length);
    offset += part.length;
  }
  return slices;
}
