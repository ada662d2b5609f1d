// Tests of `random.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { seededRandom } from "./random.ts";

/** Chi squared of how often each of the counted values came, which should be equally often. */
function chiSquared(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  const expected = total / counts.length;
  let sum = 0;
  for (const count of counts) sum += (count - expected) ** 2 / expected;
  return sum;
}

describe("seededRandom", () => {
  it("repeats itself for a seed and differs for another", () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => random.next32());
    };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        assert.deepEqual(draw(seed), draw(seed));
        assert.notDeepEqual(draw(seed), draw(seed ^ 1));
      }),
    );
  });

  it("keeps its sequence from one version to the next", () => {
    const random = seededRandom(1);
    const drawn = Array.from({ length: 4 }, () => random.next32());
    assert.deepEqual(drawn, [441792574, 614447336, 1644328534, 3387734806]);
  });

  it("keeps what it draws below a limit too", () => {
    const random = seededRandom(1);
    const limits = [10, 3 * 2 ** 30, 3 * 2 ** 30, 2 ** 32, 2 ** 52 + 2 ** 51, 2 ** 53 - 1];
    const drawn = limits.map((limit) => random.below(limit));
    assert.deepEqual(
      drawn,
      [4, 614447336, 1644328534, 3387734806, 2266736961494938, 6001774843509751],
    );
  });

  it("stays below the limit and is a whole number", () => {
    const limits = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1 }));
    const large = fc.maxSafeNat().filter((limit) => limit > 0);
    fc.assert(
      fc.property(fc.integer(), fc.oneof(limits, large), (seed, limit) => {
        const random = seededRandom(seed);
        for (let trial = 0; trial < 20; trial++) {
          const drawn = random.below(limit);
          assert.ok(Number.isInteger(drawn) && drawn >= 0 && drawn < limit);
        }
      }),
    );
  });

  it("draws every bit and every number equally often", () => {
    const random = seededRandom(42);
    const bits = Array<number>(32).fill(0);
    const tens = Array<number>(10).fill(0);
    for (let trial = 0; trial < 100_000; trial++) {
      const word = random.next32();
      for (let bit = 0; bit < 32; bit++) bits[bit] += (word >>> bit) & 1;
      tens[random.below(10)]++;
    }
    for (const count of bits) assert.ok(Math.abs(count - 50_000) < 1000, `${count} of 100000`);
    // Nine degrees of freedom: one in a thousand generators goes beyond 28.
    assert.ok(chiSquared(tens) < 28, String(tens));
  });

  it("draws beyond 32 bits from all of the range", () => {
    const random = seededRandom(7);
    const limit = 2 ** 52 + 2 ** 51;
    const thirds = [0, 0, 0];
    for (let trial = 0; trial < 30_000; trial++)
      thirds[Math.floor(random.below(limit) / 2 ** 51)]++;
    assert.ok(chiSquared(thirds) < 14, String(thirds));
  });
});
