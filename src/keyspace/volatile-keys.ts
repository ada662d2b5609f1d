// The keys of one database that have an expiry: a dense array of refs, in no order.
//
// Each record knows its place in it (`volatileIndex`), so adding and removing take constant time,
// and a random or a cyclic sample is one array access. That is what active expiry and the
// volatile-* eviction policies need. Four bytes a key.
import type { Arena, Ref } from "../memory/arena.ts";
import { setVolatileIndex, volatileIndex } from "./record.ts";

const initialCapacity = 16;

export class VolatileKeys {
  readonly #arena: Arena;
  #refs = new Int32Array(initialCapacity);
  count = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  get tableBytes(): number {
    return this.#refs.byteLength;
  }

  /** Adds a record that has just got an expiry. */
  add(ref: Ref): void {
    if (this.count === this.#refs.length) this.#resize(this.#refs.length * 2);
    this.#refs[this.count] = ref;
    setVolatileIndex(this.#arena, ref, this.count);
    this.count++;
  }

  /** Removes a record: the last one takes its place. */
  remove(ref: Ref): void {
    const index = volatileIndex(this.#arena, ref);
    const last = this.#refs[--this.count] as Ref;
    this.#refs[index] = last;
    setVolatileIndex(this.#arena, last, index);
    if (this.count * 4 < this.#refs.length && this.#refs.length > initialCapacity) {
      this.#resize(this.#refs.length / 2);
    }
  }

  /** The record moved to another block, its index not yet written there. */
  replace(ref: Ref, replacement: Ref): void {
    const index = volatileIndex(this.#arena, ref);
    this.#refs[index] = replacement;
    setVolatileIndex(this.#arena, replacement, index);
  }

  at(index: number): Ref {
    return this.#refs[index] as Ref;
  }

  clear(): void {
    this.#refs = new Int32Array(initialCapacity);
    this.count = 0;
  }

  /**
   * The copy is a memmove of 4 bytes a key: 2 ms for 16 million of them, once in as many additions.
   */
  #resize(capacity: number): void {
    const refs = new Int32Array(capacity);
    refs.set(capacity < this.#refs.length ? this.#refs.subarray(0, this.count) : this.#refs);
    this.#refs = refs;
  }
}
