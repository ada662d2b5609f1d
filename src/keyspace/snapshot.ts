// A forkless snapshot: every record exactly as it was at one instant, while commands go on changing
// the data.
//
// Each record carries the number of the last snapshot that has it, its epoch. Taking a snapshot
// begins with a new number, which all records that are made from then on carry; so a record with
// another one belongs to the snapshot and is not written yet. The tables are walked a slice at a
// time, by the cursor of SCAN, so that they may grow and shrink meanwhile; a record that is met
// with an old epoch is written and stamped. Whoever is about to change or delete a record calls
// `preserve` or `dropping` first, which writes it at once if it is old. So every record is written
// once, and no value is copied.
//
// A large value is written by itself, in slices of its elements, and must not change until that is
// over: `demand` says that somebody waits to change it and brings it forward. A deleted one is kept
// aside until it is written. `preserve` of a large value writes all of it there and then.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { HashTable } from "../structures/hash-table.ts";
import { nodeCount } from "../structures/quicklist-node.ts";
import { idTreeCount } from "../structures/stream-id-tree.ts";
import { streamNodes } from "../structures/stream-root.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";
import {
  encoding,
  encodingOf,
  epochOf,
  recordType,
  setEpoch,
  stringLength,
  typeOf,
  valueRef,
} from "./record.ts";
import { elementCount, freeRecord } from "./value.ts";

/** Larger values are written in slices. */
const elementsAtOnceMax = 1000;
const nodesAtOnceMax = 64;
const stringAtOnceMax = 1 << 20;
/** How many buckets are walked between two looks at the time. */
const bucketsPerLook = 32;
const epochs = 256;

/** A value that is being written in slices. */
export interface SlicedWriting {
  /** Goes on until `isOver` or the end; whether it was the end. */
  step(isOver: () => boolean): boolean;
}

/** Where the records of a snapshot go. */
export interface SnapshotTarget {
  /** Writes a record, of database number `database`, at once. */
  write(database: number, ref: Ref): void;
  /** Begins to write one in slices. Others may be written at once before it is complete. */
  begin(database: number, ref: Ref): SlicedWriting;
}

/** A database as it was: the table may meanwhile be another's, or nobody's. */
interface Part {
  readonly database: number;
  readonly table: HashTable;
  cursor: number;
  /** Every record was met; large ones among them may still wait to be written. */
  isWalked: boolean;
  /** Flushed since: it is ours to give back. */
  isDetached: boolean;
}

interface LargeRecord {
  readonly database: number;
  readonly ref: Ref;
  /** Deleted since: it is ours to free. */
  isDropped: boolean;
}

export class Snapshot {
  /** Called when nobody needs to wait any longer for values that were in demand. */
  onRelease: () => void = () => {};
  readonly #keyspace: Keyspace;
  readonly #target: SnapshotTarget;
  readonly #epoch: number;
  readonly #parts: Part[];
  #partIndex = 0;
  /** Large records that are met and not completely written, the next one first. */
  #large: LargeRecord[] = [];
  #writing: SlicedWriting | undefined;
  readonly #visit: (ref: Ref) => void;

  /** Begins one: what the keyspace is now, it will have. Only while there is no other. */
  constructor(keyspace: Keyspace, target: SnapshotTarget) {
    if (keyspace.snapshot !== undefined) throw new Error("there is a snapshot already");
    this.#keyspace = keyspace;
    this.#target = target;
    this.#epoch = nextEpoch(keyspace);
    this.#parts = keyspace.databases
      .filter((database) => database.size > 0)
      .map(({ index, table }) => ({
        database: index,
        table,
        cursor: 0,
        isWalked: false,
        isDetached: false,
      }));
    this.#visit = (ref) => this.#emit(this.#parts[this.#partIndex].database, ref);
    keyspace.snapshot = this;
  }

