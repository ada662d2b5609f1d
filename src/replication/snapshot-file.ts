// The file that a replica writes its primary's snapshot to. It takes the place of the dump file
// when it is complete, and is loaded from there.
import { asciiBytes } from "../bytes/ascii.ts";
import type { DiskFile } from "../persistence/disk.ts";
import type { Persistence } from "../persistence/persistence.ts";

export class SnapshotFile {
  readonly #persistence: Persistence;
  readonly #mark: Uint8Array;
  /** The last bytes that have come, as many as the mark has. */
  readonly #last: Uint8Array;
  #file: DiskFile | undefined;
  #isFinished = false;
  #size = 0;

  /** `mark` ends the data; "": it is not there. Throws a DiskError. */
  constructor(persistence: Persistence, mark: string) {
    this.#persistence = persistence;
    this.#mark = asciiBytes(mark);
    this.#last = new Uint8Array(this.#mark.length);
    this.#file = persistence.openReceived();
  }

  /** Throws a DiskError. */
  write(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end;) at += this.#file?.write(bytes, at, end - at) ?? end;
    this.#size += end - start;
    const last = this.#last;
    const count = Math.min(end - start, last.length);
    last.copyWithin(0, count);
    last.set(bytes.subarray(end - count, end), last.length - count);
  }

  /** Whether what has come ends with the mark. */
  get hasMark(): boolean {
    return (
      this.#size >= this.#mark.length && this.#last.every((byte, at) => byte === this.#mark[at])
    );
  }

  /** All is there: the file is made safe, and is the dump file from now on. Throws a DiskError. */
  finish(): void {
    const file = this.#file;
    if (file === undefined) return;
    if (this.#mark.length > 0) file.truncate(this.#size - this.#mark.length);
    file.sync();
    file.close();
    this.#file = undefined;
    this.#persistence.adoptReceived();
    this.#isFinished = true;
  }

  /** Throws a DiskError. */
  openForLoading(): DiskFile {
    this.#file = this.#persistence.openDump();
    return this.#file;
  }

  /** Nothing more is written or read; what is not complete is removed. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
    if (!this.#isFinished) this.#persistence.dropReceived();
    this.#isFinished = true;
  }
}
