// The file system as persistence sees it (`persistence/disk.ts`), over node:fs.
//
// Writes name the position that they go to instead of relying on O_APPEND: a file that was opened
// for appending cannot be cut on Windows. Calls that are under way keep their descriptor: it is
// closed after the last of them, so that its number cannot come to mean another file before.
import * as fs from "node:fs";
import type { Disk, DiskFile } from "../persistence/disk.ts";
import { DiskError } from "../persistence/disk.ts";

type Done = (error: DiskError | undefined) => void;

/** What C's strerror calls the errors that an operator meets: they end up in log lines. */
const texts: Readonly<Record<string, string>> = {
  EACCES: "Permission denied",
  EBUSY: "Device or resource busy",
  EDQUOT: "Disk quota exceeded",
  EEXIST: "File exists",
  EFBIG: "File too large",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  ENFILE: "Too many open files in system",
  ENOENT: "No such file or directory",
  ENOSPC: "No space left on device",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
};

/** What syncing a directory fails with where that is not a thing to do. */
const unsyncableCodes: ReadonlySet<string> = new Set(["EISDIR", "EPERM", "EBADF", "EINVAL"]);

const openFlags = {
  read: fs.constants.O_RDONLY,
  append: fs.constants.O_RDWR | fs.constants.O_CREAT,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC,
} as const;
const fileMode = 0o644;
const directoryMode = 0o755;

function diskError(error: unknown): DiskError {
  if (!(error instanceof Error)) return new DiskError("EIO", String(error));
  const { code = "EIO" } = error as NodeJS.ErrnoException;
  return new DiskError(code, texts[code] ?? error.message);
}

function attempt<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw diskError(error);
  }
}

class NodeFile implements DiskFile {
  readonly #descriptor: number;
  /** Where the next write goes. */
  #end: number;
  #callsUnderWay = 0;
  #isClosing = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.#end = fs.fstatSync(descriptor).size;
  }

  size(): number {
    return attempt(() => fs.fstatSync(this.#descriptor).size);
  }

  read(bytes: Uint8Array, offset: number, length: number, position: number): number {
    return attempt(() => fs.readSync(this.#descriptor, bytes, offset, length, position));
  }

  write(bytes: Uint8Array, offset: number, length: number): number {
    const count = attempt(() => fs.writeSync(this.#descriptor, bytes, offset, length, this.#end));
    this.#end += count;
    return count;
  }

  writeLater(bytes: Uint8Array, done: Done): void {
    const start = this.#end;
    // Taken at once: a write that comes before this one is done goes behind it.
    this.#end += bytes.length;
    this.#callsUnderWay++;
    let written = 0;
    const next = (): void => {
      const left = bytes.length - written;
      fs.write(this.#descriptor, bytes, written, left, start + written, (error, count) => {
        written += count ?? 0;
        if (error === null && count > 0 && written < bytes.length) {
          next();
          return;
        }
        const isShort = written < bytes.length;
        if (isShort && this.#end === start + bytes.length) this.#end = start + written;
        this.#endCall();
        if (!isShort) done(undefined);
        else done(error === null ? new DiskError("EIO", texts.EIO) : diskError(error));
      });
    };
    next();
  }

  sync(): void {
    attempt(() => fs.fdatasyncSync(this.#descriptor));
  }

  syncLater(done: Done): void {
    this.#callsUnderWay++;
    fs.fdatasync(this.#descriptor, (error) => {
      this.#endCall();
      done(error === null ? undefined : diskError(error));
    });
  }

  truncate(length: number): void {
    attempt(() => fs.ftruncateSync(this.#descriptor, length));
    this.#end = length;
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#callsUnderWay === 0) this.#close();
  }

  #endCall(): void {
    this.#callsUnderWay--;
    if (this.#isClosing && this.#callsUnderWay === 0) this.#close();
  }

  #close(): void {
    try {
      fs.closeSync(this.#descriptor);
    } catch {
      // What was to be kept has been synced, and its errors reported, before.
    }
  }
}

/** Paths are taken as they are: relative ones from the process's working directory. */
export class NodeDisk implements Disk {
  open(path: string, mode: "read" | "append" | "create"): DiskFile {
    return attempt(() => new NodeFile(fs.openSync(path, openFlags[mode], fileMode)));
  }

  exists(path: string): boolean {
    return fs.existsSync(path);
  }

  list(path: string): string[] {
    try {
      return fs.readdirSync(path);
    } catch (error) {
      const failure = diskError(error);
      if (failure.code === "ENOENT") return [];
      throw failure;
    }
  }

  makeDirectory(path: string): void {
    try {
      fs.mkdirSync(path, directoryMode);
    } catch (error) {
      const failure = diskError(error);
      const isThere = failure.code === "EEXIST" && attempt(() => fs.statSync(path)).isDirectory();
      if (!isThere) throw failure;
    }
  }

  rename(from: string, to: string): void {
    attempt(() => fs.renameSync(from, to));
  }

  remove(path: string): void {
    attempt(() => fs.unlinkSync(path));
  }

  syncDirectory(path: string): void {
    let descriptor: number | undefined;
    try {
      descriptor = fs.openSync(path, fs.constants.O_RDONLY);
      fs.fsyncSync(descriptor);
    } catch (error) {
      const failure = diskError(error);
      if (!unsyncableCodes.has(failure.code)) throw failure;
    } finally {
      if (descriptor !== undefined) fs.closeSync(descriptor);
    }
  }
}
