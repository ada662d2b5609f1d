// A chained hash table in the arena: the dictionary of keys, of large hashes and of large sets.
//
// Buckets are refs in a block of the arena; an entry is an arena block owned by whoever made it,
// and begins with
//
//   word 0  ref of the next entry in the bucket
//   word 1  hash of the key, all 32 bits
//   word 2  key length in bytes (30 bits) | extra words before the key, 0..3 (2 bits)
//   ...     up to `headerBytes`: the owner's own words
//   ...     the extra words, then the key bytes, then whatever the owner likes
//
// so that a look-up touches two cache lines: the bucket and the entry. Growing and shrinking are
// incremental: while two bucket arrays exist every operation moves one bucket from the old to the
// new, and the owner calls `rehash` when idle; none waits for more than a bucket array's making.
//
// The object is a view: a database keeps one for good; a collection keeps its table's state in a
// header block (`hashTableHeader`) and shares one view with all others, by `load` and `store`, so
// that a small table costs no object on the heap.
//
//   header  word 0  old buckets (ref)   1  their number   2  entries in them
//           word 3  new buckets (ref)   4  their number   5  entries in them
//           word 6  next bucket to move, -1 when not rehashing
import { equalBytes } from "../bytes/ascii.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { EntryVisitor } from "./hash-chain.ts";
import { bucketsFor, bucketsMin, relinkIn } from "./hash-chain.ts";
import { nextCursor } from "./scan-cursor.ts";

export const entryNext = 0;
export const entryHash = 1;
export const entryKey = 2;
export const keyLengthMask = 0x3fffffff;
export const keyExtraShift = 30;

/** A table shrinks when less than an eighth of it is used, as Redis's does. */
const shrinkFactor = 8;
/** With so many entries a bucket a table grows whatever it costs. */
const crowdedFactor = 1.618;
/** Empty buckets that a step of rehashing may skip: it stays short in a sparse table. */
const emptyBucketsPerStep = 10;

/** Bytes of a collection's header; the owner may put words of its own behind. */
export const hashTableHeaderBytes = 28;

const noWords: Int32Array = new Int32Array(0);

export class HashTable {
  readonly #arena: Arena;
  readonly #headerBytes: number;
  /**
   * The buckets being emptied while rehashing, else the only ones: block, the chunk's words, index
   * of the first, number.
   */
  #oldRef = noRef;
  #oldWords = noWords;
  #oldBase = 0;
  #oldSize = 0;
  #oldCount = 0;
  /** The buckets being filled; none when not rehashing. */
  #newRef = noRef;
  #newWords = noWords;
  #newBase = 0;
  #newSize = 0;
  #newCount = 0;
  /** Old buckets below this are empty; -1 when not rehashing. */
  #rehashIndex = -1;
  /** Iterations that need the buckets to stay where they are. */
  #pauses = 0;
  /** The header of a table whose buckets stay while other tables are viewed in between. */
  frozen = noRef;
  #isFrozen = false;
  /** Whether the table may change its size; DEBUG DICT-RESIZING turns it off. */
  resizable = true;
  /** Whether there is memory for so many bytes of buckets; asked until the chains are long. */
  hasRoomFor: (bytes: number) => boolean = () => true;

  constructor(arena: Arena, headerBytes: number) {
    this.#arena = arena;
    this.#headerBytes = headerBytes;
  }

  /** Makes this a view of the table whose header is `root`. */
  load(root: Ref): void {
    const words = this.#arena.words[root >>> 16];
    const at = (root & 0xffff) << 2;
    this.#setOld(words[at] as Ref, words[at + 1]);
    this.#oldCount = words[at + 2];
    this.#setNew(words[at + 3] as Ref, words[at + 4]);
    this.#newCount = words[at + 5];
    this.#rehashIndex = words[at + 6];
    this.#isFrozen = root === this.frozen;
  }

  /** Writes the state back; needed after all that may move buckets, look-ups included. */
  store(root: Ref): void {
    const words = this.#arena.words[root >>> 16];
    const at = (root & 0xffff) << 2;
    words[at] = this.#oldRef;
    words[at + 1] = this.#oldSize;
    words[at + 2] = this.#oldCount;
    words[at + 3] = this.#newRef;
    words[at + 4] = this.#newSize;
    words[at + 5] = this.#newCount;
    words[at + 6] = this.#rehashIndex;
  }

