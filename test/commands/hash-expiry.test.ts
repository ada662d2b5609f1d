// Fields that expire: the replies of Redis 7.4 and 8.0, what reading does to fields whose time is
// over, what is reported. Times move only when a test moves the clock.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { hashCommands } from "../../src/commands/hash/hash-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import { expireFieldsSlice } from "../../src/keyspace/hash-expire.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness([...hashCommands, ...stringCommands, ...genericCommands]);
});

function run(request: string): Reply {
  return harness.run(...request.split(" "));
}

function assertRuns(...steps: [request: string, reply: Reply][]): void {
  for (const [request, reply] of steps) assert.deepEqual(run(request), reply, request);
}

function assertFails(request: string, text: string): void {
  assert.deepEqual(run(request), new ReplyError(text), request);
}

function expiringHashes(): number {
  return harness.keyspace.databases[0].hashExpiries.count;
}

/** A hash of three fields: small, or one that is a hash table. */
function makeHash(kind: string): void {
  run("HSET h a 1 b 2 c 3");
  if (kind === "hashtable") {
    run(`HSET h long ${"x".repeat(100)}`);
    run("HDEL h long");
  }
}

for (const kind of ["listpackex", "hashtable"]) {
  describe(`fields of a ${kind}`, () => {
    it("have a time in all its units", () => {
      makeHash(kind);
      const now = harness.nowMs;
      assertRuns(
        ["HEXPIRE h 100 FIELDS 2 a x", [1, -2]],
        ["HTTL h FIELDS 3 a b x", [100, -1, -2]],
        ["HPTTL h FIELDS 1 a", [100_000]],
        ["HEXPIRETIME h FIELDS 1 a", [Math.ceil((now + 100_000) / 1000)]],
        ["HPEXPIRETIME h FIELDS 1 a", [now + 100_000]],
        ["HPEXPIRE h 1500 FIELDS 1 b", [1]],
        ["HTTL h FIELDS 1 b", [2]],
        [`HPEXPIREAT h ${now + 7} FIELDS 1 c`, [1]],
        ["HPTTL h FIELDS 1 c", [7]],
        [`HEXPIREAT h ${Math.floor(now / 1000) + 9} FIELDS 1 c`, [1]],
        ["HEXPIRETIME h FIELDS 1 c", [Math.floor(now / 1000) + 9]],
        ["OBJECT ENCODING h", kind],
      );
      assert.equal(expiringHashes(), 1);
    });

    it("get a time only under the condition", () => {
      makeHash(kind);
      assertRuns(
        ["HPEXPIRE h 100 XX FIELDS 1 a", [0]],
        ["HPEXPIRE h 100 GT FIELDS 1 a", [0]],
        ["HPEXPIRE h 100 LT FIELDS 1 a", [1]],
        ["HPEXPIRE h 100 NX FIELDS 2 a b", [0, 1]],
        ["HPEXPIRE h 90 gt FIELDS 1 a", [0]],
        ["HPEXPIRE h 100 GT FIELDS 1 a", [0]],
        ["HPEXPIRE h 110 GT FIELDS 1 a", [1]],
        ["HPEXPIRE h 120 LT FIELDS 1 a", [0]],
        ["HPEXPIRE h 50 XX FIELDS 1 a", [1]],
        ["HPTTL h FIELDS 3 a b c", [50, 100, -1]],
      );
    });

    it("are gone when their time is over, and the hash with its last field", () => {
      makeHash(kind);
      run("HPEXPIRE h 10 FIELDS 2 a b");
      harness.advance(11);
      assertRuns(
        ["HLEN h", 3],
        ["HTTL h FIELDS 1 a", [-2]],
        ["HGETALL h", ["c", "3"]],
        ["HKEYS h", ["c"]],
        ["HSCAN h 0", ["0", ["c", "3"]]],
        ["HPERSIST h FIELDS 1 a", [-2]],
        ["HGET h a", null],
        ["HLEN h", 2],
        ["HMGET h a b c", [null, null, "3"]],
        ["HLEN h", 1],
        ["HPEXPIRE h 5 FIELDS 1 c", [1]],
      );
      harness.advance(6);
      assertRuns(["EXISTS h", 1], ["HEXISTS h c", 0], ["EXISTS h", 0]);
      assert.equal(expiringHashes(), 0);
      assert.equal(harness.keyspace.statistics.expiredFields, 3);
    });

    it("are deleted at once when the time is past", () => {
      makeHash(kind);
      assertRuns(
        ["HPEXPIREAT h 1 FIELDS 1 a", [2]],
        ["HEXPIRE h 0 FIELDS 1 b", [2]],
        ["HKEYS h", ["c"]],
        ["HEXPIRE h 0 FIELDS 2 c c", [2, -2]],
        ["EXISTS h", 0],
      );
    });

    it("lose their time when they are set, keep it when they are counted", () => {
      makeHash(kind);
      run("HEXPIRE h 100 FIELDS 3 a b c");
      assertRuns(
        ["HSET h a 9", 0],
        ["HINCRBY h b 5", 7],
        ["HINCRBYFLOAT h c 0.5", "3.5"],
        ["HTTL h FIELDS 3 a b c", [-1, 100, 100]],
        ["HPERSIST h FIELDS 4 a b c x", [-1, 1, 1, -2]],
        ["HTTL h FIELDS 3 a b c", [-1, -1, -1]],
      );
      assert.equal(expiringHashes(), 0);
    });

    it("keep their time when the key is copied, renamed or moved", () => {
      makeHash(kind);
      run("HPEXPIRE h 100 FIELDS 1 a");
      assertRuns(["COPY h copy", 1], ["RENAME h renamed", "OK"], ["MOVE renamed 1", 1]);
      assertRuns(["HPTTL copy FIELDS 2 a b", [100, -1]]);
      harness.session.db = harness.keyspace.databases[1];
      assertRuns(["HPTTL renamed FIELDS 2 a b", [100, -1]]);
      assert.equal(expiringHashes(), 1);
      harness.advance(101);
      assertRuns(["HGET renamed a", null], ["HGET renamed b", "2"]);
      harness.session.db = harness.keyspace.databases[0];
      assertRuns(["HGET copy a", null], ["HGET copy b", "2"]);
    });

    it("go with their key, whatever replaces it", () => {
      makeHash(kind);
      run("HPEXPIRE h 100 FIELDS 1 a");
      assertRuns(["SET h text", "OK"]);
      assert.equal(expiringHashes(), 0);
      run("DEL h");
      makeHash(kind);
      run("HPEXPIRE h 100 FIELDS 1 a");
      harness.keyspace.flushAll(true);
      assert.equal(expiringHashes(), 0);
    });

    it("are deleted by the cycle, the earliest first, no more than it is allowed", () => {
      makeHash(kind);
      run("HPEXPIRE h 20 FIELDS 1 a");
      run("HPEXPIRE h 10 FIELDS 1 b");
      run("HSET g x 1");
      run("HPEXPIRE g 15 FIELDS 1 x");
      harness.advance(30);
      const result = { sampled: 0, expired: 0 };
      const [db] = harness.keyspace.databases;
      expireFieldsSlice(db, 1, result);
      assert.equal(result.expired, 1);
      assertRuns(["HLEN h", 2], ["HLEN g", 1]);
      expireFieldsSlice(db, 10, result);
      assert.equal(result.expired, 2);
      assertRuns(["HLEN h", 1], ["EXISTS g", 0]);
    });

    it("tell of themselves as Redis does", () => {
      makeHash(kind);
      const events = (request: string): string[] => harness.eventsOf(() => void run(request));
      assert.deepEqual(events("HEXPIRE h 10 FIELDS 2 a b"), ["hexpire h"]);
      assert.deepEqual(events("HPERSIST h FIELDS 1 a"), ["hpersist h"]);
      assert.deepEqual(events("HPERSIST h FIELDS 1 a"), []);
      assert.deepEqual(events("HEXPIRE h 0 FIELDS 1 a"), ["hdel h"]);
      harness.advance(10_001);
      assert.deepEqual(events("HGET h b"), ["hexpired h"]);
      assert.deepEqual(events("HEXPIRE h 0 FIELDS 1 c"), ["hdel h", "del h"]);
    });
  });
}

