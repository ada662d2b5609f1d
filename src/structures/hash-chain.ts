// The buckets of a hash table: how many there are, and what one is: a chain of entries, each with
// the ref of the next in its first word.
import type { Arena, Ref } from "../memory/arena.ts";

/** Receives the entries of a bucket that a scan comes by; frees them only after the scan. */
export type EntryVisitor = (ref: Ref) => void;

export const bucketsMin = 4;

/** The power of two of buckets that `count` entries get. */
export function bucketsFor(count: number): number {
  let buckets = bucketsMin;
  while (buckets < count) buckets *= 2;
  return buckets;
}

/**
 * Makes whatever points to `ref`, the bucket or another entry of its chain, point to `target`.
 * False when the chain has no such entry.
 */
export function relinkIn(
  words: Int32Array[],
  buckets: Int32Array,
  bucket: number,
  ref: number,
  target: number,
): boolean {
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

/**
 * The first entry of the bucket that a key of that hash is in, of the table whose header is `root`,
 * without viewing it; not the key's own, maybe. 0: none.
 */
export function peekBucketOf(arena: Arena, root: Ref, hash: number): number {
  const words = arena.words[root >>> 16];
  const at = (root & 0xffff) << 2;
  const size = words[at + 1];
  if (size === 0) return 0;
  const buckets = words[at];
  return arena.words[buckets >>> 16][((buckets & 0xffff) << 2) + (hash & (size - 1))];
}
