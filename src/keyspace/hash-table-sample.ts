// Picks entries of a hash table at random, each as likely as any other.
//
// `HashTable.randomEntry` picks a bucket and then an entry of its chain, so that entries of long
// chains are rarer. We make up for it by rejection: an entry of a chain of one is refused three
// times in four, of two every other time, and so on. Chains of more than four are rare enough
// (their entries are one in 200 in a full table) not to be worth more tries.
//
// `visitSome` is for those who need a few entries that are as good as random, and need them fast.
import type { Random } from "../bytes/random.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import type { EntryVisitor } from "../structures/hash-chain.ts";
import type { HashTable } from "../structures/hash-table.ts";

/** A power of two. */
const fairChainMax = 4;

/**
 * The source of the pick that is under way, and the limit of the last number drawn, which is the
 * length of the entry's chain.
 */
let source: Random | undefined;
let lastLimit = 0;

function draw(limit: number): number {
  lastLimit = limit;
  if (source === undefined) return 0;
  // Limits are powers of two nearly always: the number of buckets, and the length of most chains.
  return (limit & (limit - 1)) === 0 ? source.next32() & (limit - 1) : source.below(limit);
}

/** An entry of a table that is not empty. */
export function fairEntry(table: HashTable, random: Random): Ref {
  source = random;
  for (;;) {
    const ref = table.randomEntry(draw);
    if (lastLimit >= fairChainMax || (random.next32() & (fairChainMax - 1)) < lastLimit) return ref;
  }
}

/**
 * The same of a collection's table, through a view of its layout. A table that is changing its size
 * goes on with it, lest picks from one that has become sparse stay slow for ever.
 */
export function fairEntryOf(view: HashTable, root: Ref, random: Random): Ref {
  view.load(root);
  if (view.isRehashing) {
    view.rehash(1);
    view.store(root);
  }
  return fairEntry(view, random);
}

/** Places that `visitSome` looks at in a table that is small, or of which large parts are empty. */
const placesMax = 16;

/**
 * Visits about `count` entries of a table that is not empty, neighbours of each other: for those
 * who need many and do not need them independent. Fewer if the table is small, or sparse because
 * its size is changing; some perhaps twice.
 */
export function visitSome(
  arena: Arena,
  table: HashTable,
  random: Random,
  count: number,
  visit: EntryVisitor,
): void {
  visiting.seen = 0;
  visiting.visitor = visit;
  let next = -1;
  const { isRehashing } = table;
  let cursor = isRehashing ? random.next32() : 0;
  for (let places = 0; places < placesMax && visiting.seen < count; places++) {
    const left = count - visiting.seen;
    if (isRehashing) cursor = table.scan(cursor, visitCounted);
    else {
      // Behind the last bucket comes the first, or the first ones would be seen less.
      if (next < 0) next = places === 0 ? random.below(table.bucketCount) : 0;
      warm(arena, table, next, left);
      next = table.forEachFrom(next, left, visitCounted);
    }
  }
  visiting.visitor = undefined;
}

/** The visit that is under way. */
const visiting = {
  seen: 0,
  visitor: undefined as EntryVisitor | undefined,
  /** Of no use: it keeps the loads of `warm` from being optimised away. */
  sum: 0,
};

/**
 * Loads the first entries of the next buckets. Each is a cache miss; here nothing depends on them,
 * so they overlap.
 */
function warm({ words }: Arena, table: HashTable, first: number, count: number): void {
  let sum = 0;
  const end = Math.min(first + count, table.bucketCount);
  for (let bucket = first; bucket < end; bucket++) {
    // A hash that small is the number of its bucket.
    const ref = table.peekBucket(bucket);
    if (ref !== 0) sum += words[ref >>> 16][(ref & 0xffff) << 2];
  }
  visiting.sum = sum | 0;
}

function visitCounted(ref: Ref): void {
  visiting.seen++;
  visiting.visitor?.(ref);
}
