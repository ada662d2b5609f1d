// Sends a log to one replica: a place in the log and no more, since the bytes go from the log's
// blocks to the socket.
//
// Nothing is sent while the system has not taken what was sent before, so a slow replica holds up
// nobody and takes no memory but that of the log, which all share.
import type { DirectLink } from "../engine/session.ts";
import type { BlockLog } from "./block-log.ts";

/** Most that is sent in one go; the rest goes in a later turn. */
const sentAtOnceMax = 1024 * 1024;

export interface LogReaderOptions {
  readonly log: BlockLog;
  /** Where it begins. */
  readonly place: number;
  readonly link: DirectLink;
  /** ms since 1970. */
  nowMs(): number;
  /** Called when the system has taken all after it had not, and more was sent if there is more. */
  onSent(): void;
}

export class LogReader {
  /** Of the next byte to send. */
  place: number;
  /** Since when the system takes nothing, in ms since 1970; 0: it does. */
  stalledSinceMs = 0;
  readonly #options: LogReaderOptions;
  #unsentPlace = 0;
  #isStopped = false;
  readonly #onSent: () => void;

  constructor(options: LogReaderOptions) {
    this.#options = options;
    this.place = options.place;
    this.#onSent = () => {
      this.stalledSinceMs = 0;
      if (this.#isStopped) return;
      this.pump();
      options.onSent();
    };
  }

  /** Bytes from this place on must stay as they are. */
  get heldPlace(): number {
    return this.stalledSinceMs === 0 ? this.place : this.#unsentPlace;
  }

  /** Bytes that are still to be sent or to be taken by the system. */
  get leftBytes(): number {
    return this.#options.log.end - this.heldPlace;
  }

  /** Whether there is more that could be sent at once. */
  get isReady(): boolean {
    return this.stalledSinceMs === 0 && this.place < this.#options.log.end;
  }

  /** Sends what there is, as far as the system takes it. */
  pump(): void {
    const { log, link } = this.#options;
    let room = sentAtOnceMax;
    while (this.place < log.end && room > 0 && this.stalledSinceMs === 0) {
      const { place } = this;
      const index = log.indexAt(place);
      const count = log.countAt(place);
      this.place = place + count;
      room -= count;
      link.send(log.blockAt(place), index, index + count);
      if (link.unsentBytes > 0) this.#stall(place);
    }
  }

  #stall(place: number): void {
    this.#unsentPlace = place;
    this.stalledSinceMs = this.#options.nowMs();
    this.#options.link.whenSent(this.#onSent);
  }

  /** The replica is gone, or done: nothing more is sent. */
  stop(): void {
    this.#isStopped = true;
  }
}
