// Tests of `hash.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "./ascii.ts";
import { hashBytes } from "./hash.ts";

const key0 = 0x03020100;
const key1 = 0x07060504;

// What the Linux kernel's self-test (lib/tests/siphash_kunit.c) expects of its 32-bit hsiphash,
// which is HalfSipHash-1-3, for the bytes 0, 1, 2... of each length under the key 00 01 ... 07.
const kernelVectors = [0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b];

/** HalfSipHash as its authors describe it, for any number of rounds: slow and plain. */
function halfSipHash(
  bytes: Uint8Array,
  { compress, finish }: { compress: number; finish: number },
): number {
  const v = Uint32Array.of(key0, key1, 0x6c796765 ^ key0, 0x74656462 ^ key1);
  const rotate = (index: number, count: number): void => {
    v[index] = (v[index] << count) | (v[index] >>> (32 - count));
  };
  const add = (to: number, from: number, count: number): void => {
    v[to] += v[from];
    rotate(from, count);
    v[from] ^= v[to];
  };
  const rounds = (count: number): void => {
    for (let round = 0; round < count; round++) {
      add(0, 1, 5);
      rotate(0, 16);
      add(2, 3, 8);
      add(0, 3, 7);
      add(2, 1, 13);
      rotate(2, 16);
    }
  };
  const words = bytes.length >> 2;
  const padded = new Uint8Array((words + 1) * 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  const view = new DataView(padded.buffer);
  for (let index = 0; index <= words; index++) {
    const word = view.getUint32(index * 4, true);
    v[3] ^= word;
    rounds(compress);
    v[0] ^= word;
  }
  v[2] ^= 0xff;
  rounds(finish);
  return v[1] ^ v[3];
}

function hash(bytes: Uint8Array): number {
  return hashBytes(bytes, 0, bytes.length, key0, key1);
}

describe("hashBytes", () => {
  it("gives the vectors of the Linux kernel", () => {
    const bytes = Uint8Array.from({ length: 8 }, (_, index) => index);
    for (const [length, expected] of kernelVectors.entries()) {
      assert.equal(hashBytes(bytes, 0, length, key0, key1) >>> 0, expected);
    }
  });

  it("agrees with a plain HalfSipHash-1-3 whose 2-4 gives the authors' vectors", () => {
    const reference = [0x5b9f35a9, 0xb85a4727];
    for (const [length, expected] of reference.entries()) {
      const bytes = Uint8Array.from({ length }, (_, index) => index);
      assert.equal(halfSipHash(bytes, { compress: 2, finish: 4 }) >>> 0, expected);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(9), (bytes, at) => {
        const embedded = new Uint8Array(bytes.length + at + 5).fill(0xcc);
        embedded.set(bytes, at);
        const expected = halfSipHash(bytes, { compress: 1, finish: 3 });
        assert.equal(hashBytes(embedded, at, bytes.length, key0, key1), expected);
      }),
    );
  });

  it("is a signed 32-bit integer", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(hash(bytes), hash(bytes) | 0)));
  });

  it("changes about half of its bits when one bit of the input or of the key changes", () => {
    const bytes = asciiBytes("user:1000:profile");
    const plain = hash(bytes);
    let flipped = 0;
    let trials = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      flipped += bitCount(hash(bytes) ^ plain);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      trials++;
    }
    for (let bit = 0; bit < 32; bit++) {
      flipped += bitCount(hashBytes(bytes, 0, bytes.length, key0 ^ (1 << bit), key1) ^ plain);
      flipped += bitCount(hashBytes(bytes, 0, bytes.length, key0, key1 ^ (1 << bit)) ^ plain);
      trials += 2;
    }
    const mean = flipped / trials;
    assert.ok(mean > 15 && mean < 17, `${mean} of 32 bits`);
  });

  it("spreads numbered keys evenly over a table, whatever the key", () => {
    for (const key of [0, 1, 0x9e3779b9]) {
      const buckets = new Int32Array(1024);
      for (let index = 0; index < 65536; index++) {
        const bytes = asciiBytes(`key:${index}`);
        buckets[hashBytes(bytes, 0, bytes.length, key, ~key) & 1023]++;
      }
      let chiSquared = 0;
      for (const count of buckets) chiSquared += (count - 64) ** 2 / 64;
      // 1023 degrees of freedom: mean 1023, standard deviation 45; six of these either way.
      assert.ok(chiSquared > 751 && chiSquared < 1295, `chi squared ${chiSquared}`);
    }
  });
});

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
