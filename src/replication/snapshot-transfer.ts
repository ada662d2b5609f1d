// A full resynchronization as the replica sees it: the snapshot comes, and is loaded.
//
//   \n...                     the primary is there, and not ready yet
//   $<length>\r\n  <bytes>
//   $EOF:<mark>\r\n  <bytes>  <mark of 40 bytes>
//
// It goes to a file, which is loaded when it is complete, or straight into memory, as
// `repl-diskless-load` says. Lengths are believed as far as bytes come. Texts of the log are those
// of Redis's readSyncBulkPayload (src/replication.c).
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import type { Engine } from "../engine/engine.ts";
import { DiskError } from "../persistence/disk.ts";
import type { Persistence } from "../persistence/persistence.ts";
import { RdbError } from "../persistence/rdb-reader.ts";
import type { Link } from "./link.ts";
import type { ReplicationContext } from "./replication-settings.ts";
import { SnapshotFile } from "./snapshot-file.ts";
import type { Slice } from "./snapshot-loading.ts";
import { SnapshotLoading } from "./snapshot-loading.ts";

const markLength = 40;
const headBytesMax = 1024;
const lineFeed = 0x0a;
/** How long loading goes on before others get their turn. */
const sliceUs = 10_000;
const stepBytes = 64 * 1024;
/** Records that are freed between two looks at the clock. */
const recordsAtOnce = 256;
const keepAliveMs = 1000;
/** A value of which nothing has come for so long is tried again with what is there. */
const silenceMs = 50;
const noBytes = new Uint8Array(0);
const newline = asciiBytes("\n");

export interface TransferResult {
  /** The database that the stream has selected; -1: the primary does not say. */
  readonly database: number;
  readonly hasMark: boolean;
  /** What has come behind it. */
  readonly rest: Uint8Array;
}

export interface SnapshotTransferOptions {
  readonly engine: Engine;
  readonly persistence: Persistence;
  readonly context: ReplicationContext;
  readonly link: Link;
  /** The snapshot is a later state of the data set that we have. */
  readonly isSameHistory: boolean;
  /** What there was cannot be gone on from any more. */
  detach(): void;
  /** All is loaded; `rest` has come behind it. */
  done(result: TransferResult): void;
  /** It came to nothing; the log says why. */
  failed(): void;
}

export class SnapshotTransfer {
  /** -1: not known yet; 0: only the mark will tell. */
  totalBytes = -1;
  readBytes = 0;
  readonly #options: SnapshotTransferOptions;
  #head = "";
  #mark = "";
  #file: SnapshotFile | undefined;
  #loading: SnapshotLoading | undefined;
  #isLoadingScheduled = false;
  /** The old data stay until the new are complete. */
  #isBeside = false;
  #isEnded = false;
  #rest = noBytes;
  #lastReceivedMs = 0;
  #nextNewlineMs = 0;

  constructor(options: SnapshotTransferOptions) {
    this.#options = options;
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    this.#lastReceivedMs = this.#options.engine.keyspace.nowMs;
    let position = start;
    while (this.totalBytes < 0 && position < end && !this.#isEnded) {
      position = this.#readHead(bytes, position, end);
    }
    if (position < end && !this.#isEnded) this.#readBody(bytes, position, end);
  }

  #readHead(bytes: Uint8Array, start: number, end: number): number {
    const found = bytes.indexOf(lineFeed, start);
    const stop = found < 0 || found >= end ? end : found;
    this.#head += latin1(bytes, start, stop);
    if (this.#head.length > headBytesMax) {
      this.#fail("warning", "I/O error reading bulk count from MASTER: line too long");
    } else if (stop < end) {
      const line = this.#head.endsWith("\r") ? this.#head.slice(0, -1) : this.#head;
      this.#head = "";
      if (line !== "") this.#begin(line);
    }
    return stop + 1;
  }

