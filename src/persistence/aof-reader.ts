// Reads the commands of one file of the append-only file, a slice at a time, and knows at each
// moment up to where the file is good: a command, or a transaction, counts when all of it is there.
//
//   *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n     a command, as a client would send it
//   #TS:1700000000\r\n                            a note: the commands that follow are of that time
//
// A file may end in the middle when the power went; what is otherwise not as above is damage.
import { latin1 } from "../bytes/ascii.ts";
import { parseLength } from "../bytes/integer.ts";
import { Slices } from "../bytes/slices.ts";
import type { ByteWindow } from "./byte-stream.ts";
import type { DiskFile } from "./disk.ts";
import { FileSource } from "./file-source.ts";

const asterisk = 0x2a;
const dollar = 0x24;
const hash = 0x23;
const minus = 0x2d;
const nine = 0x39;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
/** A number, the sign before it and what ends the line. */
const numberLineMax = 24;
/** Longest note between commands. */
const noteBytesMax = 1024;
const argumentBytesMax = 2 ** 31 - 1;
const timestampMark = "#TS:";

/** The file is not what it should be, or the command in it cannot be run. */
export class AofError extends Error {
  override name = "AofError";
  /** Byte of the file at which the mistake is. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export interface AofListener {
  /**
   * Runs a command; false when there is none of that name. The arguments are good only during the
   * call.
   */
  execute(args: Slices): boolean;
  /** The commands that follow were run at that time or later. */
  timestamp?(seconds: number): void;
}

export interface AofReaderOptions {
  /** The name that errors tell. */
  readonly name: string;
  /** Where the commands begin: behind the RDB preamble, if there is one. */
  readonly start: number;
}

/** What an attempt to find a command in the window came to. */
const found = { command: 0, note: 1, incomplete: 2, damaged: 3 } as const;

export class AofReader {
  /** Bytes up to here are good: whole commands, no open transaction. */
  validBytes: number;
  /** Whether the file ended in the middle of something: what is behind `validBytes` must go. */
  isTruncated = false;
  /** Whether that was a transaction, all of whose commands were whole. */
  isTransactionOpen = false;
  readonly #source: FileSource;
  readonly #options: AofReaderOptions;
  readonly #listener: AofListener;
  readonly #window: ByteWindow = { bytes: new Uint8Array(0), position: 0, end: 0 };
  readonly #args = new Slices();
  /** Offset in the file of the window's `position`. */
  #offset: number;
  /** While a transaction is open: where it begins, and what was good before. */
  #beforeTransaction = -1;
  /** Of the last attempt: index where the command ends, or what is missing, or is wrong, begins. */
  #at = 0;

  constructor(file: DiskFile, options: AofReaderOptions, listener: AofListener) {
    this.#source = new FileSource(file, options.start);
    this.#options = options;
    this.#listener = listener;
    this.#offset = options.start;
    this.validBytes = options.start;
  }

  /** Bytes of the file that have been read. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Goes on for about so many bytes; whether the end was reached, good or not. Throws an `AofError`
   * for a damaged file or a command that there is not, and a `DiskError`.
   */
  step(bytesMax: number): boolean {
    const stopAt = this.#offset + bytesMax;
    const window = this.#window;
    for (;;) {
      const what = window.position === window.end ? found.incomplete : this.#find();
      if (what === found.incomplete) {
        if (!this.#more()) return this.#end();
      } else if (what === found.damaged) {
        if (!this.#isZeroFrom(this.#at)) this.#failFormat();
        this.isTruncated = true;
        return true;
      } else {
        this.#take(what === found.command);
        if (this.#offset >= stopAt) return false;
      }
    }
  }

  /** Looks for a command or a note at the window's position; `#at` tells where it ends. */
  #find(): number {
    const { bytes, position, end } = this.#window;
    if (bytes[position] === hash) return this.#findNote();
    this.#at = position;
    const count = this.#number(bytes, end, asterisk);
    if (count < 0) return this.#at < 0 ? found.incomplete : found.damaged;
    if (count === 0) {
      this.#at = position;
      return found.damaged;
    }
    const args = this.#args;
    args.bytes = bytes;
    args.count = 0;
    args.hashedIndex = -1;
    for (let left = count; left > 0; left--) {
      const length = this.#number(bytes, end, dollar);
      if (length < 0) return this.#at < 0 ? found.incomplete : found.damaged;
      const start = this.#at;
      const next = start + length;
      if (next + 2 > end) {
        this.#at = -(next + 2);
        return found.incomplete;
      }
      if (!isLineEnd(bytes, next)) {
        this.#at = firstZero(bytes, next, next + 2);
        return found.damaged;
      }
      args.push(start, length);
      this.#at = next + 2;
    }
    return found.command;
  }

  /**
   * The number of the line at `#at`, which moves behind it. -1 when there is none: `#at` stays at
   * what is wrong, or is minus the index up to which bytes are needed.
   */
  #number(bytes: Uint8Array, end: number, sign: number): number {
    const start = this.#at;
    if (start < end && bytes[start] !== sign) return -1;
    const lineMax = Math.min(end, start + numberLineMax);
    let index = start + 1;
    while (index < lineMax && bytes[index] >= minus && bytes[index] <= nine) index++;
    if (index >= end) return this.#needs(end + 1);
    if (index + 1 === end && bytes[index] === carriageReturn) return this.#needs(end + 1);
    const value = isLineEnd(bytes, index) ? parseLength(bytes, start + 1, index) : -1;
    if (!(value >= 0 && value <= argumentBytesMax)) {
      // Zeros that were never written may begin within the line.
      this.#at = firstZero(bytes, start, index + 2);
      return -1;
    }
    this.#at = index + 2;
    return value;
  }

  #needs(end: number): number {
    this.#at = -end;
    return -1;
  }

