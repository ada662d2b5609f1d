// The sequences that LCS finds, against the definition.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "./ascii.ts";
import { LongestCommonSubsequence } from "./longest-common-subsequence.ts";
import { Slice } from "./slices.ts";

/** The text in the middle of a buffer. */
function slice(text: string): Slice {
  return new Slice(asciiBytes(`--${text}--`), 2, text.length);
}

/** The length by the definition. */
function lengthOf(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const char of a) {
    const next = [0];
    for (let j = 1; j <= b.length; j++) {
      next.push(b[j - 1] === char ? row[j - 1] + 1 : Math.max(row[j], next[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}

describe("LongestCommonSubsequence", () => {
  it("finds a sequence of the greatest length that is in both", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 30 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const found = new LongestCommonSubsequence(slice(a), slice(b));
        assert.equal(found.length, lengthOf(a, b));
        const runs = found.matches().toReversed();
        const texts = runs.map((run) => a.slice(run.startA, run.startA + run.length));
        assert.equal(Buffer.from(found.toBytes()).toString(), texts.join(""));
        assert.equal(texts.join("").length, found.length);
        let [endA, endB] = [0, 0];
        for (const run of runs) {
          assert.equal(
            b.slice(run.startB, run.startB + run.length),
            a.slice(run.startA, run.startA + run.length),
          );
          assert.ok(run.startA >= endA && run.startB >= endB, "runs do not overlap");
          const isLonger = run.startA === endA && run.startB === endB && endA > 0;
          assert.ok(!isLonger, "two runs that touch are one");
          endA = run.startA + run.length;
          endB = run.startB + run.length;
        }
      }),
    );
  });

  it("counts beyond 65,535", () => {
    const [long, short] = ["x".repeat(70_000), "x".repeat(300)];
    assert.equal(new LongestCommonSubsequence(slice(long), slice(short)).length, 300);
  });
});
