// Bit commands and HyperLogLogs: what real Redis 7.0 cannot tell us in test/compat: the later
// operations of BITOP, events, damage.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { bitmapCommands } from "../../src/commands/bitmap/bitmap-commands.ts";
import { hyperloglogCommands } from "../../src/commands/hyperloglog/hyperloglog-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import { seededRandom } from "../../src/bytes/random.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { ReplyError } from "../support/reply.ts";

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness([...bitmapCommands, ...hyperloglogCommands, ...stringCommands]);
});

/** Byte by byte, from all sources' bytes at that place. */
const expectedByte: Record<string, (first: number, rest: readonly number[]) => number> = {
  AND: (first, rest) => rest.reduce((sum, byte) => sum & byte, first),
  OR: (first, rest) => rest.reduce((sum, byte) => sum | byte, first),
  XOR: (first, rest) => rest.reduce((sum, byte) => sum ^ byte, first),
  DIFF: (first, rest) => first & ~rest.reduce((sum, byte) => sum | byte, 0),
  DIFF1: (first, rest) => ~first & rest.reduce((sum, byte) => sum | byte, 0),
  ANDOR: (first, rest) => first & rest.reduce((sum, byte) => sum | byte, 0),
  ONE: (first, rest) => {
    let once = 0;
    for (let bit = 1; bit < 256; bit *= 2) {
      if ([first, ...rest].filter((byte) => (byte & bit) !== 0).length === 1) once |= bit;
    }
    return once;
  },
};

describe("BITOP", () => {
  for (const [operation, expected] of Object.entries(expectedByte)) {
    it(`combines strings of different lengths: ${operation}`, () => {
      const random = seededRandom(7);
      // The last is inline in its record, where words are not aligned.
      const sources = [3000, 4001, 2000, 90].map((length) =>
        Uint8Array.from({ length }, () => random.below(256)),
      );
      for (const [index, bytes] of sources.entries()) harness.run("SET", `key${index}`, bytes);
      for (const order of [
        [0, 1, 2, 3],
        [3, 2, 1],
        [1, 9, 3],
        [2, 1],
      ]) {
        const bytes = order.map((index) => sources[index] ?? new Uint8Array(0));
        const length = Math.max(...bytes.map((each) => each.length));
        const result = harness.run("BITOP", operation, "to", ...order.map((each) => `key${each}`));
        assert.equal(result, length);
        const wanted = Buffer.from(
          Uint8Array.from({ length }, (_, at) => {
            const [first, ...rest] = bytes.map((each) => each[at] ?? 0);
            return expected(first, rest);
          }),
        );
        assert.ok(wanted.equals(Buffer.from(harness.run("GET", "to") as string, "latin1")));
      }
    });
  }

  it("needs two sources where one is set apart", () => {
    const error = new ReplyError("ERR BITOP DIFF1 must be called with at least two source keys.");
    assert.deepEqual(harness.run("BITOP", "diff1", "to", "a"), error);
    assert.equal(harness.run("BITOP", "ONE", "to", "a"), 0);
  });
});

describe("changing bits", () => {
  it("is reported only when something changes", () => {
    const events = harness.eventsOf(() => {
      harness.run("SETBIT", "a", 3, 0);
      harness.run("SETBIT", "a", 3, 0);
      harness.run("SETBIT", "a", 3, 1);
      harness.run("BITFIELD", "a", "GET", "u4", 0);
      harness.run("BITFIELD", "a", "SET", "u4", 0, 1);
      harness.run("BITFIELD", "a", "SET", "u4", 0, 2);
    });
    assert.deepEqual(events, ["new a", "setbit a", "setbit a", "setbit a"]);
  });

  it("keeps 64 bits exactly", () => {
    const max = "9223372036854775807";
    assert.deepEqual(harness.run("BITFIELD", "a", "SET", "i64", 3, max, "GET", "i64", 3), [
      0,
      2n ** 63n - 1n,
    ]);
    const request = ["BITFIELD", "a", "OVERFLOW", "SAT", "INCRBY", "i64", 3, 1, "OVERFLOW", "FAIL"];
    assert.deepEqual(harness.run(...request, "INCRBY", "i64", 3, 1), [2n ** 63n - 1n, null]);
    assert.deepEqual(harness.run("BITFIELD", "a", "INCRBY", "i64", 3, 1), [-(2n ** 63n)]);
  });
});

describe("a HyperLogLog", () => {
  it("passes its own test", () => {
    assert.equal(harness.run("PFSELFTEST"), "OK");
  });

  it("estimates within three standard errors, sparse and dense", () => {
    for (let count = 100; count <= 100_000; count *= 10) {
      for (let start = 0; start < count; start += 100) {
        harness.run("PFADD", "h", ...Array.from({ length: 100 }, (_, index) => start + index));
      }
      const error = Math.abs((harness.run("PFCOUNT", "h") as number) - count) / count;
      assert.ok(error < 3 * (1.04 / 128), `${error} at ${count}`);
    }
    assert.equal(harness.run("PFDEBUG", "ENCODING", "h"), "dense");
  });

  it("is refused when its bytes are spoilt", () => {
    harness.run("PFADD", "h", "a", "b", "c");
    harness.run("SETRANGE", "h", 20, "\u00ff\u00ff");
    harness.run("APPEND", "h", "x");
    const spoilt = new ReplyError("INVALIDOBJ Corrupted HLL object detected");
    assert.deepEqual(harness.run("PFCOUNT", "h"), spoilt);
    assert.deepEqual(harness.run("PFMERGE", "to", "h"), spoilt);
    harness.run("SET", "h", "no");
    const other = new ReplyError("WRONGTYPE Key is not a valid HyperLogLog string value.");
    assert.deepEqual(harness.run("PFADD", "h", "a"), other);
  });
});
