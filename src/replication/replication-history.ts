// The history of the data set, as replication counts it: an id, an offset in bytes of the
// replication stream, and the last part of that stream, kept for replicas (the backlog). Both sides
// share it: a primary appends what is propagated, a replica what its primary sends.
//
// A second id is that of the history which this one goes on from, good up to `secondOffset`: a
// replica that asks by it and is not beyond has seen nothing that we have not.
//
// Offsets count bytes, so the first byte of a stream has offset 1 and `offset` is that of the last.
// Redis: src/replication.c.
import { asciiBytes } from "../bytes/ascii.ts";
import type { Propagation, PropagationSink } from "../engine/propagation.ts";
import { target } from "../engine/propagation.ts";
import { BlockLog } from "./block-log.ts";

export const idLength = 40;
/** How often a backlog of the wanted size is trimmed while all of it is replaced. */
const trimsPerSize = 16;
const shownPieceBytes = 16 * 1024;
const trimBytesMax = 16 * 1024;
export const noId = "0".repeat(idLength);

/** What a replica that waits, or reads behind, still needs. */
export interface BacklogReader {
  /** Bytes from this place of the backlog on must stay. */
  readonly heldPlace: number;
}

export class ReplicationHistory implements PropagationSink {
  id: string;
  secondId = noId;
  /** The first offset that is of this history alone; -1: there is no second id. */
  secondOffset = -1;
  /** Undefined until there is a replica: then nothing is kept and nothing is counted. */
  backlog: BlockLog | undefined;
  /** `repl-backlog-size`: so many bytes are kept though nobody reads them. */
  backlogBytesMax = 1024 * 1024;
  /** Those who read from the backlog. */
  readonly readers = new Set<BacklogReader>();
  readonly #propagation: Propagation;
  readonly #randomId: () => string;
  /** The stream is a primary's, which is relayed: nothing of our own gets in between. */
  isFollowing = false;
  /** The database that a reader of the stream has selected; -1: none for sure. */
  #database = -1;
  /** The backlog is trimmed when it comes here. */
  #trimPlace = 0;
  readonly #selects: Uint8Array[] = [];

  constructor(propagation: Propagation, randomId: () => string) {
    this.#propagation = propagation;
    this.#randomId = randomId;
    this.id = randomId();
  }

  /** The offset of the last byte of the stream. */
  get offset(): number {
    return this.#propagation.offset;
  }

  set offset(value: number) {
    this.#propagation.offset = value;
  }

  /** The offset of the first byte that is kept, and how many there are. */
  get firstOffset(): number {
    return this.backlog === undefined ? 0 : this.backlog.start + 1;
  }

  get keptBytes(): number {
    return this.backlog === undefined ? 0 : this.backlog.end - this.backlog.start;
  }

  /** Memory that the backlog takes. */
  get memoryBytes(): number {
    return this.backlog?.memoryBytes ?? 0;
  }

  /** What INFO shows of it: what is kept, in pieces as large as Redis's. */
  get infoBytes(): number {
    return Math.ceil(this.keptBytes / shownPieceBytes) * shownPieceBytes;
  }

  /** The database that a reader which goes on from here has selected. */
  get streamDatabase(): number {
    return Math.max(this.#database, 0);
  }

  set streamDatabase(value: number) {
    this.#database = value;
  }

  /** A new history: what was before is of no use to anybody. */
  changeId(): void {
    this.id = this.#randomId();
  }

  clearSecondId(): void {
    this.secondId = noId;
    this.secondOffset = -1;
  }

  /** A new id, under which the present history goes on: a replica has become a primary. */
  shiftId(): void {
    this.secondId = this.id;
    this.secondOffset = this.offset + 1;
    this.changeId();
  }

  /** What was before is not ours any more: the history is that of a primary, from there on. */
  adopt(id: string, offset: number): void {
    this.freeBacklog();
    this.id = id;
    this.clearSecondId();
    this.offset = offset;
    this.createBacklog();
  }

  /** The primary has got another id, under which the same history goes on. */
  renew(id: string): void {
    this.secondId = this.id;
    this.secondOffset = this.offset + 1;
    this.id = id;
  }

  /** From now on the stream is counted and kept. */
  createBacklog(): void {
    if (this.backlog !== undefined) return;
    this.backlog = new BlockLog(this.offset);
    this.#trimPlace = 0;
    this.#trimPlace = 0;
    this.#database = -1;
    this.#propagation.attach(this, target.replicas);
  }

  freeBacklog(): void {
    if (this.backlog === undefined) return;
    this.#propagation.detach(this);
    this.backlog = undefined;
  }

  /** The stream goes on from a former life's offset; only while nobody reads. */
  rebase(offset: number): void {
    const { backlog } = this;
    const kept = backlog?.copy(backlog.start, this.keptBytes);
    this.offset = offset + (kept?.length ?? 0);
    if (kept === undefined) return;
    this.backlog = new BlockLog(offset);
    this.backlog.append(kept, 0, kept.length);
  }

  /** The next command begins with a SELECT, since a reader comes that has selected nothing. */
  forgetDatabase(): void {
    this.#database = -1;
  }

  append(database: number, bytes: Uint8Array, offset: number, length: number): void {
    const { backlog } = this;
    if (backlog === undefined || this.isFollowing) return;
    if (database >= 0 && database !== this.#database) this.#select(backlog, database);
    backlog.append(bytes, offset, length);
    this.#propagation.offset += length;
    if (backlog.end >= this.#trimPlace) this.trim();
  }

  /** A part of the primary's stream, which has been applied. */
  relay(bytes: Uint8Array, offset: number, length: number): void {
    const { backlog } = this;
    if (backlog === undefined) return;
    backlog.append(bytes, offset, length);
    this.#propagation.offset += length;
    if (backlog.end >= this.#trimPlace) this.trim();
  }

  #select(backlog: BlockLog, database: number): void {
    this.#database = database;
    const digits = String(database);
    const select = (this.#selects[database] ??= asciiBytes(
      `*2\r\n$6\r\nSELECT\r\n$${digits.length}\r\n${digits}\r\n`,
    ));
    backlog.append(select, 0, select.length);
    this.#propagation.offset += select.length;
  }

  /** Forgets what is beyond the limit and nobody still needs. */
  trim(): void {
    const { backlog } = this;
    if (backlog === undefined) return;
    let place = backlog.end - this.backlogBytesMax;
    for (const { heldPlace } of this.readers) if (heldPlace < place) place = heldPlace;
    backlog.trim(place);
    // Not for each command again.
    this.#trimPlace = backlog.end + Math.min(this.backlogBytesMax / trimsPerSize, trimBytesMax);
  }
}
