// Reads ziplists, the compact encoding of Redis before 7.0, and zipmaps, that of hashes before 2.6.
// Both are only read, once, and checked while they are; they end up in other encodings.
//
//   ziplist  bytes 0  size   4  offset of the last entry   8  entries (16 bits; 65535: count them)
//                 10  entries, then 255
//   entry    size of the one before (a byte, or 254 and 32 bits), tag, content
//
//     tag       content                              tag       content
//     00xxxxxx  text of up to 63 bytes               11010000  int32
//     01xxxxxx  text, 14 bits of length              11100000  int64
//     10000000  text, 32 bits of length behind       11110000  int24
//     11000000  int16                                11111110  int8
//                                                    1111xxxx  integer, xxxx - 1
//
//   zipmap   byte 0   fields (254 and up: count them), then field, value, field, value ... 255
//            length (a byte, or 254 and 32 bits) and text; behind the length of a value stands how
//            many unused bytes follow its text
import { writeInteger } from "../bytes/integer.ts";
import { IntsetValue, writeIntsetValue } from "../structures/intset.ts";

const ziplistHeaderBytes = 10;
const endByte = 255;
const longMark = 254;
const countUnknown = 0xffff;

/** Given the text of an element, good during the call. */
export type TextVisitor = (bytes: Uint8Array, offset: number, length: number) => void;

/** The entry that was read last: where it ends, and its text if that is not an integer's digits. */
const found = { end: 0, offset: 0, length: 0, isInteger: false };
const digits = new Uint8Array(24);
const large = new IntsetValue();

/**
 * Visits the elements of a ziplist; false when the bytes are none. Some elements may have been
 * visited then.
 */
export function forEachInZiplist(
  bytes: Uint8Array,
  start: number,
  length: number,
  visit: TextVisitor,
): boolean {
  if (length <= ziplistHeaderBytes) return false;
  const end = start + length - 1;
  if (word(bytes, start) !== length || bytes[end] !== endByte) return false;
  let at = start + ziplistHeaderBytes;
  let last = at;
  let previousBytes = 0;
  let count = 0;
  while (at < end) {
    if (!readEntry(bytes, at, end, previousBytes)) return false;
    if (found.isInteger) visit(digits, 0, found.length);
    else visit(bytes, found.offset, found.length);
    last = at;
    previousBytes = found.end - at;
    at = found.end;
    count++;
  }
  const stored = bytes[start + 8] | (bytes[start + 9] << 8);
  if (stored !== countUnknown && stored !== count) return false;
  return at === end && word(bytes, start + 4) === last - start;
}

function word(bytes: Uint8Array, at: number): number {
  const low = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
  return (low | (bytes[at + 3] << 24)) >>> 0;
}

/**
 * Reads the entry at `at` into `found`; false when it reaches beyond `end` or says other things.
 */
function readEntry(bytes: Uint8Array, at: number, end: number, previousBytes: number): boolean {
  const isLong = bytes[at] === longMark;
  const tagAt = at + (isLong ? 5 : 1);
  if (tagAt >= end) return false;
  const stored = isLong ? word(bytes, at + 1) : bytes[at];
  if (stored !== previousBytes) return false;
  const tag = bytes[tagAt];
  return tag < 0xc0 ? readText(bytes, tagAt, end, tag) : readNumber(bytes, tagAt, end, tag);
}

function readText(bytes: Uint8Array, tagAt: number, end: number, tag: number): boolean {
  let head = 1;
  let length = tag & 0x3f;
  if (tag >= 0x80) {
    head = 5;
    if (tag !== 0x80 || tagAt + head > end) return false;
    const high = (bytes[tagAt + 1] << 24) | (bytes[tagAt + 2] << 16);
    length = (high | (bytes[tagAt + 3] << 8) | bytes[tagAt + 4]) >>> 0;
  } else if (tag >= 0x40) {
    head = 2;
    if (tagAt + head > end) return false;
    length = (length << 8) | bytes[tagAt + 1];
  }
  found.isInteger = false;
  found.offset = tagAt + head;
  found.length = length;
  found.end = tagAt + head + length;
  return found.end <= end;
}

function readNumber(bytes: Uint8Array, tagAt: number, end: number, tag: number): boolean {
  const size = integerBytes(tag);
  if (size < 0 || tagAt + 1 + size > end) return false;
  found.isInteger = true;
  found.end = tagAt + 1 + size;
  if (size === 8) {
    large.low = word(bytes, tagAt + 1) | 0;
    large.high = word(bytes, tagAt + 5) | 0;
    found.length = writeIntsetValue(digits, 0, large);
    return true;
  }
  let value = (tag & 0xf) - 1;
  if (size > 0) {
    value = 0;
    for (let index = 0; index < size; index++) value |= bytes[tagAt + 1 + index] << (index * 8);
    const unused = 32 - size * 8;
    value = (value << unused) >> unused;
  }
  found.length = writeInteger(digits, 0, value);
  return true;
}

/** Bytes of the integer behind a tag, 0 when the tag itself is one, -1 when it is none. */
function integerBytes(tag: number): number {
  switch (tag) {
    case 0xc0:
      return 2;
    case 0xd0:
      return 4;
    case 0xe0:
      return 8;
    case 0xf0:
      return 3;
    case 0xfe:
      return 1;
    default:
      return tag > 0xf0 && tag <= 0xfd ? 0 : -1;
  }
}

/** Visits the fields and values of a zipmap in turn; false when the bytes are none. */
export function forEachInZipmap(
  bytes: Uint8Array,
  start: number,
  length: number,
  visit: TextVisitor,
): boolean {
  if (length < 2 || bytes[start + length - 1] !== endByte) return false;
  const end = start + length - 1;
  let at = start + 1;
  let count = 0;
  while (at < end) {
    for (let part = 0; part < 2; part++) {
      const head = bytes[at] === longMark ? 5 : 1;
      const unusedAt = at + head;
      if (bytes[at] === endByte || unusedAt + part > end) return false;
      const size = head === 5 ? word(bytes, at + 1) : bytes[at];
      const unused = part === 0 ? 0 : bytes[unusedAt];
      const textAt = unusedAt + part;
      if (textAt + size + unused > end) return false;
      visit(bytes, textAt, size);
      at = textAt + size + unused;
    }
    count++;
  }
  return at === end && (bytes[start] >= longMark || bytes[start] === count);
}
