// Reads a file line by line and byte by byte, as a string of a character a byte: for tools, which
// look at what may be damaged.
import { latin1 } from "../bytes/ascii.ts";
import type { ByteWindow } from "./byte-stream.ts";
import type { DiskFile } from "./disk.ts";
import { FileSource } from "./file-source.ts";

const lineFeed = 0x0a;

export class LineReader {
  readonly #file: DiskFile;
  #source: FileSource;
  #window: ByteWindow = { bytes: new Uint8Array(0), position: 0, end: 0 };
  offset: number;

  constructor(file: DiskFile, start: number) {
    this.#file = file;
    this.#source = new FileSource(file, start);
    this.offset = start;
  }

  get isAtEnd(): boolean {
    return this.#there(1) === 0;
  }

  /** Goes on from there. */
  seek(offset: number): void {
    this.#source = new FileSource(this.#file, offset);
    this.#window = { bytes: new Uint8Array(0), position: 0, end: 0 };
    this.offset = offset;
  }

  /** How many of `count` bytes are left; they are in the window. */
  #there(count: number): number {
    const window = this.#window;
    const unread = window.end - window.position;
    const wanted = Math.min(count, unread + this.#source.bytesLeft);
    if (wanted > unread) this.#source.fill(window, wanted);
    return Math.min(count, window.end - window.position);
  }

  #take(count: number): void {
    this.#window.position += count;
    this.offset += count;
  }

  /** The next character, which stays the next; undefined at the end. */
  peek(): string | undefined {
    if (this.isAtEnd) return undefined;
    return String.fromCharCode(this.#window.bytes[this.#window.position]);
  }

  /** The next line with its line feed, or as much of it as that; undefined at the end. */
  line(bytesMax: number): string | undefined {
    const there = this.#there(bytesMax);
    if (there === 0) return undefined;
    const { bytes, position } = this.#window;
    const feed = bytes.indexOf(lineFeed, position);
    const isWithin = feed >= 0 && feed < position + there;
    const end = isWithin ? feed + 1 : position + there;
    const text = latin1(bytes, position, end);
    this.#take(end - position);
    return text;
  }

  /** As many of the next `count` characters as there are; `count` is small. */
  text(count: number): string {
    const there = this.#there(count);
    const { bytes, position } = this.#window;
    const text = latin1(bytes, position, position + there);
    this.#take(there);
    return text;
  }

  /** Passes over `count` bytes; how many there were. */
  skip(count: number): number {
    let left = count;
    while (left > 0) {
      const there = this.#there(Math.min(left, 1 << 16));
      if (there === 0) break;
      this.#take(there);
      left -= there;
    }
    return count - left;
  }
}
