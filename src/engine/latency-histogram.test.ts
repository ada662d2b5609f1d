// The histogram against times that are sorted and counted one by one.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, assert as check, integer, property } from "fast-check";
import { LatencyHistogram } from "./latency-histogram.ts";

function histogramOf(times: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const us of times) histogram.record(us, 1);
  return histogram;
}

const listsOfNs = array(integer({ min: 1, max: 999_999_999 }), { minLength: 1 });

describe("LatencyHistogram", () => {
  it("tells percentiles to within one part in 128, never too low", () => {
    check(
      property(listsOfNs, integer({ min: 1, max: 100 }), (timesNs, percent) => {
        const histogram = histogramOf(timesNs.map((ns) => ns / 1000));
        const sorted = timesNs.toSorted((a, b) => a - b);
        const wanted = Math.max(Math.floor((percent / 100) * sorted.length + 0.5), 1);
        const exactNs = sorted[wanted - 1];
        const foundNs = histogram.percentileUs(percent) * 1000;
        assert.ok(foundNs > exactNs - 1.5 && foundNs <= exactNs * (1 + 1 / 128) + 1);
      }),
    );
  });

  it("has Redis's bounds, each with the calls up to it", () => {
    const times = [0.5, 1, 3, 30, 33, 1500, 900_000, 5_000_000];
    assert.deepEqual(histogramOf(times).cumulative(), [
      [1, 2],
      [4, 3],
      [33, 5],
      [2113, 6],
      [1_082_130, 8],
    ]);
  });

  it("counts a measurement for as many calls as it stands for", () => {
    const histogram = new LatencyHistogram();
    histogram.record(0, 1);
    histogram.record(2, 16);
    assert.equal(histogram.total, 17);
    assert.deepEqual(histogram.cumulative(), [
      [1, 1],
      [2, 17],
    ]);
  });

  it("knows nothing when it is empty", () => {
    const histogram = new LatencyHistogram();
    assert.deepEqual(histogram.cumulative(), []);
    assert.equal(histogram.percentileUs(50), 0);
  });
});
