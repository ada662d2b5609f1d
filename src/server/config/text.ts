// How configuration text is held and quoted. Redis treats a configuration as bytes; we hold it as
// JavaScript strings so that paths, options of the library and log lines need no conversion, and
// lose nothing: a byte that is not part of valid UTF-8 becomes one lone surrogate U+DC80 to U+DCFF
// (as Python's surrogateescape does) and turns back into that byte when encoded. The quoting rules
// are those of sdssplitargs and sdscatrepr in Redis's sds.c, which work on bytes, so do ours.

const escapeBase = 0xdc00;

/** Bytes as text. `encodeText` gives the same bytes back, whatever they were. */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  return text.includes("\ufffd") ? decodeEscaping(buffer) : text;
}

/** The bytes of a text that `decodeText` or a user made. */
export function encodeText(text: string): Uint8Array {
  return hasEscape(text) ? encodeEscaped(text) : Buffer.from(text, "utf8");
}

/** The bytes of a text, one a character: how requests and replies hold strings. */
export function toByteString(text: string): string {
  return isAscii(text) ? text : Buffer.from(encodeText(text)).toString("latin1");
}

/** The text of bytes that are held one a character. */
export function fromByteString(bytes: string): string {
  return isAscii(bytes) ? bytes : decodeText(Buffer.from(bytes, "latin1"));
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

function hasEscape(text: string): boolean {
  return /[\udc80-\udcff]/.test(text);
}

function decodeEscaping(buffer: Buffer): string {
  let text = "";
  let offset = 0;
  while (offset < buffer.length) {
    const size = characterSize(buffer, offset);
    if (size === 0) text += String.fromCharCode(escapeBase + buffer[offset]);
    else text += buffer.toString("utf8", offset, offset + size);
    offset += size === 0 ? 1 : size;
  }
  return text;
}

/**
 * The size of the UTF-8 character at `offset`, 0 when there is none. Node's own decoder judges it.
 */
function characterSize(buffer: Buffer, offset: number): number {
  const first = buffer[offset];
  if (first < 0x80) return 1;
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (offset + size > buffer.length) return 0;
  const character = buffer.toString("utf8", offset, offset + size);
  // U+FFFD itself may stand in a text; any other way to get it means that the bytes were wrong.
  const isReplacement = buffer.compare(replacementBytes, 0, 3, offset, offset + size) === 0;
  return character.includes("\ufffd") && !isReplacement ? 0 : size;
}

const replacementBytes = Buffer.from("\ufffd", "utf8");

function encodeEscaped(text: string): Uint8Array {
  const pieces: Buffer[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0);
    const isEscape = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    pieces.push(isEscape ? Buffer.from([code - escapeBase]) : Buffer.from(character, "utf8"));
  }
  return Buffer.concat(pieces);
}

/**
 * Splits a line into arguments: "double quotes" with \n \r \t \b \a \xHH escapes, 'single quotes'
 * with \' only. Undefined when a quote is not closed, or closed in the middle of a word.
 */
export function splitArguments(line: string): string[] | undefined {
  const bytes = encodeText(line);
  const found: string[] = [];
  let at = 0;
  while (true) {
    while (at < bytes.length && isSpace(bytes[at])) at++;
    if (at >= bytes.length) return found;
    const word: number[] = [];
    at = readWord(bytes, at, word);
    if (at < 0) return undefined;
    found.push(decodeText(Uint8Array.from(word)));
  }
}

/**
 * Reads one argument into `word` and answers with the offset behind it, -1 when its quotes are
 * wrong.
 */
function readWord(bytes: Uint8Array, start: number, word: number[]): number {
  let at = start;
  while (at < bytes.length && !isSpace(bytes[at])) {
    const byte = bytes[at];
    if (byte === doubleQuote) return readQuoted(bytes, at + 1, word, doubleQuote);
    if (byte === singleQuote) return readQuoted(bytes, at + 1, word, singleQuote);
    word.push(byte);
    at++;
  }
  return at;
}

function readQuoted(bytes: Uint8Array, start: number, word: number[], quote: number): number {
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === quote) {
      const closesWord = at + 1 >= bytes.length || isSpace(bytes[at + 1]);
      return closesWord ? at + 1 : -1;
    }
    if (byte === backslash && at + 1 < bytes.length) {
      at = quote === doubleQuote ? readEscape(bytes, at, word) : readPlainEscape(bytes, at, word);
    } else {
      word.push(byte);
      at++;
    }
  }
  return -1;
}

/** Between double quotes, `at` stands on the backslash. */
function readEscape(bytes: Uint8Array, at: number, word: number[]): number {
  const next = bytes[at + 1];
  if (next === lowerX && isHex(bytes[at + 2]) && isHex(bytes[at + 3])) {
    word.push(Number.parseInt(String.fromCharCode(bytes[at + 2], bytes[at + 3]), 16));
    return at + 4;
  }
  word.push(escapes.get(next) ?? next);
  return at + 2;
}

/** Between single quotes only the quote itself can be escaped. */
function readPlainEscape(bytes: Uint8Array, at: number, word: number[]): number {
  if (bytes[at + 1] === singleQuote) {
    word.push(singleQuote);
    return at + 2;
  }
  word.push(backslash);
  return at + 1;
}

/**
 * The text between double quotes, so that `splitArguments` reads it back. Bytes outside printable
 * ASCII become \xHH.
 */
export function quoteText(text: string): string {
  let quoted = '"';
  for (const byte of encodeText(text)) {
    if (byte === doubleQuote || byte === backslash) quoted += `\\${String.fromCharCode(byte)}`;
    else if (namedEscapes.has(byte)) quoted += namedEscapes.get(byte);
    else if (byte >= 0x20 && byte < 0x7f) quoted += String.fromCharCode(byte);
    else quoted += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${quoted}"`;
}

const doubleQuote = 0x22;
const singleQuote = 0x27;
const backslash = 0x5c;
const lowerX = 0x78;

const escapes = new Map<number, number>([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

const namedEscapes = new Map<number, string>([
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x08, "\\b"],
  [0x07, "\\a"],
]);

/** Space, tab, newline, vertical tab, form feed and carriage return, as isspace() of C. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** False past the end, where the byte is undefined. */
function isHex(byte: number | undefined): boolean {
  return byte !== undefined && /^[0-9a-fA-F]$/.test(String.fromCharCode(byte));
}

/** A-Z as a-z and nothing else: configuration names and words ignore case in ASCII only. */
export function lowerCaseAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
