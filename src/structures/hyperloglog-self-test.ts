// PFSELFTEST: whether registers keep what is written to them, and estimates stay within their
// bounds in both encodings.
import type { Random } from "../bytes/random.ts";
import { HyperLogLogBuffer } from "./hyperloglog-sparse.ts";
import {
  denseBytes,
  denseRegister,
  estimateCount,
  hashElement,
  hashedRegister,
  hllEncoding,
  isDense,
  raiseDense,
  registerCount,
  writeHeader,
} from "./hyperloglog.ts";

const registerCycles = 20;
/** Redis differs: it adds ten million, during which the server serves nobody. */
const elementsMax = 1_000_000;
const relativeError = 1.04 / Math.sqrt(registerCount);
/** An estimate may be wrong by so many standard errors. */
const errorsMax = 6;

/** What is wrong, if anything is. */
export function selfTest(random: Random, sparseBytesMax: number): string | undefined {
  for (let cycle = 0; cycle < registerCycles; cycle++) {
    const fault = testRegisters(random);
    if (fault !== undefined) return fault;
  }
  return testEstimates(random, sparseBytesMax);
}

function testRegisters(random: Random): string | undefined {
  const dense = new Uint8Array(denseBytes + 1);
  const values = new Uint8Array(registerCount);
  for (let index = 0; index < registerCount; index++) {
    values[index] = random.below(64);
    raiseDense(dense, 0, index, values[index]);
  }
  for (let index = 0; index < registerCount; index++) {
    const value = denseRegister(dense, 0, index);
    if (value !== values[index]) {
      return `Register ${index} should be ${values[index]} but is ${value}`;
    }
  }
  return undefined;
}

function testEstimates(random: Random, sparseBytesMax: number): string | undefined {
  const dense = new Uint8Array(denseBytes + 1);
  writeHeader(dense, 0, hllEncoding.dense);
  const buffer = new HyperLogLogBuffer();
  buffer.clear();
  const element = new Uint8Array(8);
  const words = new Int32Array(element.buffer);
  const seed = random.next32() | 0;
  words[1] = random.next32() | 0;
  let checkpoint = 1;
  for (let count = 1; count <= elementsMax; count++) {
    words[0] = count ^ seed;
    const rank = hashElement(element, 0, 8);
    raiseDense(dense, 0, hashedRegister, rank);
    buffer.raise(hashedRegister, rank, sparseBytesMax);
    if (count !== checkpoint) continue;
    const fault = compare(dense, buffer, count, sparseBytesMax);
    if (fault !== undefined) return fault;
    checkpoint *= 10;
  }
  return undefined;
}

function compare(
  dense: Uint8Array,
  buffer: HyperLogLogBuffer,
  count: number,
  sparseBytesMax: number,
): string | undefined {
  if (count < sparseBytesMax / 2 && isDense(buffer.bytes, 0)) return "sparse encoding not used";
  const estimate = estimateCount(dense, 0, denseBytes);
  if (estimateCount(buffer.bytes, 0, buffer.length) !== estimate) return "dense/sparse disagree";
  const errorMax = count === 10 ? 1 : Math.ceil(relativeError * errorsMax * count);
  const error = Math.abs(count - estimate);
  return error > errorMax ? `Too big error. card:${count} abserr:${error}` : undefined;
}
