// Reads the parts that RDB values are made of, and trusts none of them. What they add up to is
// `value-decoder.ts`'s.
//
// A reader works on a window of bytes; with a source it has more brought in when it needs more,
// without one the window is all there is. Everything that cannot be read throws `RdbError`, which
// says where. Strings are shown where they lie, so they are good only until the next read.
import { copyBytes } from "../bytes/ascii.ts";
import { Crc64 } from "../bytes/crc64.ts";
import { decompressLzf } from "../bytes/lzf.ts";
import { parseDouble } from "../bytes/double.ts";
import { writeInteger } from "../bytes/integer.ts";
import { Slice } from "../bytes/slices.ts";
import type { ByteSource, ByteWindow } from "./byte-stream.ts";
import { lengthTag, stringEncoding } from "./rdb-format.ts";

/** Compressed bytes unfold to at most so many times as many: 3 bytes name a match of 264. */
const lzfFactorMax = 88;
/** Longest string that is read: the limit of what `proto-max-bulk-len` may be set to in Redis. */
const stringBytesMax = 2 ** 31 - 1;
/** Elements that are made room for beforehand when nothing tells that there are as many. */
const presumedCountMax = 1 << 16;
/** Scratch for unfolded strings that is kept; a longer one gets an array of its own. */
const keptScratchBytes = 64 * 1024;
const two32 = 4294967296;

/** How doubles of old versions spell what is no finite number: a length byte of its own. */
const oldDouble = { nan: 253, infinity: 254, minusInfinity: 255 } as const;

/** The reason of an `RdbError` when the data are no longer than that. */
export const endsTooEarly = "the data end too early";

/** What was read is no RDB data, or none that we can load. */
export class RdbError extends Error {
  override name = "RdbError";
  /** The message without its place. */
  readonly reason: string;
  /** Bytes from the start of the data to where the mistake was found. */
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(`${reason}, at offset ${offset}`);
    this.reason = reason;
    this.offset = offset;
  }
}

/**
 * A value without elements: Redis never holds one, but versions that had a mistake have written
 * some. All of the value has been read.
 */
export class EmptyValueError extends RdbError {
  override name = "EmptyValueError";
}

/** Thrown when more has to come before a value can be read: see `ByteSource.isComing`. */
export const notThereYet = new Error("more has to come");

export class RdbReader implements ByteWindow {
  bytes: Uint8Array;
  position: number;
  end: number;
  /** Of the last `readNumber`: the high and low half of its 64 bits. */
  high = 0;
  low = 0;
  /** How many bytes from `position` on were wanted when they were not there yet. */
  wanted = 0;
  readonly #source: ByteSource | undefined;
  /** What `offset` must add to `position`. */
  #passedBytes: number;
  #checksum: Crc64 | undefined;
  /** Bytes of the window before this index are in the checksum. */
  #summedTo = 0;
  #scratch = new Uint8Array(1024);
  readonly #digits = new Uint8Array(24);
  readonly #eight = new DataView(new ArrayBuffer(8));
  readonly #string = new Slice();

  /** Reads `length` bytes from `offset` and then, if there is a source, what that supplies. */
  constructor(bytes: Uint8Array, offset: number, length: number, source?: ByteSource) {
    this.bytes = bytes;
    this.position = offset;
    this.end = offset + length;
    this.#source = source;
    this.#passedBytes = -offset;
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#passedBytes + this.position;
  }

  /** Throws an {@link RdbError} that says so. */
  fail(message: string): never {
    throw new RdbError(message, this.offset);
  }

  /** The same for a value that has no elements: an {@link EmptyValueError}. */
  failEmpty(message: string): never {
    throw new EmptyValueError(message, this.offset);
  }

  /** From here on a checksum of what is read is kept. */
  beginChecksum(): void {
    this.#checksum = new Crc64();
    this.#summedTo = this.position;
  }

  /** That of all that has been read since; to be looked at before the next read. */
  checksum(): Crc64 {
    this.#checksum ??= new Crc64();
    this.#checksum.update(this.bytes, this.#summedTo, this.position - this.#summedTo);
    this.#summedTo = this.position;
    return this.#checksum;
  }

