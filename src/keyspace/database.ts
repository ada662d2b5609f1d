// One database: its table of records, the keys among them that expire, and the operations that do
// not depend on a value's type. Invariant: a record is in the table exactly once, and in
// `volatileKeys` exactly when it has an expiry.
//
// Look-ups come in four kinds. `read` is for commands that read: it counts hits and misses and
// moves the access clock. `inspect`, for those that ask about a key without using its value, counts
// only; `write`, for those that change, moves the clock only. `peek` does neither. All four delete
// a key whose time is over and then find nothing. What `write` finds may be changed: a snapshot
// that needs it as it is has it by then. The hash of the key that was last looked up stays in
// `hash`, for the insertion that often follows.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { HashTable } from "../structures/hash-table.ts";
import { wrongType } from "./failure.ts";
import { HashExpiries } from "./hash-expiries.ts";
import type { KeyEvent } from "./key-event.ts";
import { keyEvents } from "./key-event.ts";
import type { Keyspace } from "./keyspace.ts";
import {
  accessOf,
  expiryOf,
  hasExpiry,
  keyLength,
  keyOffset,
  makeRecord,
  recordHeaderBytes,
  setAccess,
  typeOf,
} from "./record.ts";
import { freeRecord } from "./value.ts";
import { VolatileKeys } from "./volatile-keys.ts";

export class Database {
  readonly keyspace: Keyspace;
  readonly index: number;
  table: HashTable;
  volatileKeys: VolatileKeys;
  /** The hashes among them that have expiring fields. */
  hashExpiries: HashExpiries;
  /** Mean time to live of the expiring keys in ms, a running estimate; 0 when unknown. */
  averageTtlMs = 0;
  /** Where the active expiry cycle goes on. */
  expiryCursor = 0;
  hash = 0;

  constructor(keyspace: Keyspace, index: number) {
    this.keyspace = keyspace;
    this.index = index;
    this.table = this.#makeTable();
    this.volatileKeys = new VolatileKeys(keyspace.arena);
    this.hashExpiries = new HashExpiries(keyspace.arena);
  }

  get size(): number {
    return this.table.count;
  }

  /** Bytes outside the arena. */
  get overheadBytes(): number {
    return this.volatileKeys.tableBytes;
  }

  read(args: Slices, index: number): Ref {
    const ref = this.inspect(args, index);
    const { keyspace } = this;
    if (ref !== noRef && keyspace.touches) this.#touch(ref);
    return ref;
  }

  inspect(args: Slices, index: number): Ref {
    const ref = this.#find(args, index);
    const { keyspace } = this;
    if (ref === noRef) {
      keyspace.statistics.misses++;
      keyspace.event(this, args.bytes, args.offsets[index], args.lengths[index], keyEvents.keymiss);
    } else {
      keyspace.statistics.hits++;
    }
    return ref;
  }

  write(args: Slices, index: number): Ref {
    const ref = this.#find(args, index);
    if (ref === noRef) return ref;
    const { keyspace } = this;
    if (keyspace.snapshot !== undefined) keyspace.snapshot.preserve(this, ref);
    if (keyspace.touches) this.#touch(ref);
    return ref;
  }

  peek(args: Slices, index: number): Ref {
    return this.#find(args, index);
  }

