// Small sorted sets: a listpack of members, each followed by its score, in order. The layout is
// Redis's, so that RDB and DUMP copy it.
//
// Scores that are integers are stored as integers, others as text. Positions are those of members.
// Insertions and deletions return the listpack's ref, which may be a new one; the bytes of a member
// that is inserted must not lie in the listpack.
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
  listpackHeaderBytes,
  listpackLength,
  nextEntry,
  readEntry,
} from "../structures/listpack.ts";
import { endTag, entrySizeAt } from "../structures/listpack-entry.ts";

const entry = new ListpackEntry();
/** Tags of integers of 2, 3 and 4 bytes. */
const tag16Bits = 0xf1;
const tag24Bits = 0xf2;
const tag32Bits = 0xf3;

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
  const at = ((listpack & 0xffff) << 4) + position;
  const integer = shortIntegerAt(arena.bytes[listpack >>> 16], at);
  if (!Number.isNaN(integer)) return integer;
  readEntry(arena, listpack, position, entry);
  if (entry.isSafe) return entry.integer;
  return parseDouble(entry.bytes, entry.offset, entry.length) ?? 0;
}

/**
 * The integer of up to 32 bits whose entry begins at `at`; NaN when there is none. `readEntry`
 * knows all of the format, but writes an integer's digits too, which a search through many scores
 * does not need.
 */
function shortIntegerAt(bytes: Uint8Array, at: number): number {
  const tag = bytes[at];
  if (tag < 0x80) return tag;
  if (tag < 0xc0) return NaN;
  const next = bytes[at + 1];
  if (tag < 0xe0) return (((tag << 8) | next) << 19) >> 19;
  if (tag === tag16Bits) return ((next | (bytes[at + 2] << 8)) << 16) >> 16;
  if (tag === tag24Bits) return ((next | (bytes[at + 2] << 8) | (bytes[at + 3] << 16)) << 8) >> 8;
  if (tag !== tag32Bits) return NaN;
  return next | (bytes[at + 2] << 8) | (bytes[at + 3] << 16) | (bytes[at + 4] << 24);
}

/** The rank of the member at `position`. */
export function smallRank(arena: Arena, listpack: Ref, position: number): number {
  let rank = 0;
  for (let at = firstEntry(arena, listpack); at !== position; rank++) {
    at = nextEntry(arena, listpack, nextEntry(arena, listpack, at));
  }
  return rank;
}

/**
 * How many members have a lower score; with `orEqual` 1 instead of 0, that score or a lower one.
 */
export function countSmallScoresBelow(
  arena: Arena,
  listpack: Ref,
  score: number,
  orEqual: number,
): number {
  const bytes = arena.bytes[listpack >>> 16];
  const base = (listpack & 0xffff) << 4;
  let at = base + listpackHeaderBytes;
  let count = 0;
  while (bytes[at] !== endTag) {
    at += entrySizeAt(bytes, at);
    const each = scoreAt(arena, listpack, at - base);
    if (each > score || (each === score && orEqual === 0)) break;
    count++;
    at += entrySizeAt(bytes, at);
  }
  return count;
}

/**
 * How many members, from the first on, come before the given one; with `orEqual` 1 instead of 0, or
 * are it.
 */
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
  const own = arena.bytes[listpack >>> 16];
  const base = (listpack & 0xffff) << 4;
  let at = base + listpackHeaderBytes;
  while (own[at] !== endTag) {
    const scoreOffset = at + entrySizeAt(own, at);
    const each = scoreAt(arena, listpack, scoreOffset - base);
    if (each > score) return at - base;
    if (each === score && compareMember(arena, listpack, at - base, bytes, offset, length) > 0) {
      return at - base;
    }
    at = scoreOffset + entrySizeAt(own, scoreOffset);
  }
  return 0;
}

/** Deletes `count` members from the one at `position` on. */
export function deleteSmall(arena: Arena, listpack: Ref, position: number, count: number): Ref {
  return deleteEntries(arena, listpack, position, count * 2);
}
