// One step of ZSCAN through a large sorted set, by the cursor of its member table, so that members
// that are there all the time are seen whatever else comes and goes. A set in a listpack is small
// and is replied whole in one step, as in Redis.
import { globMatches } from "../bytes/glob.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import type { Keyspace } from "./keyspace.ts";
import { valueRef } from "./record.ts";

/** Empty buckets that a step looks at for each member that it was asked for. */
const bucketsPerMember = 10;

/**
 * Adds the entries of a large set that are next to `found`, about `count` of them; returns the next
 * cursor.
 */
export function scanLarge(
  keyspace: Keyspace,
  ref: Ref,
  start: number,
  count: number,
  found: Ref[],
): number {
  const table = keyspace.tables.zset;
  let cursor = start;
  let bucketsLeft = count * bucketsPerMember;
  table.load(valueRef(keyspace.arena, ref));
  do {
    cursor = table.scan(cursor, (entry) => found.push(entry));
    bucketsLeft--;
  } while (cursor !== 0 && found.length < count && bucketsLeft >= 0);
  return cursor;
}

/** Whether a member matches the pattern in argument `pattern`; 0: any. */
export function isMatch(
  args: Slices,
  pattern: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (pattern === 0) return true;
  const { offsets, lengths } = args;
  return globMatches(args.bytes, offsets[pattern], lengths[pattern], bytes, offset, length, 0);
}
