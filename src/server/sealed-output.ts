// Replies and messages that were moved out of the buffer of all: whole arrays, in the order in
// which they go out.

/** Small ones of one turn leave in one write, up to this size together. */
const joinedBytesMax = 1024 * 1024;

export class SealedOutput {
  bytes = 0;
  #parts: Uint8Array[] = [];

  get count(): number {
    return this.#parts.length;
  }

  /** Adds bytes that nobody will change. */
  push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.bytes += bytes.length;
  }

  /** All that was pushed, and it is forgotten here. */
  take(): readonly Uint8Array[] {
    const parts = this.#parts;
    const { bytes } = this;
    this.clear();
    return parts.length > 1 && bytes <= joinedBytesMax ? [Buffer.concat(parts, bytes)] : parts;
  }

  clear(): void {
    this.#parts = [];
    this.bytes = 0;
  }
}
