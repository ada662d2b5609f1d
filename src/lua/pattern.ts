// Lua's patterns, matched by backtracking over the text of the pattern itself, as the manual's
// section 5.4.1 defines them. A zero byte ends a pattern, as it does in C's Lua 5.1.
//
// The depth of recursion is bounded by the number of items in the pattern, and by `depthMax`.

import { failure } from "./call-sites.ts";
import { countAllocation, machine, refillBudget } from "./machine.ts";

const capturesMax = 32;
const depthMax = 200;

/** What stands for the length of a capture that is not closed, or that is a position. */
const unfinished = -1;
const position = -2;

const noMatch = -1;
/** What a `%` that starts a class, or stands for a character, is among the escapes. */
const noEscape = -2;

const percent = 0x25;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Character classes by the code of their lower-case letter: a table of 256 flags each. */
const classes: readonly (Uint8Array | undefined)[] = makeClasses([
  ["a", "azAZ"],
  ["c", "\x00\x1f\x7f\x7f"],
  ["d", "09"],
  ["l", "az"],
  ["p", "!/:@[`{~"],
  ["s", "\t\r  "],
  ["u", "AZ"],
  ["w", "09azAZ"],
  ["x", "09afAF"],
  ["z", "\x00\x00"],
]);

function makeClasses(
  ranges: readonly (readonly [letter: string, ranges: string])[],
): (Uint8Array | undefined)[] {
  const made: (Uint8Array | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [letter, pairs] of ranges) made[letter.charCodeAt(0)] = flagRanges(pairs);
  return made;
}

/** A flag for each code from the first to the second character of each pair. */
function flagRanges(ranges: string): Uint8Array {
  const flags = new Uint8Array(256);
  for (let at = 0; at < ranges.length; at += 2) {
    flags.fill(1, ranges.charCodeAt(at), ranges.charCodeAt(at + 1) + 1);
  }
  return flags;
}

function isInClass(code: number, letter: number): boolean {
  const isUpper = letter >= 0x41 && letter <= 0x5a;
  const flags = classes[isUpper ? letter + 0x20 : letter];
  if (flags === undefined) return letter === code;
  return (flags[code] === 1) !== isUpper;
}