  #begin(line: string): void {
    const { log } = this.#options.context;
    const isDirect = this.#isDirect;
    const destination = isDirect ? "to parser" : "to disk";
    const size = /^\$(\d{1,15})$/.exec(line)?.[1];
    if (line.startsWith("-")) {
      this.#fail("warning", `MASTER aborted replication with an error: ${line.slice(1)}`);
      return;
    }
    if (line.startsWith("$EOF:") && line.length >= markLength + 5) {
      this.#mark = line.slice(5, 5 + markLength);
      this.totalBytes = 0;
      log(
        "notice",
        `MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF ${destination}`,
      );
    } else if (size !== undefined) {
      this.totalBytes = Number(size);
      log("notice", `MASTER <-> REPLICA sync: receiving ${size} bytes from master ${destination}`);
    } else {
      this.#fail(
        "warning",
        "Bad protocol from MASTER, the first byte is not '$' (we received " +
          `'${line}'), are you sure the host and port are right?`,
      );
      return;
    }
    if (isDirect) this.#beginLoading();
    else this.#openFile();
  }

  get #isDirect(): boolean {
    const { context, engine } = this.#options;
    const { replDisklessLoad } = context.settings;
    if (replDisklessLoad === "swapdb") return true;
    return replDisklessLoad === "on-empty-db" && engine.keyspace.databases.every(isEmpty);
  }

  #openFile(): void {
    const { context } = this.#options;
    try {
      this.#file = new SnapshotFile(this.#options.persistence, this.#mark);
    } catch (error) {
      this.#failDisk("Opening the temp file needed for MASTER <-> REPLICA synchronization", error);
      return;
    }
    context.log("debug", "A file for the snapshot is open");
    if (this.#mark === "" && this.totalBytes === 0) this.#fileComplete();
  }

  #readBody(bytes: Uint8Array, start: number, end: number): void {
    const isMarked = this.#mark !== "";
    const left = isMarked ? Infinity : this.totalBytes - this.readBytes;
    const stop = end - start > left ? start + left : end;
    this.readBytes += stop - start;
    if (stop < end) this.#keepRest(bytes, stop, end);
    if (this.#file === undefined) {
      this.#loading?.add(bytes, start, stop - start);
      if (!isMarked && this.readBytes === this.totalBytes) this.#loading?.complete();
      if (!this.#isLoadingScheduled && this.#loading?.isReady === true) this.#load();
      return;
    }
    try {
      this.#file.write(bytes, start, stop);
    } catch (error) {
      this.#failDisk(
        "Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA " +
          "synchronization",
        error,
      );
      return;
    }
    const isComplete = isMarked ? this.#file.hasMark : this.readBytes === this.totalBytes;
    if (isComplete) this.#fileComplete();
  }

  #keepRest(bytes: Uint8Array, start: number, end: number): void {
    const grown = new Uint8Array(this.#rest.length + end - start);
    grown.set(this.#rest);
    grown.set(bytes.subarray(start, end), this.#rest.length);
    this.#rest = grown;
  }

  #fileComplete(): void {
    const { persistence, link } = this.#options;
    link.pauseReading();
    persistence.stopWriting();
    try {
      this.#file?.finish();
    } catch (error) {
      this.#failDisk("Failed trying to save the DB in MASTER <-> REPLICA synchronization", error);
      return;
    }
    this.#beginLoading();
  }

  #beginLoading(): void {
    const { engine, persistence, context, isSameHistory } = this.#options;
    const { log, settings } = context;
    const isBeside = this.#file === undefined && settings.replDisklessLoad === "swapdb";
    this.#isBeside = isBeside;
    persistence.stopWriting();
    if (!isBeside) this.#options.detach();
    log("notice", "MASTER <-> REPLICA sync: Loading DB in memory");
    try {
      this.#loading = new SnapshotLoading({
        engine,
        persistence,
        file: this.#file?.openForLoading(),
        totalBytes: this.totalBytes,
        isBeside,
      });
    } catch (error) {
      this.#failDisk("Failed trying to load the MASTER synchronization DB from disk", error);
      return;
    }
    persistence.beginReplicaLoading(this.#loading, { isBeside: isBeside && isSameHistory });
    if (!isBeside) {
      log("notice", "MASTER <-> REPLICA sync: Flushing old data");
      persistence.empty();
    }
    if (this.#file !== undefined) this.#load();
  }

  /** A slice of loading; others follow, or come with more of the data. */
  #load(): void {
    this.#isLoadingScheduled = false;
    const loading = this.#loading;
    if (this.#isEnded || loading === undefined) return;
    const { link, context } = this.#options;
    let outcome: Slice;
    try {
      outcome = this.#runSlice(loading);
    } catch (error) {
      this.#loadFailed(loading, error);
      return;
    }
    if (outcome === "done") {
      this.#loaded(loading);
    } else if (outcome === "starved") {
      link.resumeReading();
    } else {
      this.#sendNewline();
      this.#isLoadingScheduled = true;
      link.pauseReading();
      context.later(() => this.#load());
    }
  }

  /** Throws an RdbError or a DiskError. */
  #runSlice(loading: SnapshotLoading): Slice {
    const { engine, context } = this.#options;
    const { clock } = engine.host;
    const isSlow = context.settings.keyLoadDelay > 0;
    const endUs = clock.monotonicUs() + sliceUs;
    const isOver = (): boolean => isSlow || clock.monotonicUs() >= endUs;
    if (!this.#isRoomMade(isOver)) return "more";
    for (;;) {
      const outcome = loading.slice(isSlow ? 1 : stepBytes);
      if (outcome === "done" && this.#isMarkThere(loading)) return "done";
      if (outcome !== "more") {
        if (!loading.isComing) loading.failShort();
        return "starved";
      }
      if (isOver()) return "more";
    }
  }

  /**
   * Whether what was flushed is freed, before anything is loaded in its place: old and new data do
   * not take memory at the same time, unless `replica-lazy-flush` asks for it.
   */
  #isRoomMade(isOver: () => boolean): boolean {
    const { engine, context } = this.#options;
    const { reclaimer } = engine.keyspace;
    if (context.settings.replicaLazyFlush || this.#isBeside) return true;
    while (reclaimer.reclaim(recordsAtOnce)) if (isOver()) return false;
    return true;
  }

  /** Whether the mark behind the data has come, if there is one. Throws when it is another. */
  #isMarkThere(loading: SnapshotLoading): boolean {
    if (this.#mark === "" || this.#file !== undefined) return true;
    if (loading.unreadBytes < markLength) return false;
    const rest = loading.takeRest();
    if (latin1(rest, 0, markLength) !== this.#mark) {
      throw new RdbError("Replication stream EOF marker is broken", loading.loadedBytes);
    }
    this.#rest = rest.slice(markLength);
    return true;
  }

  #loaded(loading: SnapshotLoading): void {
    const { engine, persistence, context, link } = this.#options;
    const { log } = context;
    if (this.#isBeside) {
      this.#options.detach();
      log("notice", "MASTER <-> REPLICA sync: Swapping active DB with loaded DB");
    }
    loading.adopt();
    if (this.#isBeside) log("notice", "MASTER <-> REPLICA sync: Discarding old DB in background");
    log("notice", `Done loading RDB, keys loaded: ${loading.keysLoaded}, keys expired: 0.`);
    // A file is as it was sent; nothing else holds what came straight into memory.
    engine.keyspace.dirty = this.#file === undefined ? engine.keyspace.dirty + 1 : 0;
    this.#end();
    this.#removeFile();
    persistence.endReplicaLoading();
    link.resumeReading();
    const hasMark = this.#mark !== "";
    this.#options.done({ database: loading.streamDatabase, hasMark, rest: this.#rest });
  }

  #loadFailed(loading: SnapshotLoading, error: unknown): void {
    if (!(error instanceof RdbError) && !(error instanceof DiskError)) throw error;
    const { persistence, context } = this.#options;
    const { log } = context;
    const isInside = error instanceof RdbError;
    log("warning", isInside ? `Internal error in RDB: ${error.message}` : error.message);
    const place = this.#file === undefined ? "from socket" : "from disk";
    log(
      "warning",
      `Failed trying to load the MASTER synchronization DB ${place}, check server logs.`,
    );
    this.#giveUp(loading);
    this.#removeFile();
    persistence.endReplicaLoading();
    this.#options.failed();
  }

  #giveUp(loading: SnapshotLoading): void {
    const { context } = this.#options;
    this.#end();
    loading.discard();
    if (!this.#isBeside) return;
    context.log("notice", "MASTER <-> REPLICA sync: Discarding temporary DB in background");
  }

  /** `rdb-del-sync-files`: a server that saves nothing leaves no file lying about. */
  #removeFile(): void {
    const { persistence, context } = this.#options;
    const { rdbDelSyncFiles, save, appendonly } = context.settings;
    if (this.#file === undefined || !rdbDelSyncFiles || save.length > 0 || appendonly) return;
    context.log(
      "notice",
      "Removing the RDB file obtained from the master. This replica has persistence disabled",
    );
    persistence.removeDump();
  }

  /** While we load, the primary hears that we are there. */
  #sendNewline(): void {
    const { engine, link } = this.#options;
    const { nowMs } = engine.keyspace;
    if (nowMs < this.#nextNewlineMs) return;
    this.#nextNewlineMs = nowMs + keepAliveMs;
    link.send(newline);
  }

  /** Several times a second. */
  tick(): void {
    const { nowMs } = this.#options.engine.keyspace;
    const loading = this.#loading;
    if (loading === undefined || this.#isLoadingScheduled || loading.isReady) return;
    if (nowMs - this.#lastReceivedMs < silenceMs) return;
    loading.retry();
    this.#load();
  }

  /** Whether it is the primary that we wait for. */
  get isWaiting(): boolean {
    return !this.#isLoadingScheduled;
  }

  /** The link is gone. */
  closed(reason: string): void {
    if (this.#isEnded) return;
    const loading = this.#loading;
    if (loading === undefined) {
      this.#fail("warning", `I/O error trying to sync with MASTER: ${reason}`);
      return;
    }
    // What has come is loaded; if it is not all, that says so.
    loading.complete();
    if (!this.#isLoadingScheduled) this.#load();
  }

  /** It is called off. */
  abort(): void {
    if (this.#isEnded) return;
    const loading = this.#loading;
    this.#end();
    if (loading === undefined) return;
    loading.discard();
    this.#options.persistence.endReplicaLoading();
  }

  #end(): void {
    this.#isEnded = true;
    this.#file?.close();
  }

  #failDisk(what: string, error: unknown): void {
    if (!(error instanceof DiskError)) throw error;
    this.#fail("warning", `${what}: ${error.message}`);
  }

  #fail(level: "notice" | "warning", text: string): void {
    this.#options.context.log(level, text);
    this.#end();
    this.#options.failed();
  }
}

function isEmpty({ size }: { readonly size: number }): boolean {
  return size === 0;
}
