// MurmurHash64A (Austin Appleby, public domain), the hash of HyperLogLogs, in 32-bit arithmetic. It
// is not keyed and must not be used for hash tables. The 64-bit result is left in two variables, so
// that hashing allocates nothing.
const multiplierHigh = 0xc6a4a793 | 0;
const multiplierLow = 0x5bd1e995 | 0;
const seed = 0xadc83b19 | 0;

/** The two halves of the last hash, as signed 32-bit integers. */
export let murmurHigh = 0;
export let murmurLow = 0;

/** The state, and what is multiplied: product and factors are these two words. */
let high = 0;
let low = 0;

/** High 32 bits of the product of two unsigned words. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const first = Math.imul(aLow, bLow) >>> 16;
  const second = aHigh * bLow + first;
  const third = aLow * bHigh + (second % 65536);
  return (aHigh * bHigh + Math.floor(second / 65536) + Math.floor(third / 65536)) | 0;
}

/** Multiplies `high` and `low` by the hash's constant. */
function multiply(): void {
  const product = multiplyHigh(low, multiplierLow);
  high = (product + Math.imul(low, multiplierHigh) + Math.imul(high, multiplierLow)) | 0;
  low = Math.imul(low, multiplierLow);
}

/** Hashes `length` bytes into `murmurHigh` and `murmurLow`. */
export function murmurHash(bytes: Uint8Array, offset: number, length: number): void {
  high = 0;
  low = length;
  multiply();
  let stateHigh = high;
  let stateLow = low ^ seed;
  let at = offset;
  for (const end = offset + (length & ~7); at < end; at += 8) {
    low = wordAt(bytes, at);
    high = wordAt(bytes, at + 4);
    multiply();
    low ^= high >>> 15;
    multiply();
    high ^= stateHigh;
    low ^= stateLow;
    multiply();
    stateHigh = high;
    stateLow = low;
  }
  high = stateHigh;
  low = stateLow;
  const left = length & 7;
  if (left > 0) {
    for (let index = 0; index < left; index++) {
      if (index < 4) low ^= bytes[at + index] << (index << 3);
      else high ^= bytes[at + index] << ((index - 4) << 3);
    }
    multiply();
  }
  low ^= high >>> 15;
  multiply();
  low ^= high >>> 15;
  murmurHigh = high;
  murmurLow = low;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
