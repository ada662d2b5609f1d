// Small sorted sets: a listpack of members, each followed by its score, in order. The layout is Redis's, so that RDB and DUMP copy it.
//
// Scores that are integers are stored as integers, others as text. Positions are those of members. Insertions and deletions return
// the listpack's ref, which may be a new one; the bytes of a member that is inserted must not lie in the listpack.
import { asciiBytes, compareBytes } from "../bytes/ascii.ts";
import { formatDouble, parseDouble } from "../bytes/double.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import {
  ListpackEntry,
  deleteEntries,
  findEntry,
  firstEntry,
  insertEntry,
  insertInteger,
  lastEntry,
  listpackLength,
  nextEntry,
  readEntry,
} from "../structures/listpack.ts";

const entry = new ListpackEntry();

export function smallCount(arena: Arena, listpack: Ref): number {
  return listpackLength(arena, listpack) >>> 1;
}

/** The position of a member, 0 when it is not there. */
export function findSmall(
  arena: Arena,
  listpack: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  return findEntry(arena, listpack, firstEntry(arena, listpack), bytes, offset, length, 1);
}

/** The score of the member at `position`. */
export function smallScore(arena: Arena, listpack: Ref, position: number): number {
  return scoreAt(arena, listpack, nextEntry(arena, listpack, position));
}

/** The number at a score's own position. */
function scoreAt(arena: Arena, listpack: Ref, position: number): number {
  const tag = arena.bytes[listpack >>> 16][((listpack & 0xffff) << 4) + position];
  // An integer of 7 bits is its own tag; the others are left to who knows the format.
  if (tag < 0x80) return tag;
  readEntry(arena, listpack, position, entry);
  if (entry.isSafe) return entry.integer;
  return parseDouble(entry.bytes, entry.offset, entry.length) ?? 0;
}

/** The rank of the member at `position`. */
export function smallRank(arena: Arena, listpack: Ref, position: number): number {
  let rank = 0;
  for (let at = firstEntry(arena, listpack); at !== position; rank++) {
    at = nextEntry(arena, listpack, nextEntry(arena, listpack, at));
  }
  return rank;
}

/** How many members have a lower score; with `orEqual` 1 instead of 0, that score or a lower one. */
export function countSmallScoresBelow(
  arena: Arena,
  listpack: Ref,
  score: number,
  orEqual: number,
): number {
  let count = 0;
  let at = firstEntry(arena, listpack);
  while (at !== 0) {
    const scorePosition = nextEntry(arena, listpack, at);
    const each = scoreAt(arena, listpack, scorePosition);
    if (each > score || (each === score && orEqual === 0)) break;
    count++;
    at = nextEntry(arena, listpack, scorePosition);
  }
  return count;
}

/** How many members, from the first on, come before the given one; with `orEqual` 1 instead of 0, or are it. */
export function countSmallMembersBelow(
  arena: Arena,
  listpack: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  orEqual: number,
): number {
  let count = 0;
  let at = firstEntry(arena, listpack);
  while (at !== 0 && compareMember(arena, listpack, at, bytes, offset, length) < orEqual) {
    count++;
    at = nextEntry(arena, listpack, nextEntry(arena, listpack, at));
  }
  return count;
}

function compareMember(
  arena: Arena,
  listpack: Ref,
  position: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  readEntry(arena, listpack, position, entry);
  return compareBytes(entry.bytes, entry.offset, entry.length, bytes, offset, length);
}

/** Adds a member that is not there. */
export function insertSmall(
  arena: Arena,
  listpack: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  score: number,
): Ref {
  const position = placeOf(arena, listpack, bytes, offset, length, score);
  const grown = insertEntry(arena, listpack, position, bytes, offset, length);
  const scorePosition = position === 0 ? 0 : nextEntry(arena, grown, position);
  return insertScore(arena, grown, scorePosition, score);
}

function insertScore(arena: Arena, listpack: Ref, position: number, score: number): Ref {
  // A negative zero becomes 0 here, in Redis too.
  if (Number.isSafeInteger(score)) return insertInteger(arena, listpack, position, score + 0);
  const text = asciiBytes(formatDouble(score));
  return insertEntry(arena, listpack, position, text, 0, text.length);
}

/** The position of the member before which the given one belongs; 0: it will be the last. */
function placeOf(
  arena: Arena,
  listpack: Ref,
  bytes: Uint8Array,
  offset: number,
  length: number,
  score: number,
): number {
  // Scores often rise, and then there is nothing to search.
  const last = lastEntry(arena, listpack);
  if (last === 0 || scoreAt(arena, listpack, last) < score) return 0;
  let at = firstEntry(arena, listpack);
  while (at !== 0) {
    const scorePosition = nextEntry(arena, listpack, at);
    const each = scoreAt(arena, listpack, scorePosition);
    if (each > score) break;
    if (each === score && compareMember(arena, listpack, at, bytes, offset, length) > 0) break;
    at = nextEntry(arena, listpack, scorePosition);
  }
  return at;
}

/** Deletes `count` members from the one at `position` on. */
export function deleteSmall(arena: Arena, listpack: Ref, position: number, count: number): Ref {
  return deleteEntries(arena, listpack, position, count * 2);
}
