// Intsets against sorted arrays of BigInts, and their validation against damaged bytes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { Arena, noRef } from "../memory/arena.ts";
import {
  IntsetValue,
  addInteger,
  checkIntset,
  copyIntset,
  freeIntset,
  hasInteger,
  intsetBytes,
  intsetLength,
  intsetView,
  isValidIntset,
  loadIntset,
  newIntset,
  parseIntsetValue,
  readIntset,
  removeInteger,
  writeIntsetValue,
} from "./intset.ts";

const borders = [0n, 127n, 128n, 32767n, 32768n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n];
const borderValues = borders
  .flatMap((value) => [value - 2n, value - 1n, value, value + 1n, -value - 1n, -value, 1n - value])
  .filter((value) => BigInt.asIntN(64, value) === value);
const small = fc.bigInt({ min: -40n, max: 40n });
const anyValue = fc.oneof(
  small,
  fc.constantFrom(...borderValues),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

function valueOf(integer: bigint): IntsetValue {
  const value = new IntsetValue();
  value.low = Number(BigInt.asIntN(32, integer));
  value.high = Number(integer >> 32n);
  return value;
}

function toBigInt(value: IntsetValue): bigint {
  return (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}

function contents(arena: Arena, ref: Ref): bigint[] {
  const value = new IntsetValue();
  return Array.from({ length: intsetLength(arena, ref) }, (_, index) => {
    readIntset(arena, ref, index, value);
    return toBigInt(value);
  });
}

function sorted(model: ReadonlySet<bigint>): bigint[] {
  return [...model].sort((a, b) => (a < b ? -1 : Number(a > b)));
}

/** The bytes that Redis would have: the narrowest width that ever was needed. */
function redisBytes(integers: readonly bigint[], width: 2 | 4 | 8): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 + width * integers.length));
  view.setUint32(0, width, true);
  view.setUint32(4, integers.length, true);
  for (const [index, integer] of integers.entries()) {
    const at = 8 + index * width;
    if (width === 2) view.setInt16(at, Number(integer), true);
    else if (width === 4) view.setInt32(at, Number(integer), true);
    else view.setBigInt64(at, integer, true);
  }
  return new Uint8Array(view.buffer);
}

describe("an intset", () => {
  it("is what a sorted set of integers is", () => {
    const step = fc.tuple(fc.constantFrom("add", "add", "remove", "copy"), anyValue);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const arena = new Arena();
        const model = new Set<bigint>();
        let ref = newIntset(arena);
        for (const [kind, integer] of steps) {
          const value = valueOf(integer);
          assert.equal(hasInteger(arena, ref, value), model.has(integer));
          if (kind === "copy") {
            const copy = copyIntset(arena, ref);
            freeIntset(arena, ref);
            ref = copy;
            continue;
          }
          const isAdd = kind === "add";
          const changed = isAdd ? addInteger(arena, ref, value) : removeInteger(arena, ref, value);
          assert.equal(changed !== noRef, model.has(integer) !== isAdd);
          if (changed !== noRef) ref = changed;
          if (isAdd) model.add(integer);
          else model.delete(integer);
          assert.equal(toBigInt(value), integer, "the value handed in stays as it is");
        }
        checkIntset(arena, ref);
        assert.deepEqual(contents(arena, ref), sorted(model));
        freeIntset(arena, ref);
        assert.equal(arena.usedBytes, 0);
        arena.check();
      }),
      { numRuns: 300 },
    );
  });

  it("has Redis's bytes", () => {
    const cases: [bigint[], 2 | 4 | 8][] = [
      [[1n, -5n, 32767n], 2],
      [[1n, -5n, 32768n], 4],
      [[-32769n, 3n], 4],
      [[2n ** 31n, -1n, 0n], 8],
      [[-(2n ** 63n), 2n ** 63n - 1n, 7n], 8],
    ];
    for (const [integers, width] of cases) {
      const arena = new Arena();
      let ref = newIntset(arena);
      for (const integer of integers) ref = addInteger(arena, ref, valueOf(integer));
      const view = new Slice();
      intsetView(arena, ref, view);
      assert.deepEqual(view.copy(), redisBytes(sorted(new Set(integers)), width));
      const loaded = loadIntset(arena, view.bytes, view.offset, view.length);
      assert.deepEqual(contents(arena, loaded), contents(arena, ref));
    }
  });

  it("grows to thousands and shrinks again in any order", () => {
    const arena = new Arena();
    let ref = newIntset(arena);
    for (let number = 0; number < 5000; number++) {
      ref = addInteger(arena, ref, valueOf(BigInt((number * 7919) % 5000)));
    }
    assert.equal(intsetLength(arena, ref), 5000);
    assert.equal(intsetBytes(arena, ref), 8 + 5000 * 2);
    checkIntset(arena, ref);
    for (let number = 0; number < 5000; number++) {
      ref = removeInteger(arena, ref, valueOf(BigInt((number * 4241) % 5000)));
      if (number % 500 === 0) checkIntset(arena, ref);
    }
    assert.equal(intsetLength(arena, ref), 0);
    freeIntset(arena, ref);
    assert.equal(arena.usedBytes, 0);
  });
});

