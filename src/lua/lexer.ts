// Lua's tokens, read from a Latin-1 string. Follows the manual's section 2.1 and words its errors
// as Lua 5.1 does; the parser asks for one token at a time and may look one ahead.

import { parseNumber } from "./number-text.ts";

/** Thrown for a chunk that is not Lua. */
export class LuaSyntaxError {
  /** Starts with the chunk's name and the line. */
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const reservedWords = [
  "and",
  "break",
  "do",
  "else",
  "elseif",
  "end",
  "false",
  "for",
  "function",
  "if",
  "in",
  "local",
  "nil",
  "not",
  "or",
  "repeat",
  "return",
  "then",
  "true",
  "until",
  "while",
] as const;

const reserved: ReadonlySet<string> = new Set(reservedWords);

/** What Lua calls the tokens that are not spelt as themselves. */
export const nameToken = "<name>";
export const stringToken = "<string>";
export const numberToken = "<number>";
export const endToken = "<eof>";

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** How much of the chunk's name a message shows. */
const shownNameMax = 80;

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isNameStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

function isNewline(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

/**
 * The name under which messages show a chunk: `@name` and `=name` without their mark, source text
 * as `[string "first line..."]`. `sizeMax` counts the zero byte that ends a C string.
 */
export function shownChunkName(chunkName: string, sizeMax = 60): string {
  if (chunkName[0] === "=") return chunkName.slice(1, sizeMax);
  if (chunkName[0] === "@") {
    const name = chunkName.slice(1);
    const room = sizeMax - 8;
    return name.length > room ? `...${name.slice(name.length - room)}` : name;
  }
  const room = sizeMax - 17;
  const lineEnd = chunkName.search(/[\n\r]/);
  const line = lineEnd === -1 ? chunkName : chunkName.slice(0, lineEnd);
  const isCut = line.length < chunkName.length || line.length > room;
  return `[string "${isCut ? `${line.slice(0, room)}...` : line}"]`;
}

export class Lexer {
  /** The current token: a reserved word, an operator, or one of the `*Token` names above. */
  token: string = endToken;
  /** The text of a name or a string. */
  text = "";
  number = 0;
  /** The line where the reader stands, which is that of the end of the current token. */
  line = 1;
  /** The line of the token before the current one. */
  lastLine = 1;
  readonly #source: string;
  readonly #shownName: string;
  #at = 0;
  /** Where the token being read starts, for messages. */
  #tokenStart = 0;
  /** What was read of a string so far, for messages: its escapes are replaced already. */
  #partialString = "";

  constructor(source: string, chunkName: string) {
    this.#source = source;
    this.#shownName = shownChunkName(chunkName, shownNameMax);
    // A first line that starts with `#` is for Unix shells only where Lua reads a file.
    this.next();
  }

  next(): void {
    this.lastLine = this.line;
    this.token = this.#read();
  }

  /** The token after the current one, which stays current. */
  peek(): string {
    const { token, text, number, line, lastLine } = this;
    const at = this.#at;
    const tokenStart = this.#tokenStart;
    const partialString = this.#partialString;
    const peeked = this.#read();
    this.token = token;
    this.text = text;
    this.number = number;
    this.line = line;
    this.lastLine = lastLine;
    this.#at = at;
    this.#tokenStart = tokenStart;
    this.#partialString = partialString;
    return peeked;
  }

  /** Throws with the current token as what the error is near. */
  fail(message: string): never {
    if (this.token === "\0") this.failPlainly(message);
    this.#failNear(message, this.#shownToken());
  }

  /** Throws without saying near what. */
  failPlainly(message: string): never {
    throw new LuaSyntaxError(`${this.#shownName}:${this.line}: ${message}`);
  }

  #failNear(message: string, near: string): never {
    // A C string ends at its first zero byte.
    const end = near.indexOf("\0");
    const shown = end === -1 ? near : near.slice(0, end);
    throw new LuaSyntaxError(`${this.#shownName}:${this.line}: ${message} near '${shown}'`);
  }

  #shownToken(): string {
    switch (this.token) {
      case nameToken:
      case numberToken:
        return this.#source.slice(this.#tokenStart, this.#at);
      case stringToken:
        return this.#partialString;
      default:
        return shownToken(this.token);
    }
  }

  #read(): string {
    const source = this.#source;
    for (;;) {
      if (this.#at >= source.length) return endToken;
      const code = source.charCodeAt(this.#at);
      this.#tokenStart = this.#at;
      if (isNewline(code)) this.#skipNewline();
      else if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) this.#at++;
      else if (isNameStart(code)) return this.#readName();
      else if (isDigit(code)) return this.#readNumber();
      else if (code === 0x2d && source.charCodeAt(this.#at + 1) === 0x2d) this.#skipComment();
      else return this.#readSymbol(code);
    }
  }

  #skipNewline(): void {
    const first = this.#source.charCodeAt(this.#at++);
    const second = this.#source.charCodeAt(this.#at);
    if (isNewline(second) && second !== first) this.#at++;
    this.line++;
  }

  #skipComment(): void {
    this.#at += 2;
    if (this.#source[this.#at] === "[") {
      const level = this.#longBracketLevel(this.#at);
      if (level >= 0) {
        this.#readLong(level, "unfinished long comment");
        return;
      }
    }
    while (this.#at < this.#source.length && !isNewline(this.#source.charCodeAt(this.#at))) {
      this.#at++;
    }
  }

