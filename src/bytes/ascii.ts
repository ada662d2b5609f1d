// Words and raw byte ranges: conversions between strings and bytes, comparison, copying.
// Everything that takes an offset and a length trusts them: the caller has checked that the range
// lies inside the array. The comparing and copying functions run for every command and allocate
// nothing.
import { copyWords, equalWords, viewOf } from "./viewed.ts";

/**
 * A byte loop wins up to this length, a native call above it. Measured on Node 26: the loops cost
 * 0.7 ns a byte to copy or to compare; the calls 23 ns and 65 ns, whatever the length. Where both
 * arrays have a view, copying up to 32 bytes costs 5 ns.
 */
const copyLoopBytesMax = 24;
const copyWordsBytesMax = 32;
const compareLoopBytesMax = 80;
/**
 * Up to this length a string is made of character codes, of which the host makes one without
 * leaving JavaScript: 20 to 45 ns, where the native call takes 75 to 95.
 */
const shortTextMax = 16;

/**
 * Methods of Buffer that accept any Uint8Array. They take offsets as arguments, so they need no
 * `subarray`, which costs as much as they do and leaves an object to collect.
 */
interface ByteRangeMethods {
  copy: (this: Uint8Array, to: Uint8Array, toStart: number, start: number, end: number) => number;
  compare: (
    this: Uint8Array,
    other: Uint8Array,
    otherStart: number,
    otherEnd: number,
    start: number,
    end: number,
  ) => number;
  latin1Slice: (this: Uint8Array, start: number, end: number) => string;
  utf8Slice: (this: Uint8Array, start: number, end: number) => string;
  latin1Write: (this: Uint8Array, text: string, offset: number, length: number) => number;
}

const native = Buffer.prototype as unknown as ByteRangeMethods;
const nativeCopy = native.copy;
const nativeCompare = native.compare;
const nativeLatin1 = native.latin1Slice;
const nativeUtf8 = native.utf8Slice;
const nativeLatin1Write = native.latin1Write;
const ofCodes = String.fromCharCode;

/** Maps every byte to itself, except `A`-`Z`, which map to `a`-`z`. */
export const lowerCase: Uint8Array = makeLowerCase();

function makeLowerCase(): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    table[byte] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
  }
  return table;
}

/** The bytes of a Latin-1 string, one a character. A character above U+00FF is a RangeError. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) throw new RangeError(`not a Latin-1 character: U+${code.toString(16)}`);
    bytes[index] = code;
  }
  return bytes;
}

/** Bytes `start` to `end` (exclusive) as a string, one character a byte: undoes `asciiBytes`. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  const isShort = length <= shortTextMax && length > 0 && start + shortTextMax <= bytes.length;
  return isShort ? shortText(bytes, start, length) : nativeLatin1.call(bytes, start, end);
}

/** The same for a few bytes; reads `shortTextMax` of them, whatever the length. */
function shortText(b: Uint8Array, s: number, length: number): string {
  if (length <= 8) {
    const text = ofCodes(
      b[s],
      b[s + 1],
      b[s + 2],
      b[s + 3],
      b[s + 4],
      b[s + 5],
      b[s + 6],
      b[s + 7],
    );
    return length === 8 ? text : text.slice(0, length);
  }
  // oxfmt-ignore
  const text = ofCodes(
    b[s], b[s + 1], b[s + 2], b[s + 3], b[s + 4], b[s + 5], b[s + 6], b[s + 7],
    b[s + 8], b[s + 9], b[s + 10], b[s + 11], b[s + 12], b[s + 13], b[s + 14], b[s + 15],
  );
  return length === shortTextMax ? text : text.slice(0, length);
}

/** Writes a Latin-1 string, one byte a character; there must be room for it. */
export function writeLatin1(bytes: Uint8Array, offset: number, text: string): void {
  const { length } = text;
  if (length > copyLoopBytesMax) {
    nativeLatin1Write.call(bytes, text, offset, length);
    return;
  }
  for (let index = 0; index < length; index++) bytes[offset + index] = text.charCodeAt(index);
}

