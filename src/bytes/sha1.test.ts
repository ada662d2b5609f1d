// Tests of `sha1.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "./ascii.ts";
import { sha1Hex } from "./sha1.ts";

describe("sha1Hex", () => {
  it("gives the vectors of FIPS 180", () => {
    assert.equal(sha1Hex(asciiBytes("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assert.equal(sha1Hex(asciiBytes("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert.equal(
      sha1Hex(asciiBytes("a".repeat(1_000_000))),
      "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
    );
  });

  it("agrees with node:crypto for every length around the block's end", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 130, maxLength: 130 }), (bytes) => {
        for (let length = 0; length <= 130; length++) {
          const part = bytes.subarray(0, length);
          assert.equal(sha1Hex(part), createHash("sha1").update(part).digest("hex"));
        }
      }),
      { numRuns: 10 },
    );
  });
});
