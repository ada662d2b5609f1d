// Records that were loaded and are not in their database's table yet. They go in many at a time:
// each costs two cache misses, its bucket and the first record of that, and the misses of many
// overlap when nothing depends on them. That makes loading a quarter faster.
import { latin1 } from "../bytes/ascii.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "../keyspace/database.ts";
import { keyLength, keyOffset } from "../keyspace/record.ts";
import { freeRecord } from "../keyspace/value.ts";

const capacity = 64;

export class LoadedKeys {
  readonly #refs = new Int32Array(capacity);
  readonly #hashes = new Int32Array(capacity);
  readonly #heads = new Int32Array(capacity);
  #count = 0;
  /** Of no use: it keeps the loads from being optimised away. */
  sum = 0;

  get isFull(): boolean {
    return this.#count === capacity;
  }

  /** Takes a record, which is no table's; not when full. */
  add(ref: Ref, hash: number): void {
    this.#refs[this.#count] = ref;
    this.#hashes[this.#count++] = hash;
  }

  /**
   * Puts all of them into the database's table, in order. Those whose keys are there already take
   * their place, or, when that is refused, end it: the first such key is returned.
   */
  insert(db: Database, duplicates: "refused" | "replaced"): string | undefined {
    this.#warm(db);
    const { arena } = db.keyspace;
    const count = this.#count;
    this.#count = 0;
    for (let index = 0; index < count; index++) {
      const ref = this.#refs[index] as Ref;
      const bytes = arena.bytes[ref >>> 16];
      const offset = keyOffset(arena, ref);
      const length = keyLength(arena, ref);
      const hash = this.#hashes[index];
      const old = db.table.find(bytes, offset, length, hash);
      if (old !== noRef && duplicates === "refused") {
        const name = latin1(bytes, offset, offset + length);
        this.#free(db, index, count);
        return name;
      }
      if (old !== noRef) db.discard(old);
      db.insert(ref, hash);
    }
    return undefined;
  }

  /** Gives back the records that came to nothing. */
  #free(db: Database, from: number, end: number): void {
    for (let index = from; index < end; index++) freeRecord(db.keyspace, this.#refs[index] as Ref);
  }

  /** Loads the buckets, then the first record of each. */
  #warm(db: Database): void {
    const { words } = db.keyspace.arena;
    for (let index = 0; index < this.#count; index++) {
      this.#heads[index] = db.table.peekBucket(this.#hashes[index]);
    }
    let sum = 0;
    for (let index = 0; index < this.#count; index++) {
      const ref = this.#heads[index];
      if (ref !== 0) sum += words[ref >>> 16][(ref & 0xffff) << 2];
    }
    this.sum = sum;
  }
}
