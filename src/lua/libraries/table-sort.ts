// `table.sort`: the quicksort of Lua 5.1 step by step, since which of several equal elements comes
// first, and what an order function that contradicts itself leads to, depend on the steps.

import { failure } from "../call-sites.ts";
import { callPairFromHost, lessThanFromHost } from "../host-call.ts";
import { isTrue } from "../operators.ts";

type Order = (a: unknown, b: unknown) => boolean;

/** Sorts `values[1]` to `values[count]`; `order` is undefined for Lua's `<`. */
export function sortValues(values: unknown[], count: number, order: unknown): void {
  if (order === undefined && sortAlike(values, count)) return;
  const isLess: Order =
    order === undefined ? lessThanFromHost : (a, b) => isTrue(callPairFromHost(order, a, b));
  sortRange(values, 1, count, isLess);
}

/** Sorts numbers, or strings, the host's way: no one can tell equal ones apart. */
function sortAlike(values: unknown[], count: number): boolean {
  const type = typeof values[1];
  if (type !== "number" && type !== "string") return false;
  for (let at = 1; at <= count; at++) {
    const value = values[at];
    if (typeof value !== type || value !== value || value === 0) return false;
  }
  if (type === "number") {
    const numbers = Float64Array.from({ length: count }, (_, at) => values[at + 1] as number);
    numbers.sort();
    for (let at = 0; at < count; at++) values[at + 1] = numbers[at];
    return true;
  }
  const texts = values.slice(1, count + 1) as string[];
  texts.sort((a, b) => (a < b ? -1 : a === b ? 0 : 1));
  for (let at = 0; at < count; at++) values[at + 1] = texts[at];
  return true;
}

function swap(values: unknown[], a: number, b: number): void {
  const value = values[a];
  values[a] = values[b];
  values[b] = value;
}

function sortRange(values: unknown[], from: number, to: number, isLess: Order): void {
  let low = from;
  let high = to;
  while (low < high) {
    if (isLess(values[high], values[low])) swap(values, low, high);
    if (high - low === 1) return;
    const middle = Math.floor((low + high) / 2);
    if (isLess(values[middle], values[low])) swap(values, middle, low);
    else if (isLess(values[high], values[middle])) swap(values, middle, high);
    if (high - low === 2) return;
    const pivot = values[middle];
    swap(values, middle, high - 1);
    const place = partition(values, low, high, isLess, pivot);
    swap(values, high - 1, place);
    // The smaller half is sorted by recursion, so the depth stays logarithmic.
    if (place - low < high - place) {
      sortRange(values, low, place - 1, isLess);
      low = place + 1;
    } else {
      sortRange(values, place + 1, high, isLess);
      high = place - 1;
    }
  }
}

/** Moves what is less than the pivot to the left; where the pivot belongs. */
function partition(
  values: unknown[],
  low: number,
  high: number,
  isLess: Order,
  pivot: unknown,
): number {
  let left = low;
  let right = high - 1;
  for (;;) {
    while (isLess(values[++left], pivot)) {
      if (left > high) throw failure("invalid order function for sorting");
    }
    while (isLess(pivot, values[--right])) {
      if (right < low) throw failure("invalid order function for sorting");
    }
    if (right < left) return left;
    swap(values, left, right);
  }
}
