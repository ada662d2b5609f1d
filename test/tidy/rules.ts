// The rules that tidy.test.ts holds the tree to, each a function from a file to its violations.
// They read text, not a syntax tree: the formatter has been over every file, so its layout can be
// relied on.

import { posix } from "node:path";
import { isTest, type SourceFile } from "./source-file.ts";

/** Where programs, and those who use the library, come in. */
const entries = [
  "src/main.ts",
  "src/check-rdb.ts",
  "src/check-aof.ts",
  "src/index.ts",
  // Lua stands by itself until scripts are commands.
  "src/lua/libraries/standard-libraries.ts",
];

/** Top to bottom: a file imports from its own layer or from one that stands before it. */
export const layers = [
  "bytes",
  "memory",
  "structures",
  "keyspace",
  "resp",
  "lua",
  "engine",
  "persistence",
  "replication",
  "cluster",
  "commands",
  "server",
  "benchmark",
  "main.ts/index.ts",
];

const fileLinesMax = 500;
const functionLinesMax = 70;
const lineLengthMax = 100;
const headLinesMin = 1;
const headLinesMax = 12;

export type Rule = "layer" | "size" | "name" | "word" | "effect" | "head" | "dead";

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly rule: Rule;
  readonly what: string;
}

/**
 * One violation for each match of `pattern` in `text`, which must be one of the file's three texts.
 */
function matches(
  file: SourceFile,
  text: string,
  rule: Rule,
  pattern: RegExp,
  what: string,
): Violation[] {
  return [...text.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: text.slice(0, match.index).split("\n").length,
    rule,
    what: what.replace("$0", match[0].trim()),
  }));
}

