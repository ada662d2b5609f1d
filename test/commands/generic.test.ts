// Commands on whole keys: what each does, says and reports. That the replies are Redis's own is
// compared in test/compat.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Argument } from "../support/engine-harness.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness([...stringCommands, ...genericCommands]);
});

function run(...request: Argument[]): Reply {
  return harness.run(...request);
}

function assertRuns(...steps: [request: string, reply: Reply][]): void {
  for (const [request, reply] of steps) {
    assert.deepEqual(run(...request.split(" ")), reply, request);
  }
}

function assertFails(request: string, text: string): void {
  assertRuns([request, new ReplyError(text)]);
}

function events(...requests: string[]): string[] {
  return harness.eventsOf(() => {
    for (const request of requests) run(...request.split(" "));
  });
}

describe("DEL, UNLINK, EXISTS, TOUCH, TYPE", () => {
  it("count the keys that there are", () => {
    assertRuns(
      ["MSET a 1 b 2 c 3", "OK"],
      ["EXISTS a a none", 2],
      ["TOUCH a b none", 2],
      ["TYPE a", "string"],
      ["TYPE none", "none"],
      ["DEL a none a", 1],
      ["UNLINK b c", 2],
      ["EXISTS a b c", 0],
    );
  });

  it("give all memory back", () => {
    const before = harness.keyspace.arena.usedBytes;
    run("SET", "k", "x".repeat(100_000));
    run("SET", "l", "x", "EX", 5);
    assertRuns(["DEL k l", 2]);
    assert.equal(harness.keyspace.arena.usedBytes, before);
  });

  it("report what they did", () => {
    run("MSET", "a", 1, "b", 2);
    assert.deepEqual(events("DEL a none", "UNLINK b"), ["del a", "del b"]);
    assert.deepEqual(events("EXISTS none", "TTL none"), ["keymiss none", "keymiss none"]);
  });
});

describe("EXPIRE and its kin", () => {
  it("set when a key expires", () => {
    assertRuns(
      ["SET k v", "OK"],
      ["TTL k", -1],
      ["TTL none", -2],
      ["EXPIRE none 5", 0],
      ["EXPIRE k 100", 1],
      ["TTL k", 100],
      ["PTTL k", 100_000],
      ["EXPIRETIME k", 1_700_000_100],
      ["PEXPIRETIME k", 1_700_000_100_000],
      ["PEXPIRE k 1500", 1],
      ["TTL k", 2],
      ["PERSIST k", 1],
      ["PERSIST k", 0],
      ["EXPIREAT k 1700000003", 1],
      ["PEXPIREAT k 1700000003001", 1],
      ["PTTL k", 3001],
    );
    harness.advance(3001);
    assertRuns(["PTTL k", 0], ["EXISTS k", 1]);
    harness.advance(1);
    assertRuns(["EXISTS k", 0], ["PTTL k", -2]);
  });

  it("delete a key whose time is past", () => {
    for (const request of [
      "EXPIRE k -1",
      "PEXPIRE k 0",
      "EXPIREAT k 1",
      "PEXPIREAT k -9223372036854775808",
    ]) {
      run("SET", "k", "v");
      assert.deepEqual(events(request), ["del k"]);
      assertRuns(["EXISTS k", 0]);
    }
  });

  it("know NX, XX, GT and LT", () => {
    assertRuns(
      ["SET k v", "OK"],
      ["EXPIRE k 100 XX", 0],
      ["EXPIRE k 100 GT", 0],
      ["EXPIRE k 100 XX LT", 0],
      ["EXPIRE k 100 NX", 1],
      ["EXPIRE k 200 NX", 0],
      ["EXPIRE k 100 GT", 0],
      ["EXPIRE k 200 xx gt", 1],
      ["EXPIRE k 200 LT", 0],
      ["EXPIRE k 150 LT", 1],
      ["TTL k", 150],
      ["PERSIST k", 1],
      ["EXPIRE k 100 LT", 1],
    );
  });

  it("refuse what makes no sense", () => {
    run("SET", "k", "v");
    const nx = "ERR NX and XX, GT or LT options at the same time are not compatible";
    assertFails("EXPIRE k 1 NX XX", nx);
    assertFails("EXPIRE k 1 GT NX", nx);
    assertFails("EXPIRE k 1 LT GT", "ERR GT and LT options at the same time are not compatible");
    assertFails("EXPIRE k 1 FOO", "ERR Unsupported option FOO");
    assertFails("EXPIRE k x", "ERR value is not an integer or out of range");
    const tooFar = (name: string): string => `ERR invalid expire time in '${name}' command`;
    assertFails("EXPIRE k 9223372036854776", tooFar("expire"));
    assertFails("EXPIRE k -9223372036854776", tooFar("expire"));
    assertFails("EXPIREAT k 9223372036854776", tooFar("expireat"));
    assertFails("PEXPIRE k 9223372036854775807", tooFar("pexpire"));
    assertRuns(["TTL k", -1], ["PEXPIREAT k 9223372036854775807", 1], ["EXISTS k", 1]);
  });

  it("report what they did", () => {
    run("SET", "k", "v");
    assert.deepEqual(events("EXPIRE k 5", "PERSIST k", "PERSIST k"), ["expire k", "persist k"]);
    run("PEXPIRE", "k", 5);
    harness.advance(6);
    assert.deepEqual(events("GET k"), ["expired k", "keymiss k"]);
  });
});

