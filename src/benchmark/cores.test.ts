// Lists of cores as Linux writes them, and what becomes of a command that keeps to some.
import assert from "node:assert/strict";
import { it } from "node:test";
import { parseCoreList, pinned, placeOnCores } from "./cores.ts";

it("ranges and single cores", () => {
  assert.deepEqual(parseCoreList("0-3,8"), [0, 1, 2, 3, 8]);
  assert.deepEqual(parseCoreList("5"), [5]);
  assert.deepEqual(parseCoreList(""), []);
});

it("a command runs under taskset, or as it is", () => {
  assert.deepEqual(pinned([1, 2], ["node", "x"]), ["taskset", "-c", "1,2", "node", "x"]);
  assert.deepEqual(pinned([], ["node", "x"]), ["node", "x"]);
});

it("the server's core is none of the generators'", () => {
  const { serverCore, generatorCores } = placeOnCores({ isPinned: true });
  assert.ok(serverCore === undefined || generatorCores.length > 0);
  assert.ok(generatorCores.every((core) => core !== serverCore));
  const unpinned = { serverCore: undefined, generatorCores: [] };
  assert.deepEqual(placeOnCores({ isPinned: false }), unpinned);
});
