// What persistence needs of a file system. `server/` supplies Node's; tests supply one that fails,
// tears writes and forgets what was not synced.
//
// Calls without `Later` have happened when they return; those with it happen beside the event loop
// and tell by a callback, in a later turn. A file has at most one call of each kind under way.

/** A failure of the file system. */
export class DiskError extends Error {
  /** The system's name of the error: `ENOENT`, `ENOSPC`, `EIO`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "DiskError";
    this.code = code;
  }
}

export interface DiskFile {
  /** Bytes in the file now. */
  size(): number;
  /** Reads up to `length` bytes from `position` on; how many there were, 0 at the end. */
  read(bytes: Uint8Array, offset: number, length: number, position: number): number;
  /** Appends; how many bytes were taken, which may be fewer than given. Throws a DiskError. */
  write(bytes: Uint8Array, offset: number, length: number): number;
  /** Appends all of `bytes`, which must not change before `done` is called. */
  writeLater(bytes: Uint8Array, done: (error: DiskError | undefined) => void): void;
  /** Returns when what was written is safe from a power cut. Throws a DiskError. */
  sync(): void;
  syncLater(done: (error: DiskError | undefined) => void): void;
  /** Cuts the file to `length` bytes; what comes next is appended there. */
  truncate(length: number): void;
  /** The file is of no use after. Throws nothing. */
  close(): void;
}

export interface Disk {
  /**
   * `read`: the file must be there; `append`: made when it is not, writes go behind what it has;
   * `create`: made, or emptied. Throws a DiskError.
   */
  open(path: string, mode: "read" | "append" | "create"): DiskFile;
  exists(path: string): boolean;
  /** Names in a directory; none when it is not there. */
  list(path: string): string[];
  /** Makes a directory unless it is there. */
  makeDirectory(path: string): void;
  /** Replaces `to` if it is there, at one stroke. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes what was created, renamed and removed in the directory safe from a power cut. */
  syncDirectory(path: string): void;
}
