// All databases of a server and what they share: the arena, the hash key, the clock of the turn,
// and the one place where a change becomes known.
//
// Whoever changes data reports it through `changed`; dirty count, WATCH, notifications, tracking
// and propagation all hang on the observer there, so that no operation can forget one of them.
import { hashBytes } from "../bytes/hash.ts";
import type { Random } from "../bytes/random.ts";
import { Slice } from "../bytes/slices.ts";
import { viewedBytes } from "../bytes/viewed.ts";
import type { Ref } from "../memory/arena.ts";
import { Arena } from "../memory/arena.ts";
import { HashTable } from "../structures/hash-table.ts";
import { Database } from "./database.ts";
import { defaultEncodingLimits } from "./encoding-limits.ts";
import type { KeyEvent } from "./key-event.ts";
import { KeyPrefetch } from "./key-prefetch.ts";
import { Reclaimer } from "./reclaimer.ts";
import { RecordShape } from "./record.ts";
import type { Snapshot } from "./snapshot.ts";
import { UseCounter } from "./use-counter.ts";

/** Told of what happens to keys. The bytes are good only during the call. */
export interface KeyspaceObserver {
  /** A key was written, made or deleted. */
  keyChanged(
    database: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    event: KeyEvent,
  ): void;
  /** Something happened that changed nothing: a second event of the same change, a miss. */
  keyEvent(
    database: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    event: KeyEvent,
  ): void;
  /** A key was deleted because its time was over. Comes before its `keyChanged`. */
  keyExpired(database: Database, bytes: Uint8Array, offset: number, length: number): void;
  /** A key was deleted to make room. Comes before its `keyChanged`. */
  keyEvicted?(database: Database, bytes: Uint8Array, offset: number, length: number): void;
  /**
   * A field of a hash was deleted because its time was over; the record is the hash's. A
   * `keyChanged` follows.
   */
  fieldExpired?(
    database: Database,
    record: Ref,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void;
  /**
   * All keys of the database are about to go; those of `replacement`, if there is one, come in
   * their place.
   */
  databaseReplaced(database: Database, replacement?: Database): void;
  /** The database was flushed, whether there were keys or not. */
  databaseFlushed?(database: Database): void;
}

export interface KeyspaceStatistics {
  hits: number;
  misses: number;
  expired: number;
  /** Fields of hashes. */
  expiredFields: number;
  lazyFreed: number;
  evicted: number;
}

export interface KeyspaceOptions {
  databases: number;
  /** Seeds the hash tables' key and picks random keys. */
  random: Random;
}

/**
 * Bits of `Keyspace.interest`: who wants to hear of changes. With none set a change costs an
 * addition and a test.
 */
export const interest = {
  notifications: 1,
  watch: 2,
  tracking: 4,
  propagation: 8,
  blocking: 16,
} as const;

/** Reasons why keys that are over their time are left alone, as bits. */
export const expiryHold = {
  loading: 1,
  paused: 2,
  /** The primary says when a key goes. */
  following: 4,
} as const;

export class Keyspace {
  readonly arena = new Arena();
  readonly databases: Database[];
  readonly random: Random;
  readonly reclaimer: Reclaimer;
  readonly statistics: KeyspaceStatistics = {
    hits: 0,
    misses: 0,
    expired: 0,
    expiredFields: 0,
    lazyFreed: 0,
    evicted: 0,
  };
  /** Milliseconds since 1970, read once a turn by the server. */
  nowMs = 0;
  /** What a record's access word gets when it is used, LFU policies aside: seconds, 24 bits. */
  accessClock = 0;
  /** The access word of a new record. */
  newAccess = 0;
  /** What access words are under an LFU policy. */
  readonly uses: UseCounter;
  /** Changes since the last save, as INFO counts them. */
  dirty = 0;
  /** False while a client with CLIENT NO-TOUCH runs: reading does not move a key's access clock. */
  touches = true;
  /** False while keys that are over their time must be left alone: see `holdExpiry`. */
  expires = true;
  /**
   * While keys do not expire: whether those over their time are not found (a pause, a replica's
   * clients), or found as ever (loading, a replica's primary).
   */
  hidesExpired = false;
  #expiryHolds = 0;
  interest = 0;
  /** Whether so many bytes more would be within `maxmemory`. */
  hasRoomFor: (bytes: number) => boolean = () => true;
  observer: KeyspaceObserver | undefined;
  /** Longest string that may be made: proto-max-bulk-len. */
  stringBytesMax = 512 * 1024 * 1024;

