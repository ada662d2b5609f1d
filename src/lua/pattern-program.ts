// Lua's patterns, as the manual's section 5.4.1 defines them, as lists of items to match one after
// another. A zero byte ends a pattern, as it does in C's Lua 5.1.
//
//   (%w+)=.-;$    open 0 | most w, from 1 | close 0 | one = | least . | one ; | text end | end
//
// What is wrong with a pattern shows only where matching comes to it, so that is an item, too.

/** What an item does. */
export const itemKind = {
  /** A character of the set. */
  one: 0,
  /** As many as there are, `operand` at least. */
  most: 1,
  /** The same where no other number than that of all can be right. */
  all: 2,
  least: 3,
  maybe: 4,
  /** The next three note the place for the capture `operand`. */
  open: 5,
  close: 6,
  position: 7,
  /** The text must end. */
  textEnd: 8,
  /** From the character `operand` / 256 to the `operand` % 256 that belongs to it. */
  balance: 9,
  frontier: 10,
  /** The text of the capture `operand` again. */
  again: 11,
  /** The text of a capture that is a position, which nothing is. */
  never: 12,
  /** Fails with the message at `operand`. */
  fail: 13,
  end: 14,
} as const;

export interface PatternItem {
  kind: number;
  operand: number;
  /** 256 flags, one for each character that the item takes. */
  readonly set: Uint8Array;
  /** What must stand behind a repeated item; `anyCharacter` if that may be anything or the end. */
  follower: Uint8Array;
}

/** What a capture gives. */
export const captureKind = { unfinished: 0, text: 1, position: 2 } as const;

export const capturesMax = 32;

export interface PatternProgram {
  readonly items: readonly PatternItem[];
  readonly isAnchored: boolean;
  readonly messages: readonly string[];
  readonly captureKinds: readonly number[];
  /** Text that every match starts with; "" if that is not known. */
  readonly prefix: string;
  /** The characters that a match starts with; `anyCharacter` if it may start with any, or none. */
  readonly first: Uint8Array;
  /**
   * If a match starts with all there are of these characters, which end where they end from
   * wherever among them it starts: what fails behind them at one start fails at all the others.
   */
  readonly leading: Uint8Array | undefined;
}

const percent = 0x25;
const openBracket = 0x5b;
const closeBracket = 0x5d;

export const anyCharacter = new Uint8Array(256).fill(1);

