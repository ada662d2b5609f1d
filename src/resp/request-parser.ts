// Finds the arguments of the next request in a buffer: multi-bulk
// (`*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`) and inline (`GET k\r\n`).
//
// A complete request costs one pass and no allocation: its arguments are offsets into the caller's
// buffer. When the buffer ends too early the parser remembers where it was, so that what has been
// parsed is not parsed again, however small the pieces come; and `needed` says how long the buffer
// must become before another call can get further. Limits and error texts are those of Redis
// (networking.c: processMultibulkBuffer, processInlineBuffer); like Redis we do not look at the two
// bytes after an argument.
import { parseLength } from "../bytes/integer.ts";
import { Slices } from "../bytes/slices.ts";
import { viewOf } from "../bytes/viewed.ts";
import { Failure } from "../keyspace/failure.ts";
import { splitInline } from "./inline.ts";

/** What `parse` returns. */
export const parsed = {
  /** `args` holds a request (of 0 arguments: nothing to do); it ends at `position`. */
  request: 0,
  /** The buffer ends inside a request. */
  incomplete: 1,
  /** The peer does not speak the protocol: `failure` says how. The connection must be closed. */
  failed: 2,
} as const;

/** What a peer may send. The server has one object of this and keeps it up to date. */
export interface RequestLimits {
  /** Longest argument: proto-max-bulk-len. */
  argumentBytesMax: number;
}

const lineBytesMax = 64 * 1024;
const argumentsMax = 0x7fffffff;
const unauthenticatedArgumentsMax = 10;
const unauthenticatedBytesMax = 16 * 1024;

/** The lines `*1\r\n` and `$1\r\n`, and the first four bytes of `$10\r\n`, without their digits. */
const countLine = 0x0a0d002a;
const lengthLine = 0x0a0d0024;
const longLengthLine = 0x0d000024;
const lineMask = 0xffff00ff | 0;
const longLineMask = 0xff0000ff | 0;
const lineBytes = 4;
const zero = 0x30;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const asterisk = 0x2a;
const dollar = 0x24;

const unbalancedQuotes = protocolError("unbalanced quotes in request");
const tooBigInline = protocolError("too big inline request");
const tooBigCount = protocolError("too big mbulk count string");
const tooBigBulkCount = protocolError("too big bulk count string");
const invalidMultibulkLength = protocolError("invalid multibulk length");
const unauthenticatedMultibulk = protocolError("unauthenticated multibulk length");
const invalidBulkLength = protocolError("invalid bulk length");
const unauthenticatedBulk = protocolError("unauthenticated bulk length");

function protocolError(text: string): Failure {
  return new Failure(`ERR Protocol error: ${text}`);
}

export class RequestParser {
  /** The request being parsed, or the one that was; the caller may take it and put another here. */
  args = new Slices();
  /** Where the request ends, after `parsed.request`; the caller goes on there. */
  position = 0;
  /** After `parsed.incomplete`: the index that the buffer's end must pass. */
  needed = 0;
  failure: Failure = unbalancedQuotes;
  /** While true a peer may send little: it has not said who it is. */
  isUnauthenticated = false;

  readonly #limits: RequestLimits;
  /** Arguments of the current request that are not read yet; -1 between requests. */
  #remaining = -1;
  /** Length of the argument being read; -1 when its length line comes next. */
  #bulkLength = -1;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Whether a request has begun and not ended. */
  get isInside(): boolean {
    return this.#remaining >= 0;
  }

  /**
   * The bytes seen so far are now `distance` further to the front of a (possibly different) buffer.
   */
  rebase(distance: number): void {
    this.position -= distance;
    this.needed -= distance;
    const { offsets, count } = this.args;
    for (let index = 0; index < count; index++) offsets[index] -= distance;
  }

  /** Forgets a half-read request. */
  reset(): void {
    this.#remaining = -1;
    this.#bulkLength = -1;
    this.needed = 0;
    this.args.count = 0;
    this.args.trim();
  }

