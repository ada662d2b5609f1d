// Set commands: what cannot be compared with the real server in test/compat: encodings, as they are
// since Redis 7.2, and random members.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { setCommands } from "../../src/commands/set/set-commands.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness([...setCommands, ...genericCommands]);
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

function numbers(count: number, start = 0): string {
  return Array.from({ length: count }, (_, index) => String(start + index)).join(" ");
}

function texts(count: number): string {
  return Array.from({ length: count }, (_, index) => `m${index}`).join(" ");
}

describe("a set's encoding", () => {
  it("is intset for up to 512 integers, hashtable beyond", () => {
    run(`SADD s ${numbers(512)}`);
    assertEncoding("s", "intset");
    run("SADD s 512");
    assertEncoding("s", "hashtable");
    run(`SADD t ${numbers(513)}`);
    assertEncoding("t", "hashtable");
  });

  it("is listpack for up to 128 members that are no integers, hashtable beyond", () => {
    run(`SADD s ${texts(128)}`);
    assertEncoding("s", "listpack");
    run("SADD s one-more");
    assertEncoding("s", "hashtable");
  });

  it("is hashtable as soon as a member is longer than 64 bytes", () => {
    run(`SADD s ${"x".repeat(64)}`);
    assertEncoding("s", "listpack");
    run(`SADD s ${"x".repeat(65)}`);
    assertEncoding("s", "hashtable");
  });

  it("goes from intset to listpack with the first text, to hashtable when there are many", () => {
    run(`SADD s ${numbers(127)}`);
    run("SADD s text");
    assertEncoding("s", "listpack");
    run(`SADD t ${numbers(128)}`);
    run("SADD t text");
    assertEncoding("t", "hashtable");
    run("SADD u 1 2 3");
    run(`SADD u ${"x".repeat(65)}`);
    assertEncoding("u", "hashtable");
  });

  it("follows the configuration of the moment", () => {
    run("SADD s 1 2 3");
    harness.keyspace.limits.setMaxIntsetEntries = 3;
    run("SADD s 3");
    assertEncoding("s", "intset");
    run("SADD s 4");
    assertEncoding("s", "hashtable");
  });

  it("of a stored intersection is intset when all members are integers", () => {
    run("SADD a 1 2 3 x");
    run("SADD b 1 2 3 y");
    assert.equal(run("SINTERSTORE c a b"), 3);
    assertEncoding("c", "intset");
    run(`SADD d ${numbers(400)} x`);
    run(`SADD e ${numbers(400)} y`);
    run("SINTERSTORE f d e");
    assertEncoding("f", "intset");
  });
});

describe("SPOP", () => {
  it("takes members at random until none is left, and then the key", () => {
    run(`SADD s ${texts(300)}`);
    const popped = Array.from({ length: 300 }, () => textOf(run("SPOP s")));
    assert.deepEqual(popped.sort(), texts(300).split(" ").sort());
    assert.notDeepEqual(popped.slice(0, 20), texts(20).split(" "));
    assert.equal(run("EXISTS s"), 0);
    assert.equal(run("SPOP s"), null);
  });

  it("keeps what it is not asked for, however much that is", () => {
    for (const [size, count] of [
      [10, 3],
      [10, 9],
      [300, 20],
      [300, 290],
      [1000, 999],
    ]) {
      run("DEL s");
      run(`SADD s ${texts(size)}`);
      const popped = run(`SPOP s ${count}`);
      assert.ok(Array.isArray(popped) && popped.length === count);
      const left = run("SMEMBERS s");
      assert.ok(Array.isArray(left) && left.length === size - count);
      assert.deepEqual([...popped, ...left].map(String).sort(), texts(size).split(" ").sort());
    }
  });
});

describe("SRANDMEMBER", () => {
  it("replies with distinct members for a positive count", () => {
    for (const members of [numbers(300), texts(100), texts(300)]) {
      run("DEL s");
      run(`SADD s ${members}`);
      for (const count of [1, 5, 90]) {
        const found = run(`SRANDMEMBER s ${count}`);
        assert.ok(Array.isArray(found) && found.length === count);
        assert.equal(new Set(found).size, count);
        assert.ok(found.every((each) => members.split(" ").includes(textOf(each))));
      }
    }
  });

  it("may repeat members for a negative count", () => {
    run("SADD s a b");
    const found = run("SRANDMEMBER s -50");
    assert.ok(Array.isArray(found) && found.length === 50);
    assert.deepEqual(new Set(found), new Set(["a", "b"]));
  });

  it("walks a large set with SSCAN without missing a member while it shrinks", () => {
    run(`SADD s ${numbers(5000)} x`);
    const seen = new Set<Reply>();
    let cursor: Reply = "0";
    let step = 0;
    do {
      const reply = run(`SSCAN s ${textOf(cursor)} COUNT 7`);
      assert.ok(Array.isArray(reply) && Array.isArray(reply[1]));
      cursor = reply[0];
      for (const member of reply[1]) seen.add(member);
      // Members above 1000 go on the way, so that the table shrinks under the walk.
      if (step < 4000) run(`SREM s ${4999 - step} ${4998 - step}`);
      step += 2;
    } while (cursor !== "0");
    for (const number of numbers(1000).split(" ")) assert.ok(seen.has(number), number);
  });
});
