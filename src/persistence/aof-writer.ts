// Writes propagated commands to the append-only file that is open, as the policy of
// `appendfsync` says: they gather during a turn, `flush` writes them before the turn's replies go
// out, and they are synced then (`always`), about every second beside the event loop
// (`everysec`), or when the system likes (`no`).
//
// What cannot be written stays and is tried again; nothing is ever left out of the middle of a
// file. A sync that fails is remembered until one succeeds. Under `always` a reply would promise
// what is not kept, so there the first error is final: `onFatal` ends the server, as in Redis.
import { asciiBytes, copyBytes } from "../bytes/ascii.ts";
import type { LatencyEvent } from "../engine/latency-monitor.ts";
import type { PropagationSink } from "../engine/propagation.ts";
import type { DiskFile } from "./disk.ts";
import { DiskError } from "./disk.ts";

export type SyncPolicy = "always" | "everysec" | "no";

export interface AofWriterOptions {
  /** Where in the history of changes the last command was that came in. */
  offset(): number;
  /** Called when `syncedOffset` has grown. */
  onSynced(): void;
  /** ms since 1970. */
  nowMs(): number;
  policy(): SyncPolicy;
  /** Whether the time is noted between commands: `aof-timestamp-enabled`. */
  hasTimestamps(): boolean;
  /** Whether syncing is left out for now: `no-appendfsync-on-rewrite`. */
  isSyncOff(): boolean;
  /** A clock for durations, in microseconds. */
  monotonicUs(): number;
  /** Whether a snapshot or a rewrite is under way. */
  isSnapshotRunning(): boolean;
  /** Told of each write and each sync that everybody waits for. */
  tookMs(this: void, event: LatencyEvent, ms: number): void;
  log(this: void, level: "notice" | "warning", text: string): void;
  onFatal(this: void): void;
}

const bufferBytesInitial = 64 * 1024;
/** A buffer that grew beyond this is not kept. */
const bufferBytesKept = 4 * 1024 * 1024;
const syncIntervalMs = 1000;
/** How long writing waits for a sync that is under way, which would block it. */
const postponedMsMax = 2000;
const errorLogIntervalMs = 30_000;

export class AofWriter implements PropagationSink {
  /** Bytes that have come in, and how many of them are safe. */
  appendedBytes = 0;
  syncedBytes = 0;
  /** Bytes in the open file. */
  fileBytes = 0;
  /** The place in the history up to which all is safe. */
  syncedOffset = 0;
  delayedSyncs = 0;
  /** Called before anything is written: DEBUG AOF-FLUSH-SLEEP waits there. */
  beforeWrite: () => void = () => {};
  readonly #options: AofWriterOptions;
  #file: DiskFile | undefined;
  #buffer: Uint8Array = new Uint8Array(bufferBytesInitial);
  #filled = 0;
  /** The database that a reader of the file has selected; -1: none. */
  #database = -1;
  #timestampSeconds = 0;
  #isSyncing = false;
  #lastSyncMs = 0;
  #postponedSinceMs = 0;
  #lastErrorLogMs = 0;
  /** What the last write and the last sync ended with, if with an error. */
  #writeError: DiskError | undefined;
  #syncError: DiskError | undefined;

  constructor(options: AofWriterOptions) {
    this.#options = options;
  }

