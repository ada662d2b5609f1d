// Writes replies, RESP2 or RESP3, into one growing buffer.
//
// The server has one writer for all its connections. Replies of one connection follow each other;
// its owner notes `position` before and after and sends what lies between. Types that RESP2 has not
// (maps, sets, doubles, booleans...) are written as RESP2 clients expect them from Redis.
// Collections of unknown size are begun with `open` and ended with `close`, which puts the header
// in front.
import { asciiBytes, copyBytes, writeLatin1 } from "../bytes/ascii.ts";
import { formatDouble } from "../bytes/double.ts";
import { integerLength, writeInteger } from "../bytes/integer.ts";
import { viewed, viewedBytes } from "../bytes/viewed.ts";
import { Failure } from "../keyspace/failure.ts";

const initialBytes = 256 * 1024;
/**
 * The longest reply, with all that waits before it. Redis differs: it goes on until memory is out,
 * for which `SRANDMEMBER key -4000000000` is enough.
 */
const replyBytesMax = 2 ** 31;
const replyTooLong = new Failure("ERR the reply would be longer than 2 GB");
/** `$` or `*`, a length of up to 16 digits, CR LF; a number of up to 20 digits. */
const headerBytesMax = 24;

const typeByte = {
  simple: 0x2b,
  error: 0x2d,
  integer: 0x3a,
  bulk: 0x24,
  array: 0x2a,
  map: 0x25,
  set: 0x7e,
  push: 0x3e,
  attribute: 0x7c,
} as const;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

const okReply = viewed(asciiBytes("+OK\r\n"));
const pongReply = viewed(asciiBytes("+PONG\r\n"));
const queuedReply = viewed(asciiBytes("+QUEUED\r\n"));
const nullBulk = viewed(asciiBytes("$-1\r\n"));
const nullArray = viewed(asciiBytes("*-1\r\n"));
const null3 = viewed(asciiBytes("_\r\n"));
const true3 = viewed(asciiBytes("#t\r\n"));
const false3 = viewed(asciiBytes("#f\r\n"));
const one = viewed(asciiBytes(":1\r\n"));
const zero = viewed(asciiBytes(":0\r\n"));

/** What `open` begins and `close` ends. */
export type CollectionKind = "array" | "map" | "set" | "push";

export class ReplyWriter {
  buffer: Uint8Array = viewedBytes(initialBytes);
  /** Where the next byte goes. */
  position = 0;
  /** Of the connection that is being replied to: 2 or 3. */
  protocol = 2;
  /** Replies that were errors since the owner last looked. */
  errorCount = 0;
  /** The last failure that was written. */
  lastFailure: Failure | undefined;

  /** Makes room for `size` bytes. The old buffer keeps what others may still be sending from it. */
  reserve(size: number): void {
    if (this.position + size > this.buffer.length) this.#grow(size);
  }

