// Matching text against Lua's patterns, by backtracking over the items of a pattern's program.
//
// The depth of recursion is bounded by the number of items in the pattern, and by `depthMax`.

import { failure } from "./call-sites.ts";
import { countAllocation, machine, refillBudget } from "./machine.ts";
import { anyCharacter, captureKind, capturesMax, itemKind } from "./pattern-program.ts";
import type { PatternItem, PatternProgram } from "./pattern-program.ts";

const depthMax = 200;
const noMatch = -1;

/** What is being matched. Nothing here calls Lua, so one match ends before another begins. */
let subject = "";
let items: readonly PatternItem[] = [];
let messages: readonly string[] = [];
/** Where the captures of the last match start and end. */
const captureStarts = new Int32Array(capturesMax);
const captureEnds = new Int32Array(capturesMax);

/** The matches of a pattern in a text; its captures are those of the latest match. */
export class PatternMatcher {
  readonly subject: string;
  readonly #program: PatternProgram;
  readonly captureCount: number;
  /** Where the latest match starts and ends. */
  start = 0;
  end = 0;

  constructor(text: string, program: PatternProgram) {
    this.subject = text;
    this.#program = program;
    this.captureCount = program.captureKinds.length;
  }

  /** Looks for a match that starts at `from`, or behind if the pattern is not anchored. */
  find(from: number): boolean {
    const text = this.subject;
    const { prefix, first, isAnchored, leading } = this.#program;
    if (isAnchored) return this.matchAt(from);
    for (let start = from; start <= text.length; start++) {
      if (prefix !== "") {
        start = text.indexOf(prefix, start);
        if (start === -1) return false;
      } else if (first !== anyCharacter) {
        start = findInSet(text, first, start);
        if (start === -1) return false;
      }
      if (this.matchAt(start)) return true;
      if (leading !== undefined) start = Math.max(start, passSet(text, leading, start) - 1);
      if (--machine.budget < 0) refillBudget();
    }
    return false;
  }

  /** Whether there is a match that starts at `start`. */
  matchAt(start: number): boolean {
    subject = this.subject;
    ({ items, messages } = this.#program);
    this.start = start;
    this.end = match(start, 0, 1);
    return this.end !== noMatch;
  }

  /** The capture's value; the whole match where there are no captures. */
  capture(which: number): string | number {
    if (which >= this.captureCount) {
      if (which !== 0) throw failure("invalid capture index");
      return this.subject.slice(this.start, this.end);
    }
    const kind = this.#program.captureKinds[which];
    if (kind === captureKind.unfinished) throw failure("unfinished capture");
    const from = captureStarts[which];
    return kind === captureKind.position ? from + 1 : this.subject.slice(from, captureEnds[which]);
  }

  /** All captures, or the whole match where there are none, as a function returns them. */
  captures(): unknown {
    if (this.captureCount <= 1) return this.capture(0);
    const values: unknown[] = [this.capture(0)];
    for (let which = 1; which < this.captureCount; which++) values.push(this.capture(which));
    return values;
  }
}

/** Where the first character of a set is, from `from` on; -1 if there is none. */
function findInSet(text: string, set: Uint8Array, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (set[text.charCodeAt(at)] === 1) return at;
  }
  return -1;
}

/** Matches from the item `first` on: where the match ends, or -1. */
function match(start: number, first: number, depthBefore: number): number {
  const text = subject;
  let depth = depthBefore;
  let at = start;
  for (let index = first; ; index++) {
    if (depth > depthMax) throw failure("pattern too complex");
    const item = items[index];
    switch (item.kind) {
      case itemKind.one:
        if (at >= text.length || item.set[text.charCodeAt(at)] === 0) return noMatch;
        at++;
        break;
      case itemKind.all: {
        const end = passSet(text, item.set, at);
        if (end - at < item.operand) return noMatch;
        at = end;
        depth++;
        break;
      }
      case itemKind.most:
        return matchMost(at, index, depth + 1);
      case itemKind.least:
        return matchLeast(at, index, depth + 1);
      case itemKind.maybe: {
        const isThere = at < text.length && item.set[text.charCodeAt(at)] === 1;
        const end = isThere ? match(at + 1, index + 1, depth + 1) : noMatch;
        if (end !== noMatch) return end;
        break;
      }
      case itemKind.open:
      case itemKind.position:
        captureStarts[item.operand] = at;
        depth++;
        break;
      case itemKind.close:
        captureEnds[item.operand] = at;
        depth++;
        break;
      case itemKind.end:
        return at;
      default:
        at = matchOther(item, at);
        if (at === noMatch) return noMatch;
    }
  }
}

/** Matches an item of the less frequent kinds, all of which have one way to match. */
function matchOther(item: PatternItem, at: number): number {
  switch (item.kind) {
    case itemKind.textEnd:
      return at === subject.length ? at : noMatch;
    case itemKind.balance:
      return matchBalance(at, item.operand >> 8, item.operand & 0xff);
    case itemKind.frontier: {
      const previous = at === 0 ? 0 : subject.charCodeAt(at - 1);
      const current = at < subject.length ? subject.charCodeAt(at) : 0;
      return item.set[previous] === 0 && item.set[current] === 1 ? at : noMatch;
    }
    case itemKind.again: {
      const captured = subject.slice(captureStarts[item.operand], captureEnds[item.operand]);
      return subject.startsWith(captured, at) ? at + captured.length : noMatch;
    }
    case itemKind.never:
      return noMatch;
    default:
      throw failure(messages[item.operand]);
  }
}

/** The first place from `at` on where no character of the set is. */
function passSet(text: string, set: Uint8Array, start: number): number {
  let at = start;
  while (at < text.length && set[text.charCodeAt(at)] === 1) at++;
  return at;
}

function matchMost(start: number, index: number, depth: number): number {
  const text = subject;
  const { set, follower, operand } = items[index];
  const isFollowed = follower !== anyCharacter;
  for (let at = passSet(text, set, start); at >= start + operand; at--) {
    if (--machine.budget < 0) refillBudget();
    if (isFollowed && (at >= text.length || follower[text.charCodeAt(at)] === 0)) continue;
    const end = match(at, index + 1, depth);
    if (end !== noMatch) return end;
  }
  return noMatch;
}

function matchLeast(start: number, index: number, depth: number): number {
  const text = subject;
  const { set, follower } = items[index];
  const isFollowed = follower !== anyCharacter;
  for (let at = start; ; at++) {
    if (--machine.budget < 0) refillBudget();
    if (!isFollowed || (at < text.length && follower[text.charCodeAt(at)] === 1)) {
      const end = match(at, index + 1, depth);
      if (end !== noMatch) return end;
    }
    if (at >= text.length || set[text.charCodeAt(at)] === 0) return noMatch;
  }
}

function matchBalance(at: number, open: number, close: number): number {
  const text = subject;
  if (at >= text.length || text.charCodeAt(at) !== open) return noMatch;
  let depth = 1;
  for (let end = at + 1; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === close) {
      if (--depth === 0) return end + 1;
    } else if (code === open) {
      depth++;
    }
  }
  return noMatch;
}

/** Notes a string that was made. */
export function madeString(text: string): string {
  countAllocation(text.length + 16);
  return text;
}
