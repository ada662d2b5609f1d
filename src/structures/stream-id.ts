// IDs of stream entries: 128 bits, a time in milliseconds and a sequence number of 64 bits each,
// both unsigned.
//
//   word 0  ms, high half   1  ms, low half   2  seq, high half   3  seq, low half
//
// In JavaScript an ID is four signed 32-bit words, so that it is exact over the whole range and
// costs no BigInt and no allocation; only texts of numbers beyond 2^53 take the slow way. Whoever
// keeps an ID copies the words: the objects are scratch.
import { parseLength, writeInteger } from "../bytes/integer.ts";
import { latin1 } from "../bytes/ascii.ts";
import type { Arena, Ref } from "../memory/arena.ts";

export const idWords = 4;
/** Two numbers of 20 digits and the dash. */
export const idTextBytesMax = 41;

const dash = 0x2d;
const star = 0x2a;
const two32 = 4294967296;
/** High halves below this belong to numbers that JavaScript holds exactly. */
const safeHighMax = 0x200000;
const unsigned64Max = 2n ** 64n - 1n;
/** Redis parses the text in a buffer of this size. */
const parsedBytesMax = 127;

export class StreamId {
  msHigh = 0;
  msLow = 0;
  seqHigh = 0;
  seqLow = 0;
}

/** The largest ID, and the smallest. Not to be changed. */
export const maxId: StreamId = setWords(new StreamId(), -1, -1, -1, -1);
export const zeroId: StreamId = new StreamId();

/** Sets all four words. */
export function setWords(
  id: StreamId,
  msHigh: number,
  msLow: number,
  seqHigh: number,
  seqLow: number,
): StreamId {
  id.msHigh = msHigh | 0;
  id.msLow = msLow | 0;
  id.seqHigh = seqHigh | 0;
  id.seqLow = seqLow | 0;
  return id;
}

export function copyId(from: StreamId, to: StreamId): void {
  to.msHigh = from.msHigh;
  to.msLow = from.msLow;
  to.seqHigh = from.seqHigh;
  to.seqLow = from.seqLow;
}

/** The ID `ms-0` of a safe integer. */
export function setTime(id: StreamId, ms: number): void {
  id.msHigh = Math.floor(ms / two32) | 0;
  id.msLow = ms | 0;
  id.seqHigh = 0;
  id.seqLow = 0;
}

/** Negative, zero or positive as `a` is before, the same as or after `b`. */
export function compareIds(a: StreamId, b: StreamId): number {
  if (a.msHigh !== b.msHigh) return a.msHigh >>> 0 < b.msHigh >>> 0 ? -1 : 1;
  if (a.msLow !== b.msLow) return a.msLow >>> 0 < b.msLow >>> 0 ? -1 : 1;
  if (a.seqHigh !== b.seqHigh) return a.seqHigh >>> 0 < b.seqHigh >>> 0 ? -1 : 1;
  if (a.seqLow !== b.seqLow) return a.seqLow >>> 0 < b.seqLow >>> 0 ? -1 : 1;
  return 0;
}

/** The same for an ID and the four words at `at`. */
export function compareIdToWords(id: StreamId, words: Int32Array, at: number): number {
  if (id.msHigh !== words[at]) return id.msHigh >>> 0 < words[at] >>> 0 ? -1 : 1;
  if (id.msLow !== words[at + 1]) return id.msLow >>> 0 < words[at + 1] >>> 0 ? -1 : 1;
  if (id.seqHigh !== words[at + 2]) return id.seqHigh >>> 0 < words[at + 2] >>> 0 ? -1 : 1;
  if (id.seqLow !== words[at + 3]) return id.seqLow >>> 0 < words[at + 3] >>> 0 ? -1 : 1;
  return 0;
}

export function isZeroId(id: StreamId): boolean {
  return (id.msHigh | id.msLow | id.seqHigh | id.seqLow) === 0;
}

export function isSameTime(a: StreamId, b: StreamId): boolean {
  return a.msHigh === b.msHigh && a.msLow === b.msLow;
}

/** Makes the ID its successor; false, and 0-0, when it was the largest. */
export function incrementId(id: StreamId): boolean {
  id.seqLow = (id.seqLow + 1) | 0;
  if (id.seqLow !== 0) return true;
  id.seqHigh = (id.seqHigh + 1) | 0;
  if (id.seqHigh !== 0) return true;
  id.msLow = (id.msLow + 1) | 0;
  if (id.msLow !== 0) return true;
  id.msHigh = (id.msHigh + 1) | 0;
  return id.msHigh !== 0;
}

