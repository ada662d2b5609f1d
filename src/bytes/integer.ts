// Decimal integers in byte ranges: parsing by Redis's rules and writing without allocation.
// The rules are those of string2ll (src/util.c): an optional `-`, then digits; no `+`, no spaces,
// no leading zeros, no `-0`. Numbers that JavaScript holds exactly take the fast functions; the
// rest of the 64-bit range takes the BigInt ones, which are for cold paths only.

const minus = 0x2d;
const zero = 0x30;

/** Digits that always fit an int32. */
const smallDigitsMax = 9;
/** Digits of 2^53 - 1. */
const safeDigitsMax = 16;
/** Splits a safe integer into two int32 halves of at most 8 digits each. */
const halfUnit = 100_000_000;

const signed64Min = -(2n ** 63n);
const signed64Max = 2n ** 63n - 1n;
const unsigned64Max = 2n ** 64n - 1n;

/**
 * The integer that the whole range spells, or NaN when it spells none or one beyond +-(2^53 - 1).
 * To tell these two apart, ask `parseInteger64`.
 */
export function parseInteger(bytes: Uint8Array, offset: number, length: number): number {
  return parseLength(bytes, offset, offset + length);
}

/** The same as `parseInteger`, for bytes `start` to `end` (exclusive) of a protocol line. */
export function parseLength(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return NaN;
  const isNegative = bytes[start] === minus;
  const first = isNegative ? start + 1 : start;
  const count = end - first;
  if (count === 0 || count > safeDigitsMax) return NaN;
  if (bytes[first] === zero) return count === 1 && !isNegative ? 0 : NaN;
  const smallEnd = count < smallDigitsMax ? end : first + smallDigitsMax;
  let small = 0;
  for (let index = first; index < smallEnd; index++) {
    const digit = bytes[index] - zero;
    if (digit < 0 || digit > 9) return NaN;
    small = (small * 10 + digit) | 0;
  }
  if (count <= smallDigitsMax) return isNegative ? -small : small;
  return parseRest(bytes, smallEnd, end, small, isNegative ? -1 : 1);
}

/** Adds the last digits, at most seven, to the first nine. */
function parseRest(
  bytes: Uint8Array,
  start: number,
  end: number,
  high: number,
  sign: number,
): number {
  let low = 0;
  let scale = 1;
  for (let index = start; index < end; index++) {
    const digit = bytes[index] - zero;
    if (digit < 0 || digit > 9) return NaN;
    low = (low * 10 + digit) | 0;
    scale = (scale * 10) | 0;
  }
  // Only the sum can leave the exact range, and rounding never brings it back.
  const value = high * scale + low;
  return value > Number.MAX_SAFE_INTEGER ? NaN : sign * value;
}

/** The signed 64-bit integer that the whole range spells, or undefined. For cold paths. */
export function parseInteger64(
  bytes: Uint8Array,
  offset: number,
  length: number,
): bigint | undefined {
  const value = parseBigInteger(bytes, offset, length);
  if (value === undefined || value < signed64Min || value > signed64Max) return undefined;
  return value;
}

/** The unsigned 64-bit integer that the whole range spells, or undefined. For cold paths. */
export function parseUnsigned64(
  bytes: Uint8Array,
  offset: number,
  length: number,
): bigint | undefined {
  const value = parseBigInteger(bytes, offset, length);
  if (value === undefined || value < 0n || value > unsigned64Max) return undefined;
  return value;
}

function parseBigInteger(bytes: Uint8Array, offset: number, length: number): bigint | undefined {
  const isNegative = length > 0 && bytes[offset] === minus;
  const first = isNegative ? offset + 1 : offset;
  const count = offset + length - first;
  // Twenty digits spell 2^64 - 1; the limit also keeps a hostile argument from costing anything.
  if (count === 0 || count > 20) return undefined;
  if (bytes[first] === zero) return count === 1 && !isNegative ? 0n : undefined;
  let value = 0n;
  for (let index = first; index < first + count; index++) {
    const digit = bytes[index] - zero;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10n + BigInt(digit);
  }
  return isNegative ? -value : value;
}

/** How many bytes `writeInteger` writes for a safe integer, its sign included. */
export function integerLength(value: number): number {
  if (value < 0) return 1 + digitCount(-value);
  return digitCount(value);
}

function digitCount(value: number): number {
  if (value < halfUnit) return smallDigitCount(value);
  let count = smallDigitsMax;
  for (let limit = halfUnit * 10; value >= limit; limit *= 10) count++;
  return count;
}

/** For values below 10^8. */
function smallDigitCount(value: number): number {
  if (value < 10_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    return value < 1000 ? 3 : 4;
  }
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  return value < 10_000_000 ? 7 : 8;
}

/**
 * Writes a safe integer in decimal at `offset` and returns the offset after it. The caller has made
 * room for 17 bytes, or for `integerLength(value)`.
 */
export function writeInteger(bytes: Uint8Array, offset: number, value: number): number {
  let position = offset;
  let magnitude = value;
  if (value < 0) {
    bytes[position++] = minus;
    magnitude = -value;
  }
  if (magnitude < halfUnit) {
    const end = position + smallDigitCount(magnitude);
    writeDigits(bytes, position, end, magnitude | 0);
    return end;
  }
  const high = Math.floor(magnitude / halfUnit) | 0;
  const low = (magnitude - high * halfUnit) | 0;
  const middle = position + smallDigitCount(high);
  const end = middle + 8;
  writeDigits(bytes, position, middle, high);
  writeDigits(bytes, middle, end, low);
  return end;
}

/** The two digits of each number below 100. */
const pairs = new Uint8Array(200);
for (let value = 0; value < 100; value++) {
  pairs[value * 2] = zero + Math.floor(value / 10);
  pairs[value * 2 + 1] = zero + (value % 10);
}

/** Fills the whole range from its end, so it is padded with zeros on the left. */
function writeDigits(bytes: Uint8Array, start: number, end: number, value: number): void {
  let rest = value;
  let index = end;
  while (index - start >= 2) {
    const quotient = (rest / 100) | 0;
    const pair = (rest - quotient * 100) << 1;
    bytes[index - 1] = pairs[pair + 1];
    bytes[index - 2] = pairs[pair];
    rest = quotient;
    index -= 2;
  }
  if (index > start) bytes[start] = zero + rest;
}
