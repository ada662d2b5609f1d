// A stream over node:tls.
//
// OpenSSL encrypts what it is given at once and keeps no reference to it, so a caller may use its
// buffer again as soon as `send` has handed it on. Node tells in a later round of the event loop
// that the encrypted bytes are gone; until then nothing more is handed on. What comes meanwhile
// waits here unencrypted and goes on in pieces, so that a large reply to a slow peer is neither
// copied nor encrypted before its time.
import type { TLSSocket } from "node:tls";
import type { Addresses } from "./net-listener.ts";
import type { Stream } from "./stream.ts";

/** As much as is encrypted at a time. */
const pieceBytes = 256 * 1024;

export class TlsStream implements Stream {
  readonly kind = "tcp";
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  readonly #socket: TLSSocket;
  /** Handed on and not known to be gone. */
  #sendingBytes = 0;
  /** In order; of the first, `#firstSent` bytes have been handed on. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #firstSent = 0;
  #isEnding = false;
  readonly #sent: () => void;
  /** Who wants to know when all is gone. */
  #whenSent: (() => void)[] = [];

  constructor(socket: TLSSocket, addresses: Addresses) {
    this.#socket = socket;
    this.remoteAddress = addresses.remote;
    this.localAddress = addresses.local;
    this.isLocal = addresses.isLocal;
    this.#sent = () => this.#goOn();
  }

  get descriptor(): number {
    const handle = (this.#socket as { _handle?: { fd?: number } | null })._handle;
    return handle?.fd ?? -1;
  }

  get pendingBytes(): number {
    return this.#sendingBytes + this.#waitingBytes;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#socket.destroyed) return true;
    const length = end - start;
    if (this.#sendingBytes === 0 && length <= pieceBytes) {
      this.#write(bytes, start, length);
      return true;
    }
    this.#waiting.push(bytes.subarray(start, end));
    this.#waitingBytes += length;
    if (this.#sendingBytes === 0) this.#writeNext();
    return false;
  }

  #write(bytes: Uint8Array, start: number, length: number): void {
    this.#sendingBytes = length;
    this.#socket.write(Buffer.from(bytes.buffer, bytes.byteOffset + start, length), this.#sent);
  }

  #writeNext(): void {
    const first = this.#waiting[0];
    const start = this.#firstSent;
    const length = Math.min(first.length - start, pieceBytes);
    this.#waitingBytes -= length;
    this.#firstSent += length;
    if (this.#firstSent === first.length) {
      this.#waiting.shift();
      this.#firstSent = 0;
    }
    this.#write(first, start, length);
  }

  #goOn(): void {
    this.#sendingBytes = 0;
    if (this.#socket.destroyed) return;
    if (this.#waiting.length > 0) this.#writeNext();
    else if (this.#isEnding) this.#socket.destroySoon();
    else this.#tellSent();
  }

  whenSent(done: () => void): void {
    this.#whenSent.push(done);
    if (this.pendingBytes === 0) setImmediate(() => this.#tellSent());
  }

  #tellSent(): void {
    if (this.#whenSent.length === 0 || this.pendingBytes > 0) return;
    const whenSent = this.#whenSent;
    this.#whenSent = [];
    for (const done of whenSent) done();
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#isEnding = true;
    if (this.#sendingBytes === 0) this.#socket.destroySoon();
  }

  destroy(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#socket.destroy();
  }
}