/** Makes the ID its predecessor; false, and the largest, when it was 0-0. */
export function decrementId(id: StreamId): boolean {
  id.seqLow = (id.seqLow - 1) | 0;
  if (id.seqLow !== -1) return true;
  id.seqHigh = (id.seqHigh - 1) | 0;
  if (id.seqHigh !== -1) return true;
  id.msLow = (id.msLow - 1) | 0;
  if (id.msLow !== -1) return true;
  id.msHigh = (id.msHigh - 1) | 0;
  return id.msHigh !== -1;
}

/** Whether the sequence number is the largest one. */
export function isLastOfTime(id: StreamId): boolean {
  return (id.seqHigh & id.seqLow) === -1;
}

/** Reads the ID whose first word is word `word` of a block. */
export function readId(arena: Arena, block: Ref, word: number, id: StreamId): void {
  readIdWords(arena.words[block >>> 16], ((block & 0xffff) << 2) + word, id);
}

export function writeId(arena: Arena, block: Ref, word: number, id: StreamId): void {
  writeIdWords(arena.words[block >>> 16], ((block & 0xffff) << 2) + word, id);
}

export function readIdWords(words: Int32Array, at: number, id: StreamId): void {
  id.msHigh = words[at];
  id.msLow = words[at + 1];
  id.seqHigh = words[at + 2];
  id.seqLow = words[at + 3];
}

export function writeIdWords(words: Int32Array, at: number, id: StreamId): void {
  words[at] = id.msHigh;
  words[at + 1] = id.msLow;
  words[at + 2] = id.seqHigh;
  words[at + 3] = id.seqLow;
}

/** What `parseId` found. */
export const parsedId = {
  /** No ID. */
  none: 0,
  full: 1,
  /** A time without a sequence number, which is 0 then. */
  timeOnly: 2,
  /** `ms-*`: the sequence number, 0 here, is yet to be chosen. */
  openSequence: 3,
} as const;

/** Reads the text `ms`, `ms-seq` or `ms-*` into `id`; returns one of `parsedId`. */
export function parseId(bytes: Uint8Array, offset: number, length: number, id: StreamId): number {
  if (length > parsedBytesMax) return parsedId.none;
  const end = offset + length;
  let split = offset;
  while (split < end && bytes[split] !== dash) split++;
  id.seqHigh = 0;
  id.seqLow = 0;
  if (!parseHalf(bytes, offset, split, id, 0)) return parsedId.none;
  if (split === end) return parsedId.timeOnly;
  if (split + 2 === end && bytes[split + 1] === star) return parsedId.openSequence;
  return parseHalf(bytes, split + 1, end, id, 1) ? parsedId.full : parsedId.none;
}

function parseHalf(
  bytes: Uint8Array,
  start: number,
  end: number,
  id: StreamId,
  half: number,
): boolean {
  const value = parseLength(bytes, start, end);
  if (!(value >= 0)) return value < 0 ? false : parseLarge(bytes, start, end, id, half);
  setHalf(id, half, Math.floor(value / two32), value);
  return true;
}

function setHalf(id: StreamId, half: number, high: number, low: number): void {
  if (half === 0) {
    id.msHigh = high | 0;
    id.msLow = low | 0;
  } else {
    id.seqHigh = high | 0;
    id.seqLow = low | 0;
  }
}

/** Numbers beyond 2^53, and spellings that C's strtoull accepts: blanks, a sign, zeros in front. */
function parseLarge(
  bytes: Uint8Array,
  start: number,
  end: number,
  id: StreamId,
  half: number,
): boolean {
  const match = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/.exec(latin1(bytes, start, end));
  if (match === null) return false;
  const magnitude = BigInt(match[2]);
  if (magnitude > unsigned64Max) return false;
  const value = BigInt.asUintN(64, match[1] === "-" ? -magnitude : magnitude);
  setHalf(id, half, Number(value >> 32n), Number(value & 0xffffffffn));
  return true;
}

/** Writes the text `ms-seq`, of at most `idTextBytesMax` bytes; returns the offset behind. */
export function writeIdText(to: Uint8Array, offset: number, id: StreamId): number {
  const middle = writeUnsigned(to, offset, id.msHigh, id.msLow);
  to[middle] = dash;
  return writeUnsigned(to, middle + 1, id.seqHigh, id.seqLow);
}

function writeUnsigned(to: Uint8Array, offset: number, high: number, low: number): number {
  if (high >>> 0 < safeHighMax) return writeInteger(to, offset, high * two32 + (low >>> 0));
  const digits = ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString();
  for (let index = 0; index < digits.length; index++) {
    to[offset + index] = digits.charCodeAt(index);
  }
  return offset + digits.length;
}