const importPattern =
  /(?<=^|\n|[^\w.])(?:(?:import|export)\b[^;"'`]*?\bfrom\s*|import\s*\(?\s*)["']([^"'\n]+)["']/g;

function layerOf(path: string): number {
  const [top, folder, ...deeper] = path.split("/");
  if (top !== "src") return layers.length;
  return deeper.length === 0 ? layers.length - 1 : layers.indexOf(folder);
}

function checkLayers(file: SourceFile): Violation[] {
  if (!file.path.startsWith("src/")) return [];
  const own = layerOf(file.path);
  if (own === -1)
    return [violation(file, 1, "layer", "a folder that is not in the list of layers")];
  return [...file.code.matchAll(importPattern)].flatMap((match) => {
    const line = file.code.slice(0, match.index).split("\n").length;
    const what = importFault(file.path, own, match[1]);
    return what === "" ? [] : [violation(file, line, "layer", what)];
  });
}

function importFault(path: string, own: number, specifier: string): string {
  if (!specifier.startsWith(".")) {
    if (isTest(path) || (own >= layers.indexOf("server") && specifier.startsWith("node:")))
      return "";
    return specifier.startsWith("node:")
      ? `imports ${specifier}, which only server/ may: declare the narrow interface that is needed`
      : `imports the package ${specifier}: there are no dependencies at run time`;
  }
  if (!specifier.endsWith(".ts")) return `imports ${specifier} without its .ts extension`;
  const target = posix.join(posix.dirname(path), specifier);
  if (isTest(target)) return isTest(path) ? "" : `imports ${target}, which is a test's`;
  if (layerOf(target) <= own) return "";
  return `imports ${target}: ${layers[own]} may not know ${layers[layerOf(target)]}`;
}

function violation(file: SourceFile, line: number, rule: Rule, what: string): Violation {
  return { path: file.path, line, rule, what };
}

// The first line of a function, as the formatter lays it out: what it opens ends at the first line
// with the same indentation that begins with `}`.
const functionStart = new RegExp(
  [
    String.raw`^( *)(?:export |async |static |get |set |readonly )*(?:function\b`,
    String.raw`(?:const|let) [\w$]+.*=>`,
    String.raw`[#\w$[][\w$.\]]*(?:<.*>)?\(.*`,
    String.raw`[#\w$]+ = .*=>`,
    String.raw`[#\w$]+: .*=>)`,
  ].join("|"),
);
const notFunction = /^ *(?:if|for|while|switch|catch|return|await|void|describe|suite|test|it)\b/;

function checkSizes(file: SourceFile): Violation[] {
  const lines = file.text.split("\n");
  const found: Violation[] = [];
  if (lines.length - 1 > fileLinesMax) {
    found.push(violation(file, fileLinesMax + 1, "size", `${lines.length - 1} lines in one file`));
  }
  for (const [i, line] of lines.entries()) {
    if (line.length > lineLengthMax && !/^\s*(?:\/\/|\*).*https?:\/\/\S+$/.test(line)) {
      found.push(violation(file, i + 1, "size", `a line of ${line.length} characters`));
    }
  }
  const bareLines = file.bare.split("\n");
  for (const [i, line] of bareLines.entries()) {
    const lineCount = functionLines(bareLines, i);
    if (lineCount > functionLinesMax) {
      const what = `a function of ${lineCount} lines: ${line.trim()}`;
      found.push(violation(file, i + 1, "size", what));
    }
  }
  return found;
}

/** How many lines the function that begins at `start` has, or 0 when none begins there. */
function functionLines(lines: readonly string[], start: number): number {
  const match = functionStart.exec(lines[start]);
  if (match === null || notFunction.test(lines[start])) return 0;
  const indent = match[1];
  const isClose = (line: string): boolean =>
    line.startsWith(`${indent}}`) || line.startsWith(`${indent})`);
  for (let i = start + 1; i < lines.length; i++) {
    const ends = isClose(lines[i]);
    // `): Result {` closes the parameters of a function whose body follows.
    if (ends && !lines[i].endsWith("{")) return i - start + 1;
    if (!ends && lines[i].trim() !== "" && !lines[i].startsWith(`${indent} `)) return 0;
  }
  return 0;
}

const bannedNames =
  /(?:^|\/)(?:utils?|helpers?|common|misc|types\.ts|constants\.ts|util\.ts)(?:\/|\.|$)/;
const kebabPath = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.ts$/;

function checkNames(file: SourceFile): Violation[] {
  const found: Violation[] = [];
  if (bannedNames.test(file.path))
    found.push(violation(file, 1, "name", "says nothing: name the noun"));
  if (!kebabPath.test(file.path)) found.push(violation(file, 1, "name", "a file is kebab-case"));
  if (file.path.endsWith("/index.ts") && file.path !== "src/index.ts") {
    found.push(violation(file, 1, "name", "no barrels: import from the file that has it"));
  }
  return found;
}

const words: ReadonlyArray<{ in: "text" | "code" | "bare"; pattern: RegExp; what: string }> = [
  {
    in: "text",
    pattern: /\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/g,
    what: "$0: do it, or say what is so today",
  },
  { in: "text", pattern: /@ts-(?:ignore|nocheck)\b/g, what: "$0 hides an error: repair the type" },
  { in: "text", pattern: /@ts-expect-error *$/gm, what: "@ts-expect-error without a reason" },
  {
    in: "text",
    pattern: /(?:oxlint|eslint)-disable(?!.*-- \S).*$/gm,
    what: "a lint rule is switched off without `-- reason`",
  },
  {
    in: "bare",
    pattern: /\bas any\b|<any>|: any\b|\bany\[\]/g,
    what: "`any`: use unknown and narrow it",
  },
  { in: "bare", pattern: /\bexport default\b/g, what: "a default export" },
  { in: "code", pattern: /\bexport \* from\b/g, what: "`export *`: name what is exported" },
  {
    in: "bare",
    pattern: /^ *(?:export |declare |const )*enum \w+/gm,
    what: "an enum: use an `as const` object",
  },
  {
    in: "bare",
    pattern: /^ *(?:export |declare )*namespace \w+/gm,
    what: "a namespace: use a module",
  },
  {
    in: "bare",
    pattern: /\b(?:test|it|describe|suite)\.(?:only|todo|skip)\b/g,
    what: "$0 leaves tests out",
  },
  {
    in: "bare",
    pattern: /\b(?:only|skip|todo): true\b/g,
    what: "$0: a skipped test gives its reason",
  },
  { in: "bare", pattern: /\b\w+\.(?:skip|todo)\(\)/g, what: "$0: a skipped test gives its reason" },
];

/** Holds the samples that break these rules. */
const ownPath = "test/tidy.test.ts";

function checkWords(file: SourceFile): Violation[] {
  if (file.path === ownPath) return [];
  return words.flatMap((word) => matches(file, file[word.in], "word", word.pattern, word.what));
}

const effects = new RegExp(
  [
    String.raw`\b(?:(?:performance|process|globalThis|console|crypto)\.`,
    String.raw`Date\.now|new Date\b|Math\.random`,
    String.raw`(?:set(?:Timeout|Interval|Immediate)|queueMicrotask|fetch)\()`,
  ].join("|"),
  "g",
);

function checkEffects(file: SourceFile): Violation[] {
  if (!file.path.startsWith("src/") || isTest(file.path)) return [];
  if (layerOf(file.path) >= layers.indexOf("server")) return [];
  return matches(
    file,
    file.bare,
    "effect",
    effects,
    "$0 is for server/ to touch: take an interface",
  );
}

function checkHead(file: SourceFile): Violation[] {
  if (/^src\/commands\/[^/]+\/[^/]+\.ts$/.test(file.path)) return [];
  const lines = file.text.split("\n");
  const start = lines[0].startsWith("#!") ? 1 : 0;
  const head: string[] = [];
  for (let i = start; /^(?:\/\/|\/\*| \*)/.test(lines[i] ?? ""); i++) {
    head.push(lines[i].replace(/^(?:\/\/|\/\*+| \*\/?)/, ""));
  }
  // What is indented after the comment's mark is a drawing, and a drawing may be as long as it
  // must.
  const sentences = head.filter((line) => /^ ?[^\s]/.test(line)).length;
  const min = isTest(file.path) ? 1 : headLinesMin;
  if (sentences < min) return [violation(file, start + 1, "head", "no comment says what it holds")];
  if (sentences <= headLinesMax) return [];
  const what = `${sentences} lines of head comment, ${headLinesMax} at most, drawings not counted`;
  return [violation(file, start + 1, "head", what)];
}

/**
 * Every string that names a .ts file counts as a way to it, so that workers and lazy imports do.
 */
export function checkDead(files: readonly SourceFile[]): Violation[] {
  const sources = new Map(
    files
      .filter((file) => file.path.startsWith("src/") && !isTest(file.path))
      .map((f) => [f.path, f]),
  );
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = sources.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const [, specifier] of file.code.matchAll(/["'](\.{1,2}\/[^"'\n]+\.ts)["']/g)) {
      waiting.push(posix.join(posix.dirname(path), specifier));
    }
  }
  return [...sources.values()]
    .filter((file) => !reached.has(file.path))
    .map((file) => violation(file, 1, "dead", "no program and not the library entry reaches it"));
}

export function checkFile(file: SourceFile): Violation[] {
  return [checkLayers, checkSizes, checkNames, checkWords, checkEffects, checkHead].flatMap(
    (check) => check(file),
  );
}