describe("the text of an intset's value", () => {
  it("is read and written for all of 64 bits", () => {
    fc.assert(
      fc.property(anyValue, (integer) => {
        const text = asciiBytes(integer.toString());
        const value = new IntsetValue();
        assert.ok(parseIntsetValue(text, 0, text.length, value));
        assert.equal(toBigInt(value), integer);
        const bytes = new Uint8Array(24);
        const end = writeIntsetValue(bytes, 2, value);
        assert.equal(latin1(bytes, 2, end), integer.toString());
      }),
      { numRuns: 2000 },
    );
  });

  it("is refused when Redis would not print it so", () => {
    const refused = ["", "-", "+1", "01", "-0", "-01", "1 ", " 1", "1a", "0x1", "1.0", "a", "--1"];
    const large = ["9223372036854775808", "-9223372036854775809", "99999999999999999999"];
    const longer = ["123456789012345a", "1234567890123456789x", "-12345678901234567890"];
    for (const text of [...refused, ...large, ...longer]) {
      const bytes = asciiBytes(text);
      assert.equal(parseIntsetValue(bytes, 0, bytes.length, new IntsetValue()), false, text);
    }
  });
});

describe("bytes from elsewhere", () => {
  const good = redisBytes([-3n, 1n, 70_000n], 4);

  function isValid(bytes: Uint8Array, deep = true): boolean {
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    return isValidIntset(shifted, 3, bytes.length, deep);
  }

  it("are taken when they are an intset", () => {
    assert.ok(isValid(good));
    assert.ok(isValid(redisBytes([-(2n ** 63n), -1n, 0n, 2n ** 32n], 8)));
    assert.ok(isValid(redisBytes([-32768n, 32767n], 2)));
  });

  it("are refused when they are not", () => {
    assert.equal(isValid(new Uint8Array(0)), false);
    assert.equal(isValid(good.slice(0, 7)), false);
    assert.equal(isValid(redisBytes([], 2)), false);
    assert.equal(isValid(good.slice(0, good.length - 1)), false);
    assert.equal(isValid(Uint8Array.of(...good, 0)), false);
    assert.equal(isValid(Uint8Array.of(3, ...good.slice(1))), false);
    assert.equal(
      isValid(Uint8Array.of(...good.slice(0, 4), 255, 255, 255, 255, ...good.slice(8))),
      false,
    );
  });

  it("are refused by a deep look only when they are out of order", () => {
    for (const integers of [
      [2n, 1n],
      [1n, 1n],
      [-1n, -2n],
      [2n ** 40n, 5n],
    ]) {
      const bytes = redisBytes(integers, 8);
      assert.equal(isValid(bytes, true), false);
      assert.equal(isValid(bytes, false), true);
    }
  });
});
