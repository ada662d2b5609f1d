// Holds the whole tree to the project's style: layers, sizes, names, banned words, head comments,
// files that nothing reaches; and the documents to what is there. Each rule is shown samples that
// break it as well as the tree: a rule that cannot fail would be worth nothing.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { checkDead, checkFile, layers, type Rule, type Violation } from "./tidy/rules.ts";
import { parseFile, type SourceFile } from "./tidy/source-file.ts";

const root = join(import.meta.dirname, "..");

/** What is allowed in spite of a rule. An entry that excuses nothing is itself a violation. */
const exceptions: ReadonlyArray<{ path: string; rule: Rule; reason: string }> = [];

function readTree(): SourceFile[] {
  return ["src", "test", "scripts"]
    .filter((top) => existsSync(join(root, top)))
    .flatMap((top) => readdirSync(join(root, top), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .toSorted()
    .map((path) => parseFile(path, readFileSync(join(root, path), "utf8")));
}

function report(violations: readonly Violation[]): string {
  const lines = violations.map((v) => `${v.path}:${v.line} ${v.rule}: ${v.what}`);
  return `${lines.length} found\n${lines.join("\n")}`;
}

const tree = readTree();
const everything = [...tree.flatMap(checkFile), ...checkDead(tree)];

for (const rule of ["layer", "size", "name", "word", "effect", "head", "dead"] as const) {
  test(`the tree keeps the rule: ${rule}`, () => {
    const excused = exceptions.filter((exception) => exception.rule === rule);
    const found = everything.filter((v) => v.rule === rule);
    const left = found.filter((v) => !excused.some((exception) => exception.path === v.path));
    assert.equal(left.length, 0, report(left));
    for (const { path } of excused) {
      assert.ok(
        found.some((v) => v.path === path),
        `${path} needs no exception from ${rule}`,
      );
    }
  });
}

const head = "// One sentence.\n// Another one.\n";
const long = (count: number): string => "  x();\n".repeat(count);

/** Path, text, and what the rules must say of it ("" for nothing). */
const samples: ReadonlyArray<readonly [string, string, string]> = [
  ["src/engine/a.ts", `${head}import { b } from "../commands/b.ts";\n`, "3 layer"],
  ["src/bytes/a.ts", `${head}import type { b } from "../memory/b.ts";\n`, "3 layer"],
  ["src/bytes/a.ts", `${head}import {\n  b,\n} from "../memory/b.ts";\n`, "3 layer"],
  ["src/bytes/a.ts", `${head}const b = await import("../server/b.ts");\n`, "3 layer"],
  ["src/bytes/a.ts", `${head}export { b } from "../server/b.ts";\n`, "3 layer"],
  ["src/server/a.ts", `${head}import { b } from "../main.ts";\n`, "3 layer"],
  ["src/memory/a.ts", `${head}import { b } from "../bytes/b.ts";\n`, ""],
  ["src/memory/a.ts", `${head}import { b } from "../bytes/b";\n`, "3 layer"],
  ["src/memory/a.ts", `${head}import * as fs from "node:fs";\n`, "3 layer"],
  ["src/server/a.ts", `${head}import * as fs from "node:fs";\n`, ""],
  ["src/server/a.ts", `${head}import Redis from "ioredis";\n`, "3 layer"],
  ["src/server/a.ts", `${head}import "../bytes/a.test.ts";\n`, "3 layer"],
  ["src/memory/a.test.ts", `${head}import fc from "fast-check";\n`, ""],
  ["src/main.ts", `#!/usr/bin/env node\n${head}import { b } from "./server/b.ts";\n`, ""],
  ["src/extra/a.ts", head, "1 layer"],
  ["src/bytes/a.ts", head + long(500), "501 size"],
  ["src/bytes/a.ts", head + long(498), ""],
  ["src/bytes/a.ts", `${head}${"x".repeat(101)}\n`, "3 size"],
  ["src/bytes/a.ts", `${head}export function f(): void {\n${long(69)}}\n`, "3 size"],
  ["src/bytes/a.ts", `${head}export function f(): void {\n${long(68)}}\n`, ""],
  ["src/bytes/a.ts", `${head}export function f(\n  a: A,\n): void {\n${long(69)}}\n`, "3 size"],
  ["src/bytes/a.ts", `${head}const f = (): void => {\n${long(69)}};\n`, "3 size"],
  ["src/bytes/a.ts", `${head}class A {\n  #f(): void {\n${long(69)}  }\n}\n`, ""],
  [
    "src/bytes/a.ts",
    `${head}class A {\n  #f(): void {\n${"    x();\n".repeat(69)}  }\n}\n`,
    "4 size",
  ],
  ["src/bytes/utils.ts", head, "1 name"],
  ["src/bytes/common/a.ts", head, "1 name"],
  ["src/engine/types.ts", head, "1 name"],
  ["src/engine/index.ts", head, "1 name"],
  ["src/engine/sessionTable.ts", head, "1 name"],
  ["src/engine/session-table.ts", head, ""],
  ["src/engine/a.ts", `${head}// TODO later\n`, "3 word"],
  ["src/engine/a.ts", `${head}// @ts-ignore\n`, "3 word"],
  ["src/engine/a.ts", `${head}x(); // oxlint-disable-line no-shadow\n`, "3 word"],
  ["src/engine/a.ts", `${head}x(); // oxlint-disable-line no-shadow -- it is the same x\n`, ""],
  ["src/engine/a.ts", `${head}const a = b as any;\n`, "3 word"],
  ["src/engine/a.ts", `${head}// as any reader knows\nconst a = "b as any";\n`, ""],
  ["src/engine/a.ts", `${head}export default 1;\n`, "3 word"],
  ["src/engine/a.ts", `${head}export enum A {}\n`, "3 word"],
  ["src/engine/a.ts", `${head}export namespace A {}\n`, "3 word"],
  ["test/a.test.ts", `${head}test.only("a", () => {});\n`, "3 word"],
  ["test/a.test.ts", `${head}test("a", { skip: true }, () => {});\n`, "3 word"],
  ["test/a.test.ts", `${head}test("a", { skip: "no Redis here" }, () => {});\n`, ""],
  ["test/a.test.ts", `${head}t.skip();\n`, "3 word"],
  ["src/engine/a.ts", `${head}const a = Date.now();\n`, "3 effect"],
  ["src/engine/a.ts", `${head}const a = x / Math.random() / 2;\n`, "3 effect"],
  ["src/engine/a.ts", `${head}const a = /'/; Math.random();\nconst b = "'";\n`, "3 effect"],
  ["src/engine/a.ts", `${head}// not Date.now()\n/* nor process.exit() */\n`, ""],
  ["src/engine/a.ts", `${head}const a = clock.process;\n`, ""],
  ["src/server/a.ts", `${head}const a = Date.now();\n`, ""],
  ["src/engine/a.test.ts", `${head}const a = Math.random();\n`, ""],
  ["src/engine/a.ts", "const a = 1;\n", "1 head"],
  ["src/engine/a.ts", "// A line.\n".repeat(13), "1 head"],
  ["src/engine/a.ts", `// A line.\n// It draws:\n//\n${"//   | 4 | 4 |\n".repeat(9)}`, ""],
  ["src/main.ts", "#!/usr/bin/env node\nconst a = 1;\n", "2 head"],
  ["src/commands/string/get.ts", "export const get = 1;\n", ""],
];

test("every rule finds the sample that breaks it, at its line, and nothing else", () => {
  for (const [path, text, expected] of samples) {
    const found = checkFile(parseFile(path, text)).map((v) => `${v.line} ${v.rule}`);
    assert.equal(found.join(", "), expected, `${path}\n${text.slice(0, 200)}`);
  }
});

test("a file that neither entry reaches is dead, one that a string names is not", () => {
  const files = [
    ["src/main.ts", 'import { a } from "./server/a.ts";\n'],
    ["src/server/a.ts", 'start(new URL("./worker.ts", here));\n'],
    ["src/server/worker.ts", ""],
    ["src/server/lost.ts", 'import { a } from "./a.ts";\n// import "./lost-too.ts"\n'],
    ["src/server/lost-too.ts", ""],
    ["src/server/a.test.ts", 'import { lost } from "./lost.ts";\n'],
  ].map(([path, text]) => parseFile(path, text));
  assert.deepEqual(
    checkDead(files).map((v) => v.path),
    ["src/server/lost.ts", "src/server/lost-too.ts"],
  );
});

function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

test("the version is the same everywhere it is written", () => {
  const { version } = JSON.parse(readText("package.json")) as { version: string };
  const lock = JSON.parse(readText("package-lock.json")) as { version: string };
  assert.equal(lock.version, version, "package-lock.json");
  assert.ok(
    readText("src/server/version.ts").includes(`export const version = "${version}";`),
    "src/server/version.ts",
  );
  assert.ok(
    readText("CHANGELOG.md").includes(`\n## ${version}`),
    "CHANGELOG.md has no such heading",
  );
});

test("dependencies are pinned, named in the README, and not needed at run time", () => {
  const readme = readText("README.md");
  const manifest = JSON.parse(readText("package.json")) as Record<string, Record<string, string>>;
  for (const [name, range] of Object.entries(manifest["devDependencies"])) {
    assert.match(range, /^\d+\.\d+\.\d+$/, `${name} is not pinned`);
    assert.ok(readme.includes(`\`${name}\``), `README.md does not say what ${name} is for`);
  }
  for (const field of ["dependencies", "optionalDependencies", "peerDependencies"]) {
    assert.equal(manifest[field], undefined, field);
  }
});

test("the lock file points at the public registry only", () => {
  const lock = JSON.parse(readText("package-lock.json")) as {
    packages: Record<string, { resolved?: string }>;
  };
  const addresses = Object.entries(lock.packages).filter(([path]) => path !== "");
  assert.ok(addresses.length > 0);
  for (const [path, { resolved }] of addresses) {
    // npm needs the address to match a package with allowScripts, so it may not be left out either.
    assert.match(resolved ?? "none", /^https:\/\/registry\.npmjs\.org\//, path);
  }
});

test("the README gives the two commands, and what it gives exists", () => {
  const readme = readText("README.md");
  assert.ok(readme.includes("npm ci && npm start"));
  assert.ok(readme.includes("npm ci && npm test"));
});

test("the documents point only at files and scripts that exist", () => {
  const { scripts } = JSON.parse(readText("package.json")) as { scripts: Record<string, string> };
  for (const path of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]) {
    const text = readText(path);
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      assert.ok(existsSync(join(root, dirname(path), target)), `${path} points at ${target}`);
    }
    for (const [, name] of text.matchAll(/npm run ([a-z:]+)/g)) {
      assert.ok(name in scripts, `${path} names npm run ${name}`);
    }
  }
});

test("ARCHITECTURE.md lists the layers in the order that is enforced", () => {
  const block = /```text\nsrc\/\n([^`]*)```/.exec(readText("ARCHITECTURE.md"))?.[1] ?? "";
  const listed = [...block.matchAll(/^ {2}([a-z]+)\/ /gm)].map((match) => match[1]);
  assert.deepEqual(
    listed,
    layers.slice(0, -1).filter((layer) => listed.includes(layer)),
  );
  for (const entry of readdirSync(join(root, "src"), { withFileTypes: true })) {
    if (entry.isDirectory()) assert.ok(listed.includes(entry.name), `${entry.name}/ is not there`);
  }
});
