// One save of the data set to a file: written under a temporary name, synced, and only then
// given its own, so that a file of that name is always a complete one.
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { DiskError } from "./disk.ts";
import { FileSink } from "./file-sink.ts";
import type { Snapshot } from "../keyspace/snapshot.ts";
import type { ByteSink } from "./byte-stream.ts";

/** Writes a data set, of the instant at which it was made, in some form. */
export interface WholeWriter {
  /** None when it writes no keys. */
  readonly snapshot: Snapshot | undefined;
  readonly keyCount: number;
  step(isOver: () => boolean): boolean;
}

export interface SnapshotSaveOptions {
  /** Begins the snapshot. */
  write(this: void, keyspace: Keyspace, sink: ByteSink): WholeWriter;

  readonly temporaryPath: string;
  /** The file's own path and the directory that it is in. */
  readonly path: string;
  readonly directory: string;
  readonly syncsOnTheWay: boolean;
}

export class SnapshotSave {
  readonly #disk: Disk;
  readonly #options: SnapshotSaveOptions;
  readonly #file: DiskFile;
  readonly #sink: FileSink;
  readonly #writer: WholeWriter;
  #isWritten = false;
  #isEnded = false;

  /** Begins; the data set is saved as it is now. Throws a DiskError. */
  constructor(keyspace: Keyspace, disk: Disk, options: SnapshotSaveOptions, isImmediate: boolean) {
    this.#disk = disk;
    this.#options = options;
    this.#file = disk.open(options.temporaryPath, "create");
    this.#sink = new FileSink(this.#file, { syncsOnTheWay: options.syncsOnTheWay, isImmediate });
    this.#writer = options.write(keyspace, this.#sink);
  }

  get keyCount(): number {
    return this.#writer.keyCount;
  }

  /** The whole save at once. Throws a DiskError, and then there is no new file. */
  run(): void {
    this.#writer.step(() => false);
    this.#sink.finishNow();
    this.#isWritten = true;
    const { error } = this.#sink;
    if (error !== undefined) this.#giveUp(() => {});
    const failure = error ?? this.#publish();
    if (failure !== undefined) throw failure;
  }

  /**
   * Goes on for a slice; whether there is more to write. `done` is called once, in a later turn,
   * when the file is there or with the error because of which it is not.
   */
  step(isOver: () => boolean, done: (error: DiskError | undefined) => void): boolean {
    if (this.#isWritten || this.#isEnded) return false;
    if (this.#sink.error !== undefined) {
      this.#giveUp(() => done(this.#sink.error));
      return false;
    }
    if (this.#sink.isBehind) return true;
    this.#isWritten = this.#writer.step(isOver);
    if (!this.#isWritten) return true;
    this.#sink.finish((error) => {
      if (this.#isEnded) return;
      if (error === undefined) done(this.#publish());
      else this.#giveUp(() => done(error));
    });
    return false;
  }

  /** Stops and removes what is there of the file. */
  abort(): void {
    if (this.#isEnded) return;
    this.#giveUp(() => {});
  }

  #giveUp(done: () => void): void {
    this.#isEnded = true;
    if (!this.#isWritten) this.#writer.snapshot?.abort();
    // At once, since the process may end before the file is free; where an open file cannot be
    // removed, again then. Not twice: another save may have made its own of that name by then.
    const isRemoved = this.#removeTemporary();
    this.#sink.abandon(() => {
      this.#file.close();
      if (!isRemoved) this.#removeTemporary();
      done();
    });
  }

  #publish(): DiskError | undefined {
    this.#isEnded = true;
    this.#file.close();
    const { temporaryPath, path, directory } = this.#options;
    try {
      this.#disk.rename(temporaryPath, path);
      this.#disk.syncDirectory(directory);
      return undefined;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#removeTemporary();
      return error;
    }
  }

  /** Whether it is gone. What cannot be removed lies there under a name that nobody reads. */
  #removeTemporary(): boolean {
    try {
      this.#disk.remove(this.#options.temporaryPath);
      return true;
    } catch {
      return false;
    }
  }
}
