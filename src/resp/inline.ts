// Splits a line into words as Redis does for inline requests (sdssplitargs): blanks separate; "..."
// knows \n \r \t \b \a \xHH and \<any>; '...' knows \' only; a closing quote must be followed by a
// blank or the end.
import type { Slices } from "../bytes/slices.ts";

const doubleQuote = 0x22;
const singleQuote = 0x27;
const backslash = 0x5c;
const escapes = new Map([
  [0x6e, 0x0a], // n
  [0x72, 0x0d], // r
  [0x74, 0x09], // t
  [0x62, 0x08], // b
  [0x61, 0x07], // a
]);

/**
 * Fills `words` with the words of `bytes[start..end)`; they lie in a buffer of their own, since
 * quoting changes bytes. False when a quote is not closed, or closed in the middle of a word.
 */
export function splitInline(bytes: Uint8Array, start: number, end: number, words: Slices): boolean {
  const out = new Uint8Array(end - start);
  words.bytes = out;
  words.count = 0;
  let written = 0;
  let index = start;
  for (;;) {
    while (index < end && isBlank(bytes[index])) index++;
    // Like Redis, whose strings end there, a NUL byte between words ends the line.
    if (index >= end || bytes[index] === 0) return true;
    const wordStart = written;
    while (index < end && !isBlank(bytes[index]) && bytes[index] !== 0) {
      const byte = bytes[index++];
      if (byte !== doubleQuote && byte !== singleQuote) {
        out[written++] = byte;
        continue;
      }
      const span = unquote(bytes, index, end, byte, out, written);
      if (span === undefined) return false;
      ({ index, written } = span);
    }
    words.push(wordStart, written - wordStart);
  }
}

interface Span {
  index: number;
  written: number;
}

/**
 * Copies what stands between `index` and the closing quote; undefined when there is none or no
 * blank follows it.
 */
function unquote(
  bytes: Uint8Array,
  start: number,
  end: number,
  quote: number,
  out: Uint8Array,
  outStart: number,
): Span | undefined {
  let index = start;
  let written = outStart;
  while (index < end) {
    const byte = bytes[index];
    if (byte === quote) {
      const isClosed = index + 1 >= end || isBlank(bytes[index + 1]) || bytes[index + 1] === 0;
      return isClosed ? { index: index + 1, written } : undefined;
    }
    if (byte !== backslash || index + 1 >= end) {
      out[written++] = byte;
      index++;
      continue;
    }
    const escaped = bytes[index + 1];
    if (quote === singleQuote) {
      const isQuote = escaped === singleQuote;
      out[written++] = isQuote ? singleQuote : backslash;
      index += isQuote ? 2 : 1;
      continue;
    }
    const high = escaped === 0x78 && index + 3 < end ? hexDigit(bytes[index + 2]) : -1;
    const low = high >= 0 ? hexDigit(bytes[index + 3]) : -1;
    if (low >= 0) {
      out[written++] = high * 16 + low;
      index += 4;
    } else {
      out[written++] = escapes.get(escaped) ?? escaped;
      index += 2;
    }
  }
  return undefined;
}

/** As C's isspace: space, and \t \n \v \f \r. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
