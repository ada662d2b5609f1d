// Checks of listpacks that came from outside, beyond their format: that elements are there once,
// that scores are numbers in order, that times are in order. All work on bytes that
// `isValidListpack` has approved deeply, from `start` on.
import { compareBytes, equalBytes } from "../bytes/ascii.ts";
import { parseDouble } from "../bytes/double.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { decodeEntry, endTag, entrySizeAt } from "../structures/listpack-entry.ts";
import { ListpackEntry, listpackHeaderBytes } from "../structures/listpack.ts";

const slotsMin = 64;
/** The largest time that a field can have: 48 bits. */
const fieldTimeMax = 2 ** 48 - 1;

let slots = new Int32Array(slotsMin);
const entry = new ListpackEntry();
const other = new ListpackEntry();

/** Number of elements; counts them. */
export function countElements(bytes: Uint8Array, start: number): number {
  let count = 0;
  for (let at = start + listpackHeaderBytes; bytes[at] !== endTag; at += entrySizeAt(bytes, at)) {
    count++;
  }
  return count;
}

function skip(bytes: Uint8Array, at: number, count: number): number {
  let next = at;
  for (let left = count; left > 0; left--) next += entrySizeAt(bytes, next);
  return next;
}

/**
 * Whether two elements are the same text, of those at index 0, `step`, `2 * step`...; their number
 * is `count`. A table of their hashes finds it in one pass.
 */
export function hasDuplicates(
  keyspace: Keyspace,
  bytes: Uint8Array,
  start: number,
  count: number,
  step: number,
): boolean {
  let size = slotsMin;
  while (size < count * 2) size *= 2;
  if (size > slots.length) slots = new Int32Array(size);
  const table = slots;
  table.fill(0, 0, size);
  let at = start + listpackHeaderBytes;
  for (let index = 0; index < count; index++) {
    decodeEntry(bytes, at, entry);
    let slot = keyspace.hash(entry.bytes, entry.offset, entry.length) & (size - 1);
    for (; table[slot] !== 0; slot = (slot + 1) & (size - 1)) {
      decodeEntry(bytes, start + table[slot], other);
      if (isSameText(entry, other)) return true;
    }
    table[slot] = at - start;
    at = skip(bytes, at, step);
  }
  if (slots.length > 1 << 16) slots = new Int32Array(slotsMin);
  return false;
}

function isSameText(a: ListpackEntry, b: ListpackEntry): boolean {
  return a.length === b.length && equalBytes(a.bytes, a.offset, b.bytes, b.offset, a.length);
}

/**
 * Whether members alternate with scores that are numbers, in the order of scores and then members.
 */
export function hasOrderedScores(bytes: Uint8Array, start: number, count: number): boolean {
  let at = start + listpackHeaderBytes;
  let previousScore = -Infinity;
  let previousAt = 0;
  for (let index = 0; index < count; index += 2) {
    const scoreAt = skip(bytes, at, 1);
    decodeEntry(bytes, scoreAt, entry);
    const score = parseDouble(entry.bytes, entry.offset, entry.length);
    if (score === undefined || score < previousScore) return false;
    if (score === previousScore && previousAt !== 0 && compareAt(bytes, previousAt, at) >= 0) {
      return false;
    }
    previousScore = score;
    previousAt = at;
    at = skip(bytes, scoreAt, 1);
  }
  return true;
}

function compareAt(bytes: Uint8Array, a: number, b: number): number {
  decodeEntry(bytes, a, entry);
  decodeEntry(bytes, b, other);
  return compareBytes(
    entry.bytes,
    entry.offset,
    entry.length,
    other.bytes,
    other.offset,
    other.length,
  );
}

/** Whether each third element is a time, earlier ones first, 0 (never) last. */
export function hasOrderedTimes(bytes: Uint8Array, start: number, count: number): boolean {
  let at = start + listpackHeaderBytes;
  let previousMs = 0;
  for (let index = 0; index < count; index += 3) {
    const timeAt = skip(bytes, at, 2);
    decodeEntry(bytes, timeAt, entry);
    if (!entry.isSafe || entry.integer < 0 || entry.integer > fieldTimeMax) return false;
    const timeMs = entry.integer === 0 ? Infinity : entry.integer;
    if (timeMs < previousMs) return false;
    previousMs = timeMs;
    at = skip(bytes, timeAt, 1);
  }
  return true;
}
