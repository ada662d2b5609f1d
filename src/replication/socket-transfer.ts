// A snapshot that goes to replicas as it is made, without a file: one snapshot, one log of its
// bytes, and a reader of that log for each replica.
//
//   $EOF:<mark of 40 bytes>\r\n  the snapshot as RDB  <mark>
//
// The slowest replica decides how fast it is made. What commands force out meanwhile is added
// whatever the replicas take; it counts as their output, so that `client-output-buffer-limit` ends
// a replica that takes too little, not the server. A replica that is gone ends its own part only.
import { asciiBytes } from "../bytes/ascii.ts";
import type { ByteSink } from "../persistence/byte-stream.ts";
import { DiskError } from "../persistence/disk.ts";
import type { SnapshotJob } from "../persistence/snapshot-jobs.ts";
import type { WholeWriter } from "../persistence/snapshot-save.ts";
import { BlockLog } from "./block-log.ts";
import { LogReader } from "./log-reader.ts";
import type { Replica } from "./replica.ts";

/** With so much of it waiting for the slowest replica no more of the snapshot is made. */
const behindBytes = 1024 * 1024;

export interface SocketTransferOptions {
  readonly replicas: readonly Replica[];
  readonly mark: string;
  /** Begins the snapshot, of this instant. */
  begin(sink: ByteSink): WholeWriter;
  /** Whether a client waits until the snapshot has passed a value. */
  isInDemand(): boolean;
  nowMs(this: void): number;
  /** There is something to do again. */
  wake(this: void): void;
}

export class SocketTransfer implements SnapshotJob {
  readonly replicas: Set<Replica>;
  readonly #options: SocketTransferOptions;
  readonly #log = new BlockLog(0);
  readonly #readers = new Map<Replica, LogReader>();
  readonly #writer: WholeWriter;
  readonly #mark: Uint8Array;
  #isWritten = false;
  #isEnded = false;

  constructor(options: SocketTransferOptions) {
    this.#options = options;
    this.replicas = new Set(options.replicas);
    this.#mark = asciiBytes(options.mark);
    const head = asciiBytes(`$EOF:${options.mark}\r\n`);
    this.#log.append(head, 0, head.length);
    this.#writer = options.begin({
      write: (bytes, offset, length) => this.#log.append(bytes, offset, length),
    });
    for (const replica of this.replicas) this.#attach(replica);
  }

  #attach(replica: Replica): void {
    const reader = new LogReader({
      log: this.#log,
      place: 0,
      link: replica.link.direct,
      nowMs: this.#options.nowMs,
      onSent: this.#options.wake,
    });
    this.#readers.set(replica, reader);
    replica.transfer = reader;
  }

  get keyCount(): number {
    return this.#writer.keyCount;
  }

  /** The replica is gone. */
  drop(replica: Replica): void {
    this.#readers.get(replica)?.stop();
    this.#readers.delete(replica);
    this.replicas.delete(replica);
  }

  /** Since when a replica takes nothing, in ms since 1970; 0: it does. */
  stalledSinceMs(replica: Replica): number {
    return this.#readers.get(replica)?.stalledSinceMs ?? 0;
  }

  step(isOver: () => boolean, done: (error: DiskError | undefined) => void): boolean {
    if (this.#isEnded) return false;
    if (this.replicas.size === 0) {
      this.abort();
      done(new DiskError("ECANCELED", "no replica is left"));
      return false;
    }
    const hasRoom = this.#leftBytes() < behindBytes || this.#options.isInDemand();
    if (!this.#isWritten && hasRoom && this.#writer.step(isOver)) {
      this.#isWritten = true;
      this.#log.append(this.#mark, 0, this.#mark.length);
    }
    for (const reader of this.#readers.values()) reader.pump();
    const leftBytes = this.#leftBytes();
    if (!this.#isWritten) return leftBytes < behindBytes || this.#options.isInDemand();
    if (leftBytes > 0) return this.#isAnyReady();
    this.#isEnded = true;
    done(undefined);
    return false;
  }

  /** What the slowest replica still has to get; forgets what all have. */
  #leftBytes(): number {
    let place = this.#log.end;
    for (const { heldPlace } of this.#readers.values()) place = Math.min(place, heldPlace);
    this.#log.trim(place);
    return this.#log.end - place;
  }

  /** Whether more can be sent now to some replica. */
  #isAnyReady(): boolean {
    for (const { isReady } of this.#readers.values()) if (isReady) return true;
    return false;
  }

  abort(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const reader of this.#readers.values()) reader.stop();
    if (!this.#isWritten) this.#writer.snapshot?.abort();
  }
}
