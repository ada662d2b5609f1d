// Tests of `double.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "./ascii.ts";
import { formatDouble, formatDouble17, parseDouble } from "./double.ts";

function parse(text: string): number | undefined {
  return parseDouble(asciiBytes(`1${text}1`), 1, text.length);
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("formatDouble", () => {
  it("lays numbers out as fpconv_dtoa and ll2string do", () => {
    const expected: [number, string][] = [
      [NaN, "nan"],
      [Infinity, "inf"],
      [-Infinity, "-inf"],
      [0, "0"],
      [-0, "-0"],
      [3, "3"],
      [-42, "-42"],
      [3.5, "3.5"],
      [0.1, "0.1"],
      [0.1 + 0.2, "0.30000000000000004"],
      [0.001, "0.001"],
      [0.00012, "0.00012"],
      [0.000001, "0.000001"],
      [0.0000012, "1.2e-6"],
      [0.0012345678, "0.0012345678"],
      [0.00012345678, "1.2345678e-4"],
      [9999.12345678901, "9999.12345678901"],
      [12345.678, "12345.678"],
      [12345.123456, "12345.123456"],
      [-12345.1234567, "-1.23451234567e+4"],
      [1e15, "1000000000000000"],
      [2 ** 53, "9007199254740992"],
      [2 ** 62, "4611686018427387904"],
      [-(2 ** 62), "-4611686018427387904"],
      [2 ** 63, "9223372036854776000"],
      [12345678901234567000, "12345678901234567000"],
      [1e19, "1e+19"],
      [1e22, "1e+22"],
      [1.5e300, "1.5e+300"],
      [5e-324, "5e-324"],
      [1e-7, "1e-7"],
      [-2.5e-10, "-2.5e-10"],
      [1.7976931348623157e308, "1.7976931348623157e+308"],
    ];
    for (const [value, text] of expected) assert.equal(formatDouble(value), text);
  });

  it("reads back as the same double", () => {
    fc.assert(
      fc.property(finite, (value) => assert.equal(parse(formatDouble(value)), value)),
      { numRuns: 3000 },
    );
  });

  it("never has more digits than JavaScript's shortest text, integers apart", () => {
    const digitsOf = (text: string): string =>
      text.replace(/e.*/, "").replaceAll(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "");
    fc.assert(
      fc.property(finite, (value) => {
        fc.pre(!Number.isInteger(value));
        assert.equal(digitsOf(formatDouble(value)), digitsOf(String(value)));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("formatDouble17", () => {
  it("gives what printf gives for %.17g", () => {
    const expected: [number, string][] = [
      [NaN, "nan"],
      [-Infinity, "-inf"],
      [-0, "-0"],
      [3, "3"],
      [100, "100"],
      [0.1, "0.10000000000000001"],
      [3.3, "3.2999999999999998"],
      [0.5, "0.5"],
      [-1.25, "-1.25"],
      [0.0001, "0.0001"],
      [0.00001, "1.0000000000000001e-05"],
      [1e16, "10000000000000000"],
      [1e17, "1e+17"],
      [123456789012345680, "1.2345678901234568e+17"],
      [1e100, "1e+100"],
      [5e-324, "4.9406564584124654e-324"],
      // Ties: JavaScript alone would round the first one and the third one up.
      [1000000000000000.25, "1000000000000000.2"],
      [1000000000000000.75, "1000000000000000.8"],
      [1.000000059604644775390625 * 2 ** -1, "0.50000002980232239"],
      [3 * 2 ** -25, "8.9406967163085938e-08"],
      [1 + 2 ** -17, "1.0000076293945312"],
      [1 + 3 * 2 ** -17, "1.0000228881835938"],
    ];
    for (const [value, text] of expected) assert.equal(formatDouble17(value), text);
  });

  it("reads back as the same double", () => {
    fc.assert(
      fc.property(finite, (value) => assert.equal(parse(formatDouble17(value)), value)),
      { numRuns: 3000 },
    );
  });
});

describe("parseDouble", () => {
  it("reads what strtod reads", () => {
    const expected: [string, number][] = [
      ["0", 0],
      ["-0", -0],
      ["+0.0", 0],
      ["007", 7],
      ["5.", 5],
      [".5", 0.5],
      ["-.5e+1", -5],
      ["+1.5", 1.5],
      ["1E5", 1e5],
      ["1e0005", 1e5],
      ["0.30000000000000004", 0.30000000000000004],
      ["123456789012345.6", 123456789012345.6],
      ["9007199254740993", 9007199254740992],
      ["0e999999999999", 0],
      ["inf", Infinity],
      ["-INF", -Infinity],
      ["+Infinity", Infinity],
      ["0x10", 16],
      ["-0X1.8p+1", -3],
      ["0x.8", 0.5],
      ["0x1.fffffffffffff7p1023", Number.MAX_VALUE],
      ["0x1.8p-1075", 2 ** -1074],
      ["0x1p-1074", 2 ** -1074],
      ["2.5e-324", 5e-324],
      ["1.7976931348623158e308", Number.MAX_VALUE],
    ];
    for (const [text, value] of expected) assert.equal(parse(text), value, text);
  });

  it("refuses the rest", () => {
    const texts = [
      ". - + -. e5 .e1 1e 1e+ 1.2.3 --1 +-1 1_000 1,5 nan NaN -nan nan(1) infi infinityx 0x 0x.",
      "0x1p 0xg 1f 1e400 -1e400 1e-400 2e-324 0x1p1024 0x1.fffffffffffff8p1023 0x1p-1075",
      "1e99999999999 1e-99999999999 0x1p99999999999 0x1p-99999999999",
    ].flatMap((line) => line.split(" "));
    texts.push("", " ", " 1", "1 ", "\t1", "1\n", "1\0", "\u00b2");
    for (const text of texts) assert.equal(parse(text), undefined, JSON.stringify(text));
  });

  it("rounds decimals of any length as JavaScript does", () => {
    const digits = fc.string({ unit: fc.constantFrom(...Array.from("0123456789")), maxLength: 25 });
    fc.assert(
      fc.property(digits, digits, fc.integer({ min: -30, max: 30 }), (whole, fraction, power) => {
        fc.pre(whole + fraction !== "");
        const plain = `${whole}.${fraction}`;
        assert.equal(parse(plain), Number(plain));
        assert.equal(parse(`-${plain}`), -Number(plain));
        assert.equal(parse(`${plain}e${power}`), Number(`${plain}e${power}`));
      }),
      { numRuns: 3000 },
    );
  });

  it("reads hexadecimal integers exactly", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: -500, max: 500 }), (integer, power) => {
        const text = `0x${integer.toString(16)}p${power}`;
        assert.equal(parse(text), integer * 2 ** power);
      }),
    );
  });
});
