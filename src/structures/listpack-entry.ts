// The bytes of one entry of a listpack: how a text or an integer is encoded, measured, read and
// compared. Format: Redis's src/listpack.c. An entry is a body (tag and content) and the body's
// size, written so that it can be read from its end.
//
//   tag       content                       tag       content
//   0xxxxxxx  integer 0..127                11110001  int16, little-endian
//   10xxxxxx  text of up to 63 bytes        11110010  int24
//   110xxxxx  int13, with the next byte     11110011  int32
//   1110xxxx  text of up to 4095 bytes      11110100  int64
//   11110000  text, 4 bytes of length       11111111  end of the listpack
import { equalBytes } from "../bytes/ascii.ts";
import { viewedBytes } from "../bytes/viewed.ts";

const tag6BitText = 0x80;
const tag13BitInteger = 0xc0;
const tag12BitText = 0xe0;
const tag32BitText = 0xf0;
const tag16BitInteger = 0xf1;
const tag24BitInteger = 0xf2;
const tag32BitInteger = 0xf3;
const tag64BitInteger = 0xf4;
export const endTag = 0xff;

const minus = 0x2d;
const zero = 0x30;
/** Digits and sign of -2^63. */
const integerBytesMax = 20;
const smallDigitsMax = 9;
const two32 = 4294967296;
const million = 1000000;

/**
 * The value that `measureText` or `measureInteger` has just looked at, in a typed array so that it
 * costs no allocation: tag, then an integer's low and high 32 bits.
 */
const measured = new Int32Array(3);
/** The same of the entry that `decodeInteger` has read. */
const decoded = new Int32Array(2);

/**
 * What `readEntry` says of an entry. One object serves many reads; its bytes are good until the
 * next change.
 */
export class ListpackEntry {
  isInteger = false;
  /** Whether `integer` holds the value: false for texts and for integers beyond 2^53. */
  isSafe = false;
  integer = 0;
  /** The element as text, integers too: `length` bytes of `bytes` from `offset`. */
  bytes: Uint8Array;
  offset = 0;
  length = 0;
  /** Where the digits of an integer are written. */
  readonly digits = viewedBytes(24);

  constructor() {
    this.bytes = this.digits;
  }
}

/**
 * Whether the text is an integer of 64 bits in the one spelling that Redis prints; if so its bits
 * go to `measured`.
 */
function measureDigits(bytes: Uint8Array, offset: number, length: number): boolean {
  const isNegative = bytes[offset] === minus;
  const first = isNegative ? offset + 1 : offset;
  const end = offset + length;
  const lead = bytes[first] - zero;
  if (first === end || lead < 0 || lead > 9) return false;
  if (lead === 0) {
    measured[1] = 0;
    measured[2] = 0;
    return length === 1;
  }
  const smallEnd = end - first < smallDigitsMax ? end : first + smallDigitsMax;
  let small = 0;
  for (let index = first; index < smallEnd; index++) {
    const digit = bytes[index] - zero;
    if (digit < 0 || digit > 9) return false;
    small = (small * 10 + digit) | 0;
  }
  if (smallEnd < end) return measureRest(bytes, smallEnd, end, small, isNegative ? 1 : 0);
  measured[1] = isNegative ? -small : small;
  measured[2] = isNegative ? -1 : 0;
  return true;
}

/** The digits after the first nine; `sign` is 1 for a negative number. */
function measureRest(
  bytes: Uint8Array,
  start: number,
  end: number,
  small: number,
  sign: number,
): boolean {
  if (end - start > 10) return false;
  let low = small;
  let high = 0;
  for (let index = start; index < end; index++) {
    const digit = bytes[index] - zero;
    if (digit < 0 || digit > 9) return false;
    const product = low * 10 + digit;
    const carry = Math.floor(product / two32);
    low = product - carry * two32;
    high = high * 10 + carry;
  }
  if (high >= 0x80000000 && (sign === 0 || high > 0x80000000 || low > 0)) return false;
  setNegatable(low, high, sign);
  return true;
}

/** Notes an integer given by its magnitude. */
function setNegatable(low: number, high: number, sign: number): void {
  if (sign === 0) {
    measured[1] = low;
    measured[2] = high;
    return;
  }
  measured[1] = -low | 0;
  measured[2] = low === 0 ? -(high | 0) | 0 : ~high;
}

/**
 * Chooses the smallest encoding of the text and returns the size of its body; `writeText` with the
 * same text must follow.
 */
export function measureText(bytes: Uint8Array, offset: number, length: number): number {
  if (length <= integerBytesMax && length > 0 && bytes[offset] <= 0x39) {
    if (measureDigits(bytes, offset, length)) return measureBits();
  }
  if (length < 64) {
    measured[0] = tag6BitText;
    return 1 + length;
  }
  if (length < 4096) {
    measured[0] = tag12BitText;
    return 2 + length;
  }
  measured[0] = tag32BitText;
  return 5 + length;
}

