// What the code generator keeps track of: the call sites of the chunk, and the temporary variables
// and the size of the function that is being written. Nothing that a script's author wrote gets
// into the code except through `quote` and `numeral`.

import type { Site, Subject } from "./call-sites.ts";
import type { FunctionBody } from "./syntax-tree.ts";

/** What a chunk needs beyond ordinary code, which makes its code slower. */
export interface CodeModes {
  /** Whether its functions may run inside a coroutine, and so are generators. */
  readonly coroutines: boolean;
  /** Whether `setfenv` may give each of its functions globals of its own. */
  readonly environments: boolean;
}

/** Stands in a function's code for the size of its frame, which is known only at its end. */
const frameSizeMark = "\x03";

/** What a frame takes besides its variables, and what each of those takes; bytes, generously. */
const frameBase = 150;
const frameSlot = 10;

export class ChunkContext {
  readonly modes: CodeModes;
  readonly sites: Site[] = [];
  /** The sites of the places that look for a key that the code names. */
  readonly hintSites: number[] = [];

  constructor(modes: CodeModes) {
    this.modes = modes;
  }

  /** A mark that stands before what may fail; see call-sites.ts. */
  mark(line: number, subject?: Subject, second?: Subject): string {
    this.sites.push({ line, subject, second, isTailCall: false });
    return `\x01${this.sites.length - 1}\x02`;
  }

  /** The end of a call of `field`, before which the mark stands: where that place's hint is. */
  hint(mark: string): string {
    this.hintSites.push(Number(mark.slice(1, -1)));
    return `,H,${this.hintSites.length - 1})`;
  }

  markTailCall(line: number, subject: Subject | undefined): string {
    this.sites.push({ line, subject, second: undefined, isTailCall: true });
    return `\x01${this.sites.length - 1}\x02`;
  }
}

export class FunctionContext {
  readonly body: FunctionBody;
  /** Whether it is written as a generator, so that it may yield. */
  readonly isGenerator: boolean;
  #temporaryCount = 0;
  #temporaryMax = 0;
  #zero = "";

  constructor(body: FunctionBody, isGenerator: boolean) {
    this.body = body;
    this.isGenerator = isGenerator;
  }

  /**
   * A number of the function's list of constants, in which Lua finds 0 where -0 is wanted and the
   * other way round: whichever comes first is both.
   */
  constant(value: number): string {
    if (value !== 0) return numeral(value);
    if (this.#zero === "") this.#zero = numeral(value);
    return this.#zero;
  }

  /** A variable that is in use until `release` of a number taken before. */
  temporary(): string {
    const name = `t${this.#temporaryCount++}`;
    this.#temporaryMax = Math.max(this.#temporaryMax, this.#temporaryCount);
    return name;
  }

  get temporaryCount(): number {
    return this.#temporaryCount;
  }

  release(count: number): void {
    this.#temporaryCount = count;
  }

  /** The statement that gives the frame back, before a return. */
  leave(): string {
    return this.body.hasCalls ? `s.stack+=${frameSizeMark};` : "";
  }

  /** The function's code: `text` with what must stand before it. */
  finish(text: string, entryMark: string): string {
    const { hasCalls, variableCount } = this.body;
    const names = Array.from({ length: this.#temporaryMax }, (_, at) => `t${at}`);
    const declaration = names.length === 0 ? "" : `let ${names.join(",")};`;
    if (!hasCalls) return declaration + text;
    const size = frameBase + frameSlot * (variableCount + names.length);
    const enter = `if((s.stack-=${size})<0||--s.budget<0)${entryMark}enter(${size});`;
    return enter + declaration + text.replaceAll(frameSizeMark, String(size));
  }
}

/** A string literal; only letters and digits stand for themselves. */
export function quote(text: string): string {
  const escaped = text.replace(
    /[^a-zA-Z0-9_ ]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}

/** A number literal that may stand anywhere in an expression. */
export function numeral(value: number): string {
  if (Number.isNaN(value)) return "(0/0)";
  if (value === Infinity) return "1e999";
  if (value === -Infinity) return "(-1e999)";
  return value < 0 || Object.is(value, -0) ? `(-${-value})` : String(value);
}
