// The longest common subsequence of two byte ranges: the bytes that both have in the same order,
// gaps allowed.
//
// The textbook table: cell (i, j) is the length for the first i bytes of `a` and the first j of
// `b`, so row and column 0 are 0.
//
//                       cell(i-1, j-1) + 1                     when a[i-1] = b[j-1]
//     cell(i, j)  =     max(cell(i-1, j), cell(i, j-1))        otherwise
//
// The way back from the last cell to the border gives the sequence. There may be several equally
// long ones; where both directions are as good we go down in `b`, as Redis does. Time and memory
// are the product of the lengths: the caller limits it.
import type { Slice } from "./slices.ts";

/**
 * Bytes that follow each other in both ranges: `length` of them from `startA` in one and from
 * `startB` in the other.
 */
export interface CommonRun {
  readonly startA: number;
  readonly startB: number;
  readonly length: number;
}

export class LongestCommonSubsequence {
  readonly #a: Slice;
  readonly #b: Slice;
  readonly #cells: Uint16Array | Uint32Array;

  /** Reads the ranges now and when asked for the sequence, so they must stay until then. */
  constructor(a: Slice, b: Slice) {
    this.#a = a;
    this.#b = b;
    const count = (a.length + 1) * (b.length + 1);
    const isShort = Math.min(a.length, b.length) <= 0xffff;
    this.#cells = isShort ? new Uint16Array(count) : new Uint32Array(count);
    fill(this.#cells, a, b);
  }

  get length(): number {
    return this.#cells[this.#cells.length - 1];
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    let position = bytes.length;
    for (const { startA, length } of this.matches()) {
      position -= length;
      const start = this.#a.offset + startA;
      bytes.set(this.#a.bytes.subarray(start, start + length), position);
    }
    return bytes;
  }

  /** The runs that make up the sequence, each as long as it goes, the last one first. */
  matches(): CommonRun[] {
    const { bytes: bytesA, offset: offsetA } = this.#a;
    const { bytes: bytesB, offset: offsetB } = this.#b;
    const cells = this.#cells;
    const rowLength = this.#b.length + 1;
    const runs: CommonRun[] = [];
    let i = this.#a.length;
    let j = this.#b.length;
    let length = 0;
    while (i > 0 && j > 0) {
      if (bytesA[offsetA + i - 1] === bytesB[offsetB + j - 1]) {
        i--;
        j--;
        length++;
        continue;
      }
      if (length > 0) runs.push({ startA: i, startB: j, length });
      length = 0;
      if (cells[(i - 1) * rowLength + j] > cells[i * rowLength + j - 1]) i--;
      else j--;
    }
    if (length > 0) runs.push({ startA: i, startB: j, length });
    return runs;
  }
}

function fill(cells: Uint16Array | Uint32Array, a: Slice, b: Slice): void {
  const rowLength = b.length + 1;
  const { bytes: bytesB, offset: offsetB } = b;
  for (let i = 1; i <= a.length; i++) {
    const byte = a.bytes[a.offset + i - 1];
    const row = i * rowLength;
    const above = row - rowLength;
    for (let j = 1; j < rowLength; j++) {
      if (bytesB[offsetB + j - 1] === byte) {
        cells[row + j] = cells[above + j - 1] + 1;
      } else {
        const up = cells[above + j];
        const left = cells[row + j - 1];
        cells[row + j] = up > left ? up : left;
      }
    }
  }
}