  /** When collections leave their compact encodings. */
  readonly limits = defaultEncodingLimits();
  /** The snapshot that is being taken. */
  snapshot: Snapshot | undefined;
  /** Snapshots that were given up since the last complete one. */
  staleSnapshots = 0;
  /**
   * Views of the tables of large collections, one a layout: `load` a header before use, `store` it
   * after. The number is the bytes before the key of an entry: 12 for a set's member alone, 16 and
   * 20 with one and two words of the owner's.
   */
  readonly tables: { readonly set: HashTable; readonly hash: HashTable; readonly zset: HashTable };

  /** Scratch for the operations: a value being read, a record being made. */
  readonly value = new Slice();
  readonly shape = new RecordShape();
  readonly prefetch = new KeyPrefetch();
  /** Scratch for a number's digits. */
  readonly digits = viewedBytes(32);

  readonly #hashKey0: number;
  readonly #hashKey1: number;

  constructor(options: KeyspaceOptions) {
    this.random = options.random;
    this.uses = new UseCounter(options.random);
    this.#hashKey0 = options.random.next32() | 0;
    this.#hashKey1 = options.random.next32() | 0;
    this.reclaimer = new Reclaimer(this);
    this.tables = {
      set: new HashTable(this.arena, 12),
      hash: new HashTable(this.arena, 16),
      zset: new HashTable(this.arena, 20),
    };
    this.databases = [];
    for (let index = 0; index < options.databases; index++) {
      this.databases.push(new Database(this, index));
    }
  }

  hash(bytes: Uint8Array, offset: number, length: number): number {
    return hashBytes(bytes, offset, length, this.#hashKey0, this.#hashKey1);
  }

  /** The clock of this turn. */
  setTime(nowMs: number): void {
    this.nowMs = nowMs;
    this.accessClock = Math.floor(nowMs / 1000) & 0xffffff;
    this.uses.setTime(nowMs);
    this.newAccess = this.uses.isOn ? this.uses.newAccess : this.accessClock;
  }

  /** For this reason keys do not expire from now on, or no longer do. */
  holdExpiry(reason: number, isOn: boolean): void {
    if (isOn) this.#expiryHolds |= reason;
    else this.#expiryHolds &= ~reason;
    this.settleExpiry();
  }

  /** `expires` and `hidesExpired`, which may be set for a while, are what the reasons call for. */
  settleExpiry(): void {
    this.expires = this.#expiryHolds === 0;
    this.hidesExpired = !this.expires && (this.#expiryHolds & expiryHold.loading) === 0;
  }

  /** Whether who looks does not find what is over its time. */
  get passesOverExpired(): boolean {
    return this.expires || this.hidesExpired;
  }

  changed(
    database: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    event: KeyEvent,
  ): void {
    this.dirty++;
    if (this.interest !== 0) this.observer?.keyChanged(database, bytes, offset, length, event);
  }

  event(
    database: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    event: KeyEvent,
  ): void {
    if (this.interest !== 0) this.observer?.keyEvent(database, bytes, offset, length, event);
  }

  /** Bytes of user data and of what indexes it: what `maxmemory` limits, before client buffers. */
  get usedBytes(): number {
    let bytes = this.arena.usedBytes;
    for (const database of this.databases) bytes += database.overheadBytes;
    return bytes;
  }

  /** Deletes every key of every database; returns how many there were. */
  flushAll(isLazy: boolean): number {
    let count = 0;
    for (const database of this.databases) count += database.flush(isLazy);
    return count;
  }

  /** SWAPDB: the databases exchange their contents; sessions keep their numbers. */
  swap(indexA: number, indexB: number): void {
    if (indexA === indexB) return;
    const a = this.databases[indexA];
    const b = this.databases[indexB];
    this.observer?.databaseReplaced(a, b);
    this.observer?.databaseReplaced(b, a);
    a.exchange(b);
    this.dirty++;
  }
}
