// A stream over a descriptor of our own loop.
//
// It reads what there is, up to a megabyte a turn. What the system does not take at once is queued,
// and goes on when there is room.
import type { Stream, StreamHandler } from "../stream.ts";
import type { EpollLoop, Watcher } from "./epoll-loop.ts";
import { interest } from "./epoll-loop.ts";
import { errnoOf } from "./libc.ts";
import type { SocketIo } from "./socket-io.ts";
import { readBytes } from "./socket-io.ts";

/** Both ends, as clients are shown them. */
export interface Ends {
  readonly kind: "tcp" | "unix";
  readonly remote: string;
  readonly local: string;
  readonly isLocal: boolean;
}

/** Rests of replies up to this are copied, so that the buffer of all can be used again. */
const copiedRestBytesMax = 64 * 1024;
const shutdownWriting = 1;
/** Reads from one peer in a turn. */
const readsMax = 16;

interface Queued {
  readonly bytes: Uint8Array;
  start: number;
  readonly end: number;
}

export class EpollStream implements Stream, Watcher {
  readonly descriptor: number;
  pendingBytes = 0;
  readonly #io: SocketIo;
  readonly #loop: EpollLoop;
  readonly kind: "tcp" | "unix";
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  #handler: StreamHandler | undefined;
  #queue: Queued[] = [];
  #waiting: (() => void)[] = [];
  #isPaused = false;
  /** The peer sends nothing more. */
  #hasEnded = false;
  /** Closes when the queue is empty. */
  #isEnding = false;
  #isClosed = false;

  constructor(loop: EpollLoop, io: SocketIo, descriptor: number, ends: Ends) {
    this.#loop = loop;
    this.#io = io;
    this.descriptor = descriptor;
    this.kind = ends.kind;
    this.remoteAddress = ends.remote;
    this.localAddress = ends.local;
    this.isLocal = ends.isLocal;
  }

  /** Begins to deliver. */
  attach(handler: StreamHandler): void {
    this.#handler = handler;
    this.#loop.add(this.descriptor, this, this.#wanted);
  }

  ready(events: number): void {
    if ((events & interest.write) !== 0 && this.#queue.length > 0) this.#sendQueued();
    if (this.#isClosed) return;
    if (this.#isReading) this.#read();
    // Nobody reads, so the error would be told again and again.
    else if ((events & (interest.error | interest.hangUp)) !== 0) this.#fail();
  }

  get #isReading(): boolean {
    return !this.#isPaused && !this.#hasEnded && !this.#isEnding && !this.#isClosed;
  }

  /** Whoever sends a lot at a time is read from as often as that is worth it. */
  #read(): void {
    const io = this.#io;
    const handler = this.#handler;
    for (let left = readsMax; left > 0; left--) {
      const room = handler?.room();
      const wanted = room === undefined ? readBytes : Math.min(room.free, left * readBytes);
      const length =
        room === undefined
          ? io.read(this.descriptor)
          : io.readTo(this.descriptor, room.bytes, room.end, wanted);
      if (length <= 0) this.#noInput(length);
      else if (room === undefined) handler?.received(io.input, length);
      else handler?.filled(length);
      if (length < wanted || !this.#isReading) return;
      left -= Math.floor(length / readBytes) - 1;
    }
  }

  #noInput(length: number): void {
    if (length === 0) {
      this.#hasEnded = true;
      this.#changeInterest();
      this.#handler?.ended();
    } else if (!isTemporary(this.#io.libc.errno())) {
      this.#fail();
    }
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isClosed || start === end) return true;
    let sent = 0;
    if (this.pendingBytes === 0) {
      sent = this.#io.write(this.descriptor, bytes, start, end);
      if (sent === end - start) return true;
      if (sent < 0) {
        if (!isTemporary(this.#io.libc.errno())) {
          this.#loop.defer(() => this.#fail());
          return true;
        }
        sent = 0;
      }
    }
    const left = end - start - sent;
    this.pendingBytes += left;
    const isCopied = left <= copiedRestBytesMax;
    this.#queue.push(
      isCopied
        ? { bytes: bytes.slice(start + sent, end), start: 0, end: left }
        : { bytes, start: start + sent, end },
    );
    this.#changeInterest();
    return isCopied;
  }

  #sendQueued(): void {
    const queue = this.#queue;
    let done = 0;
    while (done < queue.length) {
      const first = queue[done];
      const sent = this.#io.write(this.descriptor, first.bytes, first.start, first.end);
      if (sent < 0) {
        if (isTemporary(this.#io.libc.errno())) break;
        this.#fail();
        return;
      }
      this.pendingBytes -= sent;
      first.start += sent;
      if (first.start < first.end) break;
      done++;
    }
    queue.splice(0, done);
    if (queue.length > 0) return;
    this.#changeInterest();
    this.#allSent();
  }

  #allSent(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
    if (this.#isEnding) this.#finish();
  }

  whenSent(done: () => void): void {
    if (this.#isClosed) return;
    this.#waiting.push(done);
    if (this.#waiting.length > 1) return;
    this.#loop.defer(() => {
      if (this.pendingBytes === 0 && !this.#isClosed) this.#allSent();
    });
  }

  pauseReading(): void {
    this.#isPaused = true;
    this.#changeInterest();
  }

  resumeReading(): void {
    this.#isPaused = false;
    this.#changeInterest();
  }

  end(): void {
    if (this.#isEnding || this.#isClosed) return;
    this.#isEnding = true;
    if (this.pendingBytes === 0) this.#loop.defer(() => this.#finish());
    else this.#changeInterest();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue = [];
    this.pendingBytes = 0;
    this.#waiting = [];
    this.#loop.remove(this.descriptor);
    this.#io.libc.close(this.descriptor);
  }

  /** All is sent: the peer is told that nothing more comes, and then that is the end. */
  #finish(): void {
    if (this.#isClosed) return;
    this.#io.libc.shutdown(this.descriptor, shutdownWriting);
    this.#fail();
  }

  #fail(): void {
    if (this.#isClosed) return;
    this.destroy();
    this.#handler?.closed();
  }

  get #wanted(): number {
    return (this.#isReading ? interest.read : 0) | (this.#queue.length > 0 ? interest.write : 0);
  }

  #changeInterest(): void {
    if (!this.#isClosed) this.#loop.change(this.descriptor, this.#wanted);
  }
}

function isTemporary(errno: number): boolean {
  return errno === errnoOf.again || errno === errnoOf.interrupted;
}
