// What a connection has received and not executed yet: the rest of a request that is not complete,
// with the parser that has begun on it, or requests that must wait. Empty, it owns no memory; a
// small buffer is kept once there is one.
//
//   bytes    | executed | received, not executed |  free  |
//            0          start                    + length
import type { RequestParser } from "../resp/request-parser.ts";
import type { InputRoom } from "./stream.ts";

/** Buffers above this size are given back once they are empty. */
const keptBytes = 16 * 1024;
/** A rest of an argument of this size is read to its place; less is not worth a call of its own. */
const directBytesMin = 64 * 1024;
/** A large argument makes the buffer grow by no less, until it has the argument's size. */
const growthBytes = 4 * 1024 * 1024;

/** What comes before an argument of this size counts as parsed, as in Redis. */
const largeArgumentBytes = 32 * 1024;

/** What connections without half a request need not have of their own. */
export interface InputPool {
  /** The one that all use. */
  readonly parser: RequestParser;
  /** It goes with a connection; another takes its place. */
  lendParser(): void;
  returnParser(parser: RequestParser): void;
  /** An array of that length. What it holds is of no meaning. */
  takeBuffer(length: number): Uint8Array;
  /** Nobody reads or writes it any more. */
  returnBuffer(bytes: Uint8Array): void;
}

const noBytes: Uint8Array = new Uint8Array(0);

export class PendingInput implements InputRoom {
  bytes = noBytes;
  start = 0;
  length = 0;
  /** Set while a request is half read. */
  parser: RequestParser | undefined;
  readonly #pool: InputPool;

  constructor(pool: InputPool) {
    this.#pool = pool;
  }

  /** The parser stays here until the request that it has begun, at `position`, is complete. */
  adoptParser(position: number): void {
    if (this.parser === undefined) {
      this.parser = this.#pool.parser;
      this.#pool.lendParser();
    }
    this.parser.rebase(position);
  }

  releaseParser(): void {
    if (this.parser === undefined) return;
    this.#pool.returnParser(this.parser);
    this.parser = undefined;
  }

  /** Whether the request that has begun needs more bytes than are there. */
  get isIncomplete(): boolean {
    return this.parser !== undefined && this.parser.needed > this.length;
  }

  /** Bytes that are not parsed: before a large argument everything is. */
  get unparsedBytes(): number {
    const { parser, length } = this;
    const isLarge = parser !== undefined && parser.needed - parser.position > largeArgumentBytes;
    return isLarge ? length - parser.position : length;
  }

  /**
   * Adds `source[start..end)`; true when the buffer grew. It doubles, up to the length that the
   * parser waits for, if it knows one: so a large argument is copied a bounded number of
   * times, and no memory is reserved for what only has been announced.
   */
  append(source: Uint8Array, start: number, end: number): boolean {
    const length = this.length + end - start;
    if (this.start + length > this.bytes.length) this.compact();
    const grows = length > this.bytes.length;
    if (grows) this.#grow(length);
    this.bytes.set(source.subarray(start, end), this.start + this.length);
    this.length = length;
    return grows;
  }

  /** Room for the rest of a large argument, or a good part of it, if one has begun. */
  room(): InputRoom | undefined {
    if (this.parser === undefined || this.parser.needed - this.length < directBytesMin) {
      return undefined;
    }
    if (this.end === this.bytes.length) this.#grow(this.length + 1);
    return this.free < directBytesMin ? undefined : this;
  }

  /** Where the next bytes go. */
  get end(): number {
    return this.start + this.length;
  }

  /** How many bytes may go there: not more than the argument has, what follows comes by itself. */
  get free(): number {
    const missing = (this.parser?.needed ?? 0) - this.length;
    return Math.min(missing, this.bytes.length - this.end);
  }

  #grow(length: number): void {
    const needed = this.parser?.needed ?? 0;
    const doubled = Math.max(this.bytes.length * 2, length);
    const isKnown = needed > length;
    const capacity = isKnown ? Math.min(needed, Math.max(doubled, growthBytes)) : doubled;
    const grown = this.#pool.takeBuffer(capacity);
    grown.set(this.bytes.subarray(this.start, this.end));
    this.#pool.returnBuffer(this.bytes);
    this.bytes = grown;
    this.start = 0;
  }

  /** Takes away the first `count` bytes; true when a large buffer has been given back. */
  remove(count: number): boolean {
    this.start += count;
    this.length -= count;
    if (this.length > 0) {
      // Rarely enough that each byte is moved once on average, however small the steps are. The
      // offsets of a request that has begun are counted from the front.
      if (this.start > this.length || this.parser !== undefined) this.compact();
      return false;
    }
    this.start = 0;
    if (this.bytes.length <= keptBytes) return false;
    this.#pool.returnBuffer(this.bytes);
    this.bytes = noBytes;
    return true;
  }

  /** Moves what is there to the front. */
  compact(): void {
    if (this.start === 0) return;
    this.bytes.copyWithin(0, this.start, this.start + this.length);
    this.start = 0;
  }

  clear(): void {
    this.#pool.returnBuffer(this.bytes);
    this.bytes = noBytes;
    this.start = 0;
    this.length = 0;
    this.parser?.reset();
    this.releaseParser();
  }
}
