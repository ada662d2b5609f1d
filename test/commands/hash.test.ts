// Hash commands: what cannot be compared with the real server in test/compat: encodings, random
// fields, large values. Fields that expire are in hash-expiry.test.ts.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { hashCommands } from "../../src/commands/hash/hash-commands.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness([...hashCommands, ...genericCommands]);
});

function run(request: string): Reply {
  return harness.run(...request.split(" "));
}

/** A reply that must be a string. */
function textOf(reply: Reply): string {
  assert.ok(typeof reply === "string");
  return reply;
}

function assertEncoding(key: string, expected: string): void {
  assert.equal(run(`OBJECT ENCODING ${key}`), expected);
}

function pairs(count: number): string {
  return Array.from({ length: count }, (_, index) => `f${index} v${index}`).join(" ");
}

describe("a hash's encoding", () => {
  it("is listpack for up to 512 fields, hashtable beyond", () => {
    run(`HSET h ${pairs(512)}`);
    assertEncoding("h", "listpack");
    run("HSET h f0 other");
    assertEncoding("h", "listpack");
    run("HSET h one more");
    assertEncoding("h", "hashtable");
    assert.equal(run("HLEN h"), 513);
  });

  it("is hashtable as soon as a field or a value is longer than 64 bytes", () => {
    run(`HSET h f ${"x".repeat(64)}`);
    assertEncoding("h", "listpack");
    run(`HSET h f ${"x".repeat(65)}`);
    assertEncoding("h", "hashtable");
    run(`HINCRBY g ${"x".repeat(65)} 1`);
    assertEncoding("g", "hashtable");
  });
});

describe("values of any size", () => {
  it("are replaced by values of any other size", () => {
    const sizes = [0, 3, 1000, 1024, 1025, 5000, 65_536, 65_537, 2_000_000, 70, 1_048_577, 0];
    for (const kind of ["small", "large"]) {
      if (kind === "large") run(`HSET h ${pairs(600)}`);
      for (const size of sizes) {
        harness.run("HSET", "h", "f0", "y".repeat(size));
        assert.equal(run("HSTRLEN h f0"), size);
        assert.ok(run("HGET h f0") === "y".repeat(size));
      }
      run("DEL h");
    }
    harness.keyspace.reclaimer.reclaimAll();
    assert.equal(harness.keyspace.arena.usedBytes, 0);
  });
});

describe("HINCRBY in a small hash", () => {
  /** The borders between the sizes that integers have in a listpack. */
  const borders = [0, 127, 4095, -4096, 32_767, -32_768, 8_388_607, -8_388_608, 2 ** 31 - 1];
  const deltas = [1, -1, 2, -2, 100, -5000, 70_000, 2 ** 33, -(2 ** 52)];

  it("leaves the bytes that a new hash with the sum would have", () => {
    for (const border of borders) {
      for (const start of [border - 1, border, border + 1]) {
        for (const delta of deltas) {
          run("DEL h fresh");
          run(`HSET h before x n ${start} after y`);
          run(`HSET fresh before x n ${start + delta} after y`);
          assert.equal(run(`HINCRBY h n ${delta}`), start + delta);
          assert.equal(run("HGET h n"), String(start + delta));
          assert.equal(run("DUMP h"), run("DUMP fresh"), `${start} and ${delta}`);
        }
      }
    }
  });

  it("keeps a field's time", () => {
    run("HSET h n 5 m 6");
    run("HPEXPIRE h 5000 FIELDS 1 n");
    assert.equal(run("HINCRBY h n 3"), 8);
    assert.deepEqual(run("HPTTL h FIELDS 2 n m"), [5000, -1]);
  });
});

describe("HRANDFIELD", () => {
  it("replies with distinct fields for a positive count, any for a negative one", () => {
    for (const size of [20, 600]) {
      run("DEL h");
      run(`HSET h ${pairs(size)}`);
      for (const count of [1, 7, size - 1, size + 5]) {
        const found = run(`HRANDFIELD h ${count}`);
        assert.ok(Array.isArray(found));
        assert.equal(new Set(found).size, Math.min(count, size));
        assert.equal(found.length, Math.min(count, size));
      }
      const drawn = run(`HRANDFIELD h -${size * 3}`);
      assert.ok(Array.isArray(drawn) && drawn.length === size * 3);
    }
  });

  it("replies with pairs, flat in RESP2 and nested in RESP3", () => {
    run("HSET h a 1");
    assert.deepEqual(run("HRANDFIELD h 5 WITHVALUES"), ["a", "1"]);
    harness.session.protocol = 3;
    assert.deepEqual(run("HRANDFIELD h 5 WITHVALUES"), [["a", "1"]]);
    assert.deepEqual(run("HRANDFIELD h -2 WITHVALUES"), [
      ["a", "1"],
      ["a", "1"],
    ]);
  });

  it("refuses a count whose pairs could not be counted", () => {
    const reply = run("HRANDFIELD h -9223372036854775807 WITHVALUES");
    assert.deepEqual(reply, new ReplyError("ERR value is out of range"));
  });
});

describe("HSCAN", () => {
  it("leaves the values out when asked", () => {
    run("HSET h a 1 b 2");
    assert.deepEqual(run("HSCAN h 0 NOVALUES"), ["0", ["a", "b"]]);
    assert.deepEqual(run("HSCAN h 0"), ["0", ["a", "1", "b", "2"]]);
  });

  it("shows all fields of a large hash once around", () => {
    run(`HSET h ${pairs(3000)}`);
    const seen = new Set<Reply>();
    let cursor: Reply = "0";
    do {
      const reply = run(`HSCAN h ${textOf(cursor)} MATCH f* COUNT 11 NOVALUES`);
      assert.ok(Array.isArray(reply) && Array.isArray(reply[1]));
      cursor = reply[0];
      for (const field of reply[1]) seen.add(field);
    } while (cursor !== "0");
    assert.equal(seen.size, 3000);
  });
});