  /** Why what was appended is not as safe as it should be. */
  get error(): DiskError | undefined {
    return this.#writeError ?? (this.#options.policy() === "no" ? undefined : this.#syncError);
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** Bytes that wait to be written. */
  get bufferedBytes(): number {
    return this.#filled;
  }

  get isSyncing(): boolean {
    return this.#isSyncing;
  }

  /** What comes from now on goes to this file. The one before, if any, must be synced. */
  open(file: DiskFile): void {
    this.#file?.close();
    this.#file = file;
    this.fileBytes = file.size();
    this.#database = -1;
    this.#timestampSeconds = 0;
    this.#lastSyncMs = this.#options.nowMs();
  }

  append(database: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.#options.hasTimestamps()) this.#noteTime();
    if (database >= 0 && database !== this.#database) {
      this.#database = database;
      const number = String(database);
      this.#put(asciiBytes(`*2\r\n$6\r\nSELECT\r\n$${number.length}\r\n${number}\r\n`));
    }
    this.#reserve(length);
    copyBytes(bytes, offset, this.#buffer, this.#filled, length);
    this.#filled += length;
    this.appendedBytes += length;
  }

  #noteTime(): void {
    const seconds = Math.floor(this.#options.nowMs() / 1000);
    if (seconds <= this.#timestampSeconds) return;
    this.#timestampSeconds = seconds;
    this.#put(asciiBytes(`#TS:${seconds}\r\n`));
  }

  #put(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
    this.appendedBytes += bytes.length;
  }

  #reserve(count: number): void {
    const needed = this.#filled + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, needed));
    copyBytes(this.#buffer, 0, grown, 0, this.#filled);
    this.#buffer = grown;
  }

  /**
   * Writes and syncs what has gathered, as the policy says; `isForced`: does not wait for a sync.
   */
  flush(isForced = false): void {
    if (this.#file === undefined) return;
    if (this.#filled > 0) {
      if (!isForced && this.#isPostponed()) return;
      const startUs = this.#options.monotonicUs();
      this.beforeWrite();
      this.#write(this.#file);
      this.#noteWrite((this.#options.monotonicUs() - startUs) / 1000);
    }
    this.#syncIfDue(this.#file);
  }

  /** LATENCY tells writes apart by what else the disk had to do. */
  #noteWrite(ms: number): void {
    const { tookMs } = this.#options;
    if (this.#isSyncing) tookMs("aof-write-pending-fsync", ms);
    else if (this.#options.isSnapshotRunning()) tookMs("aof-write-active-child", ms);
    else tookMs("aof-write-alone", ms);
    tookMs("aof-write", ms);
  }

  /** While a sync is under way a write would wait for it, and with it everybody. */
  #isPostponed(): boolean {
    if (!this.#isSyncing || this.#options.policy() !== "everysec") {
      this.#postponedSinceMs = 0;
      return false;
    }
    const nowMs = this.#options.nowMs();
    if (this.#postponedSinceMs === 0) this.#postponedSinceMs = nowMs;
    if (nowMs - this.#postponedSinceMs < postponedMsMax) return true;
    this.#postponedSinceMs = 0;
    this.delayedSyncs++;
    this.#options.log(
      "notice",
      "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without " +
        "waiting for fsync to complete, this may slow down the server.",
    );
    return false;
  }

  #write(file: DiskFile): void {
    let written = 0;
    try {
      while (written < this.#filled) {
        written += file.write(this.#buffer, written, this.#filled - written);
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#writeFailed(file, written, error);
      return;
    }
    this.fileBytes += written;
    this.#filled = 0;
    if (this.#buffer.length > bufferBytesKept) this.#buffer = new Uint8Array(bufferBytesInitial);
    if (this.#writeError !== undefined) {
      this.#options.log("warning", "AOF write error looks solved. The server can write again.");
      this.#writeError = undefined;
    }
  }

  /** A command that is half written must not stay so, since what comes next would follow it. */
  #writeFailed(file: DiskFile, written: number, error: DiskError): void {
    const nowMs = this.#options.nowMs();
    if (this.#writeError === undefined || nowMs - this.#lastErrorLogMs >= errorLogIntervalMs) {
      this.#lastErrorLogMs = nowMs;
      this.#options.log("warning", `Error writing to the AOF file: ${error.message}`);
    }
    this.#writeError = error;
    if (written > 0) this.#takeBack(file, written);
    if (this.#options.policy() === "always") {
      this.#options.log(
        "warning",
        "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...",
      );
      this.#options.onFatal();
    }
  }

  #takeBack(file: DiskFile, written: number): void {
    try {
      file.truncate(this.fileBytes);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#options.log(
        "warning",
        `Could not remove short write from the append-only file: ${error.message}`,
      );
      this.#buffer.copyWithin(0, written, this.#filled);
      this.#filled -= written;
      this.fileBytes += written;
    }
  }

  #syncIfDue(file: DiskFile): void {
    if (this.#filled > 0 || this.syncedBytes === this.appendedBytes) return;
    const policy = this.#options.policy();
    if (policy === "no" || this.#options.isSyncOff()) return;
    const nowMs = this.#options.nowMs();
    if (policy === "always") {
      this.#syncNow(file);
    } else if (!this.#isSyncing && Math.abs(nowMs - this.#lastSyncMs) >= syncIntervalMs) {
      this.#syncLater(file);
    }
  }

  #syncNow(file: DiskFile): void {
    const startUs = this.#options.monotonicUs();
    try {
      file.sync();
      this.#options.tookMs("aof-fsync-always", (this.#options.monotonicUs() - startUs) / 1000);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#syncError = error;
      this.#options.log(
        "warning",
        "Can't persist AOF for fsync error when the AOF fsync policy is 'always': " +
          `${error.message}. Exiting...`,
      );
      this.#options.onFatal();
      return;
    }
    this.#synced(this.appendedBytes, this.#options.offset());
  }

  #syncLater(file: DiskFile): void {
    const upTo = this.appendedBytes;
    const offset = this.#options.offset();
    this.#isSyncing = true;
    this.#lastSyncMs = this.#options.nowMs();
    file.syncLater((error) => {
      this.#isSyncing = false;
      if (error === undefined) {
        this.#synced(upTo, offset);
        return;
      }
      this.#syncError = error;
      this.#options.log("warning", `Fail to fsync the AOF file: ${error.message}`);
    });
  }

  #synced(upTo: number, offset: number): void {
    this.#syncError = undefined;
    this.syncedBytes = Math.max(this.syncedBytes, upTo);
    if (offset <= this.syncedOffset) return;
    this.syncedOffset = offset;
    this.#options.onSynced();
  }

  /** `syncAll`, and forgets the file. Throws a DiskError. */
  finish(): void {
    this.syncAll();
    this.#file?.close();
    this.#file = undefined;
  }

  /** Writes all and syncs it, whatever the policy. Throws a DiskError. */
  syncAll(): void {
    const file = this.#file;
    if (file === undefined) return;
    if (this.#filled > 0) this.#write(file);
    if (this.#filled > 0) throw this.error ?? new DiskError("EIO", "short write");
    file.sync();
    this.#synced(this.appendedBytes, this.#options.offset());
  }

  /** Forgets the file and what was not written to it. */
  drop(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#filled = 0;
    this.#writeError = undefined;
    this.#syncError = undefined;
  }
}