  #findNote(): number {
    const { bytes, position, end } = this.#window;
    const feed = bytes.indexOf(lineFeed, position);
    const isWhole = feed >= 0 && feed < end;
    const length = (isWhole ? feed + 1 : end) - position;
    this.#at = position;
    if (length > noteBytesMax) return found.damaged;
    this.#at = isWhole ? feed + 1 : -(end + 1);
    return isWhole ? found.note : found.incomplete;
  }

  #take(isCommand: boolean): void {
    const window = this.#window;
    const { bytes, position } = window;
    const next = this.#at;
    if (isCommand) this.#run();
    else this.#note(latin1(bytes, position, next));
    window.position = next;
    this.#offset += next - position;
    if (this.#beforeTransaction < 0) this.validBytes = this.#offset;
  }

  #run(): void {
    const args = this.#args;
    const name = args.lengths[0] <= "discard".length ? args.latin1(0).toLowerCase() : "";
    if (name === "multi") this.#beforeTransaction = this.validBytes;
    if (!this.#listener.execute(args)) {
      throw new AofError(
        `Unknown command '${args.latin1(0)}' reading the append only file ${this.#options.name}`,
        this.#offset,
      );
    }
    if (name === "exec" || name === "discard") this.#beforeTransaction = -1;
  }

  #note(text: string): void {
    if (!text.startsWith(timestampMark)) return;
    const seconds = Number.parseInt(text.slice(timestampMark.length), 10);
    if (seconds >= 0) this.#listener.timestamp?.(seconds);
  }

  /** Brings more bytes in; false when the file has not as many as are needed. */
  #more(): boolean {
    const window = this.#window;
    const unread = window.end - window.position;
    const wanted = unread === 0 ? 1 : -this.#at - window.position;
    const there = unread + this.#source.bytesLeft;
    if (wanted > there) return false;
    // A long command is looked at again from its start, so the window must grow by factors.
    return this.#source.fill(window, Math.min(there, Math.max(wanted, unread * 2)));
  }

  #end(): boolean {
    const { position, end } = this.#window;
    const isAtEnd = position === end && this.#source.bytesLeft === 0;
    this.isTransactionOpen = isAtEnd && this.#beforeTransaction >= 0;
    this.isTruncated = !isAtEnd || this.isTransactionOpen;
    return true;
  }

  /**
   * Whether all of the file from there on is zero.
   *
   * Redis differs: it calls such a file damaged. But it is how file systems show space that was
   * allocated and not yet written when the power went, so it is a torn end like any other.
   */
  #isZeroFrom(index: number): boolean {
    const window = this.#window;
    const begin = window.position;
    window.position = index;
    do {
      for (; window.position < window.end; window.position++) {
        if (window.bytes[window.position] !== 0) return this.#restore(begin);
      }
    } while (this.#source.fill(window, 1));
    return true;
  }

  #restore(position: number): false {
    this.#window.position = position;
    return false;
  }

  #failFormat(): never {
    throw new AofError(
      `Bad file format reading the append only file ${this.#options.name}: make a backup of your ` +
        "AOF file, then use ./redis-check-aof --fix <filename.manifest>",
      this.validBytes,
    );
  }
}

function isLineEnd(bytes: Uint8Array, index: number): boolean {
  return bytes[index] === carriageReturn && bytes[index + 1] === lineFeed;
}

/** Index of the first zero from `start` to `end`, or `start`. */
function firstZero(bytes: Uint8Array, start: number, end: number): number {
  for (let index = start; index < end; index++) if (bytes[index] === 0) return index;
  return start;
}