/** Character classes by the code of their letter. */
const classes = makeClasses([
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
/** Sets of one character, made when they are needed. */
const singles: (Uint8Array | undefined)[] = Array.from({ length: 256 }, () => undefined);

function makeClasses(
  ranges: readonly (readonly [letter: string, ranges: string])[],
): (Uint8Array | undefined)[] {
  const made: (Uint8Array | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [letter, pairs] of ranges) {
    const flags = flagRanges(pairs);
    made[letter.charCodeAt(0)] = flags;
    made[letter.toUpperCase().charCodeAt(0)] = flags.map((flag) => 1 - flag);
  }
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

function single(code: number): Uint8Array {
  const known = singles[code];
  if (known !== undefined) return known;
  const flags = new Uint8Array(256);
  flags[code] = 1;
  singles[code] = flags;
  return flags;
}

/** What `%` and a letter stand for. */
function escaped(code: number): Uint8Array {
  return classes[code] ?? single(code);
}

/** The characters of the set from the `[` at `start` to the `]` at `end`. */
function setOf(pattern: string, start: number, end: number): Uint8Array {
  const flags = new Uint8Array(256);
  let at = start + 1;
  const isNegated = pattern.charCodeAt(at) === 0x5e;
  if (isNegated) at++;
  for (; at < end; at++) {
    const code = pattern.charCodeAt(at);
    if (code === percent) {
      at++;
      const added = escaped(pattern.charCodeAt(at));
      for (let each = 0; each < 256; each++) flags[each] |= added[each];
    } else if (pattern.charCodeAt(at + 1) === 0x2d && at + 2 < end) {
      at += 2;
      const last = pattern.charCodeAt(at);
      for (let each = code; each <= last; each++) flags[each] = 1;
    } else {
      flags[code] = 1;
    }
  }
  return isNegated ? flags.map((flag) => 1 - flag) : flags;
}

class PatternCompiler {
  readonly #pattern: string;
  readonly #items: PatternItem[] = [];
  readonly #messages: string[] = [];
  readonly #captureKinds: number[] = [];

  constructor(pattern: string) {
    const end = pattern.indexOf("\0");
    this.#pattern = end === -1 ? pattern : pattern.slice(0, end);
  }

  compile(): PatternProgram {
    const pattern = this.#pattern;
    const isAnchored = pattern.charCodeAt(0) === 0x5e;
    let at = isAnchored ? 1 : 0;
    while (at < pattern.length) at = this.#add(at);
    this.#put(itemKind.end, 0);
    this.#findFollowers();
    return {
      items: this.#items,
      isAnchored,
      messages: this.#messages,
      captureKinds: this.#captureKinds,
      prefix: this.#prefix(),
      first: this.#required(0),
      leading: this.#leading(),
    };
  }

  #put(kind: number, operand: number, set: Uint8Array = anyCharacter): void {
    this.#items.push({ kind, operand, set, follower: anyCharacter });
  }

  /** Adds what fails when matching comes to it; nothing behind it counts. */
  #fail(message: string): number {
    this.#put(itemKind.fail, this.#messages.length);
    this.#messages.push(message);
    return this.#pattern.length;
  }

  /** Adds the item at `at`; where the next one is. */
  #add(at: number): number {
    const pattern = this.#pattern;
    switch (pattern.charCodeAt(at)) {
      case 0x28:
        return this.#openCapture(at + 1);
      case 0x29:
        return this.#closeCapture(at + 1);
      case 0x24:
        if (at + 1 < pattern.length) break;
        this.#put(itemKind.textEnd, 0);
        return at + 1;
      case percent:
        return this.#escape(at);
      default:
        break;
    }
    return this.#character(at);
  }

  #openCapture(at: number): number {
    const which = this.#captureKinds.length;
    if (which >= capturesMax) return this.#fail("too many captures");
    if (this.#pattern.charCodeAt(at) === 0x29) {
      this.#captureKinds.push(captureKind.position);
      this.#put(itemKind.position, which);
      return at + 1;
    }
    this.#captureKinds.push(captureKind.unfinished);
    this.#put(itemKind.open, which);
    return at;
  }

  #closeCapture(at: number): number {
    const which = this.#captureKinds.lastIndexOf(captureKind.unfinished);
    if (which === -1) return this.#fail("invalid pattern capture");
    this.#captureKinds[which] = captureKind.text;
    this.#put(itemKind.close, which);
    return at;
  }

  #escape(at: number): number {
    const pattern = this.#pattern;
    const code = pattern.charCodeAt(at + 1);
    if (code === 0x62) {
      if (at + 3 >= pattern.length) return this.#fail("unbalanced pattern");
      const pair = pattern.charCodeAt(at + 2) * 256 + pattern.charCodeAt(at + 3);
      this.#put(itemKind.balance, pair);
      return at + 4;
    }
    if (code === 0x66) {
      if (pattern.charCodeAt(at + 2) !== openBracket) {
        return this.#fail("missing '[' after '%f' in pattern");
      }
      const end = this.#findItemEnd(at + 2);
      if (end === -1) return this.#fail(malformedSet);
      this.#put(itemKind.frontier, 0, setOf(pattern, at + 2, end - 1));
      return end;
    }
    if (!(code >= 0x30 && code <= 0x39)) return this.#character(at);
    const which = code - 0x31;
    const kind = this.#captureKinds[which] ?? captureKind.unfinished;
    if (kind === captureKind.unfinished) return this.#fail("invalid capture index");
    this.#put(kind === captureKind.position ? itemKind.never : itemKind.again, which);
    return at + 2;
  }

  /** Adds what stands for a character, with its suffix. */
  #character(at: number): number {
    const pattern = this.#pattern;
    const end = this.#findItemEnd(at);
    if (end === -1) {
      const isSet = pattern.charCodeAt(at) === openBracket;
      return this.#fail(isSet ? malformedSet : "malformed pattern (ends with '%')");
    }
    const set = this.#setAt(at, end);
    switch (pattern.charCodeAt(end)) {
      case 0x2a:
        this.#put(itemKind.most, 0, set);
        return end + 1;
      case 0x2b:
        this.#put(itemKind.most, 1, set);
        return end + 1;
      case 0x2d:
        this.#put(itemKind.least, 0, set);
        return end + 1;
      case 0x3f:
        this.#put(itemKind.maybe, 0, set);
        return end + 1;
      default:
        this.#put(itemKind.one, 0, set);
        return end;
    }
  }

  #setAt(at: number, end: number): Uint8Array {
    const code = this.#pattern.charCodeAt(at);
    if (code === 0x2e) return anyCharacter;
    if (code === percent) return escaped(this.#pattern.charCodeAt(at + 1));
    return code === openBracket ? setOf(this.#pattern, at, end - 1) : single(code);
  }

  /** Where a character, class or set ends, -1 if it does not. */
  #findItemEnd(start: number): number {
    const pattern = this.#pattern;
    let at = start + 1;
    const code = pattern.charCodeAt(start);
    if (code === percent) return at >= pattern.length ? -1 : at + 1;
    if (code !== openBracket) return at;
    if (pattern.charCodeAt(at) === 0x5e) at++;
    do {
      if (at >= pattern.length) return -1;
      if (pattern.charCodeAt(at++) === percent && at < pattern.length) at++;
    } while (pattern.charCodeAt(at) !== closeBracket);
    return at + 1;
  }

  /** The characters of which one must stand where the items from `from` on begin to match. */
  #required(from: number): Uint8Array {
    for (let at = from; ; at++) {
      const { kind, operand, set } = this.#items[at];
      if (kind === itemKind.one || (kind === itemKind.most && operand === 1)) return set;
      if (!isEmpty(kind)) return anyCharacter;
    }
  }

  #findFollowers(): void {
    const items = this.#items;
    for (const [at, item] of items.entries()) {
      if (item.kind !== itemKind.most && item.kind !== itemKind.least) continue;
      item.follower = this.#required(at + 1);
      if (item.kind === itemKind.least) continue;
      // `required` looks at those behind only, so this one may change.
      const isLast = items[at + 1].kind === itemKind.end;
      if (isLast || isDisjoint(item.set, item.follower)) item.kind = itemKind.all;
    }
  }

  #leading(): Uint8Array | undefined {
    const item = this.#items.find(({ kind }) => !isEmpty(kind));
    // What a capture holds depends on where it starts.
    const looksBack = this.#items.some(({ kind }) => kind === itemKind.again);
    return item?.kind === itemKind.all && !looksBack ? item.set : undefined;
  }

  /** The characters that a match starts with if those are certain. */
  #prefix(): string {
    let prefix = "";
    for (const { kind, set } of this.#items) {
      if (isEmpty(kind)) continue;
      if (kind !== itemKind.one) break;
      const code = set.indexOf(1);
      if (code === -1 || set.indexOf(1, code + 1) !== -1) break;
      prefix += String.fromCharCode(code);
    }
    return prefix;
  }
}

const malformedSet = "malformed pattern (missing ']')";

/** Whether an item only notes a place. */
function isEmpty(kind: number): boolean {
  return kind === itemKind.open || kind === itemKind.close || kind === itemKind.position;
}

function isDisjoint(a: Uint8Array, b: Uint8Array): boolean {
  for (let code = 0; code < 256; code++) {
    if ((a[code] & b[code]) !== 0) return false;
  }
  return true;
}

const programs = new Map<string, PatternProgram>();
/** When there are more, all are forgotten: who uses so many uses most of them once. */
const programsMax = 1000;
let lastPattern = "";
let lastProgram = new PatternCompiler("").compile();

/** The program of a pattern; that one that begins with `^` is anchored. */
export function programOf(pattern: string): PatternProgram {
  if (pattern === lastPattern) return lastProgram;
  let program = programs.get(pattern);
  if (program === undefined) {
    program = new PatternCompiler(pattern).compile();
    if (programs.size >= programsMax) programs.clear();
    programs.set(pattern, program);
  }
  lastPattern = pattern;
  lastProgram = program;
  return program;
}