describe("HGETEX, HSETEX and HGETDEL", () => {
  it("read and give a time, or take it away", () => {
    makeHash("listpackex");
    assertRuns(
      ["HGETEX h FIELDS 2 a x", ["1", null]],
      ["HTTL h FIELDS 1 a", [-1]],
      ["HGETEX h EX 10 FIELDS 2 a b", ["1", "2"]],
      ["HTTL h FIELDS 3 a b c", [10, 10, -1]],
      ["HGETEX h PERSIST FIELDS 2 a c", ["1", "3"]],
      ["HTTL h FIELDS 2 a b", [-1, 10]],
      ["HGETEX h PXAT 1 FIELDS 1 b", ["2"]],
      ["HEXISTS h b", 0],
      ["HGETEX none EX 10 FIELDS 1 a", [null]],
      ["EXISTS none", 0],
    );
  });

  it("read and delete", () => {
    makeHash("listpackex");
    assertRuns(
      ["HGETDEL h FIELDS 3 a x a", ["1", null, null]],
      ["HGETDEL h FIELDS 2 b c", ["2", "3"]],
      ["EXISTS h", 0],
      ["HGETDEL h FIELDS 1 a", [null]],
    );
  });

  it("set when all fields are there, or none, and give a time", () => {
    assertRuns(
      ["HSETEX h FXX FIELDS 1 a 1", 0],
      ["EXISTS h", 0],
      ["HSETEX h FNX EX 10 FIELDS 2 a 1 b 2", 1],
      ["HTTL h FIELDS 2 a b", [10, 10]],
      ["HSETEX h FNX FIELDS 2 b 3 c 3", 0],
      ["HSETEX h FXX FIELDS 2 b 3 c 3", 0],
      ["HSETEX h FXX KEEPTTL FIELDS 2 a 5 b 6", 1],
      ["HTTL h FIELDS 2 a b", [10, 10]],
      ["HSETEX h FIELDS 1 a 7", 1],
      ["HTTL h FIELDS 2 a b", [-1, 10]],
      ["HGETALL h", ["b", "6", "a", "7"]],
      ["HSETEX h PXAT 1 FIELDS 2 a 1 b 1", 1],
      ["EXISTS h", 0],
    );
  });

  it("refuse what they do not understand", () => {
    const missing = "ERR Mandatory argument FIELDS is missing or not at the right position";
    const mismatch = "ERR The `numfields` parameter must match the number of arguments";
    assertFails("HGETDEL h FIELD 1 a", missing);
    assertRuns(["SET text x", "OK"]);
    const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
    assertFails("HGETDEL text FIELD 1 a", wrongType);
    assertFails("HGETEX text EX x FIELDS 1 a", wrongType);
    assertFails("HGETDEL h FIELDS 0 a", "ERR Number of fields must be a positive integer");
    assertFails("HGETEX h EX 10 FIELDS 2 a", mismatch);
    assertFails("HGETEX h EX -1 FIELDS 1 a", "ERR invalid expire time, must be >= 0");
    assertFails(
      "HSETEX h EX 1 PX 2 FIELDS 1 a b",
      "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
    );
    assertFails(
      "HSETEX h FNX FXX FIELDS 1 a b",
      "ERR Only one of FXX or FNX arguments can be specified",
    );
    assertFails("HSETEX h FIELDS x a b", "ERR invalid number of fields");
    assertFails("HSETEX h FIELDS 2 a b", "ERR wrong number of arguments for 'hsetex' command");
    assertFails("HSETEX h FOO FIELDS 1 a b", "ERR unknown argument: FOO");
  });
});