  /** Makes sure that `count` bytes are there to be read. */
  require(count: number): void {
    if (this.end - this.position >= count) return;
    if (this.#source?.isComing === true) {
      this.wanted = count;
      throw notThereYet;
    }
    if (this.#checksum !== undefined) this.checksum();
    const { offset } = this;
    const isThere = this.#source?.fill(this, count) ?? false;
    this.#passedBytes = offset - this.position;
    this.#summedTo = this.position;
    if (!isThere) this.fail(endsTooEarly);
  }

  /** More has come, of a source whose bytes are still coming. What was read is forgotten. */
  add(bytes: Uint8Array, offset: number, length: number): void {
    if (this.end + length > this.bytes.length) this.#makeRoom(length);
    copyBytes(bytes, offset, this.bytes, this.end, length);
    this.end += length;
  }

  #makeRoom(length: number): void {
    if (this.#checksum !== undefined) this.checksum();
    const { offset } = this;
    const unread = this.end - this.position;
    const needed = unread + length;
    const isAmple = needed * 2 <= this.bytes.length;
    const target = isAmple ? this.bytes : new Uint8Array(needed * 2);
    if (isAmple) target.copyWithin(0, this.position, this.end);
    else copyBytes(this.bytes, this.position, target, 0, unread);
    this.bytes = target;
    this.position = 0;
    this.end = unread;
    this.#passedBytes = offset;
    this.#summedTo = 0;
  }

  /**
   * A count of elements that take at least `elementBytes` each, checked against what is left. To
   * make room for them beforehand use what this returns: no more than is plausible.
   */
  plausibleCount(count: number, elementBytes: number): number {
    const left = this.bytesLeft;
    if (left === undefined) return Math.min(count, presumedCountMax);
    if (count * elementBytes > left) this.fail("more elements than bytes");
    return count;
  }

  /** Bytes that are still to be read, where that is known. */
  get bytesLeft(): number | undefined {
    const inWindow = this.end - this.position;
    if (this.#source === undefined) return inWindow;
    const { bytesLeft } = this.#source;
    return bytesLeft === undefined ? undefined : inWindow + bytesLeft;
  }

  readByte(): number {
    if (this.position === this.end) this.require(1);
    return this.bytes[this.position++];
  }

  /** A length or another number; beyond 2^53 it is rounded, and exact in `high` and `low`. */
  readNumber(): number {
    const tag = this.readByte();
    if (tag >= lengthTag.encoded) this.fail("a number was expected");
    return this.#numberAfter(tag);
  }

  #numberAfter(tag: number): number {
    this.high = 0;
    if (tag < lengthTag.bits14) {
      this.low = tag;
    } else if (tag < lengthTag.bits32) {
      this.low = ((tag & 0x3f) << 8) | this.readByte();
    } else if (tag === lengthTag.bits32) {
      this.low = this.#bigEndian();
    } else if (tag === lengthTag.bits64) {
      this.high = this.#bigEndian();
      this.low = this.#bigEndian();
    } else {
      this.fail("unknown kind of length");
    }
    return (this.high >>> 0) * two32 + (this.low >>> 0);
  }

  #bigEndian(): number {
    this.require(4);
    const { bytes, position } = this;
    this.position = position + 4;
    return (
      (bytes[position] << 24) |
      (bytes[position + 1] << 16) |
      (bytes[position + 2] << 8) |
      bytes[position + 3]
    );
  }

  /** Four bytes, the highest first, as a signed word. */
  readRawWord(): number {
    return this.#bigEndian();
  }

  /** Points `slice` at the next string. */
  readString(slice: Slice): void {
    const tag = this.readByte();
    if (tag >= lengthTag.encoded) {
      this.#readEncoded(tag & 0x3f, slice);
      return;
    }
    const length = this.#numberAfter(tag);
    if (length > stringBytesMax) this.fail("a string is too long");
    this.require(length);
    slice.set(this.bytes, this.position, length);
    this.position += length;
  }

  #readEncoded(kind: number, slice: Slice): void {
    if (kind === stringEncoding.lzf) {
      this.#readCompressed(slice);
      return;
    }
    if (kind > stringEncoding.int32) this.fail("unknown encoding of a string");
    const size = 1 << kind;
    this.require(size);
    let value = 0;
    for (let index = 0; index < size; index++) value |= this.bytes[this.position++] << (index * 8);
    const unused = 32 - size * 8;
    const length = writeInteger(this.#digits, 0, (value << unused) >> unused);
    slice.set(this.#digits, 0, length);
  }

  #readCompressed(slice: Slice): void {
    const size = this.readNumber();
    const length = this.readNumber();
    if (length === 0 || length > stringBytesMax || length > size * lzfFactorMax) {
      this.fail("a compressed string of an impossible length");
    }
    this.require(size);
    const target = length <= this.#scratch.length ? this.#scratch : this.#largerScratch(length);
    const written = decompressLzf(this.bytes, this.position, size, target, 0, length);
    if (written !== length) this.fail("a compressed string is damaged");
    this.position += size;
    slice.set(target, 0, length);
  }

  #largerScratch(length: number): Uint8Array {
    const larger = new Uint8Array(Math.min(length * 2, Math.max(length, keptScratchBytes)));
    if (larger.length <= keptScratchBytes) this.#scratch = larger;
    return larger;
  }

  /** A double in eight bytes. */
  readDouble(): number {
    this.#readEight();
    return this.#eight.getFloat64(0, true);
  }

  /** A double as versions before 8 wrote it: a byte of length and its text. */
  readOldDouble(): number {
    const length = this.readByte();
    if (length === oldDouble.nan) return NaN;
    if (length === oldDouble.infinity) return Infinity;
    if (length === oldDouble.minusInfinity) return -Infinity;
    this.require(length);
    const text = this.#string.set(this.bytes, this.position, length);
    const value = parseDouble(text.bytes, text.offset, text.length);
    if (value === undefined) this.fail("a double is none");
    this.position += length;
    return value;
  }

  /**
   * A signed integer of 64 bits, little-endian, as times are written; beyond 2^53 it is rounded.
   */
  readTime(): number {
    this.#readEight();
    return this.#eight.getInt32(4, true) * two32 + this.#eight.getUint32(0, true);
  }

  #readEight(): void {
    this.require(8);
    for (let index = 0; index < 8; index++) {
      this.#eight.setUint8(index, this.bytes[this.position++]);
    }
  }
}
