// Tests of `memory-unit.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseMemory } from "./memory-unit.ts";

describe("parseMemory", () => {
  it("reads every unit in any case", () => {
    const expected: [string, number][] = [
      ["1", 1],
      ["1b", 1],
      ["1K", 1000],
      ["1kB", 1024],
      ["2m", 2_000_000],
      ["2MB", 2 * 1024 ** 2],
      ["5g", 5e9],
      ["5gB", 5 * 1024 ** 3],
      ["001k", 1000],
      ["18446744073709551615", 2 ** 64],
    ];
    for (const [text, amount] of expected) assert.equal(parseMemory(text), amount, text);
  });

  it("takes no digits for 0, as redis-server does", () => {
    for (const text of ["", "b", "kb", "GB"]) assert.equal(parseMemory(text), 0);
  });

  it("refuses what redis-server refuses", () => {
    for (const text of [
      "-1",
      "+1",
      "1 k",
      " 1",
      "1.5gb",
      "0x10",
      "1t",
      "1kbb",
      "1k1",
      "k1",
      "1k\n",
    ]) {
      assert.equal(parseMemory(text), undefined, JSON.stringify(text));
    }
    assert.equal(parseMemory("0".repeat(128)), undefined);
    assert.equal(parseMemory("0".repeat(127)), 0);
  });

  it("stops at 2^64 - 1", () => {
    assert.equal(parseMemory("99999999999999999999999"), 2 ** 64);
    assert.equal(parseMemory("17179869184gb"), 2 ** 64);
  });

  it("multiplies exactly", () => {
    fc.assert(
      fc.property(fc.nat(8_000_000), (count) => {
        assert.equal(parseMemory(`${count}mb`), count * 1024 ** 2);
        assert.equal(parseMemory(`${count}g`), count * 1e9);
      }),
    );
  });
});
