// A source file as the rules of tidy.test.ts look at it: its text, and the same text with comments,
// and then the insides of literals, blanked, so that a rule about code does not stumble over prose.

export interface SourceFile {
  /** From the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text with comments blanked: line and column of what is left are unchanged. */
  readonly code: string;
  /** `code` with the insides of strings, templates and regular expressions blanked as well. */
  readonly bare: string;
}

// A word that may stand before a regular expression, where a name or a value would make `/` a
// division.
const beforeRegExp = /(?:^|[=(,:;!&|?{}[\n+*%~^<>-]|\b(?:return|typeof|case|in|of|do|else))\s*$/;

/** The end (exclusive) of the comment or literal at `start`, or `start` when there is none. */
function literalEnd(text: string, start: number): number {
  const pair = text.slice(start, start + 2);
  if (pair === "//") return endOr(text.indexOf("\n", start), text.length);
  if (pair === "/*") return endOr(text.indexOf("*/", start + 2), text.length - 2) + 2;
  const open = text[start];
  if (open === '"' || open === "'" || open === "`") return quotedEnd(text, start, open);
  if (open === "/" && beforeRegExp.test(text.slice(Math.max(0, start - 20), start))) {
    const match = /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/.exec(text.slice(start));
    return start + (match?.[0].length ?? 0);
  }
  return start;
}

function endOr(found: number, otherwise: number): number {
  return found === -1 ? otherwise : found;
}

/**
 * A template's `${...}` is skipped as a whole: what is inside it is held to the rules by the
 * linter.
 */
function quotedEnd(text: string, start: number, quote: string): number {
  let i = start + 1;
  while (i < text.length && text[i] !== quote) {
    if (text[i] === "\\") i += 2;
    else if (quote === "`" && text.startsWith("${", i)) i = substitutionEnd(text, i + 2);
    else i++;
  }
  return i + 1;
}

function substitutionEnd(text: string, start: number): number {
  let depth = 1;
  let i = start;
  while (i < text.length && depth > 0) {
    const end = literalEnd(text, i);
    if (end > i) {
      i = end;
      continue;
    }
    if (text[i] === "{") depth++;
    if (text[i] === "}") depth--;
    i++;
  }
  return i;
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}

export function parseFile(path: string, text: string): SourceFile {
  let code = "";
  let bare = "";
  for (let i = 0; i < text.length;) {
    const end = Math.max(literalEnd(text, i), i + 1);
    const piece = text.slice(i, end);
    const isComment = piece.startsWith("//") || piece.startsWith("/*");
    code += isComment ? blank(piece) : piece;
    if (isComment) bare += blank(piece);
    else if (end - i > 1) bare += piece[0] + blank(piece.slice(1, -1)) + piece.at(-1);
    else bare += piece;
    i = end;
  }
  return { path, text, code, bare };
}

export function isTest(path: string): boolean {
  return path.startsWith("test/") || path.endsWith(".test.ts");
}
