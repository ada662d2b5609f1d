// What each reading of an argument accepts, and the words in which it refuses the rest.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asciiBytes } from "../bytes/ascii.ts";
import { seededRandom } from "../bytes/random.ts";
import type { Slices } from "../bytes/slices.ts";
import { slicesOf } from "../bytes/slices.ts";
import { Failure } from "../keyspace/failure.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import {
  bigIntegerArgument,
  cursorArgument,
  databaseArgument,
  doubleArgument,
  exactIntegerArgument,
  expiryArgument,
  expiryUnits,
  futureExpiryArgument,
  int32Argument,
  integerArgument,
  isArgument,
  positiveArgument,
  rangeArgument,
} from "./argument.ts";

const notInteger = "ERR value is not an integer or out of range";
const largest = "9223372036854775807";

/** What `read` makes of the text as an argument: a value, or the text of the failure. */
function outcome(text: string, read: (args: Slices, index: number) => unknown): unknown {
  try {
    return read(slicesOf(["COMMAND", text]), 1);
  } catch (error) {
    assert.ok(error instanceof Failure);
    return error.text;
  }
}

describe("arguments", () => {
  it("are integers of 64 bits", () => {
    assert.equal(outcome("-12", integerArgument), -12);
    assert.equal(outcome(largest, integerArgument), 2 ** 63);
    assert.equal(outcome("9007199254740991", exactIntegerArgument), 9007199254740991);
    assert.equal(outcome("9007199254740993", exactIntegerArgument), 9007199254740993n);
    assert.equal(outcome("-9223372036854775808", bigIntegerArgument), -(2n ** 63n));
    for (const text of ["", "x", "1.0", "+1", " 1", "01", "9223372036854775808"]) {
      assert.equal(outcome(text, integerArgument), notInteger, text);
      assert.equal(outcome(text, exactIntegerArgument), notInteger, text);
      assert.equal(outcome(text, bigIntegerArgument), notInteger, text);
    }
  });

  it("stay within a range", () => {
    const read = (args: Slices, index: number): number => rangeArgument(args, index, -1, 5);
    assert.equal(outcome("-1", read), -1);
    assert.equal(outcome("5", read), 5);
    assert.equal(outcome("6", read), "ERR value is out of range, value must between -1 and 5");
    assert.equal(outcome("x", read), notInteger);
    const range = "ERR value is out of range, value must between -2147483648 and 2147483647";
    assert.equal(outcome("2147483648", int32Argument), range);
    assert.equal(outcome("-2147483648", int32Argument), -2147483648);
    assert.equal(outcome("0", positiveArgument), 0);
    const positive = "ERR value is out of range, must be positive";
    assert.equal(outcome("-1", positiveArgument), positive);
    assert.equal(outcome("x", positiveArgument), positive);
  });

  it("are doubles", () => {
    assert.equal(outcome("1e3", doubleArgument), 1000);
    assert.equal(outcome("-inf", doubleArgument), -Infinity);
    assert.equal(outcome("nan", doubleArgument), "ERR value is not a valid float");
  });

  it("are words in any case", () => {
    const args = slicesOf(["nX", "NXX"]);
    assert.ok(isArgument(args, 0, asciiBytes("nx")));
    assert.ok(!isArgument(args, 1, asciiBytes("nx")));
  });

  it("are cursors, of which the low 32 bits count", () => {
    assert.equal(outcome("4294967295", cursorArgument), 4294967295);
    assert.equal(outcome("4294967297", cursorArgument), 1);
    assert.equal(outcome("18446744073709551615", cursorArgument), 4294967295);
    assert.equal(outcome("18446744073709551616", cursorArgument), "ERR invalid cursor");
    assert.equal(outcome("-1", cursorArgument), "ERR invalid cursor");
  });

  it("are databases", () => {
    const keyspace = new Keyspace({ databases: 2, random: seededRandom(1) });
    const read = (args: Slices, index: number): unknown => databaseArgument(args, index, keyspace);
    assert.equal(outcome("1", read), keyspace.databases[1]);
    assert.equal(outcome("2", read), "ERR DB index is out of range");
    assert.equal(outcome("-1", read), "ERR DB index is out of range");
    assert.equal(outcome("x", read), notInteger);
  });

  it("are times", () => {
    const nowMs = 1_000_000;
    const time =
      (unit: keyof typeof expiryUnits) =>
      (args: Slices, index: number): number =>
        expiryArgument(args, index, expiryUnits[unit], nowMs, "expire");
    assert.equal(outcome("5", time("ex")), 1_005_000);
    assert.equal(outcome("-5", time("px")), 999_995);
    assert.equal(outcome("5", time("exat")), 5000);
    assert.equal(outcome("5", time("pxat")), 5);
    const invalid = "ERR invalid expire time in 'expire' command";
    assert.equal(outcome("9223372036854775", time("exat")), Number.MAX_SAFE_INTEGER);
    assert.equal(outcome("9223372036854776", time("exat")), invalid);
    assert.equal(outcome("-9223372036854776", time("exat")), invalid);
    assert.equal(outcome("9223372036854775", time("ex")), invalid);
    assert.equal(outcome(largest, time("pxat")), Number.MAX_SAFE_INTEGER);
    assert.equal(outcome(largest, time("px")), invalid);
    assert.equal(outcome("-9223372036854775808", time("px")), Number.MIN_SAFE_INTEGER);
    const future =
      (unit: keyof typeof expiryUnits) =>
      (args: Slices, index: number): number =>
        futureExpiryArgument(args, index, expiryUnits[unit], nowMs, "expire");
    assert.equal(outcome("0", future("ex")), invalid);
    assert.equal(outcome("0", future("pxat")), invalid);
    assert.equal(outcome("1", future("pxat")), 1);
    assert.equal(outcome("1", future("px")), 1_000_001);
  });
});
