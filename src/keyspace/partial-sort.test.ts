// Any array, any part of it: what stands there is what a full sort puts there, and nothing is lost.
// Which of equal ones it is, the comparisons with real Redis show (test/compat/geo.test.ts).
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { partialSort } from "./partial-sort.ts";

const ascending = (a: number, b: number): number => a - b;

/** Of every length that another way to choose a pivot begins at, with few and with many equal. */
const numbers = fc
  .record({ length: fc.integer({ min: 1, max: 120 }), max: fc.constantFrom(0, 2, 9, 1000) })
  .chain(({ length, max }) =>
    fc.array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length }),
  );

describe("partialSort", () => {
  it("puts into the part what a full sort puts there, and keeps the rest", () => {
    fc.assert(
      fc.property(numbers, fc.nat(), fc.nat(), (items, a, b) => {
        const first = a % items.length;
        const last = first + (b % (items.length - first));
        const sorted = items.toSorted(ascending);
        const partly = [...items];
        partialSort(partly, ascending, first, last);
        assert.deepEqual(partly.slice(first, last + 1), sorted.slice(first, last + 1));
        assert.deepEqual(partly.toSorted(ascending), sorted);
      }),
    );
  });

  it("leaves alone what no wanted place can lie in", () => {
    // 1000 items in all take some 17,000 comparisons, the first ten few more than one look at each.
    const items = Array.from({ length: 1000 }, (_, index) => (index * 7919) % 1000);
    let comparisons = 0;
    partialSort(
      items,
      (a, b) => {
        comparisons++;
        return a - b;
      },
      0,
      9,
    );
    assert.deepEqual(items.slice(0, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.ok(comparisons < 4000, `${comparisons} comparisons`);
  });
});