  /**
   * Parses one request from `bytes[start..end)`. After `incomplete` the next call must come with
   * the same bytes and more of them, `start` being where the request begins.
   */
  parse(bytes: Uint8Array, start: number, end: number): number {
    const { args } = this;
    args.bytes = bytes;
    if (this.#remaining < 0) {
      args.count = 0;
      args.hashedIndex = -1;
      const view = viewOf(bytes);
      if (view !== undefined && this.#parsePlain(view, start, end)) return parsed.request;
      this.position = start;
      if (start >= end) return this.#wait(start + 1);
      if (bytes[start] !== asterisk) return this.#parseInline(bytes, start, end);
      const status = this.#parseCount(bytes, start, end);
      if (status !== parsed.request || this.#remaining < 0) return status;
    }
    while (this.#remaining > 0) {
      if (this.#bulkLength < 0) {
        const status = this.#parseBulkLength(bytes, end);
        if (status !== parsed.request) return status;
      }
      const next = this.position + this.#bulkLength + 2;
      if (next > end) return this.#wait(next);
      args.push(this.position, this.#bulkLength);
      this.position = next;
      this.#bulkLength = -1;
      this.#remaining--;
    }
    this.#remaining = -1;
    return parsed.request;
  }

  /**
   * The same for what nearly all requests are: whole, of up to 9 arguments of up to 99 bytes. False
   * for others, of which nothing has been kept.
   */
  #parsePlain(view: DataView, start: number, end: number): boolean {
    if (start + lineBytes > end) return false;
    const { args } = this;
    const { offsets, lengths } = args;
    const head = view.getInt32(start, true);
    const count = ((head >>> 8) & 0xff) - zero;
    if ((head & lineMask) !== countLine || count < 1 || count > 9) return false;
    let position = start + lineBytes;
    for (let index = 0; index < count; index++) {
      if (position + lineBytes > end) return false;
      const line = view.getInt32(position, true);
      let length = ((line >>> 8) & 0xff) - zero;
      if (length < 0 || length > 9) return false;
      if ((line & lineMask) === lengthLine) {
        position += lineBytes;
      } else {
        const second = ((line >>> 16) & 0xff) - zero;
        if ((line & longLineMask) !== longLengthLine || second < 0 || second > 9) return false;
        if (length === 0) return false;
        length = length * 10 + second;
        position += lineBytes + 1;
      }
      offsets[index] = position;
      lengths[index] = length;
      position += length + 2;
    }
    if (position > end) return false;
    args.count = count;
    this.position = position;
    return true;
  }

  #wait(needed: number): number {
    this.needed = needed;
    return parsed.incomplete;
  }

  #fail(failure: Failure): number {
    this.failure = failure;
    return parsed.failed;
  }

  /** `*<count>\r\n`; a count of 0 or less is an empty request. */
  #parseCount(bytes: Uint8Array, start: number, end: number): number {
    const small = smallNumber(bytes, start + 1, end);
    if (small > 0 && small < 10) {
      this.position = start + 4;
      this.#remaining = small;
      return parsed.request;
    }
    const lineEnd = findLineEnd(bytes, start + 1, end);
    if (lineEnd < 0) {
      return end - start > lineBytesMax ? this.#fail(tooBigCount) : this.#wait(end + 1);
    }
    const count = parseLength(bytes, start + 1, lineEnd);
    // The comparison is false for NaN too: no number, or one beyond what a double holds.
    if (!(count <= argumentsMax)) return this.#fail(invalidMultibulkLength);
    if (count > unauthenticatedArgumentsMax && this.isUnauthenticated) {
      return this.#fail(unauthenticatedMultibulk);
    }
    this.position = lineEnd + 2;
    this.#remaining = count > 0 ? count : -1;
    return parsed.request;
  }

  /** `$<length>\r\n` at `position`. */
  #parseBulkLength(bytes: Uint8Array, end: number): number {
    const start = this.position;
    const small = bytes[start] === dollar ? smallNumber(bytes, start + 1, end) : -1;
    if (small >= 0) {
      this.position = start + (small < 10 ? 4 : 5);
      this.#bulkLength = small;
      return parsed.request;
    }
    const lineEnd = findLineEnd(bytes, start, end);
    if (lineEnd < 0) {
      return end - start > lineBytesMax ? this.#fail(tooBigBulkCount) : this.#wait(end + 1);
    }
    if (bytes[start] !== dollar) return this.#fail(expectedDollar(bytes[start]));
    const length = parseLength(bytes, start + 1, lineEnd);
    if (!(length >= 0 && length <= this.#limits.argumentBytesMax)) {
      return this.#fail(invalidBulkLength);
    }
    if (length > unauthenticatedBytesMax && this.isUnauthenticated) {
      return this.#fail(unauthenticatedBulk);
    }
    this.position = lineEnd + 2;
    this.#bulkLength = length;
    return parsed.request;
  }

  #parseInline(bytes: Uint8Array, start: number, end: number): number {
    const lineEnd = bytes.indexOf(lineFeed, start);
    if (lineEnd < 0 || lineEnd >= end) {
      return end - start > lineBytesMax ? this.#fail(tooBigInline) : this.#wait(end + 1);
    }
    const isCrLf = lineEnd > start && bytes[lineEnd - 1] === carriageReturn;
    if (!splitInline(bytes, start, isCrLf ? lineEnd - 1 : lineEnd, this.args)) {
      return this.#fail(unbalancedQuotes);
    }
    this.position = lineEnd + 1;
    return parsed.request;
  }
}

/** The number of one digit or two whose line lies whole before `end`; -1 for all others. */
function smallNumber(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] - 0x30;
  if (start + 3 >= end || !(first >= 0 && first <= 9)) return -1;
  const next = bytes[start + 1];
  if (next === carriageReturn) return first;
  const second = next - 0x30;
  const isTwo = first > 0 && second >= 0 && second <= 9 && bytes[start + 2] === carriageReturn;
  return isTwo ? first * 10 + second : -1;
}

/**
 * Index of the line's `\r` when the `\n` is there too, else -1. Lines are short, so a loop beats a
 * built-in search.
 */
function findLineEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let index = start; index < end; index++) {
    if (bytes[index] === carriageReturn) return index + 1 < end ? index : -1;
  }
  return -1;
}

function expectedDollar(byte: number): Failure {
  return protocolError(`expected '$', got '${String.fromCharCode(byte)}'`);
}
