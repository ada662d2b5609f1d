// Bits of strings: counting, searching and combining them. Bit 0 is the highest bit of the first
// byte, as in Redis.
//
// Long ranges are worked through by 32-bit words where they are aligned, which the blocks of long
// strings are; a short one, or one that is not, by bytes. The order of bytes within a word does not
// matter to any of these but the search, which only skips whole words.
import type { Slice } from "../bytes/slices.ts";

/** Below this a view of words costs more than it saves. */
const wordsBytesMin = 64;

/** Words of the aligned part of a range; none when it is too short. */
function wordsIn(bytes: Uint8Array, start: number, end: number): Int32Array | undefined {
  if (end - start < wordsBytesMin) return undefined;
  const first = bytes.byteOffset + start;
  const aligned = (first + 3) & ~3;
  return new Int32Array(bytes.buffer, aligned, (bytes.byteOffset + end - aligned) >> 2);
}

function bitsOfWord(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Set bits in bytes `start` to `end` (exclusive). */
function countInBytes(bytes: Uint8Array, start: number, end: number): number {
  const words = wordsIn(bytes, start, end);
  let count = 0;
  let at = start;
  if (words !== undefined) {
    const first = words.byteOffset - bytes.byteOffset;
    for (; at < first; at++) count += bitsOfWord(bytes[at]);
    for (let index = 0; index < words.length; index++) count += bitsOfWord(words[index]);
    at += words.length << 2;
  }
  for (; at < end; at++) count += bitsOfWord(bytes[at]);
  return count;
}

/** Set bits among bits `first` to `last`, both included and both within the string. */
export function countBits(slice: Slice, first: number, last: number): number {
  if (first > last) return 0;
  const { bytes, offset } = slice;
  const start = offset + Math.floor(first / 8);
  const end = offset + Math.floor(last / 8);
  const count = countInBytes(bytes, start, end + 1);
  const before = bytes[start] >>> (8 - (first % 8));
  const behind = bytes[end] & ((1 << (7 - (last % 8))) - 1);
  return count - bitsOfWord(before) - bitsOfWord(behind);
}

/**
 * The first bit of that value among bits `first` to `last`, both included; -1 when there is none.
 */
export function findBit(slice: Slice, bit: number, first: number, last: number): number {
  if (first > last) return -1;
  const { bytes, offset } = slice;
  const flip = bit === 1 ? 0 : 0xff;
  const end = offset + Math.floor(last / 8);
  let at = offset + Math.floor(first / 8);
  let found = (bytes[at] ^ flip) & (0xff >>> (first % 8));
  if (found === 0) at = skipBytes(bytes, at + 1, end + 1, flip);
  if (at > end) return -1;
  if (found === 0) found = bytes[at] ^ flip;
  const position = (at - offset) * 8 + Math.clz32(found) - 24;
  return position <= last ? position : -1;
}

/** The first byte from `start` on that is not `skipped`, 0 or 255; `end` when there is none. */
function skipBytes(bytes: Uint8Array, start: number, end: number, skipped: number): number {
  const words = wordsIn(bytes, start, end);
  let at = start;
  if (words !== undefined) {
    const first = words.byteOffset - bytes.byteOffset;
    const word = skipped === 0 ? 0 : -1;
    while (at < first && bytes[at] === skipped) at++;
    if (at < first) return at;
    let index = 0;
    while (index < words.length && words[index] === word) index++;
    at += index << 2;
  }
  while (at < end && bytes[at] === skipped) at++;
  return at;
}

export type BitOperation = "and" | "or" | "xor" | "not" | "diff" | "diff1" | "andor" | "one";

/** Combines strings, the shorter ones as if they had zero bytes behind: BITOP. */
export function combineBits(operation: BitOperation, sources: readonly Slice[]): Uint8Array {
  const length = Math.max(...sources.map((source) => source.length));
  const result = new Uint8Array(length);
  if (operation === "one") return onlyOnce(result, sources);
  const isFirstApart = operation === "diff" || operation === "diff1" || operation === "andor";
  const [first] = sources;
  const rest = isFirstApart ? sources.slice(2) : sources.slice(1);
  copyInto(result, isFirstApart ? sources[1] : first);
  const each = isFirstApart ? "or" : operation;
  for (const source of rest) apply(each, result, source);
  if (operation === "not") for (let at = 0; at < length; at++) result[at] = ~result[at];
  // What is in `result` now, the union of all but the first, is combined with the first.
  if (operation === "andor") apply("and", result, first);
  if (operation === "diff1") apply("andnot", result, first);
  if (operation === "diff") apply("notand", result, first);
  return result;
}

function copyInto(result: Uint8Array, source: Slice): void {
  result.set(source.bytes.subarray(source.offset, source.offset + source.length));
}

/** Bits that are set in exactly one source. */
function onlyOnce(result: Uint8Array, sources: readonly Slice[]): Uint8Array {
  const more = new Uint8Array(result.length);
  for (const source of sources) {
    const { bytes, offset } = source;
    for (let at = 0; at < source.length; at++) {
      const byte = bytes[offset + at];
      more[at] |= result[at] & byte;
      result[at] |= byte;
    }
  }
  for (let at = 0; at < result.length; at++) result[at] &= ~more[at];
  return result;
}

/**
 * Operations of the result with a source: `andnot` keeps what the source has not, `notand` what
 * only the source has.
 */
type Step = "and" | "or" | "xor" | "not" | "andnot" | "notand";

function apply(step: Step, result: Uint8Array, source: Slice): void {
  const words = alignedWords(source);
  const shared = words === undefined ? 0 : words.length << 2;
  if (words !== undefined) {
    applyTo(step, new Int32Array(result.buffer, 0, words.length), words, 0, words.length);
  }
  const { bytes, offset, length } = source;
  const from = bytes.subarray(offset, offset + length);
  applyTo(step, result, from, shared, length);
  // Behind the source's end it counts as zeros.
  if (step === "and" || step === "notand") result.fill(0, length);
}

/** The words of a source, if it begins at one. */
function alignedWords({ bytes, offset, length }: Slice): Int32Array | undefined {
  const start = bytes.byteOffset + offset;
  if (length < wordsBytesMin || (start & 3) !== 0) return undefined;
  return new Int32Array(bytes.buffer, start, length >> 2);
}

function applyTo<T extends Int32Array | Uint8Array>(
  step: Step,
  to: T,
  from: T,
  start: number,
  end: number,
): void {
  switch (step) {
    case "and":
      for (let at = start; at < end; at++) to[at] &= from[at];
      break;
    case "or":
      for (let at = start; at < end; at++) to[at] |= from[at];
      break;
    case "xor":
      for (let at = start; at < end; at++) to[at] ^= from[at];
      break;
    case "andnot":
      for (let at = start; at < end; at++) to[at] &= ~from[at];
      break;
    case "notand":
      for (let at = start; at < end; at++) to[at] = from[at] & ~to[at];
      break;
    case "not":
      break;
  }
}
