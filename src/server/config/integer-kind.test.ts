// Amounts of memory and numbers as C's functions read them.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { integer, printMemory, readLoose, readMemory } from "./integer-kind.ts";
import { nodeFiles } from "./config-files.ts";

test("a printed amount of memory reads back", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (bytes) => {
      assert.equal(readMemory(printMemory(bytes)), bytes);
    }),
  );
  assert.equal(printMemory(3n * 2n ** 30n), "3gb");
  assert.equal(printMemory(1536n * 2n ** 20n), "1536mb");
  assert.equal(printMemory(1000n), "1000");
  assert.equal(printMemory(0n), "0");
});

test("an amount that does not fit into 64 bits wraps as it does in Redis", () => {
  assert.equal(readMemory("17179869184gb"), 0n);
  assert.equal(readMemory("99999999999999999999"), 2n ** 64n - 1n);
  assert.equal(readMemory("9".repeat(127)), 2n ** 64n - 1n);
  assert.equal(readMemory("9".repeat(128)), undefined);
});

test("strtoll's liberties are taken where Redis takes them", () => {
  const cases: readonly (readonly [string, bigint | undefined])[] = [
    ["", 0n],
    [" \t12", 12n],
    ["+12", 12n],
    ["-12", -12n],
    ["012", 12n],
    ["12 ", undefined],
    ["+", undefined],
    [" ", undefined],
    ["1a", undefined],
    ["99999999999999999999", 2n ** 63n - 1n],
    ["-99999999999999999999", -(2n ** 63n)],
  ];
  for (const [text, expected] of cases) assert.equal(readLoose(text), expected, `"${text}"`);
});

test("an octal number is read, judged, shown and written as one", () => {
  const { kind } = integer("mode", 0, { summary: "A mode.", min: 0, max: 0o777, unit: "octal" });
  const parse = (text: string) =>
    kind.parse([text], { current: 0, repeated: false, files: nodeFiles, warn: assert.fail });
  assert.deepEqual(parse("700"), { value: 448, text: "700" });
  assert.deepEqual(parse("0777"), { value: 511, text: "777" });
  assert.equal(parse("8"), "argument couldn't be parsed as an octal number");
  assert.equal(parse("1000"), "argument must be between 0 and 777 inclusive");
  const initial = { value: 0, text: "0" };
  assert.deepEqual(kind.fileLines({ value: 448, text: "700" }, initial), [
    { text: "700", forced: true },
  ]);
});

test("a percentage is held as its negative", () => {
  const { kind } = integer("share", 0, {
    summary: "A share.",
    min: -100,
    max: 2n ** 63n - 1n,
    unit: "percent-or-memory",
  });
  const parse = (text: string) =>
    kind.parse([text], { current: 0, repeated: false, files: nodeFiles, warn: assert.fail });
  const initial = { value: 0, text: "0" };
  assert.deepEqual(parse("5%"), { value: -5, text: "5%" });
  assert.deepEqual(parse("1mb"), { value: 1048576, text: "1048576" });
  assert.deepEqual(kind.fileLines({ value: -5, text: "5%" }, initial), [
    { text: "5%", forced: true },
  ]);
  assert.deepEqual(kind.fileLines({ value: 1048576, text: "1048576" }, initial), [
    { text: "1mb", forced: true },
  ]);
});
