// Tests of `ascii.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  asciiBytes,
  compareBytes,
  copyBytes,
  equalBytes,
  equalsWord,
  latin1,
  lowerCase,
  utf8,
} from "./ascii.ts";

const binary = fc.uint8Array({ maxLength: 200 });
const offset = fc.nat(20);

/** The bytes with `before` bytes of something else in front of them and after them. */
function embed(bytes: Uint8Array, before: number): Uint8Array {
  const embedded = new Uint8Array(bytes.length + before + 3).fill(0xaa);
  embedded.set(bytes, before);
  return embedded;
}

describe("Latin-1 and UTF-8", () => {
  it("keeps every byte through a string and back", () => {
    fc.assert(
      fc.property(binary, offset, (bytes, at) => {
        const text = latin1(embed(bytes, at), at, at + bytes.length);
        assert.equal(text.length, bytes.length);
        assert.deepEqual(asciiBytes(text), bytes);
      }),
    );
  });

  it("refuses a character that has no byte", () => {
    assert.throws(() => asciiBytes("a\u0100"), RangeError);
  });

  it("decodes UTF-8, also from the middle of a view", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), offset, (text, at) => {
        const bytes = new TextEncoder().encode(text);
        assert.equal(utf8(embed(bytes, at).subarray(at), 0, bytes.length), text);
      }),
    );
  });

  it("replaces what is not UTF-8", () => {
    assert.equal(utf8(Uint8Array.of(0x61, 0xff, 0x62), 0, 3), "a\ufffdb");
  });
});

describe("equalsWord", () => {
  const expire = asciiBytes("expire");

  it("ignores the case of the bytes", () => {
    for (const text of ["expire", "EXPIRE", "ExPiRe"]) {
      assert.ok(equalsWord(embed(asciiBytes(text), 4), 4, 6, expire), text);
    }
  });

  it("refuses other words and other lengths", () => {
    for (const text of ["expirf", "axpire", "expir", "expires", "", "\x65xpir\x05"]) {
      const bytes = asciiBytes(text);
      assert.ok(!equalsWord(bytes, 0, bytes.length, expire), text);
    }
  });

  it("folds only the letters of ASCII", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isCapital = byte >= 0x41 && byte <= 0x5a;
      assert.equal(lowerCase[byte], isCapital ? byte + 0x20 : byte);
    }
    assert.ok(!equalsWord(asciiBytes("@["), 0, 2, asciiBytes("`{")));
  });
});

describe("comparison", () => {
  // Long equal prefixes are what takes the native path, so we make them on purpose.
  const pair = fc.record({
    prefix: binary,
    a: fc.uint8Array({ maxLength: 30 }),
    b: fc.uint8Array({ maxLength: 30 }),
    aOffset: offset,
    bOffset: offset,
  });

  it("orders as memcmp does, then by length", () => {
    fc.assert(
      fc.property(pair, ({ prefix, a, b, aOffset, bOffset }) => {
        const left = Buffer.concat([prefix, a]);
        const right = Buffer.concat([prefix, b]);
        const order = compareBytes(
          embed(left, aOffset),
          aOffset,
          left.length,
          embed(right, bOffset),
          bOffset,
          right.length,
        );
        assert.equal(Math.sign(order), Buffer.compare(left, right));
      }),
      { numRuns: 1000 },
    );
  });

  it("finds any single byte that differs", () => {
    for (const length of [1, 3, 4, 5, 16, 80, 81, 300]) {
      const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
      const left = embed(bytes, 5);
      assert.ok(equalBytes(left, 5, bytes, 0, length));
      assert.equal(compareBytes(left, 5, length, bytes, 0, length), 0);
      for (let index = 0; index < length; index++) {
        bytes[index] ^= 1;
        assert.ok(!equalBytes(left, 5, bytes, 0, length), `${length} bytes, ${index}`);
        const order = compareBytes(left, 5, length, bytes, 0, length);
        assert.equal(Math.sign(order), Math.sign(left[5 + index] - bytes[index]));
        bytes[index] ^= 1;
      }
    }
  });

  it("does not look beyond its range", () => {
    assert.ok(equalBytes(asciiBytes("abcX"), 0, asciiBytes("abcY"), 0, 3));
    assert.ok(equalBytes(asciiBytes("a"), 0, asciiBytes("b"), 0, 0));
  });
});

describe("copyBytes", () => {
  const move = fc.record({
    bytes: fc.uint8Array({ minLength: 300, maxLength: 300 }),
    from: fc.nat(100),
    to: fc.nat(100),
    length: fc.nat(200),
  });

  it("moves within one array, overlapping or not", () => {
    fc.assert(
      fc.property(move, ({ bytes, from, to, length }) => {
        const expected = bytes.slice().copyWithin(to, from, from + length);
        copyBytes(bytes, from, bytes, to, length);
        assert.deepEqual(bytes, expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("moves between overlapping views of one buffer", () => {
    fc.assert(
      fc.property(move, offset, ({ bytes, from, to, length }, start) => {
        const view = bytes.subarray(start);
        const amount = Math.min(length, view.length - to);
        const expected = bytes.slice().copyWithin(to + start, from, from + amount);
        copyBytes(bytes, from, view, to, amount);
        assert.deepEqual(bytes, expected);
      }),
      { numRuns: 1000 },
    );
  });

  it("copies between arrays and touches nothing around the range", () => {
    fc.assert(
      fc.property(move, ({ bytes, from, to, length }) => {
        const target = new Uint8Array(300).fill(0xee);
        copyBytes(bytes, from, target, to, length);
        const expected = new Uint8Array(300).fill(0xee);
        expected.set(bytes.subarray(from, from + length), to);
        assert.deepEqual(target, expected);
      }),
    );
  });
});
