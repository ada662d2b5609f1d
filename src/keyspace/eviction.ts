// Which key goes when there is too much data: `maxmemory-policy`.
//
// To find the best of all keys we would have to keep them in order, at a price for each use. We
// look at a few at random instead, as Redis does, and remember the best of those that were seen in
// a pool: so that the choice is nearly as good as if many more had been looked at.
//
// The pool holds candidates by falling merit towards its start. A candidate is a record's ref and
// the hash of its key; by the time it is chosen the record may be gone, or used since. That is
// found out then, and no deletion has to look here.
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { fairEntry, visitSome } from "./hash-table-sample.ts";
import type { Keyspace } from "./keyspace.ts";
import { accessOf, expiryOf, hasExpiry, hashOf, keyLength, keyOffset } from "./record.ts";

export type EvictionPolicy =
  | "noeviction"
  | "allkeys-lru"
  | "allkeys-lfu"
  | "allkeys-random"
  | "volatile-lru"
  | "volatile-lfu"
  | "volatile-random"
  | "volatile-ttl";

const poolSize = 16;
const secondsMask = 0xffffff;

export class Eviction {
  /** `maxmemory-samples`: keys of each database that are looked at for each victim. */
  samples = 5;
  readonly #keyspace: Keyspace;
  #policy: EvictionPolicy = "noeviction";
  #isVolatile = false;
  #order: "none" | "random" | "lru" | "lfu" | "ttl" = "none";
  /** The pool, the best candidate last. */
  readonly #refs = new Int32Array(poolSize);
  readonly #hashes = new Int32Array(poolSize);
  readonly #databases = new Int32Array(poolSize);
  readonly #scores = new Float64Array(poolSize);
  #count = 0;
  /** Of the victim that was chosen last, or of the keys that are being looked at. */
  #database: Database;
  readonly #visit: (ref: Ref) => void;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#database = keyspace.databases[0];
    this.#visit = (ref) => this.#consider(ref);
  }

  get policy(): EvictionPolicy {
    return this.#policy;
  }

  set policy(policy: EvictionPolicy) {
    if (policy === this.#policy) return;
    this.#policy = policy;
    this.#isVolatile = policy.startsWith("volatile-");
    this.#order =
      policy === "noeviction" ? "none" : (policy.slice(policy.indexOf("-") + 1) as "lru");
    // Scores of two policies do not compare.
    this.#count = 0;
  }

  /** Deletes the key that should go first; false when there is none that may. */
  evictOne(): boolean {
    if (this.#order === "none") return false;
    const ref = this.#order === "random" ? this.#chooseRandom() : this.#chooseBest();
    if (ref === noRef) return false;
    this.#database.evict(ref);
    return true;
  }

  #candidatesIn(database: Database): number {
    return this.#isVolatile ? database.volatileKeys.count : database.size;
  }

  /** The databases take turns. */
  #chooseRandom(): Ref {
    const { databases, random } = this.#keyspace;
    let { index } = this.#database;
    for (let tries = 0; tries < databases.length; tries++) {
      index = (index + 1) % databases.length;
      const database = databases[index];
      const count = this.#candidatesIn(database);
      if (count === 0) continue;
      this.#database = database;
      if (this.#isVolatile) return database.volatileKeys.at(random.below(count));
      return fairEntry(database.table, random);
    }
    return noRef;
  }

  #chooseBest(): Ref {
    for (;;) {
      if (!this.#fillPool()) return noRef;
      while (this.#count > 0) {
        const place = --this.#count;
        const ref = this.#refs[place] as Ref;
        this.#database = this.#keyspace.databases[this.#databases[place]];
        if (!this.#isThere(ref, this.#hashes[place])) continue;
        if (this.#scoreOf(ref) >= this.#scores[place]) return ref;
      }
    }
  }

  /** Looks at some keys of each database; false when there are none. */
  #fillPool(): boolean {
    const { arena, databases, random } = this.#keyspace;
    let hasAny = false;
    for (const database of databases) {
      const count = this.#candidatesIn(database);
      if (count === 0) continue;
      hasAny = true;
      this.#database = database;
      if (!this.#isVolatile) {
        visitSome(arena, database.table, random, this.samples, this.#visit);
        continue;
      }
      for (let left = this.samples; left > 0; left--) {
        this.#consider(database.volatileKeys.at(random.below(count)));
      }
    }
    return hasAny;
  }

  /** Whether a candidate is still a record of `#database`, and one that may go. */
  #isThere(ref: Ref, hash: number): boolean {
    const { arena } = this.#keyspace;
    // The block may be no record any more. Then what we take for its key is not found, or is the
    // key of another record.
    if (hashOf(arena, ref) !== hash) return false;
    const { table } = this.#database;
    const bytes = arena.bytes[ref >>> 16];
    const found = table.find(bytes, keyOffset(arena, ref), keyLength(arena, ref), hash);
    return found === ref && (!this.#isVolatile || hasExpiry(arena, ref));
  }

  /** How much better it is that this key goes than another: higher goes first. */
  #scoreOf(ref: Ref): number {
    const { accessClock, arena, uses } = this.#keyspace;
    switch (this.#order) {
      case "lru":
        return (accessClock - accessOf(arena, ref)) & secondsMask;
      case "lfu":
        return -uses.current(accessOf(arena, ref));
      default:
        return -expiryOf(arena, ref);
    }
  }

  /** Puts a key into the pool if it is better than one there, or if there is room. */
  #consider(ref: Ref): void {
    const score = this.#scoreOf(ref);
    let place = 0;
    while (place < this.#count && this.#scores[place] < score) place++;
    for (let index = 0; index < this.#count; index++) if (this.#refs[index] === ref) return;
    if (this.#count < poolSize) {
      for (let to = this.#count; to > place; to--) this.#copy(to, to - 1);
      this.#count++;
    } else {
      if (place === 0) return;
      // The worst falls out at the start.
      place--;
      for (let to = 0; to < place; to++) this.#copy(to, to + 1);
    }
    this.#refs[place] = ref;
    this.#hashes[place] = hashOf(this.#keyspace.arena, ref);
    this.#databases[place] = this.#database.index;
    this.#scores[place] = score;
  }

  #copy(to: number, from: number): void {
    this.#refs[to] = this.#refs[from];
    this.#hashes[to] = this.#hashes[from];
    this.#databases[to] = this.#databases[from];
    this.#scores[to] = this.#scores[from];
  }
}