  #readName(): string {
    const source = this.#source;
    let end = this.#at + 1;
    for (; ; end++) {
      const code = source.charCodeAt(end);
      if (!isNameStart(code) && !isDigit(code)) break;
    }
    const text = source.slice(this.#at, end);
    this.#at = end;
    this.text = text;
    return reserved.has(text) ? text : nameToken;
  }

  #readNumber(): string {
    const source = this.#source;
    let end = this.#at;
    while (isDigit(source.charCodeAt(end)) || source[end] === ".") end++;
    if (source[end] === "e" || source[end] === "E") {
      end++;
      if (source[end] === "+" || source[end] === "-") end++;
    }
    while (isNameStart(source.charCodeAt(end)) || isDigit(source.charCodeAt(end))) end++;
    this.#at = end;
    const text = source.slice(this.#tokenStart, end);
    const value = parseNumber(text);
    if (value === undefined) this.#failNear("malformed number", text);
    this.number = value;
    return numberToken;
  }

  #readSymbol(code: number): string {
    const source = this.#source;
    const char = source[this.#at];
    switch (char) {
      case '"':
      case "'":
        return this.#readString(char);
      case "[":
        return this.#readBracket();
      case ".":
        return this.#readDots();
      case "=":
      case "<":
      case ">":
      case "~":
        if (source[this.#at + 1] === "=") {
          this.#at += 2;
          return `${char}=`;
        }
        break;
      default:
        break;
    }
    this.#at++;
    return String.fromCharCode(code);
  }

  #readDots(): string {
    const source = this.#source;
    if (isDigit(source.charCodeAt(this.#at + 1))) return this.#readNumber();
    const count = source[this.#at + 1] !== "." ? 1 : source[this.#at + 2] !== "." ? 2 : 3;
    this.#at += count;
    return "...".slice(0, count);
  }

  #readBracket(): string {
    const level = this.#longBracketLevel(this.#at);
    if (level >= 0) {
      this.text = this.#readLong(level, "unfinished long string");
      this.#partialString = this.#source.slice(this.#tokenStart, this.#at);
      return stringToken;
    }
    if (level === -1) {
      this.#at++;
      return "[";
    }
    this.#failNear(
      "invalid long string delimiter",
      this.#source.slice(this.#tokenStart, this.#at - level),
    );
  }

  /** How many `=` the long bracket at `at` has; if it is none, -1 minus their number. */
  #longBracketLevel(at: number): number {
    const bracket = this.#source[at];
    let end = at + 1;
    while (this.#source[end] === "=") end++;
    const count = end - at - 1;
    return this.#source[end] === bracket ? count : -count - 1;
  }

  #readLong(level: number, unfinished: string): string {
    const source = this.#source;
    this.#at += level + 2;
    if (isNewline(source.charCodeAt(this.#at))) this.#skipNewline();
    let text = "";
    let start = this.#at;
    for (;;) {
      if (this.#at >= source.length) this.#failNear(unfinished, endToken);
      const char = source[this.#at];
      if (char === "]" && this.#longBracketLevel(this.#at) === level) break;
      if (char === "[" && level === 0 && source[this.#at + 1] === "[") {
        this.#at += 2;
        this.#failNear("nesting of [[...]] is deprecated", "[");
      }
      if (isNewline(source.charCodeAt(this.#at))) {
        text += `${source.slice(start, this.#at)}\n`;
        this.#skipNewline();
        start = this.#at;
      } else {
        this.#at++;
      }
    }
    text += source.slice(start, this.#at);
    this.#at += level + 2;
    return text;
  }

  #readString(quote: string): string {
    const source = this.#source;
    this.#at++;
    let text = "";
    let start = this.#at;
    for (;;) {
      if (this.#at >= source.length) this.#failNear("unfinished string", endToken);
      const char = source[this.#at];
      if (char === quote) break;
      if (isNewline(source.charCodeAt(this.#at))) {
        this.#failNear("unfinished string", quote + text + source.slice(start, this.#at));
      }
      if (char === "\\") {
        text += source.slice(start, this.#at);
        text += this.#readEscape(quote + text);
        start = this.#at;
      } else {
        this.#at++;
      }
    }
    text += source.slice(start, this.#at);
    this.#at++;
    this.text = text;
    this.#partialString = quote + text + quote;
    return stringToken;
  }

  /** Reads from the backslash on; `before` is what the string holds so far. */
  #readEscape(before: string): string {
    const source = this.#source;
    this.#at++;
    const char = source[this.#at] ?? "";
    if (isNewline(char.charCodeAt(0))) {
      this.#skipNewline();
      return "\n";
    }
    if (!isDigit(char.charCodeAt(0))) {
      this.#at += char.length;
      return Object.hasOwn(escapes, char) ? escapes[char] : char;
    }
    let value = 0;
    for (let count = 0; count < 3 && isDigit(source.charCodeAt(this.#at)); count++) {
      value = value * 10 + source.charCodeAt(this.#at++) - 0x30;
    }
    if (value > 0xff) this.#failNear("escape sequence too large", before);
    return String.fromCharCode(value);
  }
}

/** A token as messages show it. */
export function shownToken(token: string): string {
  const code = token.charCodeAt(0);
  const isControl = token.length === 1 && (code < 0x20 || code === 0x7f);
  return isControl ? `char(${code})` : token;
}
