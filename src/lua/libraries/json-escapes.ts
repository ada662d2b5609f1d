// The escapes of JSON replaced in place, in a whole text at once. What comes out has a zero byte
// for each closing quote, so that quotes may stand in strings; see plain-json-decoder.ts.

const quote = 0x22;
const backslash = 0x5c;
const letterU = 0x75;

/** What stands for the character behind a backslash; 0: nothing. */
const simpleEscapes = makeSimpleEscapes();
/** The value of a hexadecimal digit, 16 for everything else. */
const hexDigits = makeHexDigits();

function makeSimpleEscapes(): Uint8Array {
  const table = new Uint8Array(256);
  for (const [escape, char] of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"]) {
    table[escape.charCodeAt(0)] = char.charCodeAt(0);
  }
  return table;
}

function makeHexDigits(): Uint8Array {
  const table = new Uint8Array(256).fill(16);
  for (let digit = 0; digit < 16; digit++) {
    const text = digit.toString(16);
    table[text.charCodeAt(0)] = digit;
    table[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return table;
}

/**
 * Replaces the escapes in the first `size` bytes, behind which a quote must stand. Returns the size
 * of what comes out; -1 if a string does not end or an escape is wrong or means a zero byte.
 */
export function replaceEscapes(bytes: Uint8Array, size: number): number {
  read = 0;
  written = 0;
  while (read < size) {
    const code = bytes[read++];
    bytes[written++] = code;
    if (code === quote && !replaceInString(bytes)) return -1;
  }
  // The string whose end is the quote behind the text does not end.
  return read > size ? -1 : written;
}

/** Where the next byte is read, and where the next one is written. */
let read = 0;
let written = 0;

/** Goes behind the string's closing quote; false for an escape that is wrong. */
function replaceInString(bytes: Uint8Array): boolean {
  let from = read;
  let to = written;
  for (let code = bytes[from++]; code !== quote; code = bytes[from++]) {
    if (code !== backslash) {
      bytes[to++] = code;
      continue;
    }
    const escape = bytes[from++];
    const meant = simpleEscapes[escape];
    if (meant !== 0) {
      bytes[to++] = meant;
      continue;
    }
    const codePoint = escape === letterU ? readCodePoint(bytes, from) : -1;
    if (codePoint <= 0) return false;
    from += codePoint > 0xffff ? 10 : 4;
    to = writeCodePoint(bytes, to, codePoint);
  }
  bytes[to] = 0;
  read = from;
  written = to + 1;
  return true;
}

function readHex4(bytes: Uint8Array, at: number): number {
  const a = hexDigits[bytes[at]];
  const b = hexDigits[bytes[at + 1]];
  const c = hexDigits[bytes[at + 2]];
  const d = hexDigits[bytes[at + 3]];
  return (a | b | c | d) < 16 ? (a << 12) | (b << 8) | (c << 4) | d : -1;
}

/** The code point of the four digits at `at`, or of two escapes that make a pair; else -1. */
function readCodePoint(bytes: Uint8Array, at: number): number {
  const first = readHex4(bytes, at);
  if ((first & 0xf800) !== 0xd800 || first === -1) return first;
  const isPair = (first & 0x400) === 0 && bytes[at + 4] === backslash && bytes[at + 5] === letterU;
  const second = isPair ? readHex4(bytes, at + 6) : -1;
  if (second === -1 || (second & 0xfc00) !== 0xdc00) return -1;
  return (((first & 0x3ff) << 10) | (second & 0x3ff)) + 0x1_0000;
}

/** Writes a code point in UTF-8; where the next one goes. */
function writeCodePoint(bytes: Uint8Array, at: number, codePoint: number): number {
  if (codePoint < 0x80) {
    bytes[at] = codePoint;
    return at + 1;
  }
  const last = 0x80 | (codePoint & 0x3f);
  if (codePoint < 0x800) {
    bytes[at] = 0xc0 | (codePoint >> 6);
    bytes[at + 1] = last;
    return at + 2;
  }
  const middle = 0x80 | ((codePoint >> 6) & 0x3f);
  if (codePoint < 0x1_0000) {
    bytes[at] = 0xe0 | (codePoint >> 12);
    bytes[at + 1] = middle;
    bytes[at + 2] = last;
    return at + 3;
  }
  bytes[at] = 0xf0 | (codePoint >> 18);
  bytes[at + 1] = 0x80 | ((codePoint >> 12) & 0x3f);
  bytes[at + 2] = middle;
  bytes[at + 3] = last;
  return at + 4;
}
