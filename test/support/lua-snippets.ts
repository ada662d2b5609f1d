// Pieces of Lua whose results, and whose errors word for word, must be those of real Redis: those
// of the files in test/compat/lua, with `--~` on a line between them, and those that no one would
// want to write out.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "compat", "lua");

/** The snippets of a file of test/compat/lua, without its extension. */
export function readSnippets(name: string): string[] {
  const text = readFileSync(join(folder, `${name}.lua`), "latin1");
  return text.replace(/\n$/, "").split("\n--~\n");
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `a${at}`);
}

function locals(count: number): string {
  return names(count)
    .map((name) => `local ${name}`)
    .join("\n");
}

/** What is at, or just beyond, the limits of Lua's compiler; bytes that are no text. */
export const oddSnippets: readonly string[] = [
  "",
  "   \n\t  ",
  "local x = ",
  "if x then\n\n",
  "\nfunction f()\n\n",
  "x = {\n1,\n",
  "x = (1\n",
  "x = \x01",
  "x = \x7f",
  "x = \xe9",
  "\xe9 = 1",
  "x = 'a\0b' y = ?",
  "x = 1 \0",
  "return '\0\x01\x7f\x80\xff\\0\\255', #'\xe9\xff'",
  "return [[\r\n\r\na\rb\n\rc]]",
  `local t = {${"{".repeat(250)}}`,
  `return ${"(".repeat(150)}1${")".repeat(150)}`,
  `return ${"(".repeat(250)}1${")".repeat(250)}`,
  `return ${"- ".repeat(190)}1`,
  `return ${"- ".repeat(250)}1`,
  `return ${"not ".repeat(190)}1`,
  `return ${"not ".repeat(250)}1`,
  `return ${"1 + ".repeat(1000)}1`,
  `return ${"'a' .. ".repeat(150)}'b'`,
  `return ${"'a' .. ".repeat(250)}'b'`,
  `${"do ".repeat(150)}${"end ".repeat(150)}`,
  `${"do ".repeat(250)}${"end ".repeat(250)}`,
  `return ${"function() return ".repeat(80)}1${" end".repeat(80)}`,
  `local ${names(200).join(",")}`,
  `local ${names(201).join(",")}`,
  locals(201),
  `function f() ${locals(201)} end`,
  `${locals(61)}\nfunction f() return ${names(60).join(" + ")} end`,
  `${locals(61)}\nfunction f() return ${names(61).join(" + ")} end`,
  `local x if x then elseif x then ${"elseif x then ".repeat(500)} end return 5`,
  `for i = 1, 2 do ${"local x ".repeat(197)} end`,
  `for i = 1, 2 do ${"local x ".repeat(196)} end`,
  `return ${"f(".repeat(250)}1${")".repeat(250)}`,
  `return ${"t[".repeat(250)}1${"]".repeat(250)}`,
  `local t = {} return t${".x".repeat(500)}`,
  `return {${"1,".repeat(5000)}}`,
];