/** The same for a safe integer; `writeInteger` must follow. */
export function measureInteger(value: number): number {
  const magnitude = value < 0 ? -value : value;
  const high = Math.floor(magnitude / two32);
  setNegatable(magnitude - high * two32, high, value < 0 ? 1 : 0);
  return measureBits();
}

/** Chooses the encoding of the integer in `measured`. */
function measureBits(): number {
  const low = measured[1];
  if (measured[2] !== low >> 31) {
    measured[0] = tag64BitInteger;
    return 9;
  }
  if (low >= 0 && low <= 127) {
    measured[0] = 0;
    return 1;
  }
  if (low >= -4096 && low <= 4095) {
    measured[0] = tag13BitInteger;
    return 2;
  }
  if (low >= -32768 && low <= 32767) {
    measured[0] = tag16BitInteger;
    return 3;
  }
  if (low >= -8388608 && low <= 8388607) {
    measured[0] = tag24BitInteger;
    return 4;
  }
  measured[0] = tag32BitInteger;
  return 5;
}

/** Whether what was measured last is an integer. */
export function isMeasuredInteger(): boolean {
  const tag = measured[0];
  return tag !== tag6BitText && tag !== tag12BitText && tag !== tag32BitText;
}

/**
 * Writes the tag and the length or integer of what was measured last; returns the offset behind. A
 * text's bytes are to follow.
 */
export function writeMeasured(to: Uint8Array, at: number, length: number): number {
  const tag = measured[0];
  const low = measured[1];
  if (tag === tag6BitText) {
    to[at] = tag6BitText | length;
    return at + 1;
  }
  if (tag === 0) {
    to[at] = low;
    return at + 1;
  }
  if (tag === tag12BitText) {
    to[at] = tag12BitText | (length >> 8);
    to[at + 1] = length;
    return at + 2;
  }
  if (tag === tag13BitInteger) {
    to[at] = tag13BitInteger | ((low >> 8) & 0x1f);
    to[at + 1] = low;
    return at + 2;
  }
  to[at] = tag;
  if (tag === tag32BitText) return writeBytes(to, at + 1, length, 4);
  if (tag !== tag64BitInteger) return writeBytes(to, at + 1, low, tag - tag16BitInteger + 2);
  return writeBytes(to, writeBytes(to, at + 1, low, 4), measured[2], 4);
}

/** Writes the low bytes of a word, the lowest first; returns the offset behind. */
function writeBytes(to: Uint8Array, at: number, word: number, count: number): number {
  for (let index = 0; index < count; index++) to[at + index] = word >>> (index << 3);
  return at + count;
}

/**
 * Bytes that the size of a body takes behind it. The limits are Redis's, which leave out the last
 * value of each width.
 */
export function backSizeBytes(bodySize: number): number {
  if (bodySize <= 127) return 1;
  if (bodySize < 16383) return 2;
  if (bodySize < 2097151) return 3;
  return bodySize < 268435455 ? 4 : 5;
}

/**
 * Writes the size of a body behind it: 7 bits a byte, the highest first; all bytes but the first
 * have their high bit set.
 */
export function writeBackSize(to: Uint8Array, at: number, bodySize: number): void {
  if (bodySize <= 127) {
    to[at] = bodySize;
    return;
  }
  let rest = bodySize;
  for (let index = at + backSizeBytes(bodySize) - 1; index > at; index--) {
    to[index] = 0x80 | (rest & 0x7f);
    rest >>>= 7;
  }
  to[at] = rest;
}

/** The size of the body before the entry's end at `end` (exclusive); -1 when it is no such size. */
export function readBackSize(bytes: Uint8Array, end: number): number {
  let size = bytes[end - 1];
  if (size < 0x80) return size;
  size &= 0x7f;
  let scale = 128;
  for (let index = end - 2; index >= end - 5; index--) {
    const byte = bytes[index];
    size += (byte & 0x7f) * scale;
    if (byte < 0x80) return size;
    scale *= 128;
  }
  return -1;
}

/** Size of the body whose tag is at `at`; 0 when the tag is none. Reads at most 5 bytes. */
export function bodySizeAt(bytes: Uint8Array, at: number): number {
  const tag = bytes[at];
  if (tag < 0x80) return 1;
  if (tag < 0xc0) return 1 + (tag & 0x3f);
  if (tag < 0xe0) return 2;
  if (tag < 0xf0) return 2 + (((tag & 0xf) << 8) | bytes[at + 1]);
  if (tag === tag32BitText) return 5 + (readWord(bytes, at + 1) >>> 0);
  if (tag <= tag32BitInteger) return tag - tag16BitInteger + 3;
  return tag === tag64BitInteger ? 9 : 0;
}

/** Size of the whole entry at `at`. */
export function entrySizeAt(bytes: Uint8Array, at: number): number {
  const size = bodySizeAt(bytes, at);
  return size <= 127 ? size + 1 : size + backSizeBytes(size);
}

