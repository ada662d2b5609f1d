// A chained hash table over the arena: the dictionary of keys, of large hashes and of large sets.
//
// Buckets are int32 refs in a typed array; an entry is an arena block owned by whoever made it, and begins with
//
//   word 0  ref of the next entry in the bucket
//   word 1  hash of the key, all 32 bits
//   word 2  key length in bytes (30 bits) | extra words before the key, 0..3 (2 bits)
//   ...     up to `headerBytes`: the owner's own words
//   ...     the extra words, then the key bytes, then whatever the owner likes
//
// so that a look-up touches two cache lines: the bucket and the entry. Growing and shrinking are incremental: while two
// tables exist every operation moves one bucket from the first to the second, and the owner calls `rehash` when idle. Hence
// no operation is ever longer than the allocation of a bucket array.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";

export const entryNext = 0;
export const entryHash = 1;
export const entryKey = 2;
export const keyLengthMask = 0x3fffffff;
export const keyExtraShift = 30;

const minimumBuckets = 4;
/** A table shrinks when less than an eighth of it is used, as Redis's does. */
const shrinkFactor = 8;
/** Empty buckets that one step of rehashing may skip, so that a step stays short in a sparse table. */
const emptyBucketsPerStep = 10;

const noBuckets = new Int32Array(0);

/** Receives the entries of a scanned bucket. It may free them only after the scan has returned. */
export type EntryVisitor = (ref: Ref) => void;

export class HashTable {
  readonly #arena: Arena;
  readonly #headerBytes: number;
  /** The table being emptied while rehashing, else the only one. */
  #old = noBuckets;
  #oldCount = 0;
  /** The table being filled; empty when not rehashing. */
  #new = noBuckets;
  #newCount = 0;
  /** Buckets of `#old` below this are empty; -1 when not rehashing. */
  #rehashIndex = -1;
  /** Iterations that need the buckets to stay where they are. */
  #pauses = 0;
  /** Whether the table may change its size; DEBUG DICT-RESIZING turns it off. */
  resizable = true;

  constructor(arena: Arena, headerBytes: number) {
    this.#arena = arena;
    this.#headerBytes = headerBytes;
  }

  get count(): number {
    return this.#oldCount + this.#newCount;
  }

  /** Bytes of the bucket arrays. */
  get tableBytes(): number {
    return this.#old.byteLength + this.#new.byteLength;
  }

  get bucketCount(): number {
    return this.#old.length + this.#new.length;
  }

  get isRehashing(): boolean {
    return this.#rehashIndex >= 0;
  }

