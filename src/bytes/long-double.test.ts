// Tests of `long-double.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "./ascii.ts";
import {
  addLongDouble,
  formatLongDoubleHuman,
  isFiniteLongDouble,
  parseLongDouble,
} from "./long-double.ts";
import type { LongDouble } from "./long-double.ts";

// A value, what INCRBYFLOAT adds to it, and the reply of redis-server 7.0.15 on Linux x86-64.
const redisReplies: [string, string, string][] = [
  ["3.0", "1.1", "4.1"],
  ["0.1", "0.2", "0.3"],
  ["10.50", "0.1", "10.6"],
  ["5.0e3", "2.0e2", "5200"],
  ["1", "-1.1", "-0.1"],
  ["-0", "0", "0"],
  ["1e-20", "-2e-20", "0"],
  ["17179869184", "1.5", "17179869185.5"],
  ["9223372036854775807", "0.5", "9223372036854775807.5"],
  ["0x1.8p3", "0x.8", "12.5"],
  ["1.23456789012345678", "0.00000000000000001", "1.23456789012345679"],
  ["99999999999999999999", "0.1", "100000000000000000000"],
  ["0.5", "0.000000000000000005", "0.5"],
  ["0.000000000000000015", "0", "0.00000000000000002"],
  ["0.000000000000000025", "0", "0.00000000000000002"],
  ["1", "inf", "-ERR increment would produce NaN or Infinity"],
  ["nan", "1", "-ERR value is not a valid float"],
  ["inf", "1", "-ERR increment would produce NaN or Infinity"],
  ["1 ", "1", "-ERR value is not a valid float"],
  [" 1", "1", "-ERR value is not a valid float"],
  ["1e5000", "1", "-ERR value is not a valid float"],
  ["1e-5000", "1", "-ERR value is not a valid float"],
  [
    "1.18973149535723176502e4932",
    "1.18973149535723176502e4932",
    "-ERR increment would produce NaN or Infinity",
  ],
  ["3.6e-4951", "1", "1"],
  ["", "1", "-ERR value is not a valid float"],
  ["1", "", "-ERR value is not a valid float"],
  ["+5", "+.5", "5.5"],
  ["5.", "-.25", "4.75"],
  ["1e", "1", "-ERR value is not a valid float"],
  ["0x", "1", "-ERR value is not a valid float"],
  ["0X1P4", "1", "17"],
  ["123456789012345678901234567890", "1", "123456789012345678899921813504"],
  ["-3.5", "3.5", "0"],
  ["0.1", "-0.1", "0"],
  ["1.005", "1000", "1001.005"],
  ["1e17", "0.3", "100000000000000000.296875"],
  ["1e18", "0.3", "1000000000000000000.3125"],
  ["1e19", "0.3", "10000000000000000000"],
  ["-1e19", "0.3", "-10000000000000000000"],
  ["0.3", "0.6", "0.9"],
  ["2.675", "1.005", "3.68"],
  ["0x7c2c9459.a62115cp93", "08478343074143081", "20631967679805926720792221739714084864"],
  ["-54.2", "-1e-511", "-54.2"],
  ["-6e-82", "-7808552777274099", "-7808552777274099"],
  ["0x1492b3db.179bdfbdp45", "-0.8286", "12144189283808178577408"],
  ["-775.71", "91.423096158", "-684.28690384200000002"],
  ["97211121", "34386346719667", "34386443930788"],
  ["658.47827e13", "-21.7168e-9", "6584782700000000"],
  ["46321.28235069079357", "7.698", "46328.98035069079357129"],
  ["-2e-2066", "0.6274014", "0.6274014"],
  ["782.94", "-298723870794404125.989836650099", "-298723870794403343.0625"],
  ["-533.90", "0x6c699a9.6d598145p-41", "-533.89994830488438898"],
  ["-65.80", "-07671436500012.4", "-7671436500078.20000028610229492"],
  ["-404957947416155654", "56.e23", "5599999595042052583718912"],
  ["74559663833", "51284579215291815", "51284653774955648"],
  ["0.015040169", "3", "3.015040169"],
  ["-0x6e9efc0e.4a838585p9", "-2e-3768", "-950227442837.02751219272613525"],
  ["6794.3749e18", "7.1561e-15", "6794374900000000000000"],
  ["-209.307", "0.9881658", "-208.3188342"],
  ["-0.28", "0.2858150502213239", "0.0058150502213239"],
];

function parse(text: string): LongDouble | undefined {
  return parseLongDouble(asciiBytes(`1${text}1`), 1, text.length);
}

/** For texts that are numbers. */
function read(text: string): LongDouble {
  const value = parse(text);
  assert.ok(value !== undefined, text);
  return value;
}

