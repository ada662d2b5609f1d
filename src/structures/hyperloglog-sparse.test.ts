// Registers that are raised one after the other, in any order: the bytes are those that come about
// when each is looked for from the first run on.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { HyperLogLogBuffer } from "./hyperloglog-sparse.ts";
import { registerCount } from "./hyperloglog.ts";

const sparseBytesMax = 3000;

function bytesOf(buffer: HyperLogLogBuffer): Uint8Array {
  return buffer.bytes.slice(0, buffer.length);
}

describe("HyperLogLogBuffer", () => {
  it("changes the same whether it knows where it has been or not", () => {
    const near = fc.nat(40);
    const anywhere = fc.nat(registerCount - 1);
    const raise = fc.tuple(fc.oneof(near, anywhere), fc.integer({ min: 1, max: 34 }));
    fc.assert(
      fc.property(fc.array(raise, { maxLength: 300 }), fc.boolean(), (raises, areSorted) => {
        if (areSorted) raises.sort(([a], [b]) => a - b);
        const own = new HyperLogLogBuffer();
        const fresh = new HyperLogLogBuffer();
        own.clear();
        fresh.clear();
        for (const [index, rank] of raises) {
          const before = bytesOf(fresh);
          fresh.load(before, 0, before.length);
          const expected = fresh.raise(index, rank, sparseBytesMax);
          assert.equal(own.raise(index, rank, sparseBytesMax), expected);
          assert.deepEqual(bytesOf(own), bytesOf(fresh));
        }
      }),
      { numRuns: 300 },
    );
  });
});