describe("RENAME, COPY, MOVE", () => {
  it("take the value and its expiry along, long or short", () => {
    for (const value of ["v", "x".repeat(1025)]) {
      harness = new EngineHarness([...stringCommands, ...genericCommands]);
      run("SET", "a", value, "EX", 100);
      assertRuns(
        ["RENAME a b", "OK"],
        ["EXISTS a", 0],
        ["COPY b c", 1],
        ["COPY b c", 0],
        ["APPEND b !", value.length + 1],
        ["STRLEN c", value.length],
        ["COPY b c REPLACE", 1],
        ["GET c", `${value}!`],
        ["TTL c", 100],
        ["COPY c c DB 1", 1],
        ["MOVE c 1", 0],
        ["MOVE b 1", 1],
        ["EXISTS b", 0],
      );
      harness.session.db = harness.keyspace.databases[1];
      assertRuns(["GET b", `${value}!`], ["TTL b", 100], ["GET c", `${value}!`]);
      harness.keyspace.flushAll(true);
      harness.keyspace.reclaimer.reclaimAll();
      assert.equal(harness.keyspace.arena.usedBytes, 0);
    }
  });

  it("know when there is nothing to do", () => {
    assertRuns(
      ["MSET a 1 b 2", "OK"],
      ["RENAME a a", "OK"],
      ["RENAMENX a a", 0],
      ["RENAMENX a b", 0],
      ["RENAMENX a c", 1],
      ["COPY none x", 0],
      ["MOVE none 1", 0],
    );
  });

  it("refuse what they cannot do", () => {
    run("SET", "a", 1);
    const same = "ERR source and destination objects are the same";
    assertFails("RENAME none x", "ERR no such key");
    assertFails("RENAMENX none none", "ERR no such key");
    assertFails("COPY a a", same);
    assertFails("COPY a a DB 0", same);
    assertFails("MOVE a 0", same);
    assertFails("MOVE a 16", "ERR DB index is out of range");
    assertFails("COPY a b DB -1", "ERR DB index is out of range");
    assertFails("MOVE a x", "ERR value is not an integer or out of range");
    assertFails("COPY a b DB", "ERR syntax error");
  });

  it("report what they did", () => {
    run("MSET", "a", 1, "b", 2);
    assert.deepEqual(events("RENAME a b"), ["new b", "rename_from a", "rename_to b"]);
    assert.deepEqual(events("COPY b c", "COPY c b REPLACE"), [
      "new c",
      "copy_to c",
      "new b",
      "copy_to b",
    ]);
    assert.deepEqual(events("MOVE b 2"), ["2: new b", "move_from b", "2: move_to b"]);
  });
});