function incrByFloat(value: string, increment: string): string {
  const a = parse(value);
  const b = parse(increment);
  if (a === undefined || b === undefined) return "-ERR value is not a valid float";
  const sum = addLongDouble(a, b);
  if (!isFiniteLongDouble(sum)) return "-ERR increment would produce NaN or Infinity";
  return formatLongDoubleHuman(sum);
}

describe("long double", () => {
  it("adds as INCRBYFLOAT of Redis does", () => {
    for (const [value, increment, reply] of redisReplies) {
      assert.equal(incrByFloat(value, increment), reply, `${value} + ${increment}`);
    }
  });

  it("holds every 64-bit integer exactly", () => {
    const word = fc.bigInt({ min: 1n - 2n ** 64n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(word, (integer) => {
        assert.equal(formatLongDoubleHuman(read(String(integer))), String(integer));
      }),
    );
    assert.equal(incrByFloat(String(2n ** 64n), "1"), String(2n ** 64n));
    assert.equal(incrByFloat(String(2n ** 64n), "3"), String(2n ** 64n + 4n));
  });

  it("adds exactly where the sum fits 64 bits", () => {
    // Quarters, so that both numbers and their sum are binary fractions.
    const quarters = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n });
    const text = (value: bigint): string => {
      const magnitude = value < 0n ? -value : value;
      const fraction = ["", ".25", ".5", ".75"][Number(magnitude & 3n)];
      return `${value < 0n ? "-" : ""}${magnitude >> 2n}${fraction}`;
    };
    fc.assert(
      fc.property(quarters, quarters, (a, b) => {
        assert.equal(incrByFloat(text(a), text(b)), text(a + b));
      }),
    );
  });

  it("gives a decimal of 17 decimals back while it is below 100", () => {
    const hundreds = fc.bigInt({ min: 0n, max: 10n ** 19n - 1n });
    fc.assert(
      fc.property(hundreds, (integer) => {
        const digits = String(integer).padStart(18, "0");
        const whole = digits.slice(0, -17);
        const fraction = digits.slice(-17).replace(/0+$/, "");
        const text = fraction === "" ? whole : `${whole}.${fraction}`;
        assert.equal(formatLongDoubleHuman(read(text)), text);
      }),
    );
  });

  it("rounds ties to even, at the end of the mantissa and at its least exponent", () => {
    assert.equal(read("0x1.0000000000000001p64").mantissa, 2n ** 63n);
    assert.equal(read("0x1.0000000000000003p64").mantissa, 2n ** 63n + 2n);
    assert.equal(read("0x1.00000000000000011p64").mantissa, 2n ** 63n + 1n);
    assert.equal(read("18446744073709551617").mantissa, 2n ** 63n);
    assert.equal(read("18446744073709551619").mantissa, 2n ** 63n + 2n);
    assert.deepEqual(read("0x1.8p-16445"), { isNegative: false, mantissa: 2n, exponent: -16445 });
    assert.equal(parse("0x1p-16446"), undefined);
    assert.equal(parse("1.82e-4951"), undefined);
    assert.equal(read("1.83e-4951").mantissa, 1n);
    assert.equal(read("0x1.1p-16446").mantissa, 1n);
  });

  it("keeps the sign of zero in sums and hides it in text", () => {
    assert.equal(addLongDouble(read("-0"), read("-0")).isNegative, true);
    assert.equal(addLongDouble(read("-0"), read("0")).isNegative, false);
    assert.equal(addLongDouble(read("-1"), read("1")).isNegative, false);
    assert.equal(formatLongDoubleHuman(read("-0")), "0");
    assert.equal(formatLongDoubleHuman(read("-4e-18")), "0");
  });

  it("carries infinities and NaN through sums", () => {
    const infinity = read("inf");
    const opposite = read("-Infinity");
    const nan = addLongDouble(infinity, opposite);
    const texts = [
      addLongDouble(infinity, read("1")),
      addLongDouble(read("1"), opposite),
      addLongDouble(opposite, read("1")),
      addLongDouble(infinity, infinity),
      nan,
      addLongDouble(nan, read("1")),
      addLongDouble(opposite, nan),
      addLongDouble(nan, infinity),
    ].map(formatLongDoubleHuman);
    assert.deepEqual(texts, ["inf", "-inf", "-inf", "inf", "nan", "nan", "nan", "nan"]);
  });

  it("refuses 5 KiB and reads what is a byte shorter", () => {
    assert.equal(parse(`1.${"0".repeat(5118)}`), undefined);
    assert.equal(parse(`0.${"0".repeat(5116)}1`), undefined);
    assert.equal(formatLongDoubleHuman(read(`1.${"0".repeat(5117)}`)), "1");
  });

  it("answers at once for exponents of any size", () => {
    assert.equal(parse("1e999999999999"), undefined);
    assert.equal(parse("1e-999999999999"), undefined);
    assert.equal(parse("0x1p999999999999"), undefined);
    assert.equal(formatLongDoubleHuman(read("0e999999999999")), "0");
  });
});
