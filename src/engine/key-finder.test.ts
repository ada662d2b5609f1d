// Key specifications of every kind, on requests that fit them and on requests that do not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { slicesOf } from "../bytes/slices.ts";
import type { CommandDeclaration } from "./command.ts";
import { FoundKeys, findKeys, hasKeys } from "./key-finder.ts";
import { RegisteredCommand } from "./registered-command.ts";
import type { KeySpec } from "./syntax.ts";
import { legacyKeyRange } from "./syntax.ts";

const base: CommandDeclaration = {
  name: "TEST",
  summary: "A command for this test.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: [],
  words: [],
};

function range(
  index: number,
  lastKey: number,
  step = 1,
  options: { limit?: number; flags?: string } = {},
): KeySpec {
  const { limit = 0, flags = "RO" } = options;
  return { flags: flags.split(" "), begin: { index }, find: { lastKey, step, limit } };
}

function counted(index: number): KeySpec {
  return {
    flags: ["RO"],
    begin: { index },
    find: { keyNumIndex: 0, firstKey: 1, step: 1 },
  };
}

function afterKeyword(keyword: string, startFrom: number, lastKey = 0, limit = 0): KeySpec {
  return { flags: ["RO"], begin: { keyword, startFrom }, find: { lastKey, step: 1, limit } };
}

function found(keySpecs: readonly KeySpec[], request: string): string {
  const keys = new FoundKeys();
  findKeys(new RegisteredCommand({ ...base, keySpecs }), slicesOf(request.split(" ")), keys);
  return keys.indexes.slice(0, keys.count).join(" ");
}

test("a range of keys is at fixed places, or reaches a place counted from the end", () => {
  assert.equal(found([range(1, 0)], "test a b"), "1");
  assert.equal(found([range(1, 1)], "test a b c"), "1 2");
  assert.equal(found([range(1, -1)], "test a b c"), "1 2 3");
  assert.equal(found([range(1, -2)], "test a b 10"), "1 2");
  assert.equal(found([range(1, -1, 2)], "test a 1 b 2"), "1 3");
  assert.equal(found([range(2, 0), range(1, 0)], "test a b"), "2 1");
});

test("a range beyond the request gives no keys at all", () => {
  assert.equal(found([range(1, 0), range(3, 0)], "test a b"), "");
  assert.equal(found([range(1, -2)], "test a"), "");
});

test("a limit divides the rest: keys first, as many other words after", () => {
  const streams = afterKeyword("STREAMS", 1, -1, 2);
  assert.equal(found([streams], "xread count 2 Streams a b 0 0"), "4 5");
  assert.equal(found([streams], "xread streams a 0"), "2");
});

test("a count says how many keys follow; a wrong one gives none", () => {
  assert.equal(found([counted(1)], "test 2 a b c"), "2 3");
  for (const request of ["test 0 a", "test -1 a", "test x a", "test 3 a b", "test"]) {
    assert.equal(found([counted(1)], request), "", request);
  }
  assert.equal(found([counted(9)], "test 1 a"), "");
});

test("a keyword is looked for from the front or from the end; without it there are no keys", () => {
  assert.equal(found([range(1, 0), afterKeyword("STORE", 2)], "test a STORE b"), "1 3");
  assert.equal(found([range(1, 0), afterKeyword("STORE", 2)], "test a b"), "1");
  const fromEnd = afterKeyword("KEYS", -2, -1);
  assert.equal(found([fromEnd], "migrate KEYS x keys a b"), "4 5");
  assert.equal(found([fromEnd], "migrate a b keys"), "");
});

test("what is no key is left out, and what is unknown or incomplete is left to the command", () => {
  const notKey = range(1, 0, 1, { flags: "RO NOT_KEY" });
  assert.equal(found([notKey], "test a"), "");
  assert.equal(hasKeys(new RegisteredCommand({ ...base, keySpecs: [notKey] })), false);
  const unknown: KeySpec = { flags: ["RO"], begin: "unknown", find: "unknown" };
  const incomplete = range(1, 0, 1, { flags: "RW INCOMPLETE" });
  for (const spec of [unknown, incomplete]) {
    assert.equal(found([spec], "test a b"), "");
    const keys = new FoundKeys();
    const command = new RegisteredCommand({
      ...base,
      keySpecs: [spec],
      findKeys: (args, into) => into.add(args.count - 1, ["OW"]),
    });
    findKeys(command, slicesOf(["test", "a", "b"]), keys);
    assert.deepEqual([keys.indexes, keys.access], [[2], [["OW"]]]);
  }
});

test("where access varies the command is asked first, if it can say", () => {
  const varying = range(1, 0, 1, { flags: "RW ACCESS UPDATE VARIABLE_FLAGS" });
  assert.equal(found([varying], "set a 1"), "1");
  const keys = new FoundKeys();
  const findOwn: CommandDeclaration["findKeys"] = (_, into) => into.add(1, ["OW", "UPDATE"]);
  const command = new RegisteredCommand({ ...base, keySpecs: [varying], findKeys: findOwn });
  findKeys(command, slicesOf(["set", "a", "1"]), keys);
  findKeys(command, slicesOf(["set", "a", "1"]), keys);
  assert.deepEqual(keys.access, [["OW", "UPDATE"]]);
});

/**
 * First, last, step, and whether there may be more, as COMMAND INFO of Redis 7 shows them for the
 * command named.
 */
const legacy: readonly (readonly [string, readonly KeySpec[], string])[] = [
  ["ping", [], "0 0 0 fixed"],
  ["get", [range(1, 0)], "1 1 1 fixed"],
  ["mset", [range(1, -1, 2)], "1 -1 2 fixed"],
  ["bitop", [range(2, 0), range(3, -1)], "2 -1 1 fixed"],
  ["lmove", [range(1, 0), range(2, 0)], "1 2 1 fixed"],
  ["eval", [counted(2)], "0 0 0 movable"],
  ["zunionstore", [range(1, 0), counted(2)], "1 1 1 movable"],
  ["georadius", [range(1, 0), afterKeyword("STORE", 6)], "1 1 1 movable"],
  ["sort", [range(1, 0), { flags: ["RO"], begin: "unknown", find: "unknown" }], "1 1 1 movable"],
  ["migrate", [range(3, 0, 1, { flags: "RW INCOMPLETE" })], "3 3 1 movable"],
  ["two apart", [range(1, 0), range(3, 0)], "1 1 1 movable"],
];

for (const [name, specs, expected] of legacy) {
  test(`clients before Redis 7 see the keys of ${name}`, () => {
    const { firstKey, lastKey, step, isMovable } = legacyKeyRange(specs);
    const shown = `${firstKey} ${lastKey} ${step} ${isMovable ? "movable" : "fixed"}`;
    assert.equal(shown, expected);
    const { flags } = new RegisteredCommand({ ...base, keySpecs: specs });
    assert.equal(flags.includes("movablekeys"), isMovable);
  });
}
