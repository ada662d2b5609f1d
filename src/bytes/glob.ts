// Glob patterns as KEYS, SCAN MATCH, PSUBSCRIBE and CONFIG GET take them: `*`, `?`, `[a-z]`, `[^a]`
// and `\` before a character that stands for itself. The answers are those of stringmatchlen in
// Redis's src/util.c, its oddities included:
//
//   - an empty subject matches the empty pattern only, not even `*`;
//   - a class without its `]` ends where the pattern ends, a reversed range is turned round;
//   - the bytes of a range compare as signed, as `char` does on x86-64, but when case is ignored as
//     unsigned, 0xff excepted: that is what glibc's tolower makes of them;
//   - an escaped character of a class keeps its case even when the rest ignores case.
//
// Every element but `*` takes exactly one byte. So when the part after a `*` fails, moving the
// start of that part is enough, and earlier stars need no second look: time is at most pattern x
// subject, and nothing recurses. Redis gives up after 1,000 stars, and so do we: its answer is no.

import { lowerCase } from "./ascii.ts";

/** Stars, neighbours counted as one, that a pattern may have before something else. */
const starsMax = 1000;

const star = 0x2a;
const question = 0x3f;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const backslash = 0x5c;
const caret = 0x5e;
const hyphen = 0x2d;

/** Whether the pattern matches the whole subject; `caseInsensitive` is 0 or 1. */
export function globMatches(
  pattern: Uint8Array,
  patternOffset: number,
  patternLength: number,
  subject: Uint8Array,
  subjectOffset: number,
  subjectLength: number,
  caseInsensitive: number,
): boolean {
  const patternEnd = patternOffset + patternLength;
  const subjectEnd = subjectOffset + subjectLength;
  if (subjectLength === 0) return patternLength === 0;
  let at = patternOffset;
  let position = subjectOffset;
  // Where to go on after a mismatch: behind the last star, one byte further in the subject.
  let retryAt = -1;
  let retryPosition = 0;
  let stars = 0;
  for (;;) {
    if (position === subjectEnd) {
      return skipStars(pattern, at, patternEnd) === patternEnd;
    }
    if (at < patternEnd && pattern[at] === star) {
      at = skipStars(pattern, at, patternEnd);
      if (at === patternEnd) return true;
      if (++stars > starsMax) return false;
      retryAt = at;
      retryPosition = position;
    }
    const next =
      at === patternEnd
        ? -1
        : matchElement(pattern, at, patternEnd, subject[position], caseInsensitive);
    if (next !== -1) {
      at = next;
      position++;
    } else {
      if (retryAt === -1) return false;
      at = retryAt;
      position = ++retryPosition;
      // What follows the star takes at least one byte.
      if (position === subjectEnd) return false;
    }
  }
}

function skipStars(pattern: Uint8Array, offset: number, end: number): number {
  let at = offset;
  while (at < end && pattern[at] === star) at++;
  return at;
}

/** Matches one byte with the element at `at`, not a star: the offset after the element, or -1. */
function matchElement(
  pattern: Uint8Array,
  at: number,
  end: number,
  byte: number,
  caseInsensitive: number,
): number {
  const first = pattern[at];
  if (first === question) return at + 1;
  if (first === openBracket) return matchClass(pattern, at + 1, end, byte, caseInsensitive);
  // A backslash that ends the pattern stands for itself.
  const literalAt = first === backslash && at + 1 < end ? at + 1 : at;
  return sameByte(pattern[literalAt], byte, caseInsensitive) ? literalAt + 1 : -1;
}

function sameByte(a: number, b: number, caseInsensitive: number): boolean {
  return a === b || (caseInsensitive !== 0 && lowerCase[a] === lowerCase[b]);
}

/** Matches one byte with the class whose `[` lies before `at`: the offset after its `]`, or -1. */
function matchClass(
  pattern: Uint8Array,
  offset: number,
  end: number,
  byte: number,
  caseInsensitive: number,
): number {
  let at = offset;
  const isNegated = at < end && pattern[at] === caret;
  if (isNegated) at++;
  let isMember = false;
  while (at < end && pattern[at] !== closeBracket) {
    if (pattern[at] === backslash && at + 1 < end) {
      if (pattern[at + 1] === byte) isMember = true;
      at += 2;
    } else if (at + 2 < end && pattern[at + 1] === hyphen) {
      if (inRange(pattern[at], pattern[at + 2], byte, caseInsensitive)) isMember = true;
      at += 3;
    } else {
      if (sameByte(pattern[at], byte, caseInsensitive)) isMember = true;
      at++;
    }
  }
  if (isMember === isNegated) return -1;
  return at < end ? at + 1 : at;
}

function inRange(from: number, to: number, byte: number, caseInsensitive: number): boolean {
  const isReversed = signed(from) > signed(to);
  const low = isReversed ? to : from;
  const high = isReversed ? from : to;
  if (caseInsensitive === 0) {
    return signed(byte) >= signed(low) && signed(byte) <= signed(high);
  }
  return folded(byte) >= folded(low) && folded(byte) <= folded(high);
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}

function folded(byte: number): number {
  return byte === 0xff ? -1 : lowerCase[byte];
}
