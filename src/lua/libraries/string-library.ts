// Lua's string functions, and the metatable that makes them methods of strings.

import {
  argumentFailure,
  functionArgument,
  integerArgument,
  intArgument,
  optionalInteger,
  stringArgument,
} from "../argument.ts";
import { failure } from "../call-sites.ts";
import { callFromHost } from "../host-call.ts";
import type { Interpreter } from "../interpreter.ts";
import { stringSizeMax } from "../machine.ts";
import { formatNumber } from "../number-text.ts";
import { index, isTrue } from "../operators.ts";
import { programOf } from "../pattern-program.ts";
import { madeString, PatternMatcher } from "../pattern.ts";
import { LuaTable } from "../table.ts";
import { noResults, typeName } from "../values.ts";
import type { LuaFunction } from "../values.ts";
import { formatString } from "./string-format.ts";

/** A pattern without any of these is plain text. */
const specials = /[\^$*+?.([%-]/;

export function installString(interpreter: Interpreter): void {
  const library = new LuaTable();
  const functions: Readonly<Record<string, LuaFunction>> = {
    byte,
    char: fromCodes,
    dump,
    find: (...args) => search(args, true),
    format: (...args) => madeString(formatString(...args)),
    gfind: gmatch,
    gmatch,
    gsub,
    len: (...args) => stringArgument(args, 0).length,
    lower: (...args) => toLower(stringArgument(args, 0)),
    match: (...args) => search(args, false),
    rep,
    reverse,
    sub,
    upper: (...args) => toUpper(stringArgument(args, 0)),
  };
  for (const [name, each] of Object.entries(functions)) library.setString(name, each);
  interpreter.globals.setString("string", library);
  interpreter.stringMetatable.setString("__index", library);
}

/** A position that may count from the end. */
function fromStart(at: number, length: number): number {
  return Math.max(at < 0 ? at + length + 1 : at, 0);
}

const sub: LuaFunction = (...args) => {
  const text = stringArgument(args, 0);
  const start = fromStart(integerArgument(args, 1), text.length);
  const end = fromStart(optionalInteger(args, 2, -1), text.length);
  return text.slice(Math.max(start, 1) - 1, Math.max(end, 0));
};

const byte: LuaFunction = (...args) => {
  const text = stringArgument(args, 0);
  const first = fromStart(optionalInteger(args, 1, 1), text.length);
  const start = Math.max(first, 1);
  const end = Math.min(fromStart(optionalInteger(args, 2, first), text.length), text.length);
  if (start === end) return text.charCodeAt(start - 1);
  if (start > end) return noResults;
  if (end - start > 7990) throw failure("stack overflow (string slice too long)");
  const codes: unknown[] = [];
  for (let at = start; at <= end; at++) codes.push(text.charCodeAt(at - 1));
  return codes;
};

const fromCodes: LuaFunction = (...args) => {
  let text = "";
  for (let at = 0; at < args.length; at++) {
    const code = intArgument(args, at);
    if (code < 0 || code > 0xff) throw argumentFailure(at, "invalid value");
    text += String.fromCharCode(code);
  }
  return madeString(text);
};

/** Compiled code is never loaded, so it may be anything that is no source. */
const dump: LuaFunction = (...args) => {
  functionArgument(args, 0);
  return "\x1bLua";
};

// oxlint-disable-next-line no-control-regex -- a byte may be any
const nonAscii = /[^\x00-\x7f]/;

/** Letters of ASCII only: a byte is no character of any other alphabet. */
function toLower(text: string): string {
  if (!nonAscii.test(text)) return madeString(text.toLowerCase());
  return madeString(text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()));
}

function toUpper(text: string): string {
  if (!nonAscii.test(text)) return madeString(text.toUpperCase());
  return madeString(text.replace(/[a-z]+/g, (letters) => letters.toUpperCase()));
}

const rep: LuaFunction = (...args) => {
  const text = stringArgument(args, 0);
  const count = intArgument(args, 1);
  if (count <= 0 || text === "") return "";
  if (text.length * count > stringSizeMax) throw failure("not enough memory");
  return madeString(text.repeat(count));
};

const reverse: LuaFunction = (...args) => {
  const text = stringArgument(args, 0);
  const parts: string[] = [];
  for (let at = text.length - 1; at >= 0; at--) parts.push(text[at]);
  return madeString(parts.join(""));
};

/** `string.find` and `string.match`. */
function search(args: readonly unknown[], isFind: boolean): unknown {
  const text = stringArgument(args, 0);
  const pattern = stringArgument(args, 1);
  const init = fromStart(optionalInteger(args, 2, 1), text.length) - 1;
  const from = Math.min(Math.max(init, 0), text.length);
  if (isFind && (isTrue(args[3]) || isPlain(pattern))) {
    const at = text.indexOf(pattern, from);
    return at === -1 ? undefined : [at + 1, at + pattern.length];
  }
  const matcher = new PatternMatcher(text, programOf(pattern));
  if (!matcher.find(from)) return undefined;
  return isFind ? found(matcher) : matcher.captures();
}

function found(matcher: PatternMatcher): unknown[] {
  const results: unknown[] = [matcher.start + 1, matcher.end];
  for (let which = 0; which < matcher.captureCount; which++) results.push(matcher.capture(which));
  return results;
}

/** C looks for special characters up to the first zero byte. */
function isPlain(pattern: string): boolean {
  const end = pattern.indexOf("\0");
  return !specials.test(end === -1 ? pattern : pattern.slice(0, end));
}

const gmatch: LuaFunction = (...args) => {
  const text = stringArgument(args, 0);
  const pattern = stringArgument(args, 1);
  // There are no anchors here.
  const isCaret = pattern.charCodeAt(0) === 0x5e;
  const matcher = new PatternMatcher(text, programOf(isCaret ? `%${pattern}` : pattern));
  let next = 0;
  return () => {
    if (next > text.length || !matcher.find(next)) {
      next = text.length + 1;
      return undefined;
    }
    const { start, end } = matcher;
    next = end === start ? end + 1 : end;
    return matcher.captures();
  };
};

type Replacement = (matcher: PatternMatcher) => string;

const gsub: LuaFunction = (...args) => {
  const text = stringArgument(args, 0);
  const pattern = stringArgument(args, 1);
  const replacement = replacementOf(args);
  const countMax = args[3] === undefined ? text.length + 1 : intArgument(args, 3);
  const program = programOf(pattern);
  const matcher = new PatternMatcher(text, program);
  let result = "";
  let count = 0;
  let at = 0;
  // What was passed without a match and is not in the result yet starts here.
  let kept = 0;
  while (count < countMax && matcher.find(at)) {
    const { start, end } = matcher;
    count++;
    if (start > kept) result += text.slice(kept, start);
    result += replacement(matcher);
    kept = end;
    at = end > start ? end : start + 1;
    if (program.isAnchored || at > text.length) break;
  }
  return [madeString(result + text.slice(kept)), count];
};

function replacementOf(args: readonly unknown[]): Replacement {
  const given = args[2];
  if (typeof given === "string" || typeof given === "number") {
    const text = stringArgument(args, 2);
    if (!text.includes("%")) return () => text;
    const parts = partsOf(text);
    return (matcher) => expand(parts, matcher);
  }
  if (given instanceof LuaTable) {
    return (matcher) => {
      const whole = matcher.subject.slice(matcher.start, matcher.end);
      return replacementText(index(given, matcher.capture(0)), whole);
    };
  }
  if (typeof given === "function") {
    return (matcher) => {
      const whole = matcher.subject.slice(matcher.start, matcher.end);
      const captures = matcher.captures();
      const list = Array.isArray(captures) ? (captures as unknown[]) : [captures];
      return replacementText(callFromHost(given, list)[0], whole);
    };
  }
  throw argumentFailure(2, "string/function/table expected");
}

function replacementText(value: unknown, whole: string): string {
  if (!isTrue(value)) return whole;
  if (typeof value === "string") return value;
  if (typeof value === "number") return formatNumber(value);
  throw failure(`invalid replacement value (a ${typeName(value)})`);
}

/** A replacement text as plain text and, for `%0` to `%9`, numbers. */
function partsOf(text: string): (string | number)[] {
  const parts: (string | number)[] = [];
  let from = 0;
  for (let at = text.indexOf("%"); at !== -1; at = text.indexOf("%", from)) {
    if (at > from) parts.push(text.slice(from, at));
    const code = text.charCodeAt(at + 1);
    if (code >= 0x30 && code <= 0x39) parts.push(code - 0x30);
    // C finds the zero byte behind the end.
    else parts.push(Number.isNaN(code) ? "\0" : text[at + 1]);
    from = at + 2;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function expand(parts: readonly (string | number)[], matcher: PatternMatcher): string {
  let result = "";
  for (const part of parts) {
    if (typeof part === "string") {
      result += part;
    } else if (part === 0) {
      result += matcher.subject.slice(matcher.start, matcher.end);
    } else {
      const value = matcher.capture(part - 1);
      result += typeof value === "number" ? formatNumber(value) : value;
    }
  }
  return result;
}
