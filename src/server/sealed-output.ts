// Replies and messages that were moved out of the buffer of all: whole arrays, in the order in
// which they go out.
import type { Stream } from "./stream.ts";

/** Small ones of one turn leave in one write, up to this size together. */
const joinedBytesMax = 1024 * 1024;

export class SealedOutput {
  bytes = 0;
  readonly #parts: Uint8Array[] = [];

  get count(): number {
    return this.#parts.length;
  }

  /** Adds bytes that nobody will change. */
  push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.bytes += bytes.length;
  }

  /** Hands all that was pushed to the stream, and forgets it. */
  send(stream: Stream): void {
    const parts = this.#parts;
    if (parts.length > 1 && this.bytes <= joinedBytesMax) {
      stream.send(Buffer.concat(parts, this.bytes), 0, this.bytes);
    } else {
      for (let index = 0; index < parts.length; index++) {
        stream.send(parts[index], 0, parts[index].length);
      }
    }
    this.clear();
  }

  clear(): void {
    this.#parts.length = 0;
    this.bytes = 0;
  }
}
