// IDs of stream entries over the whole range of 64 bits, against BigInt.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import {
  StreamId,
  compareIds,
  decrementId,
  incrementId,
  maxId,
  parseId,
  parsedId,
  writeIdText,
  zeroId,
} from "./stream-id.ts";

const max64 = 2n ** 64n - 1n;
const half = fc.oneof(
  fc.bigInt({ min: 0n, max: max64 }),
  fc.bigInt({ min: 0n, max: 5n }),
  fc.constantFrom(
    max64,
    max64 - 1n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 63n,
  ),
);

function parsed(text: string): StreamId {
  const id = new StreamId();
  assert.notEqual(parseId(asciiBytes(text), 0, text.length, id), parsedId.none, text);
  return id;
}

function shown(id: StreamId): string {
  const bytes = new Uint8Array(41);
  return latin1(bytes, 0, writeIdText(bytes, 0, id));
}

describe("an ID", () => {
  it("is read and written exactly", () => {
    fc.assert(
      fc.property(half, half, (ms, seq) => {
        assert.equal(shown(parsed(`${ms}-${seq}`)), `${ms}-${seq}`);
      }),
    );
  });

  it("is ordered by time, then by sequence number", () => {
    fc.assert(
      fc.property(half, half, half, half, (ms, seq, otherMs, otherSeq) => {
        const value = (ms << 64n) | seq;
        const other = (otherMs << 64n) | otherSeq;
        const order = compareIds(parsed(`${ms}-${seq}`), parsed(`${otherMs}-${otherSeq}`));
        assert.equal(Math.sign(order), Number(value > other) - Number(value < other));
      }),
    );
  });

  it("has a successor and a predecessor, except at the ends", () => {
    fc.assert(
      fc.property(half, half, (ms, seq) => {
        const id = parsed(`${ms}-${seq}`);
        const value = (ms << 64n) | seq;
        const next = BigInt.asUintN(128, value + 1n);
        assert.equal(incrementId(id), next !== 0n);
        assert.equal(shown(id), `${next >> 64n}-${next & max64}`);
        assert.equal(decrementId(id), next !== 0n);
        assert.equal(shown(id), `${ms}-${seq}`);
      }),
    );
    assert.equal(shown(maxId), `${max64}-${max64}`);
    assert.equal(shown(zeroId), "0-0");
  });

  it("may lack the sequence number, or leave it open, and accepts what strtoull does", () => {
    const id = new StreamId();
    const result = (text: string): number => parseId(asciiBytes(text), 0, text.length, id);
    assert.equal(result("5"), parsedId.timeOnly);
    assert.equal(result("5-*"), parsedId.openSequence);
    assert.equal(result("5-7"), parsedId.full);
    assert.equal(result(" +007-1"), parsedId.full);
    assert.equal(shown(id), "7-1");
    for (const wrong of [
      "",
      "-",
      "+",
      "-1",
      "5-",
      "5-**",
      "x",
      "5-1-1",
      `${max64 + 1n}-1`,
      "5-1 ",
    ]) {
      assert.equal(result(wrong), parsedId.none, wrong);
    }
  });
});
