// Fetches what several keys need into the cache, all at once: each key costs two cache misses, its
// bucket and its record, and misses that do not depend on each other overlap. Pays from about four
// keys on; the price is that the keys are hashed once more.
import type { Slices } from "../bytes/slices.ts";
import type { Database } from "./database.ts";

const groupMax = 16;
/** Longer keys are not worth hashing twice. */
const keyBytesMax = 64;

export class KeyPrefetch {
  readonly #heads = new Int32Array(groupMax);
  #count = 0;
  /** Of no use: it keeps the loads from being optimised away. */
  sum = 0;

  /** Begins a group: at most `groupMax` keys until `end`. */
  begin(): void {
    this.#count = 0;
  }

  /** Hashes argument `index`, remembers the hash with the arguments, and loads the key's bucket. */
  add(db: Database, args: Slices, index: number): void {
    if (args.lengths[index] > keyBytesMax) return;
    const hash = db.keyspace.hash(args.bytes, args.offsets[index], args.lengths[index]);
    args.hash = hash;
    args.hashedIndex = index;
    this.#heads[this.#count++] = db.table.peekBucket(hash);
  }

  /** Loads the records of the group. */
  end(db: Database): void {
    const { words } = db.keyspace.arena;
    let sum = 0;
    for (let index = 0; index < this.#count; index++) {
      const ref = this.#heads[index];
      if (ref !== 0) sum += words[ref >>> 16][(ref & 0xffff) << 2];
    }
    this.sum = sum;
  }

  /** Every `step`-th argument from `first`, as many as a group holds. */
  keys(db: Database, args: Slices, first: number, step: number): void {
    const end = Math.min(args.count, first + step * groupMax);
    this.begin();
    for (let index = first; index < end; index += step) this.add(db, args, index);
    this.end(db);
  }
}
