// Which of the keys a request asks for: each as likely, or few of them most of the time, as traffic
// is. Zipf's law: the key of rank r is asked for in proportion to 1 / r^0.99, the skew that YCSB
// made customary; with 100,000 keys the first hundred get two fifths of the requests.
import type { Random } from "../bytes/random.ts";

export const keyDistributions = ["uniform", "zipfian"] as const;
export type KeyDistribution = (typeof keyDistributions)[number];

const zipfExponent = 0.99;
const range32 = 2 ** 32;

/** A function that draws a number from 0 to `count` - 1; the lowest are the popular ones. */
export function keyDrawer(
  distribution: KeyDistribution,
  count: number,
  random: Random,
): () => number {
  if (distribution === "uniform") return () => random.below(count);
  const shares = cumulativeShares(count);
  return () => findShare(shares, random.next32() / range32);
}

/** At r: how much of all requests the keys of rank 0 to r get. Exact, 8 bytes a key. */
function cumulativeShares(count: number): Float64Array {
  const shares = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += (rank + 1) ** -zipfExponent;
    shares[rank] = sum;
  }
  for (let rank = 0; rank < count; rank++) shares[rank] /= sum;
  return shares;
}

/** The first rank whose cumulative share is above `share`. */
function findShare(shares: Float64Array, share: number): number {
  let low = 0;
  let high = shares.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (shares[middle] > share) high = middle;
    else low = middle + 1;
  }
  return low;
}
