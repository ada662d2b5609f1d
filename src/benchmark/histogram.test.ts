// The histogram against times that are sorted and counted one by one.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, assert as check, double, integer, property } from "fast-check";
import { Histogram } from "./histogram.ts";

function histogramOf(times: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const us of times) histogram.record(us, 1);
  return histogram;
}

const listsOfUs = array(
  integer({ min: 0, max: 2 ** 32 - 1 }).map((tenths) => tenths / 10),
  { minLength: 1 },
);
const percents = double({ min: 0.1, max: 100, noNaN: true });

describe("Histogram", () => {
  it("tells percentiles to within one part in 128, never too low", () => {
    check(
      property(listsOfUs, percents, (times, percent) => {
        const sorted = times.toSorted((left, right) => left - right);
        const wanted = Math.max(Math.ceil((percent / 100) * sorted.length - 1e-9), 1);
        const exact = sorted[wanted - 1];
        const found = histogramOf(times).percentileUs(percent);
        assert.ok(found >= exact - 1e-6 && found <= exact * (1 + 1 / 128) + 1e-6);
      }),
    );
  });

  it("adds up what several have counted, as if one had", () => {
    check(
      property(listsOfUs, listsOfUs, percents, (left, right, percent) => {
        const sum = Histogram.from(histogramOf(left).parts());
        sum.add(histogramOf(right).parts());
        const both = histogramOf([...left, ...right]);
        assert.deepEqual(sum.parts(), both.parts());
        assert.equal(sum.total, left.length + right.length);
        // Parts do not carry the longest time itself, only the end of its part.
        const found = sum.percentileUs(percent);
        const exact = both.percentileUs(percent);
        assert.ok(found >= exact && found <= exact * (1 + 1 / 128) + 0.1);
      }),
    );
  });

  it("counts a time as often as it is told to, and forgets all when cleared", () => {
    const histogram = histogramOf([10]);
    histogram.record(20, 99);
    assert.equal(histogram.total, 100);
    assert.equal(histogram.percentileUs(1), 10);
    assert.equal(histogram.percentileUs(2), 20);
    assert.equal(histogram.maxUs, 20);
    histogram.clear();
    assert.deepEqual([histogram.total, histogram.percentileUs(50), histogram.maxUs], [0, 0, 0]);
  });

  it("takes what lies outside its scale for its ends", () => {
    assert.equal(histogramOf([-5]).percentileUs(100), 0);
    assert.equal(histogramOf([1e12]).percentileUs(100), (2 ** 32 - 1) / 10);
  });
});
