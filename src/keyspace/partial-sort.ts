// Sorts a part of an array: places `first` to `last` hold what they would hold if all of it were
// sorted, the rest is in any order. The work is that of finding the part and of sorting it.
//
// It is the quicksort of Bentley and McIlroy, "Engineering a Sort Function" (1993), leaving out the
// sides that no wanted place lies in, with the constants that Redis has in src/pqsort.c. It is not
// stable; but the same array in gives the same array out on every server that does these very
// exchanges, and that is the point of it: which of several equal ones COUNT or LIMIT keeps is then
// the same on a primary and on its replica, whichever of them is Redis.

/** Negative, zero or positive, as for Array.prototype.sort. */
export type Comparison<T> = (a: T, b: T) => number;

const insertedMax = 6;
const medianOfNineMin = 41;

/** Sorts in place; `first` and `last` are indexes, both included. */
export function partialSort<T>(
  items: T[],
  compare: Comparison<T>,
  first: number,
  last: number,
): void {
  sortBetween(items, 0, items.length, compare, first, last);
}

/** The part from `start` to before `end`. */
function sortBetween<T>(
  items: T[],
  start: number,
  end: number,
  compare: Comparison<T>,
  first: number,
  last: number,
): void {
  while (end - start > insertedMax) {
    exchange(items, start, pivotOf(items, start, end, compare));
    const { lessEnd, greaterStart } = partition(items, start, end, compare);
    if (first < lessEnd && last >= start) {
      sortBetween(items, start, lessEnd, compare, first, last);
    }
    if (first >= end || last < greaterStart) return;
    start = greaterStart;
  }
  insertionSort(items, start, end, compare);
}

/**
 * Parts a range by its first item: what is less, what is equal, what is greater; where the first
 * part ends and the last begins. While it is under way, equal ones lie at both ends:
 *
 *   equal | less | not looked at | greater | equal
 *   start   low    up       down             high
 */
function partition<T>(
  items: T[],
  start: number,
  end: number,
  compare: Comparison<T>,
): { lessEnd: number; greaterStart: number } {
  let low = start + 1;
  let up = low;
  let high = end - 1;
  let down = high;
  for (;;) {
    for (; up <= down; up++) {
      const order = compare(items[up], items[start]);
      if (order > 0) break;
      if (order === 0) exchange(items, low++, up);
    }
    for (; up <= down; down--) {
      const order = compare(items[down], items[start]);
      if (order < 0) break;
      if (order === 0) exchange(items, down, high--);
    }
    if (up > down) break;
    exchange(items, up++, down--);
  }
  exchangeRuns(items, start, up, Math.min(low - start, up - low));
  exchangeRuns(items, up, end, Math.min(high - down, end - 1 - high));
  return { lessEnd: start + (up - low), greaterStart: end - (high - down) };
}

function insertionSort<T>(items: T[], start: number, end: number, compare: Comparison<T>): void {
  for (let index = start + 1; index < end; index++) {
    for (let at = index; at > start && compare(items[at - 1], items[at]) > 0; at--) {
      exchange(items, at, at - 1);
    }
  }
}

/** The middle one of seven, the median of three of up to 40, else that of three such medians. */
function pivotOf<T>(items: T[], start: number, end: number, compare: Comparison<T>): number {
  const count = end - start;
  let middle = start + (count >> 1);
  if (count === insertedMax + 1) return middle;
  let left = start;
  let right = end - 1;
  if (count >= medianOfNineMin) {
    const step = count >> 3;
    left = median(items, left, left + step, left + 2 * step, compare);
    middle = median(items, middle - step, middle, middle + step, compare);
    right = median(items, right - 2 * step, right - step, right, compare);
  }
  return median(items, left, middle, right, compare);
}

/** Of three places; which one it is of equal ones is as in Redis. */
function median<T>(items: T[], a: number, b: number, c: number, compare: Comparison<T>): number {
  const isRising = compare(items[a], items[b]) < 0;
  const next = compare(items[b], items[c]);
  if (isRising ? next < 0 : next > 0) return b;
  const isWideRising = compare(items[a], items[c]) < 0;
  return isRising === isWideRising ? c : a;
}

function exchange(items: unknown[], a: number, b: number): void {
  const item = items[a];
  items[a] = items[b];
  items[b] = item;
}

/** Exchanges `count` items from `start` on with as many before `end`. */
function exchangeRuns(items: unknown[], start: number, end: number, count: number): void {
  for (let index = 0; index < count; index++) exchange(items, start + index, end - count + index);
}
