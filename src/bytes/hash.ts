// HalfSipHash-1-3: the keyed hash of every hash table whose keys a client chooses. Without the key
// an attacker cannot find keys that fall into one bucket, and the 32-bit variant needs no 64-bit
// arithmetic, which JavaScript has not got. Design: Aumasson and Bernstein, "SipHash: a fast
// short-input PRF"; HalfSipHash is the variant in its reference code, hsiphash in the Linux kernel.
// One round a word and three at the end, as is usual for hash tables.
//
//   state: v0 v1 v2 v3, 32 bits each; key: key0 key1
//   words: little-endian, the last one holds length << 24 | the 0-3 bytes that are left
import { viewOf } from "./viewed.ts";

/** The 32-bit hash, as a signed integer, of `length` bytes under a 64-bit key. */
export function hashBytes(
  bytes: Uint8Array,
  offset: number,
  length: number,
  key0: number,
  key1: number,
): number {
  let v0 = key0 | 0;
  let v1 = key1 | 0;
  let v2 = 0x6c796765 ^ key0;
  let v3 = 0x74656462 ^ key1;
  const end = offset + length;
  const view = viewOf(bytes);
  let position = offset;
  for (let left = length >> 2; left >= 0; left--) {
    let word: number;
    if (left !== 0) {
      word = view === undefined ? readWord(bytes, position) : view.getInt32(position, true);
      position += 4;
    } else {
      word = length << 24;
      if (end - position > 2) word |= bytes[position + 2] << 16;
      if (end - position > 1) word |= bytes[position + 1] << 8;
      if (end - position > 0) word |= bytes[position];
    }
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  v2 ^= 0xff;
  for (let round = 0; round < 3; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}

function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