  #setOld(ref: Ref, size: number): void {
    this.#oldRef = ref;
    this.#oldWords = size === 0 ? noWords : this.#arena.words[ref >>> 16];
    this.#oldBase = (ref & 0xffff) << 2;
    this.#oldSize = size;
  }

  #setNew(ref: Ref, size: number): void {
    this.#newRef = ref;
    this.#newWords = size === 0 ? noWords : this.#arena.words[ref >>> 16];
    this.#newBase = (ref & 0xffff) << 2;
    this.#newSize = size;
  }

  get count(): number {
    return this.#oldCount + this.#newCount;
  }

  /** Bytes of the old buckets while rehashing. */
  get rehashingBytes(): number {
    return this.isRehashing ? this.#oldSize * 4 : 0;
  }

  /** Bytes of the bucket arrays, which count as used in the arena. */
  get tableBytes(): number {
    return (this.#oldSize + this.#newSize) * 4;
  }

  get bucketCount(): number {
    return this.#oldSize + this.#newSize;
  }

  /** The entry whose key is the given bytes, or 0; `hash` is the key's by the owner's function. */
  find(bytes: Uint8Array, offset: number, length: number, hash: number): Ref {
    if (this.#rehashIndex >= 0) this.#step();
    if (this.#oldSize === 0) return noRef;
    const ref = this.#oldWords[this.#oldBase + (hash & (this.#oldSize - 1))];
    const found = ref === 0 ? noRef : this.#findIn(ref, bytes, offset, length, hash);
    if (found !== noRef || this.#rehashIndex < 0) return found;
    const other = this.#newWords[this.#newBase + (hash & (this.#newSize - 1))];
    return this.#findIn(other, bytes, offset, length, hash);
  }

  /** The first entry of the bucket that a key of that hash is in; not the key's own, maybe. */
  peekBucket(hash: number): number {
    return this.#oldSize === 0 ? 0 : this.#oldWords[this.#oldBase + (hash & (this.#oldSize - 1))];
  }

  /** The entry of the key in the chain that begins with `first`. */
  #findIn(first: number, bytes: Uint8Array, offset: number, length: number, hash: number): Ref {
    let ref = first;
    const { words } = this.#arena;
    while (ref !== 0) {
      const chunk = words[ref >>> 16];
      const at = (ref & 0xffff) << 2;
      if (chunk[at + entryHash] === hash) {
        const key = chunk[at + entryKey];
        const keyAt = (at << 2) + this.#headerBytes + ((key >>> keyExtraShift) << 2);
        if (
          (key & keyLengthMask) === length &&
          equalBytes(this.#arena.bytes[ref >>> 16], keyAt, bytes, offset, length)
        ) {
          return ref as Ref;
        }
      }
      ref = chunk[at];
    }
    return noRef;
  }

  get isRehashing(): boolean {
    return this.#rehashIndex >= 0;
  }

  /**
   * Adds an entry that is not there yet; its key words are written, its hash and next words are
   * written here.
   */
  insert(ref: Ref, hash: number): void {
    if (this.#rehashIndex >= 0) this.#step();
    else if (this.#oldCount >= this.#oldSize) this.#grow();
    const isRehashing = this.#rehashIndex >= 0;
    const buckets = isRehashing ? this.#newWords : this.#oldWords;
    const bucket = isRehashing
      ? this.#newBase + (hash & (this.#newSize - 1))
      : this.#oldBase + (hash & (this.#oldSize - 1));
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
    if (this.count === 0 && this.#pauses === 0) this.clear();
    else if (this.#rehashIndex >= 0) this.#step();
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

  /** Forgets all entries, which the owner has freed or will, and gives the buckets back. */
  clear(): void {
    if (this.#oldSize > 0) this.#arena.free(this.#oldRef, this.#oldSize * 4);
    if (this.#newSize > 0) this.#arena.free(this.#newRef, this.#newSize * 4);
    this.#setOld(noRef, 0);
    this.#setNew(noRef, 0);
    this.#oldCount = 0;
    this.#newCount = 0;
    this.#rehashIndex = -1;
  }

  /** Moves at most `bucketsMax` non-empty buckets; false when there is nothing left to move. */
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
    if (this.#rehashIndex < 0 && count > this.#oldSize) this.#resize(bucketsFor(count));
  }

  /** Keeps buckets in place until `resume`: for iterations that change the table on the way. */
  pause(): void {
    this.#pauses++;
  }

  resume(): void {
    this.#pauses--;
  }

  /**
   * Visits the entries of the cursor's buckets and returns the next cursor; start with 0, over when
   * 0 comes back.
   *
   * Guarantee: an entry that is in the table from the first call to the last is visited at least
   * once, however the table grows or shrinks in between. An entry may be visited twice.
   *
   * How: sizes are powers of two, and a bucket of a table of size 2^n splits, in a table of
   * 2^(n+k), into the buckets that have the same low n bits. We count the cursor with its bits
   * reversed: the high bits of the masked part advance first. So all buckets that share their low
   * bits are visited one after the other, and a cursor that leaves off in one size continues in any
   * other with exactly those low-bit families done that were done before. While two tables exist we
   * visit the bucket of the smaller one and then all buckets of the larger one that it splits into.
   */
  scan(cursor: number, visit: EntryVisitor): number {
    if (this.count === 0) return 0;
    if (this.#rehashIndex < 0) {
      const mask = this.#oldSize - 1;
      this.#visitBucket(cursor & mask, visit);
      return nextCursor(cursor, mask);
    }
    const isOldSmall = this.#oldSize <= this.#newSize;
    const smallMask = (isOldSmall ? this.#oldSize : this.#newSize) - 1;
    const largeMask = (isOldSmall ? this.#newSize : this.#oldSize) - 1;
    // In `#visitBucket`'s count the new buckets come after the old ones.
    const smallBase = isOldSmall ? 0 : this.#oldSize;
    const largeBase = isOldSmall ? this.#oldSize : 0;
    this.#visitBucket(smallBase + (cursor & smallMask), visit);
    let next = cursor;
    do {
      this.#visitBucket(largeBase + (next & largeMask), visit);
      next = nextCursor(next, largeMask);
    } while ((next & (smallMask ^ largeMask)) !== 0);
    return next;
  }

  /**
   * Visits every entry, bucket by bucket; the visitor may remove or replace the entry that it is
   * given.
   */
  forEach(visit: EntryVisitor): void {
    this.pause();
    for (let index = 0; index < this.bucketCount; index++) this.#visitBucket(index, visit);
    this.resume();
  }

  /**
   * Visits buckets `from` and up of both tables in turn until `entriesMax` entries were seen; the
   * index to go on from, or -1.
   */
  forEachFrom(from: number, entriesMax: number, visit: EntryVisitor): number {
    let seen = 0;
    for (let index = from; index < this.bucketCount; index++) {
      if (seen >= entriesMax) return index;
      seen += this.#visitBucket(index, visit);
    }
    return -1;
  }

  /**
   * A random entry: a random non-empty bucket, then a random place in its chain. Not exactly
   * uniform (entries of long chains are a little rarer), which is what RANDOMKEY promises.
   * `random(n)` gives 0 .. n-1. The table is not empty.
   */
  randomEntry(random: (limit: number) => number): Ref {
    const skipped = this.#rehashIndex < 0 ? 0 : this.#rehashIndex;
    for (;;) {
      let ref = this.#bucket(skipped + random(this.bucketCount - skipped));
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
    const old = {
      buckets: this.#oldSize,
      entries: this.#oldCount,
      chains: this.#chains(0, this.#oldSize),
    };
    if (this.#rehashIndex < 0) return [old];
    const chains = this.#chains(this.#oldSize, this.bucketCount);
    return [old, { buckets: this.#newSize, entries: this.#newCount, chains }];
  }

  /** Chain length -> number of buckets, for the buckets from `start` to `end` (exclusive). */
  #chains(start: number, end: number): Map<number, number> {
    const chains = new Map<number, number>();
    for (let index = start; index < end; index++) {
      let length = 0;
      for (let ref = this.#bucket(index); ref !== 0; ref = this.#next(ref)) length++;
      chains.set(length, (chains.get(length) ?? 0) + 1);
    }
    return chains;
  }

  /**
   * Walks everything and throws when an entry stands in a wrong bucket or the counts are wrong. For
   * tests.
   */
  check(): void {
    let count = 0;
    for (let index = 0; index < this.bucketCount; index++) {
      const isOld = index < this.#oldSize;
      const mask = (isOld ? this.#oldSize : this.#newSize) - 1;
      const bucket = isOld ? index : index - this.#oldSize;
      for (let ref = this.#bucket(index); ref !== 0; ref = this.#next(ref)) {
        const hash = this.#arena.words[ref >>> 16][((ref & 0xffff) << 2) + entryHash];
        if ((hash & mask) !== bucket) throw new Error(`entry ${ref} in bucket ${bucket}`);
        if (isOld && bucket < this.#rehashIndex) throw new Error(`bucket ${bucket} not moved`);
        count++;
      }
    }
    if (count !== this.count) throw new Error(`${count} entries found, ${this.count} counted`);
  }

  /** The head of bucket `index`, the new buckets counted after the old ones. */
  #bucket(index: number): number {
    return index < this.#oldSize
      ? this.#oldWords[this.#oldBase + index]
      : this.#newWords[this.#newBase + index - this.#oldSize];
  }

  #next(ref: number): number {
    return this.#arena.words[ref >>> 16][(ref & 0xffff) << 2];
  }

  #visitBucket(index: number, visit: EntryVisitor): number {
    let seen = 0;
    let ref = this.#bucket(index);
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
    const { words } = this.#arena;
    const oldBucket = this.#oldBase + (hash & (this.#oldSize - 1));
    if (relinkIn(words, this.#oldWords, oldBucket, ref, target)) {
      if (isRemoval) this.#oldCount--;
      return;
    }
    const newBucket = this.#newBase + (hash & (this.#newSize - 1));
    if (this.#newSize === 0 || !relinkIn(words, this.#newWords, newBucket, ref, target)) {
      throw new Error(`hash table: entry ${ref} is not in its bucket`);
    }
    if (isRemoval) this.#newCount--;
  }

  /** Moves one bucket of the old ones. */
  #step(): void {
    if (this.#pauses > 0 || this.#isFrozen) return;
    const words = this.#oldWords;
    const base = this.#oldBase;
    const size = this.#oldSize;
    let index = this.#rehashIndex;
    let empty = emptyBucketsPerStep;
    while (index < size && words[base + index] === 0 && empty > 0) {
      index++;
      empty--;
    }
    if (index < size && words[base + index] !== 0) {
      this.#moveBucket(index);
      index++;
    }
    this.#rehashIndex = index;
    if (index === size || this.#oldCount === 0) this.#finishRehash();
  }

  #moveBucket(index: number): void {
    const { words } = this.#arena;
    const target = this.#newWords;
    const base = this.#newBase;
    const mask = this.#newSize - 1;
    let ref = this.#oldWords[this.#oldBase + index];
    let moved = 0;
    while (ref !== 0) {
      const chunk = words[ref >>> 16];
      const at = (ref & 0xffff) << 2;
      const next = chunk[at];
      const bucket = base + (chunk[at + entryHash] & mask);
      chunk[at] = target[bucket];
      target[bucket] = ref;
      ref = next;
      moved++;
    }
    this.#oldWords[this.#oldBase + index] = 0;
    this.#oldCount -= moved;
    this.#newCount += moved;
  }

  #finishRehash(): void {
    this.#arena.free(this.#oldRef, this.#oldSize * 4);
    this.#setOld(this.#newRef, this.#newSize);
    this.#oldCount = this.#newCount;
    this.#setNew(noRef, 0);
    this.#newCount = 0;
    this.#rehashIndex = -1;
  }

  #grow(): void {
    const buckets = bucketsFor(this.#oldCount + 1);
    const isNeeded = this.#oldCount >= this.#oldSize * crowdedFactor;
    if (this.#oldSize > 0 && (!this.resizable || (!isNeeded && !this.hasRoomFor(buckets * 4)))) {
      return;
    }
    this.#resize(buckets);
  }

  #shrinkIfSparse(): void {
    if (!this.resizable || this.#rehashIndex >= 0 || this.#pauses > 0) return;
    const size = this.#oldSize;
    if (size > bucketsMin && this.#oldCount * shrinkFactor <= size) {
      this.#resize(bucketsFor(this.#oldCount));
    }
  }

  #resize(buckets: number): void {
    if (buckets === this.#oldSize) return;
    const ref = this.#arena.allocateZeroed(buckets * 4);
    if (this.#oldCount > 0) {
      this.#setNew(ref, buckets);
      this.#rehashIndex = 0;
      return;
    }
    if (this.#oldSize > 0) this.#arena.free(this.#oldRef, this.#oldSize * 4);
    this.#setOld(ref, buckets);
  }
}