  /** Goes on until `isOver` or everything is written; whether it is. */
  step(isOver: () => boolean): boolean {
    for (;;) {
      if (this.#large.length > 0) {
        if (!this.#stepLarge(isOver)) return false;
      } else if (this.#partIndex < this.#parts.length) {
        const part = this.#parts[this.#partIndex];
        if (part.isWalked) this.#leavePart();
        else this.#walk(part);
      } else {
        this.#keyspace.staleSnapshots = 0;
        this.#end();
        return true;
      }
      if (isOver()) return false;
    }
  }

  /** Gives up: what is written by then is no snapshot. */
  abort(): void {
    this.#keyspace.staleSnapshots++;
    while (this.#partIndex < this.#parts.length) this.#leavePart();
    const dropped = this.#large.filter((each) => each.isDropped);
    this.#large = [];
    this.#end();
    for (const { ref } of dropped) freeRecord(this.#keyspace, ref);
  }

  #end(): void {
    this.#freeze(noRef);
    this.#keyspace.snapshot = undefined;
    this.onRelease();
  }

  #walk(part: Part): void {
    for (let buckets = 0; buckets < bucketsPerLook; buckets++) {
      part.cursor = part.table.scan(part.cursor, this.#visit);
      if (part.cursor !== 0) continue;
      part.isWalked = true;
      return;
    }
  }

  #leavePart(): void {
    const { isDetached, table } = this.#parts[this.#partIndex++];
    if (isDetached) this.#keyspace.reclaimer.take(table, true);
  }

  #emit(database: number, ref: Ref): void {
    const { arena } = this.#keyspace;
    if (epochOf(arena, ref) === this.#epoch) return;
    if (isLarge(this.#keyspace, ref)) {
      this.#enqueue(database, ref);
      return;
    }
    setEpoch(arena, ref, this.#epoch);
    this.#target.write(database, ref);
  }

  #enqueue(database: number, ref: Ref): LargeRecord {
    let large = this.#large.find((each) => each.ref === ref);
    if (large === undefined) {
      large = { database, ref, isDropped: false };
      this.#large.push(large);
    }
    return large;
  }

  #stepLarge(isOver: () => boolean): boolean {
    const large = this.#large[0];
    if (this.#writing === undefined) {
      this.#writing = this.#target.begin(large.database, large.ref);
      this.#freeze(valueRef(this.#keyspace.arena, large.ref));
    }
    if (!this.#writing.step(isOver)) return false;
    this.#writing = undefined;
    this.#freeze(noRef);
    this.#complete(large);
    return true;
  }

  /** Look-ups in a table that is walked must not move its buckets. */
  #freeze(root: Ref): void {
    const { set, hash, zset } = this.#keyspace.tables;
    set.frozen = root;
    hash.frozen = root;
    zset.frozen = root;
  }

  #complete(large: LargeRecord): void {
    this.#large = this.#large.filter((each) => each !== large);
    setEpoch(this.#keyspace.arena, large.ref, this.#epoch);
    if (large.isDropped) freeRecord(this.#keyspace, large.ref);
    this.onRelease();
  }

  /** The record is about to change, or its memory to be given back. */
  preserve(db: Database, ref: Ref): void {
    const { arena } = this.#keyspace;
    if (epochOf(arena, ref) === this.#epoch) return;
    const database = this.#databaseOf(db);
    if (!isLarge(this.#keyspace, ref)) {
      setEpoch(arena, ref, this.#epoch);
      this.#target.write(database, ref);
      return;
    }
    const large = this.#enqueue(database, ref);
    if (large === this.#large[0] && this.#writing !== undefined) {
      this.#stepLarge(() => false);
      return;
    }
    this.#target.write(database, ref);
    this.#complete(large);
  }

  /** The record is about to leave its table, to be freed by `freeRecord` and no other way. */
  dropping(db: Database, ref: Ref): void {
    const { arena } = this.#keyspace;
    if (epochOf(arena, ref) === this.#epoch) return;
    if (isLarge(this.#keyspace, ref)) this.#enqueue(this.#databaseOf(db), ref).isDropped = true;
    else this.preserve(db, ref);
  }

  /** Whether a record that nobody else needs is still needed here; then it is freed here. */
  keepsRecord(ref: Ref): boolean {
    return this.#large.some((each) => each.ref === ref && each.isDropped);
  }

  /** Whether a table that was flushed is still needed here; then it is given back here. */
  keepsTable(table: HashTable): boolean {
    const part = this.#parts.slice(this.#partIndex).find((each) => each.table === table);
    if (part === undefined) return false;
    part.isDetached = true;
    return true;
  }

  /**
   * Whether the key's value, which somebody wants to change, is a large one that is not written
   * yet. Then it is written next, and `onRelease` tells when.
   */
  demand(db: Database, args: Slices, index: number): boolean {
    const { bytes, offsets, lengths } = args;
    const hash = this.#keyspace.hash(bytes, offsets[index], lengths[index]);
    const ref = db.table.find(bytes, offsets[index], lengths[index], hash);
    if (ref === noRef || epochOf(this.#keyspace.arena, ref) === this.#epoch) return false;
    if (!isLarge(this.#keyspace, ref)) return false;
    const large = this.#enqueue(this.#databaseOf(db), ref);
    const others = this.#large.filter((each) => each !== large);
    const place = this.#writing === undefined || this.#large[0] === large ? 0 : 1;
    this.#large = others.toSpliced(place, 0, large);
    return true;
  }

  /** The number that the database had when the snapshot began. */
  #databaseOf(db: Database): number {
    const part = this.#parts.find((each) => each.table === db.table);
    if (part === undefined) throw new Error("an old record is in a table of no snapshot");
    return part.database;
  }
}

/**
 * The number of the next snapshot, which no record carries. Snapshots that were given up leave
 * records with several numbers behind; before the numbers could come round, all get the last one.
 */
function nextEpoch(keyspace: Keyspace): number {
  const { arena, shape } = keyspace;
  if (keyspace.staleSnapshots >= epochs - 2) {
    for (const { table } of keyspace.databases) {
      table.forEach((ref) => setEpoch(arena, ref, shape.epoch));
    }
    keyspace.staleSnapshots = 0;
  }
  shape.epoch = (shape.epoch + 1) % epochs;
  return shape.epoch;
}

function isLarge(keyspace: Keyspace, ref: Ref): boolean {
  const { arena } = keyspace;
  if (typeOf(arena, ref) === recordType.string) return stringLength(arena, ref) > stringAtOnceMax;
  switch (encodingOf(arena, ref)) {
    case encoding.hashtable:
    case encoding.skiplist:
      return elementCount(keyspace, ref) > elementsAtOnceMax;
    case encoding.quicklist:
      return nodeCount(arena, valueRef(arena, ref)) > nodesAtOnceMax;
    case encoding.stream:
      return idTreeCount(arena, streamNodes(arena, valueRef(arena, ref))) > nodesAtOnceMax;
    default:
      return false;
  }
}
