// The hashes of one database that have expiring fields, the one with the earliest field first, so
// that the cycle which deletes expired fields finds them without searching.
//
// Such a hash has a head: a block that is one of the database's expiry items and the owner of what
// the hash knows of its fields' times. The head is the root of a `listpackex`, or is pointed to by
// the root of a `hashtable` (word 7).
//
//   word 0  record of the hash, while it is in the database's heap
//   word 1  the listpack, or the block of the heap of fields
//        2  number of items in that heap      3  its capacity
//        4  time of the earliest field; 0 when none expires     5  high word
//        6  place in the database's heap, or -1
//
// Invariant: a record is here exactly when a field of its hash expires, under the time of its
// earliest field.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import {
  addItem,
  clearHeap,
  clearPlace,
  countItems,
  firstItem,
  freeHeap,
  isInHeap,
  itemTime,
  removeItem,
  updateItem,
  writeItemTime,
} from "./hash-expiry-heap.ts";
import { encoding, encodingOf, recordType, typeOf, valueRef } from "./record.ts";

export const headBytes = 28;
/** Word of a hash table's root that points to the head; 0 when none of its fields ever expired. */
export const wordHead = 7;
/** Word of a head that points to its listpack. */
export const wordListpack = 1;
const wordRecord = 0;

/** A head that is in no heap, with an empty heap of fields. */
export function makeHead(arena: Arena): Ref {
  const head = arena.allocate(headBytes);
  arena.words[head >>> 16][((head & 0xffff) << 2) + wordRecord] = noRef;
  clearHeap(arena, head);
  writeItemTime(arena, head, 0);
  clearPlace(arena, head);
  return head;
}

/** The head of a hash of that encoding and root; none when its fields never expired. */
export function headOf(arena: Arena, kind: number, root: Ref): Ref {
  if (kind === encoding.listpackex) return root;
  if (kind !== encoding.hashtable) return noRef;
  return arena.words[root >>> 16][((root & 0xffff) << 2) + wordHead] as Ref;
}

function headOfRecord(arena: Arena, ref: Ref): Ref {
  if (typeOf(arena, ref) !== recordType.hash) return noRef;
  return headOf(arena, encodingOf(arena, ref), valueRef(arena, ref));
}

export class HashExpiries {
  readonly #arena: Arena;
  /** Owner of the heap of heads; none before there is a head. */
  #owner: Ref = noRef;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Number of hashes that have expiring fields. */
  get count(): number {
    return this.#owner === noRef ? 0 : countItems(this.#arena, this.#owner);
  }

  /** The record of the hash with the earliest field, none when there is none. */
  get first(): Ref {
    if (this.count === 0) return noRef;
    const head = firstItem(this.#arena, this.#owner);
    return this.#arena.words[head >>> 16][((head & 0xffff) << 2) + wordRecord] as Ref;
  }

  /** Time of the earliest field of all, in ms since 1970; Infinity when there is none. */
  get firstTimeMs(): number {
    if (this.count === 0) return Infinity;
    return itemTime(this.#arena, firstItem(this.#arena, this.#owner));
  }

  /** A record came into the database. */
  added(ref: Ref): void {
    const head = headOfRecord(this.#arena, ref);
    if (head !== noRef && itemTime(this.#arena, head) > 0) this.#add(head, ref);
  }

  /** A record leaves the database; its value is still there. */
  removed(ref: Ref): void {
    const head = headOfRecord(this.#arena, ref);
    if (head !== noRef) this.#remove(head);
  }

  /** A record takes the place of another, whose value it may have. */
  replaced(ref: Ref, replacement: Ref): void {
    const head = headOfRecord(this.#arena, ref);
    const newHead = headOfRecord(this.#arena, replacement);
    if (head === newHead) {
      if (head !== noRef) this.#setRecord(head, replacement);
      return;
    }
    if (head !== noRef) this.#remove(head);
    if (newHead !== noRef) this.added(replacement);
  }

  /** The earliest field of the record's hash is now the one at `timeMs`; 0: none expires. */
  setTime(ref: Ref, head: Ref, timeMs: number): void {
    const arena = this.#arena;
    const isSame = itemTime(arena, head) === timeMs && isInHeap(arena, head) === timeMs > 0;
    if (isSame) return;
    if (timeMs === 0) {
      this.#remove(head);
      writeItemTime(arena, head, 0);
      return;
    }
    writeItemTime(arena, head, timeMs);
    if (isInHeap(arena, head)) updateItem(arena, this.#owner, head);
    else this.#add(head, ref);
  }

  /** Forgets all of them: the database is flushed. */
  clear(): void {
    if (this.#owner === noRef) return;
    freeHeap(this.#arena, this.#owner);
    this.#arena.free(this.#owner, headBytes);
    this.#owner = noRef;
  }

  #add(head: Ref, ref: Ref): void {
    if (this.#owner === noRef) this.#owner = makeHead(this.#arena);
    this.#setRecord(head, ref);
    addItem(this.#arena, this.#owner, head);
  }

  #remove(head: Ref): void {
    if (!isInHeap(this.#arena, head)) return;
    removeItem(this.#arena, this.#owner, head);
    if (this.count === 0) this.clear();
  }

  #setRecord(head: Ref, ref: Ref): void {
    this.#arena.words[head >>> 16][((head & 0xffff) << 2) + wordRecord] = ref;
  }
}