  #touch(ref: Ref): void {
    const { accessClock, arena, uses } = this.keyspace;
    setAccess(arena, ref, uses.isOn ? uses.used(accessOf(arena, ref)) : accessClock);
  }

  #find(args: Slices, index: number): Ref {
    const { keyspace } = this;
    const { bytes } = args;
    const offset = args.offsets[index];
    const length = args.lengths[index];
    const hash = args.hashedIndex === index ? args.hash : keyspace.hash(bytes, offset, length);
    this.hash = hash;
    const ref = this.table.find(bytes, offset, length, hash);
    if (ref === noRef || !hasExpiry(keyspace.arena, ref)) return ref;
    return this.#expireIfOver(ref) ? noRef : ref;
  }

  #expireIfOver(ref: Ref): boolean {
    if (expiryOf(this.keyspace.arena, ref) >= this.keyspace.nowMs) return false;
    if (!this.keyspace.expires) return this.keyspace.hidesExpired;
    this.expire(ref);
    return true;
  }

  /** Whether the record's time is over, without deleting it: iterations skip such keys. */
  isOver(ref: Ref): boolean {
    const { arena, nowMs } = this.keyspace;
    return hasExpiry(arena, ref) && expiryOf(arena, ref) < nowMs;
  }

  /** Whether the key is there and its time is over. Deletes nothing. */
  isKeyOver(args: Slices, index: number): boolean {
    const ref = this.find(args, index);
    return ref !== noRef && this.isOver(ref);
  }

  /** Whether there is such a record, over its time or not. Deletes nothing. */
  has(args: Slices, index: number): boolean {
    return this.find(args, index) !== noRef;
  }

  /** The key's record, over its time or not. Deletes nothing, and is no use of the key. */
  find(args: Slices, index: number): Ref {
    const hash = this.keyspace.hash(args.bytes, args.offsets[index], args.lengths[index]);
    return this.table.find(args.bytes, args.offsets[index], args.lengths[index], hash);
  }

  /** Deletes a record whose time is over. */
  expire(ref: Ref): void {
    const { keyspace } = this;
    keyspace.statistics.expired++;
    const bytes = keyspace.arena.bytes[ref >>> 16];
    const offset = keyOffset(keyspace.arena, ref);
    const length = keyLength(keyspace.arena, ref);
    keyspace.observer?.keyExpired(this, bytes, offset, length);
    this.#drop(ref);
    keyspace.changed(this, bytes, offset, length, keyEvents.expired);
    freeRecord(keyspace, ref);
  }

  /** Deletes a record to make room. */
  evict(ref: Ref): void {
    const { keyspace } = this;
    keyspace.statistics.evicted++;
    const bytes = keyspace.arena.bytes[ref >>> 16];
    const offset = keyOffset(keyspace.arena, ref);
    const length = keyLength(keyspace.arena, ref);
    keyspace.observer?.keyEvicted?.(this, bytes, offset, length);
    // A snapshot gets it now, however large: kept aside until later it would free nothing, and
    // others would have to go in its place.
    this.unlink(ref);
    keyspace.changed(this, bytes, offset, length, keyEvents.evicted);
    freeRecord(keyspace, ref);
  }

  /** Deletes a record; the event says why. */
  remove(ref: Ref, event: KeyEvent): void {
    this.#drop(ref);
    const { keyspace } = this;
    const { arena } = keyspace;
    // The block is still ours until it is freed, so the observer can read the key where it lies.
    const bytes = arena.bytes[ref >>> 16];
    keyspace.changed(this, bytes, keyOffset(arena, ref), keyLength(arena, ref), event);
    freeRecord(keyspace, ref);
  }

  /** Deletes a record in whose place another comes: its going is no event. */
  discard(ref: Ref): void {
    this.#drop(ref);
    freeRecord(this.keyspace, ref);
  }

  /**
   * The record of a key that must hold a value of that type, for a command that reads; throws
   * `wrongType` for another.
   */
  readOfType(args: Slices, index: number, type: number): Ref {
    const ref = this.read(args, index);
    if (ref !== noRef && typeOf(this.keyspace.arena, ref) !== type) throw wrongType;
    return ref;
  }

  /** The same for a command that writes. */
  writeOfType(args: Slices, index: number, type: number): Ref {
    const ref = this.write(args, index);
    if (ref !== noRef && typeOf(this.keyspace.arena, ref) !== type) throw wrongType;
    return ref;
  }

  /**
   * A record for a new collection, right after a look-up that has not found its key. The caller
   * reports the change.
   */
  addCollection(args: Slices, index: number, type: number, encoding: number, root: Ref): Ref {
    const ref = this.#insertCollection(args, index, type, encoding, root);
    const { bytes, offsets, lengths } = args;
    this.keyspace.event(this, bytes, offsets[index], lengths[index], keyEvents.new);
    return ref;
  }

  /**
   * The same in place of a record that the look-up has found, whose value and expiry go: the key is
   * no new one.
   */
  overwriteWithCollection(
    old: Ref,
    args: Slices,
    index: number,
    type: number,
    encoding: number,
    root: Ref,
  ): Ref {
    this.discard(old);
    return this.#insertCollection(args, index, type, encoding, root);
  }

  #insertCollection(args: Slices, index: number, type: number, encoding: number, root: Ref): Ref {
    const { keyspace, hash } = this;
    const { shape } = keyspace;
    shape.keyBytes = args.bytes;
    shape.keyOffset = args.offsets[index];
    shape.keyLength = args.lengths[index];
    shape.type = type;
    shape.encoding = encoding;
    shape.expiryMs = -1;
    shape.access = keyspace.newAccess;
    shape.inlineLength = -1;
    shape.value = root;
    const ref = makeRecord(keyspace.arena, shape);
    this.insert(ref, hash);
    return ref;
  }

  /** Adds a new record; `hash` is its key's. */
  insert(ref: Ref, hash: number): void {
    this.table.insert(ref, hash);
    if (hasExpiry(this.keyspace.arena, ref)) this.volatileKeys.add(ref);
    this.hashExpiries.added(ref);
  }

  /**
   * Puts a record with the same key in place of another, whose own block (not its value) is then
   * free to go.
   */
  replace(ref: Ref, replacement: Ref): void {
    const { arena, snapshot, uses } = this.keyspace;
    if (snapshot !== undefined) snapshot.preserve(this, ref);
    if (uses.isOn) setAccess(arena, replacement, accessOf(arena, ref));
    this.table.replace(ref, replacement);
    const wasVolatile = hasExpiry(arena, ref);
    const isVolatile = hasExpiry(arena, replacement);
    if (wasVolatile && isVolatile) this.volatileKeys.replace(ref, replacement);
    else if (wasVolatile) this.volatileKeys.remove(ref);
    else if (isVolatile) this.volatileKeys.add(replacement);
    this.hashExpiries.replaced(ref, replacement);
  }

  /** Takes a record out of the database; its memory is the caller's. */
  unlink(ref: Ref): void {
    this.keyspace.snapshot?.preserve(this, ref);
    this.#detach(ref);
  }

  /** Takes out a record that is then freed: a snapshot may keep it for as long as it needs it. */
  #drop(ref: Ref): void {
    this.keyspace.snapshot?.dropping(this, ref);
    this.#detach(ref);
  }

  #detach(ref: Ref): void {
    this.table.remove(ref);
    if (hasExpiry(this.keyspace.arena, ref)) this.volatileKeys.remove(ref);
    this.hashExpiries.removed(ref);
  }

  /**
   * Deletes all keys; returns how many there were. The memory comes back in slices, and counts as
   * freed lazily if that was asked for.
   */
  flush(isLazy: boolean): number {
    const { keyspace } = this;
    const count = this.size;
    if (count > 0) keyspace.observer?.databaseReplaced(this);
    keyspace.observer?.databaseFlushed?.(this);
    if (keyspace.snapshot?.keepsTable(this.table) !== true) {
      keyspace.reclaimer.take(this.table, isLazy);
    }
    const { resizable } = this.table;
    this.table = this.#makeTable();
    this.table.resizable = resizable;
    this.volatileKeys.clear();
    this.hashExpiries.clear();
    this.averageTtlMs = 0;
    this.expiryCursor = 0;
    return count;
  }

  #makeTable(): HashTable {
    const { keyspace } = this;
    const table = new HashTable(keyspace.arena, recordHeaderBytes);
    table.hasRoomFor = (bytes) => keyspace.hasRoomFor(bytes);
    return table;
  }

  exchange(other: Database): void {
    [this.table, other.table] = [other.table, this.table];
    [this.volatileKeys, other.volatileKeys] = [other.volatileKeys, this.volatileKeys];
    [this.hashExpiries, other.hashExpiries] = [other.hashExpiries, this.hashExpiries];
    [this.averageTtlMs, other.averageTtlMs] = [other.averageTtlMs, this.averageTtlMs];
    [this.expiryCursor, other.expiryCursor] = [other.expiryCursor, this.expiryCursor];
  }
}