describe("HEXPIRE and its kin", () => {
  it("refuse what they do not understand", () => {
    const missing = "ERR Mandatory argument FIELDS is missing or not at the right position";
    const mismatch = "ERR The `numfields` parameter must match the number of arguments";
    assertFails("HEXPIRE h 10 FIELDS 2 a", mismatch);
    assertFails("HEXPIRE h 10 FIELDS 0 a", "ERR Parameter `numFields` should be greater than 0");
    assertFails("HEXPIRE h 10 NX XX FIELDS 1 a", missing);
    assertFails("HEXPIRE h x FIELDS 1 a", "ERR value is not an integer or out of range");
    assertFails("HEXPIRE h -1 FIELDS 1 a", "ERR invalid expire time, must be >= 0");
    assertFails(
      "HPEXPIREAT h 70368744177664 FIELDS 1 a",
      "ERR invalid expire time in 'hpexpireat' command",
    );
    assertFails("HTTL h FIELDS x a", "ERR Number of fields must be a positive integer");
    assertFails("HPERSIST h FIELDS 3 a b", mismatch);
  });

  it("reply for each field of a missing key", () => {
    assertRuns(
      ["HEXPIRE none 10 FIELDS 2 a b", [-2, -2]],
      ["HTTL none FIELDS 1 a", [-2]],
      ["HPERSIST none FIELDS 1 a", [-2]],
    );
  });

  it("refuse a key of another type", () => {
    run("SET s text");
    const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
    for (const name of ["HTTL s", "HPERSIST s", "HEXPIRE s 10", "HGETDEL s", "HGETEX s"]) {
      assertFails(`${name} FIELDS 1 a`, wrongType);
    }
    assertFails("HSETEX s FIELDS 1 a b", wrongType);
  });
});
