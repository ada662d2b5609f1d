// Random members, for ZRANDMEMBER: random ranks, so that each member is exactly as likely as any
// other.
import type { Random } from "../bytes/random.ts";

/**
 * Beyond this part of the set it is cheaper to walk through all of it than to draw ranks that are
 * not drawn yet.
 */
const walkedPart = 3;

/**
 * `count` different ranks below `total`, which is larger, in rising order: drawn one by one, or
 * chosen while counting through all of them when many are wanted.
 */
export function distinctRanks(random: Random, count: number, total: number): number[] {
  if (count * walkedPart <= total) return drawRanks(random, count, total);
  const ranks: number[] = [];
  for (let rank = 0; ranks.length < count; rank++) {
    if (random.below(total - rank) < count - ranks.length) ranks.push(rank);
  }
  return ranks;
}

function drawRanks(random: Random, count: number, total: number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(random.below(total));
  return [...drawn].sort((a, b) => a - b);
}
