// Collects bytes into pieces and writes them to a file: beside the event loop, or, for who has to
// wait anyway, at once. The first error ends it: what comes after is dropped, and `finish` tells.
import { copyBytes } from "../bytes/ascii.ts";
import type { ByteSink } from "./byte-stream.ts";
import type { DiskFile } from "./disk.ts";
import { DiskError } from "./disk.ts";

const pieceBytes = 256 * 1024;
/** Written bytes after which the disk is made to keep up, so that the last sync is a short one. */
const syncEveryBytes = 4 * 1024 * 1024;
const sparesMax = 8;
/** With so much waiting for the disk, whoever can should stop making more. */
const behindBytes = 16 * 1024 * 1024;

export interface FileSinkOptions {
  /** Whether to sync now and then on the way: `rdb-save-incremental-fsync`. */
  readonly syncsOnTheWay: boolean;
  /** Whether every piece is in the file when the call that filled it returns. */
  readonly isImmediate: boolean;
}

export class FileSink implements ByteSink {
  error: DiskError | undefined;
  /** Bytes that have come in. */
  size = 0;
  readonly #file: DiskFile;
  readonly #options: FileSinkOptions;
  #piece: Uint8Array = new Uint8Array(pieceBytes);
  #filled = 0;
  #waiting: Uint8Array[] = [];
  /** Pieces that are written and can be filled again. */
  readonly #spare: Uint8Array[] = [];
  #waitingBytes = 0;
  #unsyncedBytes = 0;
  #isBusy = false;
  #onIdle: (() => void) | undefined;

  constructor(file: DiskFile, options: FileSinkOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** Whether the disk is so far behind that making more should wait. */
  get isBehind(): boolean {
    return this.#waitingBytes > behindBytes;
  }

  write(bytes: Uint8Array, offset: number, length: number): void {
    if (this.error !== undefined) return;
    this.size += length;
    let at = offset;
    const end = offset + length;
    while (at < end) {
      const count = Math.min(end - at, pieceBytes - this.#filled);
      copyBytes(bytes, at, this.#piece, this.#filled, count);
      this.#filled += count;
      at += count;
      if (this.#filled === pieceBytes) this.#handOn();
    }
  }

  #handOn(): void {
    if (this.#filled === 0) return;
    const piece = this.#filled === pieceBytes ? this.#piece : this.#piece.subarray(0, this.#filled);
    this.#filled = 0;
    if (this.#options.isImmediate) {
      this.#attempt(() => writeAll(this.#file, piece));
      return;
    }
    this.#piece = this.#spare.pop() ?? new Uint8Array(pieceBytes);
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    this.#pump();
  }

  #pump(): void {
    if (this.#isBusy) return;
    const piece = this.error === undefined ? this.#waiting.shift() : undefined;
    if (piece === undefined) {
      const onIdle = this.#onIdle;
      this.#onIdle = undefined;
      onIdle?.();
      return;
    }
    this.#isBusy = true;
    this.#file.writeLater(piece, (error) => {
      this.#waitingBytes -= piece.length;
      if (piece.length === pieceBytes && this.#spare.length < sparesMax) this.#spare.push(piece);
      this.#unsyncedBytes += piece.length;
      if (error !== undefined) this.#fail(error);
      if (error === undefined && this.#isSyncDue) this.#syncOnTheWay();
      else this.#proceed();
    });
  }

  #proceed(): void {
    this.#isBusy = false;
    this.#pump();
  }

  get #isSyncDue(): boolean {
    return this.#options.syncsOnTheWay && this.#unsyncedBytes >= syncEveryBytes;
  }

  #syncOnTheWay(): void {
    this.#unsyncedBytes = 0;
    this.#file.syncLater((error) => {
      if (error !== undefined) this.#fail(error);
      this.#proceed();
    });
  }

  #fail(error: DiskError): void {
    this.error ??= error;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#fail(error);
    }
  }

  /** Writes the rest and syncs; then calls `done`, in a later turn, with the first error. */
  finish(done: (error: DiskError | undefined) => void): void {
    this.#handOn();
    this.#onIdle = () => {
      if (this.error !== undefined) {
        done(this.error);
        return;
      }
      this.#isBusy = true;
      this.#file.syncLater((error) => {
        this.#isBusy = false;
        if (error !== undefined) this.#fail(error);
        done(this.error);
        // Somebody may wait for the file to be free.
        this.#pump();
      });
    };
    this.#pump();
  }

  /** The same at once, for an immediate sink. */
  finishNow(): void {
    this.#handOn();
    if (this.error === undefined) this.#attempt(() => this.#file.sync());
  }

  /** Drops what waits and calls `done` when the file is no longer in use. */
  abandon(done: () => void): void {
    this.#fail(this.error ?? new DiskError("ECANCELED", "the write was given up"));
    this.#onIdle = done;
    this.#pump();
  }
}

/** Writes all of it, however much the file takes at a time. Throws a DiskError. */
export function writeAll(file: DiskFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.write(bytes, at, bytes.length - at);
}