  /** The entry whose key is the given bytes, or 0. `hash` is the key's hash under the owner's hash function. */
  find(bytes: Uint8Array, offset: number, length: number, hash: number): Ref {
    if (this.#rehashIndex >= 0) this.#step();
    if (this.#old.length === 0) return noRef;
    const { bytes: chunks, words } = this.#arena;
    const headerBytes = this.#headerBytes;
    let buckets = this.#old;
    for (;;) {
      let ref = buckets[hash & (buckets.length - 1)];
      while (ref !== 0) {
        const chunk = words[ref >>> 16];
        const at = (ref & 0xffff) << 2;
        if (chunk[at + entryHash] === hash) {
          const key = chunk[at + entryKey];
          if ((key & keyLengthMask) === length) {
            const keyAt = (at << 2) + headerBytes + ((key >>> keyExtraShift) << 2);
            if (sameBytes(chunks[ref >>> 16], keyAt, bytes, offset, length)) return ref as Ref;
          }
        }
        ref = chunk[at];
      }
      if (this.#rehashIndex < 0 || buckets === this.#new) return noRef;
      buckets = this.#new;
    }
  }

  /** Adds an entry that is not there yet; its key words are written, its hash and next words are written here. */
  insert(ref: Ref, hash: number): void {
    if (this.#rehashIndex >= 0) this.#step();
    else if (this.#oldCount >= this.#old.length) this.#grow();
    const isRehashing = this.#rehashIndex >= 0;
    const buckets = isRehashing ? this.#new : this.#old;
    const bucket = hash & (buckets.length - 1);
    const words = this.#arena.words[ref >>> 16];
    const at = (ref & 0xffff) << 2;
    words[at + entryNext] = buckets[bucket];
    words[at + entryHash] = hash;
    buckets[bucket] = ref;
    if (isRehashing) this.#newCount++;
    else this.#oldCount++;
  }

  /** Unlinks an entry that is in the table; its memory stays the owner's. */
  remove(ref: Ref): void {
    this.#relink(ref, this.#arena.words[ref >>> 16][(ref & 0xffff) << 2]);
    if (this.#rehashIndex >= 0) this.#step();
    else this.#shrinkIfSparse();
  }

  /** Puts `replacement`, a block with the same key, in the place of `ref`. */
  replace(ref: Ref, replacement: Ref): void {
    const words = this.#arena.words[ref >>> 16];
    const at = (ref & 0xffff) << 2;
    const target = this.#arena.words[replacement >>> 16];
    const targetAt = (replacement & 0xffff) << 2;
    target[targetAt + entryNext] = words[at + entryNext];
    target[targetAt + entryHash] = words[at + entryHash];
    this.#relink(ref, replacement);
  }

  /** Forgets all entries without visiting them: the owner has freed them or will. */
  clear(): void {
    this.#old = noBuckets;
    this.#new = noBuckets;
    this.#oldCount = 0;
    this.#newCount = 0;
    this.#rehashIndex = -1;
  }

  /** Moves buckets for at most `bucketsMax` non-empty ones; false when there is nothing left to move. */
  rehash(bucketsMax: number): boolean {
    for (let moved = 0; moved < bucketsMax; moved++) {
      if (this.#rehashIndex < 0) {
        this.#shrinkIfSparse();
        if (this.#rehashIndex < 0) return false;
      }
      if (this.#pauses > 0) return false;
      this.#step();
    }
    return this.#rehashIndex >= 0;
  }

  /** Makes room for `count` entries at once, so that loading many of them never rehashes. */
  reserve(count: number): void {
    if (this.#rehashIndex < 0 && count > this.#old.length) this.#resize(bucketsFor(count));
  }

  /** Keeps every bucket in place until `resume`: for iterations that change the table between their steps. */
  pause(): void {
    this.#pauses++;
  }

  resume(): void {
    this.#pauses--;
  }

  /**
   * Visits the entries of the cursor's buckets and returns the next cursor; start with 0, over when 0 comes back.
   *
   * Guarantee: an entry that is in the table from the first call to the last is visited at least once, however the table
   * grows or shrinks in between. An entry may be visited twice.
   *
   * How: sizes are powers of two, and a bucket of a table of size 2^n splits, in a table of 2^(n+k), into the buckets that
   * have the same low n bits. We count the cursor with its bits reversed: the high bits of the masked part advance first.
   * So all buckets that share their low bits are visited one after the other, and a cursor that leaves off in one size
   * continues in any other with exactly those low-bit families done that were done before. While two tables exist we visit
   * the bucket of the smaller one and then all buckets of the larger one that it splits into.
   */
  scan(cursor: number, visit: EntryVisitor): number {
    if (this.count === 0) return 0;
    if (this.#rehashIndex < 0) {
      const mask = this.#old.length - 1;
      this.#visitBucket(this.#old, cursor & mask, visit);
      return nextCursor(cursor, mask);
    }
    const [small, large] =
      this.#old.length <= this.#new.length ? [this.#old, this.#new] : [this.#new, this.#old];
    const smallMask = small.length - 1;
    const largeMask = large.length - 1;
    this.#visitBucket(small, cursor & smallMask, visit);
    let next = cursor;
    do {
      this.#visitBucket(large, next & largeMask, visit);
      next = nextCursor(next, largeMask);
    } while ((next & (smallMask ^ largeMask)) !== 0);
    return next;
  }

  /** Visits every entry, bucket by bucket; the visitor may remove or replace the entry that it is given. */
  forEach(visit: EntryVisitor): void {
    this.pause();
    const tables = [this.#old, this.#new];
    for (const buckets of tables) {
      for (let bucket = 0; bucket < buckets.length; bucket++) this.#visitBucket(buckets, bucket, visit);
    }
    this.resume();
  }

  /** Visits buckets `from` and up of both tables in turn until `entriesMax` entries were seen; the index to go on from, or -1. */
  forEachFrom(from: number, entriesMax: number, visit: EntryVisitor): number {
    let seen = 0;
    const end = this.#old.length + this.#new.length;
    for (let index = from; index < end; index++) {
      if (seen >= entriesMax) return index;
      const isOld = index < this.#old.length;
      const bucket = isOld ? index : index - this.#old.length;
      seen += this.#visitBucket(isOld ? this.#old : this.#new, bucket, visit);
    }
    return -1;
  }

  /**
   * A random entry: a random non-empty bucket, then a random place in its chain. Not exactly uniform (entries of long
   * chains are a little rarer), which is what RANDOMKEY promises. `random(n)` gives 0 .. n-1. The table is not empty.
   */
  randomEntry(random: (limit: number) => number): Ref {
    const oldLength = this.#old.length;
    const skipped = this.#rehashIndex < 0 ? 0 : this.#rehashIndex;
    for (;;) {
      const index = skipped + random(oldLength + this.#new.length - skipped);
      let ref = index < oldLength ? this.#old[index] : this.#new[index - oldLength];
      if (ref === 0) continue;
      const first = ref;
      let length = 0;
      for (; ref !== 0; ref = this.#next(ref)) length++;
      ref = first;
      for (let steps = random(length); steps > 0; steps--) ref = this.#next(ref);
      return ref as Ref;
    }
  }

  /** Sizes and chain lengths as DEBUG HTSTATS prints them, a table at a time. */
  describe(): { buckets: number; entries: number; chains: Map<number, number> }[] {
    const tables = this.isRehashing ? [this.#old, this.#new] : [this.#old];
    return tables.map((buckets, index) => {
      const chains = new Map<number, number>();
      for (let bucket = 0; bucket < buckets.length; bucket++) {
        let length = 0;
        for (let ref = buckets[bucket]; ref !== 0; ref = this.#next(ref)) length++;
        chains.set(length, (chains.get(length) ?? 0) + 1);
      }
      return { buckets: buckets.length, entries: index === 0 ? this.#oldCount : this.#newCount, chains };
    });
  }

  /** Walks everything and throws when an entry stands in a wrong bucket or the counts are wrong. For tests. */
  check(): void {
    let count = 0;
    for (const buckets of [this.#old, this.#new]) {
      for (let bucket = 0; bucket < buckets.length; bucket++) {
        for (let ref = buckets[bucket]; ref !== 0; ref = this.#next(ref)) {
          const hash = this.#arena.words[ref >>> 16][((ref & 0xffff) << 2) + entryHash];
          if ((hash & (buckets.length - 1)) !== bucket) throw new Error(`entry ${ref} in bucket ${bucket}`);
          if (buckets === this.#old && bucket < this.#rehashIndex) throw new Error(`bucket ${bucket} not moved`);
          count++;
        }
      }
    }
    if (count !== this.count) throw new Error(`${count} entries found, ${this.count} counted`);
  }

  #next(ref: number): number {
    return this.#arena.words[ref >>> 16][(ref & 0xffff) << 2];
  }

  #visitBucket(buckets: Int32Array, bucket: number, visit: EntryVisitor): number {
    let seen = 0;
    let ref = buckets[bucket];
    while (ref !== 0) {
      const next = this.#next(ref);
      visit(ref as Ref);
      seen++;
      ref = next;
    }
    return seen;
  }

  /** Makes whatever points to `ref` point to `target`: its successor (removal) or a replacement. */
  #relink(ref: Ref, target: number): void {
    const hash = this.#arena.words[ref >>> 16][((ref & 0xffff) << 2) + entryHash];
    const isRemoval = this.#next(ref) === target;
    if (relinkIn(this.#arena.words, this.#old, hash, ref, target)) {
      if (isRemoval) this.#oldCount--;
    } else if (relinkIn(this.#arena.words, this.#new, hash, ref, target)) {
      if (isRemoval) this.#newCount--;
    } else {
      throw new Error(`hash table: entry ${ref} is not in its bucket`);
    }
  }

  /** Moves one bucket of the old table. */
  #step(): void {
    if (this.#pauses > 0) return;
    const old = this.#old;
    let index = this.#rehashIndex;
    let empty = emptyBucketsPerStep;
    while (index < old.length && old[index] === 0 && empty > 0) {
      index++;
      empty--;
    }
    if (index < old.length && old[index] !== 0) {
      this.#moveBucket(index);
      index++;
    }
    this.#rehashIndex = index;
    if (index === old.length || this.#oldCount === 0) this.#finishRehash();
  }

  #moveBucket(index: number): void {
    const { words } = this.#arena;
    const target = this.#new;
    const mask = target.length - 1;
    let ref = this.#old[index];
    let moved = 0;
    while (ref !== 0) {
      const chunk = words[ref >>> 16];
      const at = (ref & 0xffff) << 2;
      const next = chunk[at];
      const bucket = chunk[at + entryHash] & mask;
      chunk[at] = target[bucket];
      target[bucket] = ref;
      ref = next;
      moved++;
    }
    this.#old[index] = 0;
    this.#oldCount -= moved;
    this.#newCount += moved;
  }

  #finishRehash(): void {
    this.#old = this.#new;
    this.#oldCount = this.#newCount;
    this.#new = noBuckets;
    this.#newCount = 0;
    this.#rehashIndex = -1;
  }

  #grow(): void {
    if (this.resizable || this.#old.length === 0) this.#resize(bucketsFor(this.#oldCount + 1));
  }

  #shrinkIfSparse(): void {
    if (!this.resizable || this.#rehashIndex >= 0 || this.#pauses > 0) return;
    const size = this.#old.length;
    if (size > minimumBuckets && this.#oldCount * shrinkFactor <= size) {
      this.#resize(bucketsFor(this.#oldCount));
    }
  }

  #resize(buckets: number): void {
    if (buckets === this.#old.length) return;
    const fresh = new Int32Array(buckets);
    if (this.#oldCount === 0) {
      this.#old = fresh;
      return;
    }
    this.#new = fresh;
    this.#rehashIndex = 0;
  }
}

function bucketsFor(count: number): number {
  let buckets = minimumBuckets;
  while (buckets < count) buckets *= 2;
  return buckets;
}

function relinkIn(
  words: Int32Array[],
  buckets: Int32Array,
  hash: number,
  ref: number,
  target: number,
): boolean {
  if (buckets.length === 0) return false;
  const bucket = hash & (buckets.length - 1);
  let each = buckets[bucket];
  if (each === ref) {
    buckets[bucket] = target;
    return true;
  }
  while (each !== 0) {
    const chunk = words[each >>> 16];
    const at = (each & 0xffff) << 2;
    each = chunk[at];
    if (each === ref) {
      chunk[at] = target;
      return true;
    }
  }
  return false;
}

/** Adds one to the cursor's bits under `mask`, counted from the highest of them down. */
function nextCursor(cursor: number, mask: number): number {
  return reverseBits(reverseBits(cursor | ~mask) + 1) >>> 0;
}

function reverseBits(value: number): number {
  let bits = value;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return (bits >>> 16) | (bits << 16);
}

function sameBytes(
  a: Uint8Array,
  aOffset: number,
  b: Uint8Array,
  bOffset: number,
  length: number,
): boolean {
  for (let index = 0; index < length; index++) {
    if (a[aOffset + index] !== b[bOffset + index]) return false;
  }
  return true;
}
