// Supplies a reader with a file, a window of it at a time. No more memory is taken than the window,
// or, for a string that is longer, as much as the file really has of it.
import { copyBytes } from "../bytes/ascii.ts";
import type { ByteSource, ByteWindow } from "./byte-stream.ts";
import type { DiskFile } from "./disk.ts";

const windowBytes = 1024 * 1024;

export class FileSource implements ByteSource {
  readonly #file: DiskFile;
  readonly #own: Uint8Array;
  #position: number;
  readonly #size: number;

  /** Supplies what the file has from `start` on at this time. */
  constructor(file: DiskFile, start = 0, length: number = windowBytes) {
    this.#file = file;
    this.#own = new Uint8Array(length);
    this.#position = start;
    this.#size = file.size();
  }

  get bytesLeft(): number {
    return Math.max(0, this.#size - this.#position);
  }

  /** Throws a `DiskError` when the file cannot be read. */
  fill(window: ByteWindow, count: number): boolean {
    const unread = window.end - window.position;
    if (count - unread > this.bytesLeft) return false;
    const target = count <= this.#own.length ? this.#own : new Uint8Array(count);
    if (target === window.bytes) target.copyWithin(0, window.position, window.end);
    else copyBytes(window.bytes, window.position, target, 0, unread);
    window.bytes = target;
    window.position = 0;
    window.end = unread;
    while (window.end < count) {
      const room = target.length - window.end;
      const got = this.#file.read(target, window.end, room, this.#position);
      // Somebody has cut the file since we asked for its size.
      if (got === 0) return false;
      window.end += got;
      this.#position += got;
    }
    return true;
  }
}
