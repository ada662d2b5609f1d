// A disk in memory that fails as real ones do, the same way each time for a seed: writes that take
// less than given, errors, no space left, and a loss of power, which keeps what was synced and of
// all else whatever it likes.
//
// What a loss of power may leave is as bad as POSIX allows. Of a file: what was there at its last
// sync, and any part of what was appended since, its last sector torn. Of a directory: the changes
// of names up to its last sync, and the first so many of those since. A file that is synced but
// whose name is not is lost, and so is all that is in a directory whose own name is not synced.
import type { Random } from "../../src/bytes/random.ts";
import { seededRandom } from "../../src/bytes/random.ts";
import type { Disk, DiskFile } from "../../src/persistence/disk.ts";
import { DiskError } from "../../src/persistence/disk.ts";

const sectorBytes = 512;

type Done = (error: DiskError | undefined) => void;

/** What a file holds, under whatever names. */
interface Content {
  bytes: Uint8Array;
  length: number;
  /** Bytes from the start on that a loss of power cannot take. */
  syncedLength: number;
  /** What was synced before a cut that was not: it may be there again. */
  beforeCut: Uint8Array | undefined;
}

/** A change of names that is not synced yet. */
interface Change {
  readonly directory: string;
  apply(names: Names): void;
}

interface Names {
  readonly files: Map<string, Content>;
  /** Those that were made; files may also lie where nobody has made a directory. */
  readonly directories: Set<string>;
}

export interface Faults {
  /** One write in so many takes only some of what it is given; 0: none does. */
  shortWriteOneIn: number;
  /** Bytes that may still be written before ENOSPC. */
  spaceBytes: number;
  /** Bytes that may still be written before EIO. */
  goodBytes: number;
  /** Syncs that still work before EIO. */
  goodSyncs: number;
  /** Files that can still be opened for writing, cut, renamed or removed before EIO. */
  goodChanges: number;
  /** Writes, syncs and changes that still work before one fails with EIO, which alone does. */
  goodCalls: number;
  /** Operations of any kind before the power fails: then all calls throw `PowerLoss`. */
  operationsLeft: number;
}

/** Thrown by a disk without power; `crash` tells what is left. */
export class PowerLoss extends Error {
  override name = "PowerLoss";
}

export class FaultDisk implements Disk {
  readonly faults: Faults = {
    shortWriteOneIn: 0,
    spaceBytes: Infinity,
    goodBytes: Infinity,
    goodSyncs: Infinity,
    goodChanges: Infinity,
    goodCalls: Infinity,
    operationsLeft: Infinity,
  };
  /** Operations so far: what `faults.operationsLeft` counts. */
  operations = 0;
  /** Called before each operation. */
  beforeOperation: (() => void) | undefined;
  readonly #random: Random;
  readonly #now: Names = { files: new Map(), directories: new Set() };
  readonly #synced: Names = { files: new Map(), directories: new Set() };
  #changes: Change[] = [];
  #waiting: (() => void)[] = [];

  constructor(seed: number | Random) {
    this.#random = typeof seed === "number" ? seededRandom(seed) : seed;
  }

  /** Does the oldest call that is under way and tells who waits; false when there is none. */
  turn(): boolean {
    const next = this.#waiting.shift();
    next?.();
    return next !== undefined;
  }

  /** All of the file as it is now. */
  contentOf(path: string): Uint8Array {
    const content = this.#find(path);
    return content.bytes.slice(0, content.length);
  }

  /** Puts a file there, synced, with its name. */
  place(path: string, bytes: Uint8Array): void {
    const content: Content = {
      bytes: Uint8Array.from(bytes),
      length: bytes.length,
      syncedLength: bytes.length,
      beforeCut: undefined,
    };
    this.#now.files.set(path, content);
    this.#synced.files.set(path, content);
  }

  /** From now on nothing fails. */
  heal(): void {
    const whole = Infinity;
    Object.assign(this.faults, {
      shortWriteOneIn: 0,
      spaceBytes: whole,
      goodBytes: whole,
      goodSyncs: whole,
      goodChanges: whole,
      goodCalls: whole,
    });
  }

