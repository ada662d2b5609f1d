// Reading and writing through descriptors, with buffers that all streams share.
//
// A short message is copied to a fixed place and written from there, which costs less than finding
// out where it lies. A long one is written from where it is, by its address.
import { copyBytes } from "../../bytes/ascii.ts";
import type { Libc } from "./libc.ts";

/** As much as is read at a time. */
export const readBytes = 64 * 1024;
const scratchBytes = 16 * 1024;
/** Arrays of less may lie on V8's heap, and be moved while they are written. */
const copiedBytesMax = 4 * 1024;

export class SocketIo {
  readonly libc: Libc;
  /** What the last read has brought. */
  input: Uint8Array;
  #inputAddress: bigint;
  /** What `input` changes places with; made when it first does. */
  #other: { readonly bytes: Uint8Array; readonly address: bigint } | undefined;
  readonly #scratch;
  /** The message that lies in the scratch: one to many is copied once. */
  #copied: Uint8Array | undefined;

  constructor(libc: Libc) {
    this.libc = libc;
    const input = libc.pin(readBytes);
    this.input = input.bytes;
    this.#inputAddress = input.address;
    this.#scratch = libc.pin(scratchBytes);
  }

  /** What was read last stays as it is until the next call: other input goes elsewhere. */
  swapInput(): void {
    const other = this.#other ?? this.libc.pin(readBytes);
    this.#other = { bytes: this.input, address: this.#inputAddress };
    this.input = other.bytes;
    this.#inputAddress = other.address;
  }

  /** Reads into `input`: how many bytes, 0 at the end of what the peer sends, -1 for an error. */
  read(descriptor: number): number {
    return this.libc.read(descriptor, this.#inputAddress, readBytes);
  }

  /** Reads up to `length` bytes to `bytes[start..]`, which lies outside V8's heap. */
  readTo(descriptor: number, bytes: Uint8Array, start: number, length: number): number {
    const address = this.libc.addressOf(bytes) + BigInt(start);
    return this.libc.recv(descriptor, address, length, 0);
  }

  /** Writes `bytes[start..end)`: how many of them the system took, -1 for an error. */
  write(descriptor: number, bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length <= copiedBytesMax) {
      this.#copy(bytes, start, end);
      return this.libc.write(descriptor, this.#scratch.address, length);
    }
    return this.libc.write(descriptor, this.libc.addressOf(bytes) + BigInt(start), length);
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    // A message is an array of its own and does not change; the buffer of replies does.
    const isMessage = start === 0 && end === bytes.length;
    if (isMessage && bytes === this.#copied) return;
    copyBytes(bytes, start, this.#scratch.bytes, 0, end - start);
    this.#copied = isMessage ? bytes : undefined;
  }
}
