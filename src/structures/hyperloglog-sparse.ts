// Changing HyperLogLogs: a buffer that holds one while it is worked on, sparse for as long as it
// fits, dense from then on.
//
// The runs are split and joined just as Redis does, so that the bytes are the same whoever has
// added the elements.
import { copyBytes } from "../bytes/ascii.ts";
import {
  denseBytes,
  hllEncoding,
  hllHeaderBytes,
  isDense,
  mergeInto,
  raiseDense,
  registerCount,
  runBytes,
  runLength,
  runValue,
  writeHeader,
} from "./hyperloglog.ts";

const valueMax = 32;
const valueRunMax = 4;
const shortZerosMax = 64;
/** Runs that are looked at after a change, to join those of the same value. */
const joinedRunsMax = 5;
/** A run becomes three at most, of five bytes. */
const spareBytes = 16;

/** What became of a register. */
export const raised = { no: 0, yes: 1, corrupt: -1 } as const;

export class HyperLogLogBuffer {
  bytes = new Uint8Array(denseBytes + spareBytes);
  length = 0;
  readonly #runs = new Uint8Array(spareBytes);
  /**
   * The run before the one that was looked for last, or the first, and its first register: whoever
   * raises one register after the other need not look at all runs each time.
   */
  #nearAt = hllHeaderBytes;
  #nearFirst = 0;

  /** Makes it one without elements. */
  clear(): void {
    writeHeader(this.bytes, 0, hllEncoding.sparse);
    this.length = hllHeaderBytes + this.#writeZeros(this.bytes, hllHeaderBytes, registerCount);
    this.#begin();
  }

  /** The next register is looked for from the first run on. */
  #begin(): void {
    this.#nearAt = hllHeaderBytes;
    this.#nearFirst = 0;
  }

  load(bytes: Uint8Array, offset: number, length: number): void {
    if (length + spareBytes > this.bytes.length)
      this.bytes = new Uint8Array(length * 2 + spareBytes);
    copyBytes(bytes, offset, this.bytes, 0, length);
    this.length = length;
    this.#begin();
  }

  /** Raises a register; sparse up to `sparseBytesMax` bytes. Returns one of `raised`. */
  raise(index: number, rank: number, sparseBytesMax: number): number {
    if (isDense(this.bytes, 0))
      return raiseDense(this.bytes, 0, index, rank) ? raised.yes : raised.no;
    if (rank > valueMax) return this.#raiseAsDense(index, rank);
    const end = this.length;
    const { bytes } = this;
    // A change joins the run before with what follows, so that run must not be left out.
    if (index < this.#nearFirst + runLength(bytes, this.#nearAt)) this.#begin();
    let first = this.#nearFirst;
    let at = this.#nearAt;
    let length = 0;
    for (; at < end; at += runBytes(bytes, at)) {
      length = runLength(bytes, at);
      if (index < first + length) break;
      this.#nearAt = at;
      this.#nearFirst = first;
      first += length;
    }
    if (at >= end) return raised.corrupt;
    const value = runValue(bytes, at);
    if (value >= rank) return raised.no;
    const size = this.#splitRun(index - first, length, value, rank);
    const added = size - runBytes(this.bytes, at);
    if (added > 0 && end + added > sparseBytesMax) return this.#raiseAsDense(index, rank);
    if (end + added + spareBytes > this.bytes.length) this.#grow();
    const next = at + runBytes(this.bytes, at);
    copyBytes(this.bytes, next, this.bytes, at + size, end - next);
    copyBytes(this.#runs, 0, this.bytes, at, size);
    this.length = end + added;
    this.#join(this.#nearAt);
    return raised.yes;
  }

  #grow(): void {
    const grown = new Uint8Array(this.bytes.length * 2);
    grown.set(this.bytes);
    this.bytes = grown;
  }

  #raiseAsDense(index: number, rank: number): number {
    if (!this.makeDense()) return raised.corrupt;
    return raiseDense(this.bytes, 0, index, rank) ? raised.yes : raised.no;
  }

  /**
   * Writes the runs that replace one of `length` registers when the one at `place` gets another
   * value; returns their bytes.
   */
  #splitRun(place: number, length: number, value: number, rank: number): number {
    const runs = this.#runs;
    let size = this.#writeRun(runs, 0, value, place);
    runs[size++] = 0x80 | ((rank - 1) << 2);
    return this.#writeRun(runs, size, value, length - place - 1);
  }

  /** Writes a run, none when it has no registers; returns the offset behind. */
  #writeRun(to: Uint8Array, at: number, value: number, length: number): number {
    if (length === 0) return at;
    if (value === 0) return at + this.#writeZeros(to, at, length);
    to[at] = 0x80 | ((value - 1) << 2) | (length - 1);
    return at + 1;
  }

  #writeZeros(to: Uint8Array, at: number, length: number): number {
    if (length <= shortZerosMax) {
      to[at] = length - 1;
      return 1;
    }
    to[at] = 0x40 | ((length - 1) >> 8);
    to[at + 1] = length - 1;
    return 2;
  }

  /** Joins neighbours of the same value, from the run at `start` on. */
  #join(start: number): void {
    const { bytes } = this;
    let at = start;
    for (let left = joinedRunsMax; left > 0 && at < this.length; left--) {
      const value = runValue(bytes, at);
      const next = at + 1;
      if (value > 0 && next < this.length && runValue(bytes, next) === value) {
        const length = runLength(bytes, at) + runLength(bytes, next);
        if (length <= valueRunMax) {
          bytes[next] = 0x80 | ((value - 1) << 2) | (length - 1);
          copyBytes(bytes, next, bytes, at, this.length - next);
          this.length--;
          continue;
        }
      }
      at += runBytes(bytes, at);
    }
  }

  /** Makes it dense, if it is not; false when the runs do not cover all registers. */
  makeDense(): boolean {
    if (isDense(this.bytes, 0)) return true;
    const registers = new Uint8Array(registerCount);
    if (!mergeInto(registers, this.bytes, 0, this.length)) return false;
    const dense = new Uint8Array(denseBytes + spareBytes);
    // The header stays: the cached estimate is as right as it was.
    copyBytes(this.bytes, 0, dense, 0, hllHeaderBytes);
    dense[4] = hllEncoding.dense;
    for (let index = 0; index < registerCount; index++) {
      if (registers[index] > 0) raiseDense(dense, 0, index, registers[index]);
    }
    this.bytes = dense;
    this.length = denseBytes;
    return true;
  }
}
