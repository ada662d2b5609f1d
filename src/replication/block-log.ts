// A log of bytes in blocks of one size, which any number of readers share: the replication stream
// that is kept for replicas, and a snapshot on its way to several of them.
//
//   blocks     |  64 KiB  |  64 KiB  |  64 KiB  |
//                  ^ start                 ^ end      places in the log, counted from its beginning
//              ^ base
//
// A byte that is in a block never changes, so it goes from there to every socket without a copy.
// What lies before `start` may be forgotten; a block is used again when all of it does, so whoever
// still needs its bytes must not let `trim` go so far.
import { copyBytes } from "../bytes/ascii.ts";
import { viewedBytes } from "../bytes/viewed.ts";

export const blockBytes = 64 * 1024;
const noBytes = new Uint8Array(0);

export class BlockLog {
  /** The first byte that is kept, and the place of the next that will come. */
  start: number;
  end: number;
  /** Of the first block's first byte. */
  #base: number;
  readonly #blocks: Uint8Array[] = [];
  #last: Uint8Array = noBytes;
  /** Bytes of the last block that are written. */
  #filled = blockBytes;
  #spare: Uint8Array | undefined;

  /** An empty log whose first byte will stand at `start`. */
  constructor(start: number) {
    this.start = start;
    this.end = start;
    this.#base = start;
  }

  /** Memory that it takes. */
  get memoryBytes(): number {
    return (this.#blocks.length + (this.#spare === undefined ? 0 : 1)) * blockBytes;
  }

  append(bytes: Uint8Array, offset: number, length: number): void {
    let at = offset;
    let left = length;
    while (left > 0) {
      if (this.#filled === blockBytes) this.#addBlock();
      const room = blockBytes - this.#filled;
      const count = left < room ? left : room;
      copyBytes(bytes, at, this.#last, this.#filled, count);
      this.#filled += count;
      at += count;
      left -= count;
    }
    this.end += length;
  }

  #addBlock(): void {
    this.#last = this.#spare ?? viewedBytes(blockBytes);
    this.#spare = undefined;
    this.#blocks.push(this.#last);
    this.#filled = 0;
  }

  /** The block that holds a byte which is kept. */
  blockAt(place: number): Uint8Array {
    return this.#blocks[Math.floor((place - this.#base) / blockBytes)];
  }

  /** Where in its block that byte stands. */
  indexAt(place: number): number {
    return (place - this.#base) % blockBytes;
  }

  /** How many bytes follow in that block from there on, itself included. */
  countAt(place: number): number {
    return Math.min(blockBytes - this.indexAt(place), this.end - place);
  }

  /** Forgets what lies before a place; nobody may read it any longer, sockets included. */
  trim(place: number): void {
    if (place <= this.start) return;
    this.start = Math.min(place, this.end);
    while (this.#blocks.length > 1 && this.#base + blockBytes <= this.start) {
      this.#spare = this.#blocks.shift();
      this.#base += blockBytes;
    }
  }

  /** A copy of some bytes that are kept. */
  copy(place: number, length: number): Uint8Array {
    const copied = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const from = place + done;
      const count = Math.min(this.countAt(from), length - done);
      copyBytes(this.blockAt(from), this.indexAt(from), copied, done, count);
      done += count;
    }
    return copied;
  }
}