describe("KEYS, SCAN, RANDOMKEY", () => {
  function sorted(reply: Reply): string[] {
    return (reply as string[]).toSorted();
  }

  function scanAll(...options: Argument[]): string[] {
    const found = new Set<string>();
    let cursor = "0";
    do {
      const [next, keys] = run("SCAN", cursor, ...options) as [string, string[]];
      cursor = next;
      for (const key of keys) found.add(key);
    } while (cursor !== "0");
    return [...found].sort();
  }

  it("find what matches", () => {
    assertRuns(["MSET one 1 two 2 three 3", "OK"], ["KEYS none", []]);
    assert.deepEqual(sorted(run("KEYS", "t*")), ["three", "two"]);
    assert.deepEqual(sorted(run("KEYS", "*")), ["one", "three", "two"]);
    assert.deepEqual(scanAll("MATCH", "*o*"), ["one", "two"]);
    assert.deepEqual(scanAll("TYPE", "STRING"), ["one", "three", "two"]);
    assert.deepEqual(scanAll("TYPE", "hash"), []);
  });

  it("do not show keys whose time is over, and scanning deletes them", () => {
    assertRuns(["SET a 1 PX 5", "OK"], ["SET b 1", "OK"]);
    harness.advance(6);
    assertRuns(["KEYS *", ["b"]]);
    assert.equal(harness.keyspace.databases[0].size, 2);
    assert.deepEqual(scanAll(), ["b"]);
    assert.equal(harness.keyspace.databases[0].size, 1);
    assertRuns(["RANDOMKEY", "b"], ["DEL b", 1], ["RANDOMKEY", null]);
  });

  it("visit all keys that stay while others come and go", () => {
    for (let index = 0; index < 500; index++) run("SET", `stays:${index}`, index);
    const found = new Set<string>();
    let cursor = "0";
    let added = 0;
    do {
      const [next, keys] = run("SCAN", cursor, "COUNT", 7) as [string, string[]];
      cursor = next;
      for (const key of keys) found.add(key);
      for (let count = 0; count < 20 && added < 1500; count++) run("SET", `comes:${added++}`, "");
      for (let count = 0; count < 15; count++) run("DEL", `comes:${added - 10 * count}`);
    } while (cursor !== "0");
    assert.equal([...found].filter((key) => key.startsWith("stays:")).length, 500);
  });

  it("look at no more buckets than COUNT allows", () => {
    for (let index = 0; index < 5000; index++) run("SET", index, "");
    const [cursor, keys] = run("SCAN", 0, "COUNT", 10, "MATCH", "none") as [string, string[]];
    assert.notEqual(cursor, "0");
    assert.deepEqual(keys, []);
  });

  it("refuse what is no cursor, count or type", () => {
    for (const cursor of ["x", "-1", "1.0", "18446744073709551616"]) {
      assertFails(`SCAN ${cursor}`, "ERR invalid cursor");
    }
    assertRuns(["SCAN 18446744073709551615", ["0", []]]);
    assertFails("SCAN 0 COUNT 0", "ERR syntax error");
    assertFails("SCAN 0 COUNT x", "ERR value is not an integer or out of range");
    assertFails("SCAN 0 TYPE x", "ERR unknown type name 'x'");
    assertFails("SCAN 0 FOO", "ERR syntax error");
  });
});

describe("OBJECT", () => {
  it("tells encodings as Redis does", () => {
    const cases: [string, string][] = [
      ["9223372036854775807", "int"],
      ["9223372036854775808", "embstr"],
      ["-0", "embstr"],
      ["x".repeat(44), "embstr"],
      ["x".repeat(45), "raw"],
    ];
    for (const [value, name] of cases) {
      run("SET", "k", value);
      assertRuns(["OBJECT ENCODING k", name]);
    }
    assertRuns(["SET k abc", "OK"], ["APPEND k d", 4], ["OBJECT ENCODING k", "raw"]);
    assertRuns(["OBJECT ENCODING none", null], ["OBJECT REFCOUNT k", 1]);
  });

  it("tells how long a key has not been used, by commands that use it", () => {
    run("SET", "k", "v");
    harness.advance(5000);
    assertRuns(["EXISTS k", 1], ["TTL k", -1], ["TYPE k", "string"], ["OBJECT IDLETIME k", 5]);
    assertRuns(["TOUCH k", 1], ["OBJECT IDLETIME k", 0]);
    harness.advance(3000);
    harness.session.noTouch = true;
    assertRuns(["GET k", "v"], ["OBJECT IDLETIME k", 3]);
  });

  it("tells either idle times or frequencies, as the maxmemory policy is", () => {
    const note =
      "Please note that when switching between policies at runtime LRU and LFU data will take " +
      "some time to adjust.";
    const frequency =
      "ERR An LFU maxmemory policy is not selected, access frequency not tracked. " + note;
    run("SET", "k", "v");
    assertFails("OBJECT FREQ k", frequency);
    const settings = { maxmemoryPolicy: "allkeys-lfu" };
    harness = new EngineHarness([...stringCommands, ...genericCommands], { settings });
    run("SET", "k", "v");
    const idle = "ERR An LFU maxmemory policy is selected, idle time not tracked. " + note;
    assertFails("OBJECT IDLETIME k", idle);
    assertRuns(["OBJECT FREQ none", null]);
  });

  it("explains itself", () => {
    const lines = run("OBJECT", "HELP") as string[];
    assert.equal(lines[0], "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    assert.ok(lines.includes("ENCODING <key>"));
    assert.deepEqual(lines.slice(-2), ["HELP", "    Print this help."]);
    assertFails("OBJECT FOO k", "ERR unknown subcommand 'FOO'. Try OBJECT HELP.");
    assertFails("OBJECT ENCODING", "ERR wrong number of arguments for 'object|encoding' command");
  });
});
