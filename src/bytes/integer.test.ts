// Tests of `integer.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes, latin1 } from "./ascii.ts";
import {
  integerLength,
  parseInteger,
  parseInteger64,
  parseLength,
  parseUnsigned64,
  writeInteger,
} from "./integer.ts";

const safeIntegers = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.integer({ min: -1000, max: 1000 }),
  fc.nat(15).chain((power) => fc.constantFrom(10 ** power - 1, -(10 ** power), 10 ** power)),
);
const notIntegers = (
  ",-,+,+1,-0,00,01,-01,--1, 1,1 ,1a,a,/,:,1.0,1e3,0x1,1-,1\0,-9a,123456789:,1234567890123x,9/," +
  "1234567890 2,123456789012345678901234567890"
).split(",");

/** The number in the middle of other digits, which must not be read. */
function embed(text: string): Uint8Array {
  return asciiBytes(`77${text}77`);
}

function parse(text: string): number {
  return parseInteger(embed(text), 2, text.length);
}

function parse64(text: string): bigint | undefined {
  return parseInteger64(embed(text), 2, text.length);
}

describe("parseInteger", () => {
  it("reads every safe integer back", () => {
    fc.assert(
      fc.property(safeIntegers, (value) => {
        const text = String(value);
        assert.equal(parse(text), value === 0 ? 0 : value);
        assert.equal(parseLength(embed(text), 2, 2 + text.length), parse(text));
        assert.equal(parse64(text), BigInt(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses what string2ll refuses", () => {
    for (const text of notIntegers) {
      assert.ok(Number.isNaN(parse(text)), JSON.stringify(text));
      assert.equal(parse64(text), undefined, JSON.stringify(text));
      assert.equal(parseUnsigned64(embed(text), 2, text.length), undefined, JSON.stringify(text));
    }
  });

  it("reads no byte outside its range", () => {
    const bytes = asciiBytes("-1-2");
    assert.ok(Number.isNaN(parseInteger(bytes, 0, 0)));
    assert.ok(Number.isNaN(parseInteger(bytes, 0, 1)));
    assert.equal(parseInteger64(bytes, 0, 0), undefined);
    assert.equal(parseInteger64(bytes, 0, 1), undefined);
    assert.equal(parseInteger(bytes, 0, 2), -1);
    assert.equal(parseInteger64(bytes, 0, 2), -1n);
    assert.equal(parseInteger64(bytes, 3, 1), 2n);
  });

  it("accepts exactly the strings that an integer prints as", () => {
    const characters = fc.string({
      unit: fc.constantFrom(...Array.from("-+0123456789 .e")),
      maxLength: 5,
    });
    fc.assert(
      fc.property(characters, (text) => {
        const isInteger = /^(0|-?[1-9][0-9]*)$/.test(text);
        assert.equal(parse(text), isInteger ? Number(text) : NaN);
      }),
      { numRuns: 2000 },
    );
  });

  it("stops at the last integer that a number holds exactly", () => {
    for (const sign of ["", "-"]) {
      assert.equal(parse(`${sign}9007199254740991`), Number(`${sign}9007199254740991`));
      for (const text of ["9007199254740992", "9007199254740993", "9999999999999999"]) {
        assert.ok(Number.isNaN(parse(sign + text)));
      }
      assert.ok(Number.isNaN(parse(`${sign}10000000000000000`)));
    }
  });
});

describe("the 64-bit range", () => {
  it("reads all of it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        assert.equal(parse64(String(value)), value);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const text = String(value);
        assert.equal(parseUnsigned64(embed(text), 2, text.length), value);
      }),
    );
  });

  it("ends where it ends", () => {
    assert.equal(parse64("9223372036854775807"), 2n ** 63n - 1n);
    assert.equal(parse64("9223372036854775808"), undefined);
    assert.equal(parse64("-9223372036854775808"), -(2n ** 63n));
    assert.equal(parse64("-9223372036854775809"), undefined);
    assert.equal(parse64("100000000000000000000"), undefined);
    assert.equal(parseUnsigned64(embed("18446744073709551615"), 2, 20), 2n ** 64n - 1n);
    assert.equal(parseUnsigned64(embed("18446744073709551616"), 2, 20), undefined);
    assert.equal(parseUnsigned64(embed("-1"), 2, 2), undefined);
  });
});

describe("writeInteger", () => {
  it("writes what String gives, and nothing around it", () => {
    fc.assert(
      fc.property(safeIntegers, (value) => {
        const expected = String(value);
        const bytes = new Uint8Array(24).fill(0x2e);
        const end = writeInteger(bytes, 3, value);
        assert.equal(end, 3 + expected.length);
        assert.equal(integerLength(value), expected.length);
        assert.equal(latin1(bytes, 0, 24), `...${expected}`.padEnd(24, "."));
      }),
      { numRuns: 5000 },
    );
  });

  it("is right on both sides of every power of ten and of two", () => {
    const bytes = new Uint8Array(20);
    for (const base of [2, 10]) {
      for (let power = 1; power <= Number.MAX_SAFE_INTEGER; power *= base) {
        for (const value of [power - 1, power, -power, 1 - power]) {
          assert.equal(latin1(bytes, 0, writeInteger(bytes, 0, value)), String(value));
        }
      }
    }
  });

  it("writes halves exactly where their division could round up", () => {
    const bytes = new Uint8Array(20);
    for (const high of [1, 99, 67_108_863, 67_108_865, 90_071_991, 90_071_992]) {
      const value = high * 100_000_000 - 1;
      assert.equal(latin1(bytes, 0, writeInteger(bytes, 0, value)), String(value));
    }
  });

  it("writes minus zero as zero", () => {
    const bytes = new Uint8Array(20);
    assert.equal(latin1(bytes, 0, writeInteger(bytes, 0, -0)), "0");
    assert.equal(integerLength(-0), 1);
  });
});