  #grow(size: number): void {
    const needed = this.position + size;
    if (needed > replyBytesMax) throw replyTooLong;
    const doubled = Math.min(this.buffer.length * 2, replyBytesMax);
    const buffer = viewedBytes(Math.max(doubled, needed));
    buffer.set(this.buffer.subarray(0, this.position));
    this.buffer = buffer;
  }

  ok(): void {
    this.#fixed(okReply);
  }

  pong(): void {
    this.#fixed(pongReply);
  }

  queued(): void {
    this.#fixed(queuedReply);
  }

  /** The absent value: a null bulk in RESP2. */
  nil(): void {
    this.#fixed(this.protocol === 2 ? nullBulk : null3);
  }

  /** The absent list: a null array in RESP2. */
  nilArray(): void {
    this.#fixed(this.protocol === 2 ? nullArray : null3);
  }

  boolean(value: boolean): void {
    if (this.protocol === 2) this.#fixed(value ? one : zero);
    else this.#fixed(value ? true3 : false3);
  }

  failure(failure: Failure): void {
    this.errorCount++;
    this.lastFailure = failure;
    this.#line(typeByte.error, failure.text);
  }

  /** A simple string. The text holds no line break. */
  simple(text: string): void {
    this.#line(typeByte.simple, text);
  }

  integer(value: number | bigint): void {
    if (value === 1) {
      this.#fixed(one);
    } else if (value === 0) {
      this.#fixed(zero);
    } else if (typeof value === "bigint") {
      this.#line(typeByte.integer, value.toString());
    } else {
      this.reserve(headerBytesMax);
      this.#header(typeByte.integer, value);
    }
  }

  bulk(bytes: Uint8Array, offset: number, length: number): void {
    this.reserve(headerBytesMax + length);
    const { buffer } = this;
    let position = this.position;
    buffer[position++] = typeByte.bulk;
    if (length < 10) {
      buffer[position++] = 0x30 + length;
    } else if (length < 100) {
      const tens = (length * 205) >>> 11;
      buffer[position++] = 0x30 + tens;
      buffer[position++] = 0x30 + length - tens * 10;
    } else {
      position = writeInteger(buffer, position, length);
    }
    buffer[position] = carriageReturn;
    buffer[position + 1] = lineFeed;
    position += 2;
    copyBytes(bytes, offset, buffer, position, length);
    position += length;
    buffer[position] = carriageReturn;
    buffer[position + 1] = lineFeed;
    this.position = position + 2;
  }

  /** A bulk string of a text's UTF-8 bytes. */
  bulkText(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.bulk(bytes, 0, bytes.length);
  }

  /** A bulk string of a Latin-1 text's bytes. */
  bulkLatin1(text: string): void {
    const { length } = text;
    this.reserve(headerBytesMax + length);
    this.#header(typeByte.bulk, length);
    writeLatin1(this.buffer, this.position, text);
    this.position += length;
    this.#lineEnd();
  }

  /** An integer as a bulk string, as RESP2 replies that are really lists of strings want it. */
  bulkInteger(value: number): void {
    this.reserve(2 * headerBytesMax);
    this.#header(typeByte.bulk, integerLength(value));
    this.position = writeInteger(this.buffer, this.position, value);
    this.#lineEnd();
  }

  /** Text for people: a verbatim string in RESP3, a bulk string in RESP2. `format` is 3 letters. */
  verbatim(format: "txt" | "mkd", text: string): void {
    if (this.protocol === 2) {
      this.bulkText(text);
      return;
    }
    const length = Buffer.byteLength(text);
    this.raw(`=${length + 4}\r\n${format}:${text}\r\n`);
  }

  /** The same for a Latin-1 text, in a format that a client has made up. */
  verbatimLatin1(format: string, text: string): void {
    if (this.protocol === 2) {
      this.bulkLatin1(text);
      return;
    }
    const head = `=${text.length + 4}\r\n${format}:`;
    this.reserve(head.length + text.length + 2);
    writeLatin1(this.buffer, this.position, head);
    writeLatin1(this.buffer, this.position + head.length, text);
    this.position += head.length + text.length;
    this.#lineEnd();
  }

  /** A double; in RESP2 its text as a bulk string. */
  double(value: number): void {
    const text = formatDouble(value);
    if (this.protocol === 2) this.bulkLatin1(text);
    else this.raw(`,${text}\r\n`);
  }

  /** A number too large for an integer reply: its decimal digits. */
  bigNumber(digits: string): void {
    if (this.protocol === 2) this.bulkLatin1(digits);
    else this.raw(`(${digits}\r\n`);
  }

  array(count: number): void {
    this.#begin(typeByte.array, count);
  }

  /** A map of `count` pairs; a flat array in RESP2. */
  map(count: number): void {
    if (this.protocol === 2) this.#begin(typeByte.array, count * 2);
    else this.#begin(typeByte.map, count);
  }

  set(count: number): void {
    this.#begin(this.protocol === 2 ? typeByte.array : typeByte.set, count);
  }

  /** An out-of-band message; an array in RESP2. */
  push(count: number): void {
    this.#begin(this.protocol === 2 ? typeByte.array : typeByte.push, count);
  }

  /**
   * Pairs that say something of the reply that follows. RESP3 only: the caller asks `protocol`
   * first.
   */
  attribute(count: number): void {
    this.#begin(typeByte.attribute, count);
  }

  /** Begins a collection whose size is not known yet; what it returns goes to `close`. */
  open(): number {
    return this.position;
  }

  /**
   * Ends a collection of `count` elements (pairs, of a map): moves them to make room for the
   * header.
   */
  close(mark: number, kind: CollectionKind, count: number): void {
    const end = this.position;
    this.reserve(headerBytesMax);
    this[kind](count);
    const headerLength = this.position - end;
    const header = this.buffer.slice(end, this.position);
    this.buffer.copyWithin(mark + headerLength, mark, end);
    this.buffer.set(header, mark);
  }

  /** Protocol text as it is, in UTF-8. */
  raw(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
  }

  #begin(type: number, count: number): void {
    this.reserve(headerBytesMax);
    this.#header(type, count);
  }

  #fixed(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(length);
    copyBytes(bytes, 0, this.buffer, this.position, length);
    this.position += length;
  }

  /** A line of Latin-1 text. Line breaks become blanks: they would end the reply. */
  #line(type: number, text: string): void {
    this.reserve(text.length + 3);
    const { buffer } = this;
    let position = this.position;
    buffer[position++] = type;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      buffer[position++] = code === carriageReturn || code === lineFeed ? 0x20 : code;
    }
    this.position = position;
    this.#lineEnd();
  }

  #header(type: number, value: number): void {
    this.buffer[this.position] = type;
    this.position = writeInteger(this.buffer, this.position + 1, value);
    this.#lineEnd();
  }

  #lineEnd(): void {
    this.buffer[this.position] = carriageReturn;
    this.buffer[this.position + 1] = lineFeed;
    this.position += 2;
  }
}
