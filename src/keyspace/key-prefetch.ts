// Fetches what several keys need into the cache, all at once: each key costs two cache misses, its
// bucket and its record, and misses that do not depend on each other overlap. A member of a large
// collection costs two more, in a table of the collection's own. Pays from about four keys on; the
// price is that keys and members are hashed once more.
import { equalBytes } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { peekBucketOf } from "../structures/hash-chain.ts";
import type { Database } from "./database.ts";
import { encoding, encodingOf, hashOf, recordType, typeOf, valueRef } from "./record.ts";

const groupMax = 16;
/** Longer keys are not worth hashing twice. */
const keyBytesMax = 64;

export class KeyPrefetch {
  /** First entries of the buckets, and then of the members' buckets. */
  readonly #heads = new Int32Array(groupMax);
  readonly #requests: Slices[] = [];
  #count = 0;
  /** Of the key that was added last: which argument, its hash, the first entry of its bucket. */
  #lastIndex = 0;
  #hash = 0;
  #head = 0;
  /** Of no use: it keeps the loads from being optimised away. */
  sum = 0;

  /** Begins a group: at most `groupMax` keys until an end. */
  begin(): void {
    this.#count = 0;
  }

  /** Hashes argument `index`, remembers the hash with the arguments, and loads the key's bucket. */
  add(db: Database, args: Slices, index: number): void {
    const length = args.lengths[index];
    if (length > keyBytesMax) return;
    const count = this.#count;
    if (!this.#isLikeLast(args, index, length)) {
      this.#hash = db.keyspace.hash(args.bytes, args.offsets[index], length);
      this.#head = db.table.peekBucket(this.#hash);
    }
    args.hash = this.#hash;
    args.hashedIndex = index;
    this.#requests[count] = args;
    this.#lastIndex = index;
    this.#heads[count] = this.#head;
    this.#count = count + 1;
  }

  /** Whether the key is the one before: who works on a queue or a counter names it all the time. */
  #isLikeLast(args: Slices, index: number, length: number): boolean {
    if (this.#count === 0) return false;
    const { bytes, offsets, lengths } = this.#requests[this.#count - 1];
    const last = this.#lastIndex;
    if (lengths[last] !== length) return false;
    return equalBytes(bytes, offsets[last], args.bytes, args.offsets[index], length);
  }

  /** Loads the records of the group. */
  end(db: Database): void {
    const { arena } = db.keyspace;
    let sum = 0;
    for (let index = 0; index < this.#count; index++) sum += firstWord(arena, this.#heads[index]);
    this.sum = sum;
  }

  /**
   * The same for requests that have their key in front, and for the members that they seem to name:
   * behind the key, or the last word where that is a sorted set's. Nothing is lost but the time
   * when it is none.
   */
  endWithMembers(db: Database): void {
    const { arena } = db.keyspace;
    let large = 0;
    for (let index = 0; index < this.#count; index++) {
      const ref = this.#heads[index] as Ref;
      if (ref !== noRef && this.#isLarge(arena, ref)) large++;
    }
    if (large === 0) return;
    for (let index = 0; index < this.#count; index++) {
      const ref = this.#heads[index] as Ref;
      this.#heads[index] = ref === noRef ? 0 : this.#peekMember(db, ref, this.#requests[index]);
    }
    this.end(db);
  }

  #isLarge(arena: Arena, ref: Ref): boolean {
    const kind = encodingOf(arena, ref);
    return kind === encoding.hashtable || kind === encoding.skiplist;
  }

  /** The first entry of the bucket of the member that the request names; 0: there is none. */
  #peekMember(db: Database, ref: Ref, args: Slices): number {
    const { keyspace } = db;
    const { arena } = keyspace;
    // Another key's record stands first in the bucket, or the request has no member.
    if (args.count < 3 || hashOf(arena, ref) !== args.hash || !this.#isLarge(arena, ref)) return 0;
    const member = typeOf(arena, ref) === recordType.zset ? args.count - 1 : 2;
    const length = args.lengths[member];
    if (length > keyBytesMax) return 0;
    const hash = keyspace.hash(args.bytes, args.offsets[member], length);
    return peekBucketOf(arena, valueRef(arena, ref), hash);
  }

  /** Every `step`-th argument from `first`, as many as a group holds. */
  keys(db: Database, args: Slices, first: number, step: number): void {
    const end = Math.min(args.count, first + step * groupMax);
    this.begin();
    for (let index = first; index < end; index += step) this.add(db, args, index);
    this.end(db);
  }
}

function firstWord(arena: Arena, ref: number): number {
  return ref === 0 ? 0 : arena.words[ref >>> 16][(ref & 0xffff) << 2];
}
