// HyperLogLogs: strings that estimate how many different elements were added to them, in Redis's
// own bytes (src/hyperloglog.c).
//
//   byte  0  "HYLL"
//         4  encoding: 0 dense, 1 sparse
//         8  cached estimate, 64 bits little-endian; the highest bit: not valid
//        16  registers
//
// There are 16,384 registers of 6 bits. Dense: one after the other, the lowest bits first. Sparse:
// runs of registers, as
//
//   00llllll  l+1 zeros      01llllll llllllll  l+1 zeros      1vvvvvll  l+1 times the value v+1
//
// All functions take bytes and the offset and length of the string in them; `hyperloglog-sparse.ts`
// changes the sparse form.
import { murmurHash, murmurHigh, murmurLow } from "./hyperloglog-hash.ts";

export const hllHeaderBytes = 16;
export const registerCount = 16384;
const registerBits = 6;
export const denseBytes = hllHeaderBytes + (registerCount * registerBits) / 8;
export const hllEncoding = { dense: 0, sparse: 1 } as const;
const magic = [0x48, 0x59, 0x4c, 0x4c];
const encodingByte = 4;
const estimateByte = 8;
const invalidBit = 0x80;
/** Bits of a hash that count the zeros: 64 less those that choose the register. */
const rankBits = 50;
const alpha = 0.7213475204444817;

/** Whether the string looks like one; sparse runs are checked where they are walked. */
export function isHyperLogLog(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < hllHeaderBytes) return false;
  for (let index = 0; index < 4; index++) if (bytes[offset + index] !== magic[index]) return false;
  const encoding = bytes[offset + encodingByte];
  return (
    encoding === hllEncoding.sparse || (encoding === hllEncoding.dense && length === denseBytes)
  );
}

export function isDense(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset + encodingByte] === hllEncoding.dense;
}

/** Writes the header of one without elements. */
export function writeHeader(bytes: Uint8Array, offset: number, encoding: number): void {
  bytes.fill(0, offset, offset + hllHeaderBytes);
  bytes.set(magic, offset);
  bytes[offset + encodingByte] = encoding;
}

/** The cached estimate is no longer right. */
export function invalidateEstimate(bytes: Uint8Array, offset: number): void {
  bytes[offset + estimateByte + 7] |= invalidBit;
}

/** The cached estimate, -1 when it is not valid. */
export function cachedEstimate(bytes: Uint8Array, offset: number): number {
  const start = offset + estimateByte;
  if ((bytes[start + 7] & invalidBit) !== 0) return -1;
  let value = 0;
  for (let index = 7; index >= 0; index--) value = value * 256 + bytes[start + index];
  return value;
}

