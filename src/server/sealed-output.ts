// Replies and messages that were moved out of the buffer of all: whole arrays, in the order in
// which they go out.
import type { Stream } from "./stream.ts";

/** Small ones of one turn leave in one write, up to this size together. */
const joinedBytesMax = 1024 * 1024;

export class SealedOutput {
  bytes = 0;
  /** Most have one: a list for each client would cost as much as the rest of a message to many. */
  #first: Uint8Array | undefined;
  #more: Uint8Array[] | undefined;

  get count(): number {
    return this.#first === undefined ? 0 : 1 + (this.#more?.length ?? 0);
  }

  /** Adds bytes that nobody will change. */
  push(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    if (this.#first === undefined) this.#first = bytes;
    else if (this.#more === undefined) this.#more = [bytes];
    else this.#more.push(bytes);
  }

  /** Hands all that was pushed to the stream, and forgets it. */
  send(stream: Stream): void {
    const first = this.#first;
    if (first === undefined) return;
    const more = this.#more;
    const { bytes } = this;
    this.clear();
    if (more === undefined) {
      stream.send(first, 0, bytes);
    } else if (bytes <= joinedBytesMax) {
      stream.send(Buffer.concat([first, ...more], bytes), 0, bytes);
    } else {
      stream.send(first, 0, first.length);
      for (const part of more) stream.send(part, 0, part.length);
    }
  }

  clear(): void {
    this.#first = undefined;
    this.#more = undefined;
    this.bytes = 0;
  }
}
