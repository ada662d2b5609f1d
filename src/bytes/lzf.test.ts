// Tests of `lzf.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes, latin1 } from "./ascii.ts";
import { compressLzf, decompressLzf } from "./lzf.ts";

const guard = 0xee;

/** Compresses from and to the middle of larger arrays; undefined when it does not fit. */
function compress(bytes: Uint8Array, room: number): Uint8Array | undefined {
  const from = new Uint8Array(bytes.length + 8).fill(guard);
  from.set(bytes, 3);
  const to = new Uint8Array(room + 8).fill(guard);
  const size = compressLzf(from, 3, bytes.length, to, 5, room);
  assert.ok(size <= room);
  assertUntouched(to, 5, room);
  return size === 0 ? undefined : to.slice(5, 5 + size);
}

/** Decompresses likewise; undefined for corrupt input. */
function decompress(bytes: Uint8Array, room: number): Uint8Array | undefined {
  const from = new Uint8Array(bytes.length + 8).fill(0x20);
  from.set(bytes, 3);
  const to = new Uint8Array(room + 8).fill(guard);
  const size = decompressLzf(from, 3, bytes.length, to, 5, room);
  assert.ok(size <= room);
  assertUntouched(to, 5, room);
  return size === -1 ? undefined : to.slice(5, 5 + size);
}

function assertUntouched(bytes: Uint8Array, start: number, room: number): void {
  for (let index = 0; index < bytes.length; index++) {
    if (index < start || index >= start + room) assert.equal(bytes[index], guard);
  }
}

function worstSize(length: number): number {
  return length + Math.ceil(length / 32);
}

// Bytes from a small set repeat often enough to give references of every length and distance.
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20, max: 3 }), fc.nat(60)), {
    maxLength: 40,
  })
  .map((parts) =>
    Buffer.concat(parts.flatMap(([part, count]) => Array<Uint8Array>(count).fill(part))),
  );
const inputs = fc.oneof(repetitive, fc.uint8Array({ maxLength: 500 }));

describe("LZF", () => {
  it("gives every input back", () => {
    fc.assert(
      fc.property(inputs, (bytes) => {
        const compressed = compress(bytes, worstSize(bytes.length)) ?? new Uint8Array(0);
        assert.equal(compressed.length === 0, bytes.length === 0);
        const result = decompress(compressed, bytes.length);
        assert.ok(result !== undefined && Buffer.from(bytes).equals(result));
      }),
      { numRuns: 1000 },
    );
  });

  it("writes literals and references as the format lays them out", () => {
    const expected: [string, number[]][] = [
      ["abcabc", [2, 97, 98, 99, 0x20, 2]],
      // The third part starts within the second, in one of its last two bytes.
      ["abcdeabcdeXdeX", [4, 97, 98, 99, 100, 101, 0x60, 4, 0, 88, 0x20, 2]],
      ["abcdeabcdeXYeXY", [4, 97, 98, 99, 100, 101, 0x60, 4, 1, 88, 89, 0x20, 2]],
      ["a".repeat(9), [0, 97, 0xc0, 0]],
      ["a".repeat(10), [0, 97, 0xe0, 0, 0]],
      ["a".repeat(265), [0, 97, 0xe0, 255, 0]],
      ["a".repeat(266), [0, 97, 0xe0, 255, 0, 0, 97]],
    ];
    for (const [text, bytes] of expected) {
      assert.deepEqual(compress(asciiBytes(text), 100), Uint8Array.from(bytes), text);
    }
  });

  it("reaches back 8,192 bytes and no further", () => {
    for (const [gap, isFound] of [
      [8192 - 12, true],
      [8192 - 11, false],
    ] as const) {
      const middle = Uint8Array.from({ length: gap }, (_, index) => 128 + ((index * index) >> 4));
      const word = asciiBytes("abcdefghijkl");
      const bytes = Buffer.concat([word, middle, word]);
      const without = compress(Buffer.concat([word, middle]), 20_000);
      const compressed = compress(bytes, 20_000);
      assert.ok(compressed !== undefined && without !== undefined);
      assert.equal(compressed.length - without.length < 12, isFound);
      assert.deepEqual(decompress(compressed, bytes.length), Uint8Array.from(bytes));
    }
  });

  it("needs a hundredth for a run of one byte", () => {
    const compressed = compress(new Uint8Array(100_000).fill(0x61), 100_000);
    assert.ok(compressed !== undefined && compressed.length < 1200, `${compressed?.length}`);
  });

  it("answers 0 rather than take more room than it is given", () => {
    fc.assert(
      fc.property(repetitive, (bytes) => {
        const compressed = compress(bytes, worstSize(bytes.length));
        const size = compressed?.length ?? 0;
        for (let room = 0; room < size; room++) assert.equal(compress(bytes, room), undefined);
        if (size > 0) assert.deepEqual(compress(bytes, size), compressed);
      }),
      { numRuns: 50 },
    );
  });

  it("does not depend on what was compressed before", () => {
    const bytes = asciiBytes("one two one two three one two three four ".repeat(4));
    const first = compress(bytes, 1000);
    for (const other of ["one two three", "four one two one", "x".repeat(300)]) {
      compress(asciiBytes(other), 1000);
      assert.deepEqual(compress(bytes, 1000), first);
    }
  });

  it("reads the streams that Redis writes", () => {
    // The string and its LZF form as redis-server stores it in a DUMP payload.
    const stored = Buffer.from(
      "0d746f206265206f72206e6f742074400c082c207468617420697320070e65207175657374696f6e" +
        "3a20776865201000728024e00431012061e01c00016161",
      "hex",
    );
    const text =
      "to be or not to be, that is the question: whether to be or not to be " + "a".repeat(40);
    const result = decompress(stored, text.length);
    assert.ok(result !== undefined);
    assert.equal(latin1(result, 0, result.length), text);
  });

  it("refuses corrupt input", () => {
    const corrupt = [
      [0x00], // a literal run without its byte
      [0x05, 1, 2, 3], // a run that is cut off
      [0x20, 0x00], // a reference before there is any output
      [0x00, 1, 0x20, 0x01], // one byte too far back
      [0x00, 1, 0x3f, 0xff], // as far back as the short form goes
      [0x00, 1, 0x20], // a reference without its distance
      [0x00, 1, 0xe0], // a long one without its length
      [0x00, 1, 0xe0, 5], // a long one without its distance
      [0x00, 1, 0xe0, 0xff, 0], // 264 bytes where there is room for less
      [0x1f, ...Array<number>(32).fill(7), 0x1f, ...Array<number>(32).fill(7), 0x00, 1],
    ];
    for (const bytes of corrupt) {
      assert.equal(decompress(Uint8Array.from(bytes), 64), undefined, String(bytes));
    }
  });

  it("stays within its ranges whatever it reads", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(300), (bytes, room) => {
        decompress(bytes, room);
      }),
      { numRuns: 3000 },
    );
    // Damage to a valid stream gets further than random bytes do.
    fc.assert(
      fc.property(repetitive, fc.nat(), fc.nat(255), (bytes, at, value) => {
        const compressed = compress(bytes, worstSize(bytes.length));
        fc.pre(compressed !== undefined);
        compressed[at % compressed.length] = value;
        decompress(compressed, bytes.length);
      }),
      { numRuns: 1000 },
    );
  });
});