export function cacheEstimate(bytes: Uint8Array, offset: number, estimate: number): void {
  let rest = estimate;
  for (let index = 0; index < 8; index++) {
    bytes[offset + estimateByte + index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** The register that the element hashed last belongs to. */
export let hashedRegister = 0;

/** Hashes an element: its register goes to `hashedRegister`; returns its rank, 1 to 51. */
export function hashElement(bytes: Uint8Array, offset: number, length: number): number {
  murmurHash(bytes, offset, length);
  hashedRegister = murmurLow & (registerCount - 1);
  const low = (murmurLow >>> 14) | (murmurHigh << 18);
  if (low !== 0) return 32 - Math.clz32(low & -low);
  const high = (murmurHigh >>> 14) | (1 << (rankBits - 32));
  return 64 - Math.clz32(high & -high);
}

/** Register `index` of a dense one. */
export function denseRegister(bytes: Uint8Array, offset: number, index: number): number {
  const bit = index * registerBits;
  const at = offset + hllHeaderBytes + (bit >>> 3);
  // The last register's second byte is behind the end; its bits are not needed then.
  return ((bytes[at] | (bytes[at + 1] << 8)) >>> (bit & 7)) & 63;
}

/** Raises a register of a dense one; false when it was that high already. */
export function raiseDense(
  bytes: Uint8Array,
  offset: number,
  index: number,
  rank: number,
): boolean {
  if (denseRegister(bytes, offset, index) >= rank) return false;
  const bit = index * registerBits;
  const at = offset + hllHeaderBytes + (bit >>> 3);
  const shift = bit & 7;
  bytes[at] = (bytes[at] & ~(63 << shift)) | (rank << shift);
  if (shift > 2) {
    const above = 8 - shift;
    bytes[at + 1] = (bytes[at + 1] & ~(63 >>> above)) | (rank >>> above);
  }
  return true;
}

/**
 * Raises each of `registers`, 16,384 bytes, to the value that it has in the string; false when the
 * sparse runs do not cover them all.
 */
export function mergeInto(
  registers: Uint8Array,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (!isDense(bytes, offset)) return mergeSparse(registers, bytes, offset, length);
  for (let index = 0; index < registerCount; index++) {
    const value = denseRegister(bytes, offset, index);
    if (value > registers[index]) registers[index] = value;
  }
  return true;
}

function mergeSparse(
  registers: Uint8Array,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const bytesEnd = offset + length;
  let register = 0;
  for (let at = offset + hllHeaderBytes; at < bytesEnd; at += runBytes(bytes, at)) {
    const run = runLength(bytes, at);
    if (register + run > registerCount) return false;
    const value = runValue(bytes, at);
    const end = value > 0 ? register + run : register;
    for (let index = register; index < end; index++) {
      if (value > registers[index]) registers[index] = value;
    }
    register += run;
  }
  return register === registerCount;
}

/** Bytes of the run at `at`. */
export function runBytes(bytes: Uint8Array, at: number): number {
  return (bytes[at] & 0xc0) === 0x40 ? 2 : 1;
}

/** Registers of the run at `at`. */
export function runLength(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte >= 0x80) return (byte & 3) + 1;
  if (byte >= 0x40) return (((byte & 0x3f) << 8) | bytes[at + 1]) + 1;
  return byte + 1;
}

/** The value of the registers of the run at `at`. */
export function runValue(bytes: Uint8Array, at: number): number {
  return bytes[at] >= 0x80 ? ((bytes[at] >> 2) & 0x1f) + 1 : 0;
}

const histogram = new Int32Array(64);

/** How many elements were added, about; -1 when the sparse runs do not cover all registers. */
export function estimateCount(bytes: Uint8Array, offset: number, length: number): number {
  histogram.fill(0);
  if (isDense(bytes, offset)) {
    for (let index = 0; index < registerCount; index++) {
      histogram[denseRegister(bytes, offset, index)]++;
    }
    return estimateOf(histogram);
  }
  const end = offset + length;
  let registers = 0;
  for (let at = offset + hllHeaderBytes; at < end; at += runBytes(bytes, at)) {
    const run = runLength(bytes, at);
    registers += run;
    histogram[runValue(bytes, at)] += run;
  }
  return registers === registerCount ? estimateOf(histogram) : -1;
}

/** The same for registers of a byte each. */
export function estimateRegisters(registers: Uint8Array): number {
  histogram.fill(0);
  for (let index = 0; index < registerCount; index++) histogram[registers[index]]++;
  return estimateOf(histogram);
}

/** The estimate from the number of registers of each value. Otmar Ertl, arXiv:1702.01284. */
function estimateOf(counts: Int32Array): number {
  const total = registerCount;
  let z = total * tau((total - counts[rankBits + 1]) / total);
  for (let value = rankBits; value >= 1; value--) {
    z += counts[value];
    z *= 0.5;
  }
  z += total * sigma(counts[0] / total);
  return Math.round((alpha * total * total) / z);
}

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let y = 1;
  let z = x;
  let before: number;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (before !== z);
  return z;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  let before: number;
  do {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  } while (before !== z);
  return z / 3;
}