  /** The disk as it is found after a loss of power at this moment; this one is dead from now on. */
  crash(): FaultDisk {
    this.faults.operationsLeft = 0;
    this.#waiting = [];
    return this.survivor();
  }

  /** The disk as it would be found after a loss of power at this moment; this one goes on. */
  survivor(): FaultDisk {
    const names: Names = {
      files: new Map(this.#synced.files),
      directories: new Set(this.#synced.directories),
    };
    const kept = this.#random.below(this.#changes.length + 1);
    for (const change of this.#changes.slice(0, kept)) change.apply(names);
    const after = new FaultDisk(this.#random);
    for (const directory of names.directories) {
      after.#now.directories.add(directory);
      after.#synced.directories.add(directory);
    }
    const survived = new Map<Content, Uint8Array>();
    for (const [path, content] of names.files) {
      const directory = directoryOf(path);
      if (this.#now.directories.has(directory) && !names.directories.has(directory)) continue;
      const bytes = survived.get(content) ?? this.#whatIsLeft(content);
      survived.set(content, bytes);
      after.place(path, bytes);
    }
    return after;
  }

  #whatIsLeft(content: Content): Uint8Array {
    const { bytes, length, syncedLength, beforeCut } = content;
    if (beforeCut !== undefined && this.#random.below(2) === 0) return beforeCut;
    const end = syncedLength + this.#random.below(length - syncedLength + 1);
    const left = bytes.slice(0, end);
    // The last sector may be allocated and not written, as far as it was not synced.
    const tornFrom = Math.max(syncedLength, end - (end % sectorBytes));
    if (this.#random.below(4) === 0) left.fill(0, tornFrom);
    return left;
  }

  open(path: string, mode: "read" | "append" | "create"): DiskFile {
    this.step();
    let content = this.#now.files.get(path);
    if (this.#now.directories.has(path)) throw new DiskError("EISDIR", "Is a directory");
    if (mode !== "read") this.spendChange();
    if (content === undefined) {
      if (mode === "read") throw noEntry();
      const made: Content = {
        bytes: new Uint8Array(64),
        length: 0,
        syncedLength: 0,
        beforeCut: undefined,
      };
      this.#change(path, ({ files }) => files.set(path, made));
      content = made;
    } else if (mode === "create") {
      cut(content, 0);
    }
    return new FaultFile(this, content, mode === "read");
  }

  exists(path: string): boolean {
    this.step();
    return this.#now.files.has(path) || this.#now.directories.has(path);
  }

  list(path: string): string[] {
    this.step();
    const start = `${path}/`;
    return [...this.#now.files.keys()]
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length))
      .toSorted();
  }

  makeDirectory(path: string): void {
    this.step();
    if (this.#now.files.has(path)) throw new DiskError("EEXIST", "File exists");
    if (this.#now.directories.has(path)) return;
    this.#change(path, ({ directories }) => directories.add(path));
  }

  rename(from: string, to: string): void {
    this.step();
    const content = this.#find(from);
    this.spendChange();
    this.#change(to, ({ files }) => {
      files.delete(from);
      files.set(to, content);
    });
  }

  remove(path: string): void {
    this.step();
    this.#find(path);
    this.spendChange();
    this.#change(path, ({ files }) => files.delete(path));
  }

  syncDirectory(path: string): void {
    this.step();
    this.spendSync();
    const isHere = (change: Change): boolean => change.directory === path;
    for (const change of this.#changes.filter(isHere)) change.apply(this.#synced);
    this.#changes = this.#changes.filter((change) => !isHere(change));
  }

  #find(path: string): Content {
    const content = this.#now.files.get(path);
    if (content === undefined) throw noEntry();
    return content;
  }

  #change(path: string, apply: (names: Names) => void): void {
    apply(this.#now);
    this.#changes.push({ directory: directoryOf(path), apply });
  }

  spendChange(): void {
    this.#spendCall();
    if (this.faults.goodChanges <= 0) throw ioError();
    this.faults.goodChanges--;
  }

  /** For the disk's files: counts an operation, and lets the power fail when it is time. */
  step(): void {
    if (this.faults.operationsLeft <= 0) throw new PowerLoss("the power has failed");
    this.beforeOperation?.();
    this.faults.operationsLeft--;
    this.operations++;
  }

  /** How many of `length` bytes a write takes. */
  spendBytes(length: number): number {
    this.#spendCall();
    const { faults } = this;
    const isShort = faults.shortWriteOneIn > 0 && this.#random.below(faults.shortWriteOneIn) === 0;
    const wanted = isShort && length > 1 ? 1 + this.#random.below(length - 1) : length;
    const taken = Math.min(wanted, faults.spaceBytes, faults.goodBytes);
    if (taken === 0 && length > 0) {
      if (faults.goodBytes === 0) throw ioError();
      throw new DiskError("ENOSPC", "No space left on device");
    }
    faults.spaceBytes -= taken;
    faults.goodBytes -= taken;
    return taken;
  }

  spendSync(): void {
    this.#spendCall();
    if (this.faults.goodSyncs <= 0) throw ioError();
    this.faults.goodSyncs--;
  }

  #spendCall(): void {
    if (this.faults.goodCalls-- === 0) throw ioError();
  }

  later(act: () => void): void {
    this.#waiting.push(act);
  }
}

function directoryOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
}

function ioError(): DiskError {
  return new DiskError("EIO", "Input/output error");
}

function noEntry(): DiskError {
  return new DiskError("ENOENT", "No such file or directory");
}

function cut(content: Content, length: number): void {
  if (length < content.syncedLength) {
    content.beforeCut ??= content.bytes.slice(0, content.syncedLength);
    content.syncedLength = length;
  }
  content.length = length;
}

class FaultFile implements DiskFile {
  readonly #disk: FaultDisk;
  readonly #content: Content;
  readonly #isReadOnly: boolean;
  #isClosed = false;

  constructor(disk: FaultDisk, content: Content, isReadOnly: boolean) {
    this.#disk = disk;
    this.#content = content;
    this.#isReadOnly = isReadOnly;
  }

  #use(changes: boolean): void {
    this.#disk.step();
    if (this.#isClosed || (changes && this.#isReadOnly)) {
      throw new DiskError("EBADF", "Bad file descriptor");
    }
  }

  size(): number {
    this.#use(false);
    return this.#content.length;
  }

  read(bytes: Uint8Array, offset: number, length: number, position: number): number {
    this.#use(false);
    const end = Math.min(this.#content.length, position + length);
    if (position >= end) return 0;
    bytes.set(this.#content.bytes.subarray(position, end), offset);
    return end - position;
  }

  write(bytes: Uint8Array, offset: number, length: number): number {
    this.#use(true);
    return this.#append(bytes, offset, length);
  }

  #append(bytes: Uint8Array, offset: number, length: number): number {
    const taken = this.#disk.spendBytes(length);
    const content = this.#content;
    const end = content.length + taken;
    if (end > content.bytes.length) {
      const grown = new Uint8Array(end * 2);
      grown.set(content.bytes.subarray(0, content.length));
      content.bytes = grown;
    }
    content.bytes.set(bytes.subarray(offset, offset + taken), content.length);
    content.length = end;
    return taken;
  }

  writeLater(bytes: Uint8Array, done: Done): void {
    this.#later(done, () => {
      for (let at = 0; at < bytes.length;) {
        this.#disk.step();
        at += this.#append(bytes, at, bytes.length - at);
      }
    });
  }

  sync(): void {
    this.#use(false);
    this.#syncContent();
  }

  #syncContent(): void {
    this.#disk.spendSync();
    this.#content.syncedLength = this.#content.length;
    this.#content.beforeCut = undefined;
  }

  syncLater(done: Done): void {
    this.#later(done, () => {
      this.#disk.step();
      this.#syncContent();
    });
  }

  /**
   * The power may fail meanwhile; then nobody is told. Closing the file does not keep from being
   * done what is under way.
   */
  #later(done: Done, act: () => void): void {
    this.#disk.later(() => {
      let failure: DiskError | undefined;
      try {
        act();
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        failure = error;
      }
      done(failure);
    });
  }

  truncate(length: number): void {
    this.#use(true);
    this.#disk.spendChange();
    cut(this.#content, length);
  }

  close(): void {
    this.#isClosed = true;
  }
}
