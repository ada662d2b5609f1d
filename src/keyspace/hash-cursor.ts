// Walks through the fields of a hash of any encoding. The hash must not change until the walk is
// over, and no field must be looked up while its table grows: a look-up moves buckets.
//
// Entries of a hash table are fetched some buckets at a time, and the table's view is loaded anew
// for each fetch, so that other hashes may be used between two fields.
import { Slice } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { firstEntry, nextEntry } from "../structures/listpack.ts";
import { isVolatileField, sliceField, sliceValue } from "./hash-entry.ts";
import { wordListpack } from "./hash-expiries.ts";
import { itemTime } from "./hash-expiry-heap.ts";
import {
  fieldElement,
  sliceElement,
  sliceTupleField,
  sliceTupleValue,
  timeAt,
  valueElement,
} from "./hash-listpack.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding } from "./record.ts";

const fetchedAtOnce = 64;

export class HashCursor {
  /** The field's name and its value; good until the next field is read. */
  readonly field = new Slice();
  readonly value = new Slice();
  /** When the field expires, in ms since 1970; -1: never. */
  timeMs = -1;
  /** Position or entry of the field, as `findField` would name it. */
  found = 0;

  #keyspace: Keyspace | undefined;
  #encoding = 0;
  /** The listpack, or the root of the table. */
  #base: Ref = noRef;
  /** Next position in a listpack, 0 at its end; next bucket of a table, -1 at its end. */
  #next = 0;
  /** Fields whose time is before this are passed over. */
  #liveFromMs = 0;
  #fetched = new Int32Array(fetchedAtOnce * 2);
  #fetchedCount = 0;
  #fetchedIndex = 0;
  readonly #fetchOne: (ref: Ref) => void = (ref) => {
    if (this.#fetchedCount === this.#fetched.length) this.#growFetched();
    this.#fetched[this.#fetchedCount++] = ref;
  };

  /** Begins a walk through all fields of the hash of that encoding and root. */
  open(keyspace: Keyspace, kind: number, root: Ref): void {
    const { arena } = keyspace;
    this.#keyspace = keyspace;
    this.#encoding = kind;
    this.#liveFromMs = 0;
    this.#fetchedCount = 0;
    this.#fetchedIndex = 0;
    this.#base = root;
    this.#next = 0;
    this.timeMs = -1;
    if (kind === encoding.hashtable) return;
    if (kind === encoding.listpackex) {
      this.#base = arena.words[root >>> 16][((root & 0xffff) << 2) + wordListpack] as Ref;
    }
    this.#next = firstEntry(arena, this.#base);
  }

  /** The same, passing over fields whose time is over. */
  openLive(keyspace: Keyspace, kind: number, root: Ref): void {
    this.open(keyspace, kind, root);
    if (keyspace.passesOverExpired) this.#liveFromMs = keyspace.nowMs;
  }

  /** Moves to the next field; false when there is none. */
  next(): boolean {
    do {
      if (!this.#advance()) return false;
    } while (this.timeMs >= 0 && this.timeMs < this.#liveFromMs);
    return true;
  }

  /** Points the cursor at an entry of a table. */
  ofEntry(arena: Arena, entry: Ref): void {
    this.found = entry;
    sliceField(arena, entry, this.field);
    sliceValue(arena, entry, this.value);
    this.timeMs = isVolatileField(arena, entry) ? itemTime(arena, entry) : -1;
  }

  /** Points the cursor at a field and a value of a listpack. */
  ofTuple(arena: Arena, listpack: Ref, tuple: number): void {
    this.found = tuple;
    sliceTupleField(arena, listpack, tuple, this.field);
    sliceTupleValue(arena, listpack, tuple, this.value);
  }

  #advance(): boolean {
    const keyspace = this.#keyspace;
    if (keyspace === undefined) return false;
    const { arena } = keyspace;
    if (this.#encoding === encoding.hashtable) {
      while (this.#fetchedIndex === this.#fetchedCount) {
        if (this.#next < 0) return false;
        this.#fill(keyspace);
      }
      this.ofEntry(arena, this.#fetched[this.#fetchedIndex++] as Ref);
      return true;
    }
    return this.#advanceInListpack(arena);
  }

  #advanceInListpack(arena: Arena): boolean {
    const tuple = this.#next;
    if (tuple === 0) return false;
    const listpack = this.#base;
    this.found = tuple;
    sliceElement(arena, listpack, tuple, fieldElement, this.field);
    const valueAt = nextEntry(arena, listpack, tuple);
    sliceElement(arena, listpack, valueAt, valueElement, this.value);
    let last = valueAt;
    if (this.#encoding === encoding.listpackex) {
      last = nextEntry(arena, listpack, valueAt);
      const time = timeAt(arena, listpack, last);
      this.timeMs = time === 0 ? -1 : time;
    }
    this.#next = nextEntry(arena, listpack, last);
    return true;
  }

  #fill(keyspace: Keyspace): void {
    const table = keyspace.tables.hash;
    table.load(this.#base);
    this.#fetchedCount = 0;
    this.#fetchedIndex = 0;
    this.#next = table.forEachFrom(this.#next, fetchedAtOnce, this.#fetchOne);
  }

  #growFetched(): void {
    const grown = new Int32Array(this.#fetched.length * 2);
    grown.set(this.#fetched);
    this.#fetched = grown;
  }
}
