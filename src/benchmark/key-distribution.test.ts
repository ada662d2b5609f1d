// Keys that are drawn: within their range, and as often as the distribution says.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../bytes/random.ts";
import type { KeyDistribution } from "./key-distribution.ts";
import { keyDrawer } from "./key-distribution.ts";

const draws = 200_000;

/** How many of the draws fell on each key. */
function drawn(distribution: KeyDistribution, keys: number): Float64Array {
  const draw = keyDrawer(distribution, keys, seededRandom(7));
  const counts = new Float64Array(keys);
  for (let i = 0; i < draws; i++) counts[draw()]++;
  assert.equal(
    counts.reduce((sum, each) => sum + each),
    draws,
    "a draw was out of range",
  );
  return counts;
}

describe("key distributions", () => {
  it("uniform: each key about as often", () => {
    for (const count of drawn("uniform", 100)) {
      assert.ok(Math.abs(count / (draws / 100) - 1) < 0.15, `${count} draws`);
    }
  });

  it("zipfian: the key of rank r in proportion to 1 / r^0.99", () => {
    const keys = 10_000;
    const counts = drawn("zipfian", keys);
    let sum = 0;
    for (let rank = 1; rank <= keys; rank++) sum += rank ** -0.99;
    for (const rank of [1, 2, 3, 10, 50]) {
      const expected = (draws * rank ** -0.99) / sum;
      const found = counts[rank - 1];
      assert.ok(Math.abs(found / expected - 1) < 0.2, `rank ${rank}: ${found}, not ${expected}`);
    }
    const tail = counts.subarray(keys / 2).reduce((total, each) => total + each, 0);
    assert.ok(tail > 0 && tail < draws / 10, `${tail} draws of the less popular half`);
  });

  it("one key is always the one", () => {
    assert.deepEqual([...drawn("uniform", 1), ...drawn("zipfian", 1)], [draws, draws]);
  });
});