export class PatternMatcher {
  readonly subject: string;
  readonly #pattern: string;
  /** Where the pattern starts, behind an anchor. */
  readonly #start: number;
  readonly #depth = depthMax;
  #depthLeft = depthMax;
  captureCount = 0;
  #itemAfterEscape = 0;
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];

  /** `start` is 1 where the pattern begins with an anchor that counts. */
  constructor(subject: string, pattern: string, start: number) {
    const end = pattern.indexOf("\0");
    this.subject = subject;
    this.#pattern = end === -1 ? pattern : pattern.slice(0, end);
    this.#start = start;
  }

  /** Matches from `at` on: where the match ends, or -1. */
  matchAt(at: number): number {
    this.captureCount = 0;
    this.#depthLeft = this.#depth;
    return this.#match(at, this.#start);
  }

  /** The capture's value; the whole match, from `start` to `end`, where there are no captures. */
  capture(which: number, start: number, end: number): string | number {
    if (which >= this.captureCount) {
      if (which !== 0) throw failure("invalid capture index");
      return this.subject.slice(start, end);
    }
    const length = this.#lengths[which];
    if (length === unfinished) throw failure("unfinished capture");
    const from = this.#starts[which];
    return length === position ? from + 1 : this.subject.slice(from, from + length);
  }

  /** All captures, or the whole match where there are none. */
  captures(start: number, end: number): unknown[] {
    const count = Math.max(this.captureCount, 1);
    const values: unknown[] = [];
    for (let which = 0; which < count; which++) values.push(this.capture(which, start, end));
    return values;
  }

  #match(subjectAt: number, patternAt: number): number {
    if (this.#depthLeft-- === 0) throw failure("pattern too complex");
    const end = this.#matchItems(subjectAt, patternAt);
    this.#depthLeft++;
    return end;
  }

  #matchItems(subjectAt: number, patternAt: number): number {
    const pattern = this.#pattern;
    let at = subjectAt;
    let item = patternAt;
    while (item < pattern.length) {
      const code = pattern.charCodeAt(item);
      if (code === 0x28) return this.#openCapture(at, item + 1);
      if (code === 0x29) return this.#closeCapture(at, item + 1);
      if (code === 0x24 && item + 1 === pattern.length) {
        return at === this.subject.length ? at : noMatch;
      }
      if (code === percent) {
        const end = this.#matchEscape(at, item);
        if (end === noMatch) return noMatch;
        if (end !== noEscape) {
          at = end;
          item = this.#itemAfterEscape;
          continue;
        }
      }
      const itemEnd = this.#findItemEnd(item);
      const suffix = pattern.charCodeAt(itemEnd);
      if (suffix === 0x2a) return this.#expandMost(at, item, itemEnd);
      if (suffix === 0x2d) return this.#expandLeast(at, item, itemEnd);
      const isMatch = this.#matchesOne(at, item, itemEnd);
      if (suffix === 0x2b) return isMatch ? this.#expandMost(at + 1, item, itemEnd) : noMatch;
      if (suffix === 0x3f) {
        const end = isMatch ? this.#match(at + 1, itemEnd + 1) : noMatch;
        if (end !== noMatch) return end;
        item = itemEnd + 1;
        continue;
      }
      if (!isMatch) return noMatch;
      at++;
      item = itemEnd;
    }
    return at;
  }

  /** Matches `%b`, `%f` or `%1`: where the match ends; the pattern goes on at another place. */
  #matchEscape(at: number, item: number): number {
    const kind = this.#pattern.charCodeAt(item + 1);
    if (kind === 0x62) {
      this.#itemAfterEscape = item + 4;
      return this.#matchBalance(at, item + 2);
    }
    if (kind === 0x66) {
      this.#itemAfterEscape = this.#matchFrontier(at, item + 2);
      return this.#itemAfterEscape === noMatch ? noMatch : at;
    }
    if (kind < 0x30 || kind > 0x39 || Number.isNaN(kind)) return noEscape;
    this.#itemAfterEscape = item + 2;
    return this.#matchBackReference(at, kind);
  }

  #findItemEnd(start: number): number {
    const pattern = this.#pattern;
    let at = start + 1;
    const code = pattern.charCodeAt(start);
    if (code === percent) {
      if (at >= pattern.length) throw failure("malformed pattern (ends with '%')");
      return at + 1;
    }
    if (code !== openBracket) return at;
    if (pattern.charCodeAt(at) === 0x5e) at++;
    do {
      if (at >= pattern.length) throw failure("malformed pattern (missing ']')");
      if (pattern.charCodeAt(at++) === percent && at < pattern.length) at++;
    } while (pattern.charCodeAt(at) !== closeBracket);
    return at + 1;
  }

  #matchesOne(at: number, item: number, itemEnd: number): boolean {
    if (at >= this.subject.length) return false;
    return this.#matchesCode(this.subject.charCodeAt(at), item, itemEnd);
  }

  #matchesCode(code: number, item: number, itemEnd: number): boolean {
    const first = this.#pattern.charCodeAt(item);
    switch (first) {
      case 0x2e:
        return true;
      case percent:
        return isInClass(code, this.#pattern.charCodeAt(item + 1));
      case openBracket:
        return this.#isInSet(code, item, itemEnd - 1);
      default:
        return first === code;
    }
  }

  /** Whether a set holds the code; `item` is its `[`, `end` its `]`. */
  #isInSet(code: number, item: number, end: number): boolean {
    const pattern = this.#pattern;
    let at = item + 1;
    const isNegated = pattern.charCodeAt(at) === 0x5e;
    if (isNegated) at++;
    for (; at < end; at++) {
      const current = pattern.charCodeAt(at);
      if (current === percent) {
        at++;
        if (isInClass(code, pattern.charCodeAt(at))) return !isNegated;
      } else if (pattern.charCodeAt(at + 1) === 0x2d && at + 2 < end) {
        at += 2;
        if (current <= code && code <= pattern.charCodeAt(at)) return !isNegated;
      } else if (current === code) {
        return !isNegated;
      }
    }
    return isNegated;
  }

  #expandMost(start: number, item: number, itemEnd: number): number {
    let count = 0;
    while (this.#matchesOne(start + count, item, itemEnd)) count++;
    for (; count >= 0; count--) {
      if (--machine.budget < 0) refillBudget();
      const end = this.#match(start + count, itemEnd + 1);
      if (end !== -1) return end;
    }
    return -1;
  }

  #expandLeast(start: number, item: number, itemEnd: number): number {
    for (let at = start; ; at++) {
      if (--machine.budget < 0) refillBudget();
      const end = this.#match(at, itemEnd + 1);
      if (end !== -1) return end;
      if (!this.#matchesOne(at, item, itemEnd)) return -1;
    }
  }

  #openCapture(at: number, item: number): number {
    const which = this.captureCount;
    if (which >= capturesMax) throw failure("too many captures");
    const isPosition = this.#pattern.charCodeAt(item) === 0x29;
    this.#starts[which] = at;
    this.#lengths[which] = isPosition ? position : unfinished;
    this.captureCount = which + 1;
    const end = this.#match(at, isPosition ? item + 1 : item);
    if (end === -1) this.captureCount--;
    return end;
  }

  #closeCapture(at: number, item: number): number {
    let which = this.captureCount - 1;
    while (which >= 0 && this.#lengths[which] !== unfinished) which--;
    if (which < 0) throw failure("invalid pattern capture");
    this.#lengths[which] = at - this.#starts[which];
    const end = this.#match(at, item);
    if (end === -1) this.#lengths[which] = unfinished;
    return end;
  }

  #matchBalance(at: number, item: number): number {
    if (item + 1 >= this.#pattern.length) throw failure("unbalanced pattern");
    const open = this.#pattern.charCodeAt(item);
    const close = this.#pattern.charCodeAt(item + 1);
    if (this.subject.charCodeAt(at) !== open) return -1;
    let depth = 1;
    for (let end = at + 1; end < this.subject.length; end++) {
      const code = this.subject.charCodeAt(end);
      if (code === close) {
        if (--depth === 0) return end + 1;
      } else if (code === open) {
        depth++;
      }
    }
    return -1;
  }

  /** Where the pattern goes on if a frontier is at `at`, or -1. */
  #matchFrontier(at: number, item: number): number {
    if (this.#pattern.charCodeAt(item) !== openBracket) {
      throw failure("missing '[' after '%f' in pattern");
    }
    const end = this.#findItemEnd(item);
    const previous = at === 0 ? 0 : this.subject.charCodeAt(at - 1);
    const current = at < this.subject.length ? this.subject.charCodeAt(at) : 0;
    const isFrontier =
      !this.#isInSet(previous, item, end - 1) && this.#isInSet(current, item, end - 1);
    return isFrontier ? end : -1;
  }

  #matchBackReference(at: number, digit: number): number {
    const which = digit - 0x31;
    if (which < 0 || which >= this.captureCount || this.#lengths[which] === unfinished) {
      throw failure("invalid capture index");
    }
    const length = this.#lengths[which];
    if (length === position) return -1;
    const from = this.#starts[which];
    const text = this.subject.slice(from, from + length);
    return this.subject.startsWith(text, at) ? at + length : -1;
  }
}

/** Notes a string that was made. */
export function madeString(text: string): string {
  countAllocation(text.length + 16);
  return text;
}