/** Bytes `start` to `end` (exclusive) decoded as UTF-8; what is not UTF-8 becomes U+FFFD. */
export function utf8(bytes: Uint8Array, start: number, end: number): string {
  return nativeUtf8.call(bytes, start, end);
}

/** Whether the range spells `word`, whatever its case. `word` itself must be in lower case. */
export function equalsWord(
  bytes: Uint8Array,
  offset: number,
  length: number,
  word: Uint8Array,
): boolean {
  if (length !== word.length) return false;
  for (let index = 0; index < length; index++) {
    if (lowerCase[bytes[offset + index]] !== word[index]) return false;
  }
  return true;
}

/** Whether two ranges of the same length hold the same bytes. */
export function equalBytes(
  a: Uint8Array,
  aOffset: number,
  b: Uint8Array,
  bOffset: number,
  length: number,
): boolean {
  if (length > compareLoopBytesMax) {
    return compareLong(a, aOffset, length, b, bOffset, length) === 0;
  }
  if (length >= 4) {
    const aView = viewOf(a);
    const bView = viewOf(b);
    if (aView !== undefined && bView !== undefined) {
      return equalWords(aView, aOffset, bView, bOffset, length);
    }
  }
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    const difference =
      (a[aOffset + index] ^ b[bOffset + index]) |
      (a[aOffset + index + 1] ^ b[bOffset + index + 1]) |
      (a[aOffset + index + 2] ^ b[bOffset + index + 2]) |
      (a[aOffset + index + 3] ^ b[bOffset + index + 3]);
    if (difference !== 0) return false;
  }
  for (; index < length; index++) {
    if (a[aOffset + index] !== b[bOffset + index]) return false;
  }
  return true;
}

/**
 * Negative, zero or positive as the first range sorts before, with or after the second: by unsigned
 * bytes, then by length.
 */
export function compareBytes(
  a: Uint8Array,
  aOffset: number,
  aLength: number,
  b: Uint8Array,
  bOffset: number,
  bLength: number,
): number {
  const length = aLength < bLength ? aLength : bLength;
  // Most long ranges differ early, so the loop looks first and the native call gets what is left.
  const looped = length < compareLoopBytesMax ? length : compareLoopBytesMax;
  for (let index = 0; index < looped; index++) {
    const difference = a[aOffset + index] - b[bOffset + index];
    if (difference !== 0) return difference;
  }
  if (looped === length) return aLength - bLength;
  return compareLong(a, aOffset + looped, aLength - looped, b, bOffset + looped, bLength - looped);
}

function compareLong(
  a: Uint8Array,
  aOffset: number,
  aLength: number,
  b: Uint8Array,
  bOffset: number,
  bLength: number,
): number {
  return nativeCompare.call(a, b, bOffset, bOffset + bLength, aOffset, aOffset + aLength);
}

/** Copies `length` bytes. The ranges may overlap, also through two views of one buffer. */
export function copyBytes(
  from: Uint8Array,
  fromOffset: number,
  to: Uint8Array,
  toOffset: number,
  length: number,
): void {
  if (length >= 4 && length <= copyWordsBytesMax) {
    const fromView = viewOf(from);
    const toView = viewOf(to);
    if (fromView !== undefined && toView !== undefined) {
      copyWords(fromView, fromOffset, toView, toOffset, length);
      return;
    }
  }
  if (length > copyLoopBytesMax) {
    nativeCopy.call(from, to, toOffset, fromOffset, fromOffset + length);
  } else if (from.byteOffset + fromOffset < to.byteOffset + toOffset) {
    // A move to a higher address of the same buffer must start at its end. For two buffers either
    // direction is right, so we need not ask whether they are one, which costs more than the copy.
    for (let index = length - 1; index >= 0; index--) {
      to[toOffset + index] = from[fromOffset + index];
    }
  } else {
    for (let index = 0; index < length; index++) {
      to[toOffset + index] = from[fromOffset + index];
    }
  }
}