/** Bytes of tag and length before the text at `at`; 0 when the entry is an integer. */
function textHeadAt(bytes: Uint8Array, at: number): number {
  const tag = bytes[at];
  if (tag < 0x80) return 0;
  if (tag < 0xc0) return 1;
  if (tag < 0xe0) return 0;
  if (tag < 0xf0) return 2;
  return tag === tag32BitText ? 5 : 0;
}

/**
 * Length of the text at `at`, which begins one byte behind and has its size in one byte; -1 for
 * integers and long texts.
 */
export function shortTextLength(bytes: Uint8Array, at: number): number {
  const tag = bytes[at];
  return (tag & 0xc0) === tag6BitText ? tag & 0x3f : -1;
}

function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** Reads the integer at `at` into `decoded`. */
function decodeInteger(bytes: Uint8Array, at: number): void {
  const tag = bytes[at];
  let low: number;
  if (tag < 0x80) low = tag;
  else if (tag < 0xe0) low = (((tag << 8) | bytes[at + 1]) << 19) >> 19;
  else if (tag === tag16BitInteger) low = ((bytes[at + 1] | (bytes[at + 2] << 8)) << 16) >> 16;
  else if (tag === tag24BitInteger) low = (readWord(bytes, at) >> 8) | 0;
  else low = readWord(bytes, at + 1);
  decoded[0] = low;
  decoded[1] = tag === tag64BitInteger ? readWord(bytes, at + 5) : low >> 31;
}

/**
 * Adds to the integer at `at` where it stands, and returns the sum; NaN, and nothing is changed,
 * when the entry is a text or larger than 32 bits, or the sum would take another size.
 */
export function addToEntry(bytes: Uint8Array, at: number, delta: number): number {
  if (textHeadAt(bytes, at) !== 0) return NaN;
  decodeInteger(bytes, at);
  const sum = decoded[0] + delta;
  const isShort = decoded[1] === decoded[0] >> 31;
  if (!isShort || !Number.isSafeInteger(sum) || measureInteger(sum) !== bodySizeAt(bytes, at)) {
    return NaN;
  }
  writeMeasured(bytes, at, 0);
  return sum;
}

/** Describes the entry whose tag is at `at`. */
export function decodeEntry(bytes: Uint8Array, at: number, entry: ListpackEntry): void {
  const head = textHeadAt(bytes, at);
  if (head !== 0) {
    entry.isInteger = false;
    entry.isSafe = false;
    entry.bytes = bytes;
    entry.offset = at + head;
    entry.length = bodySizeAt(bytes, at) - head;
    return;
  }
  decodeInteger(bytes, at);
  const low = decoded[0];
  const high = decoded[1];
  entry.isInteger = true;
  entry.isSafe = high >= -0x200000 && high < 0x200000 && (high !== -0x200000 || low !== 0);
  entry.integer = entry.isSafe ? high * two32 + (low >>> 0) : 0;
  entry.bytes = entry.digits;
  entry.offset = writeDigits(entry.digits, low, high);
  entry.length = entry.digits.length - entry.offset;
}

/** Writes the integer's digits to the end of the array; returns where they begin. */
function writeDigits(to: Uint8Array, low: number, high: number): number {
  const isNegative = high < 0;
  let magnitudeLow = isNegative ? -low >>> 0 : low >>> 0;
  let magnitudeHigh = high;
  if (isNegative) magnitudeHigh = low === 0 ? -high >>> 0 : ~high;
  let index = to.length;
  // Six digits at a time, so that the dividend stays below 2^53.
  while (magnitudeHigh !== 0) {
    const quotientHigh = Math.floor(magnitudeHigh / million);
    const dividend = (magnitudeHigh - quotientHigh * million) * two32 + magnitudeLow;
    magnitudeLow = Math.floor(dividend / million);
    magnitudeHigh = quotientHigh;
    index = writeSixDigits(to, index, dividend - magnitudeLow * million);
  }
  do {
    const quotient = Math.floor(magnitudeLow / 10);
    to[--index] = zero + magnitudeLow - quotient * 10;
    magnitudeLow = quotient;
  } while (magnitudeLow !== 0);
  if (isNegative) to[--index] = minus;
  return index;
}

function writeSixDigits(to: Uint8Array, end: number, value: number): number {
  let rest = value;
  for (let index = end - 1; index >= end - 6; index--) {
    const quotient = (rest / 10) | 0;
    to[index] = zero + rest - quotient * 10;
    rest = quotient;
  }
  return end - 6;
}

/**
 * Whether the entry at `at` is the text that was measured last. Texts that could be integers are
 * compared as what they are stored as: a listpack from elsewhere need not have chosen the smallest
 * encoding.
 */
export function equalsMeasured(
  entryBytes: Uint8Array,
  at: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const head = textHeadAt(entryBytes, at);
  if (head !== 0) {
    if (bodySizeAt(entryBytes, at) - head !== length) return false;
    return equalBytes(entryBytes, at + head, bytes, offset, length);
  }
  if (!isMeasuredInteger()) return false;
  decodeInteger(entryBytes, at);
  return decoded[0] === measured[1] && decoded[1] === measured[2];
}
