// String commands: what each does, says and reports. That the replies are Redis's own is compared
// in test/compat.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Argument } from "../support/engine-harness.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";

const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
const notInteger = "ERR value is not an integer or out of range";

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

describe("SET and GET", () => {
  it("hold any bytes under any name", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const size of [0, 1, 44, 45, 1024, 1025, 70_000, 2_000_000]) {
      const value = Buffer.alloc(size, bytes);
      assert.equal(run("SET", bytes, value), "OK");
      assert.ok(run("GET", bytes) === value.toString("latin1"), `${size} bytes`);
    }
  });

  it("know NX and XX", () => {
    assertRuns(
      ["SET k 1 XX", null],
      ["SET k 1 NX", "OK"],
      ["SET k 2 NX", null],
      ["SET k 3 xx", "OK"],
      ["GET k", "3"],
    );
    assertFails("SET k 1 NX XX", "ERR syntax error");
  });

  it("reply with the old value for GET, also when nothing is set", () => {
    assertRuns(
      ["SET k 1 GET", null],
      ["SET k 2 GET", "1"],
      ["SET k 3 NX GET", "2"],
      ["SET new 3 XX GET", null],
      ["EXISTS new", 0],
      ["GET k", "2"],
    );
  });

  it("forget a key when its time is over", () => {
    for (const option of ["EX 2", "PX 2000", "EXAT 1700000002", "PXAT 1700000002000"]) {
      harness = new EngineHarness(stringCommands);
      assertRuns([`SET k v ${option}`, "OK"]);
      harness.advance(2000);
      assertRuns(["GET k", "v"]);
      harness.advance(1);
      assertRuns(["GET k", null]);
    }
  });

  it("drop an expiry unless KEEPTTL is given", () => {
    assertRuns(["SET k v EX 10", "OK"], ["SET k w KEEPTTL", "OK"], ["TTL k", 10]);
    assertRuns(["SET k v", "OK"], ["TTL k", -1]);
  });

  it("refuse times that are none", () => {
    for (const time of ["EX 0", "EX -1", "PX 0", "EXAT 0", "PXAT -5", "EX 9223372036854775807"]) {
      assertFails(`SET k v ${time}`, "ERR invalid expire time in 'set' command");
    }
    assertFails("SET k v EX 1.5", notInteger);
    assertFails("SET k v EX", "ERR syntax error");
    assertFails("SET k v EX 1 PX 1", "ERR syntax error");
    assertFails("SET k v EX 1 KEEPTTL", "ERR syntax error");
    assertFails("SETEX k 0 v", "ERR invalid expire time in 'setex' command");
    assertFails("PSETEX k 9223372036854775807 v", "ERR invalid expire time in 'psetex' command");
    assertRuns(["EXISTS k", 0]);
  });

  it("report what they did", () => {
    assert.deepEqual(events("SET k v"), ["new k", "set k"]);
    assert.deepEqual(events("SET k v EX 5"), ["set k", "expire k"]);
    assert.deepEqual(events("SETEX k 5 v", "SETNX k v"), ["set k", "expire k"]);
    assert.deepEqual(events("GETSET k w", "MSET k x"), ["set k", "set k"]);
    assert.deepEqual(events("GET none"), ["keymiss none"]);
  });
});

describe("GETEX and GETDEL", () => {
  it("change when a key expires", () => {
    assertRuns(
      ["SET k v", "OK"],
      ["GETEX k EX 10", "v"],
      ["TTL k", 10],
      ["GETEX k", "v"],
      ["TTL k", 10],
      ["GETEX k PERSIST", "v"],
      ["TTL k", -1],
      ["GETEX none EX 10", null],
    );
    assertFails("GETEX k EX 0", "ERR invalid expire time in 'getex' command");
    assertFails("GETEX k EX 10 PERSIST", "ERR syntax error");
  });

  it("delete", () => {
    assertRuns(["SET k v", "OK"], ["GETDEL k", "v"], ["GETDEL k", null]);
    assertRuns(["SET k v", "OK"], ["GETEX k PXAT 1", "v"], ["EXISTS k", 0]);
  });

  it("report what they did", () => {
    run("SET", "k", "v");
    const changes = events("GETEX k EX 5", "GETEX k PERSIST", "GETEX k PERSIST", "GETEX k EXAT 1");
    assert.deepEqual(changes, ["expire k", "persist k", "del k"]);
    run("SET", "k", "v");
    assert.deepEqual(events("GETDEL k"), ["del k"]);
  });
});

describe("APPEND, SETRANGE, GETRANGE", () => {
  it("make and lengthen strings", () => {
    assertRuns(
      ["APPEND k ab", 2],
      ["APPEND k cd", 4],
      ["SETRANGE k 6 x", 7],
      ["GET k", "abcd\u0000\u0000x"],
      ["SETRANGE k 1 BC", 7],
      ["GETRANGE k 0 3", "aBCd"],
      ["GETRANGE k -1 -1", "x"],
      ["GETRANGE k -100 1", "aB"],
      ["SUBSTR k 2 1", ""],
      ["GETRANGE k 0 -100", ""],
      ["GETRANGE k 5 9223372036854775807", "\u0000x"],
      ["GETRANGE none 0 -1", ""],
      ["STRLEN k", 7],
      ["STRLEN none", 0],
    );
    assert.equal(run("SETRANGE", "none", 5, ""), 0);
    assertRuns(["EXISTS none", 0]);
  });

  it("keep the expiry", () => {
    assertRuns(
      ["SET k v EX 9", "OK"],
      ["APPEND k w", 2],
      ["SETRANGE k 5000 w", 5001],
      ["TTL k", 9],
    );
  });

  it("stay within the limit", () => {
    harness.keyspace.stringBytesMax = 10;
    const tooLong = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
    assertRuns(["APPEND k 12345", 5], ["APPEND k 12345", 10]);
    assertFails("APPEND k 1", tooLong);
    assertFails("SETRANGE k 10 x", tooLong);
    assertFails("SETRANGE k 9223372036854775807 x", tooLong);
    assertFails("SETRANGE k -1 x", "ERR offset is out of range");
    assertFails("SETRANGE k x x", notInteger);
    assertRuns(["GET k", "1234512345"]);
  });
});

describe("INCR and its kin", () => {
  it("count exactly, beyond what a double holds too", () => {
    assertRuns(
      ["INCR k", 1],
      ["DECR k", 0],
      ["DECRBY k 5", -5],
      ["INCRBY k 9007199254740996", 9007199254740991],
      ["INCR k", 9007199254740992n],
      ["INCR k", 9007199254740993n],
      ["GET k", "9007199254740993"],
      ["SET k 9223372036854775806", "OK"],
      ["INCR k", 9223372036854775807n],
      ["DECRBY k 9223372036854775807", 0],
    );
  });

  it("refuse what is too large or no number", () => {
    assertRuns(["SET k 9223372036854775807", "OK"]);
    assertFails("INCR k", "ERR increment or decrement would overflow");
    assertFails("DECRBY k -9223372036854775808", "ERR decrement would overflow");
    assertFails("INCRBY k 9223372036854775808", notInteger);
    assertRuns(["SET k 1x", "OK"]);
    assertFails("INCR k", notInteger);
    assertFails("INCRBYFLOAT k 1", "ERR value is not a valid float");
    assertFails("INCRBYFLOAT none inf", "ERR increment would produce NaN or Infinity");
    assertRuns(["EXISTS none", 0]);
  });

  it("keep the expiry and the encoding", () => {
    assertRuns(["SET k 1 EX 9", "OK"], ["INCR k", 2], ["INCRBYFLOAT k 0.1", "2.1"], ["TTL k", 9]);
    assertRuns(["OBJECT ENCODING k", "embstr"], ["SET k 1", "OK"], ["OBJECT ENCODING k", "int"]);
  });

  it("add as Redis's long doubles do", () => {
    assertRuns(
      ["SET k 3.0e3", "OK"],
      ["INCRBYFLOAT k 200", "3200"],
      ["SET k 0.1", "OK"],
      ["INCRBYFLOAT k 0.2", "0.3"],
      ["INCRBYFLOAT new -5.50", "-5.5"],
    );
  });

  it("report what they did", () => {
    const changes = events("INCR k", "DECRBY k 2", "INCRBYFLOAT k 1");
    assert.deepEqual(changes, ["new k", "incrby k", "incrby k", "incrbyfloat k"]);
    assert.deepEqual(events("APPEND k 1", "SETRANGE k 0 x"), ["append k", "setrange k"]);
  });
});

describe("MGET, MSET, MSETNX", () => {
  it("work on several keys", () => {
    assertRuns(
      ["MSET a 1 b 2 a 3", "OK"],
      ["MGET a none b", ["3", null, "2"]],
      ["MSETNX c 1 a 9", 0],
      ["EXISTS c", 0],
      ["MSETNX c 1 d 2", 1],
    );
    assertFails("MSET a 1 b", "ERR wrong number of arguments for 'mset' command");
    assertFails("MSETNX a 1 b", "ERR wrong number of arguments for 'msetnx' command");
  });
});

describe("LCS", () => {
  beforeEach(() => {
    run("MSET", "a", "ohmytext", "b", "mynewtext");
  });

  it("finds the sequence, its length, its runs", () => {
    assertRuns(["LCS a b", "mytext"], ["LCS a b LEN", 6], ["LCS a none", ""]);
    const last = [[4, 7], [5, 8], 4];
    assertRuns(["LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN", ["matches", [last], "len", 6]]);
    const both = [
      [
        [4, 7],
        [5, 8],
      ],
      [
        [2, 3],
        [0, 1],
      ],
    ];
    assertRuns(["LCS a b IDX", ["matches", both, "len", 6]]);
    harness.session.protocol = 3;
    assert.deepEqual(
      run("LCS", "a", "b", "IDX"),
      new Map<Reply, Reply>([
        ["matches", both],
        ["len", 6],
      ]),
    );
  });

  it("refuses what it cannot do", () => {
    const both = "ERR If you want both the length and indexes, please just use IDX.";
    assertFails("LCS a b LEN IDX", both);
    harness.keyspace.stringBytesMax = 9 * 10 * 4 - 1;
    const memory = "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len";
    assertFails("LCS a b", memory);
    harness.keyspace.stringBytesMax++;
    assertRuns(["LCS a b LEN", 6]);
  });
});

describe("a key of another type", () => {
  it("is refused by all but MGET and the commands that overwrite", () => {
    run("SET", "k", "v");
    const { arena, databases } = harness.keyspace;
    // Until other types exist a string record is told to be one of them: type 4 is a hash.
    let record = 0;
    databases[0].table.forEach((ref) => (record = ref));
    const metaWord = ((record & 0xffff) << 2) + 3;
    arena.words[record >>> 16][metaWord] |= 4;
    for (const request of [
      ["GET k", "GETDEL k", "GETEX k", "GETSET k v", "SET k v GET", "STRLEN k", "GETRANGE k 0 1"],
      ["APPEND k v", "SETRANGE k 0 v", "INCR k", "INCRBYFLOAT k x"],
    ].flat()) {
      assertFails(request, wrongType);
    }
    assertFails("LCS k k", "ERR The specified keys must contain string values");
    assertRuns(["MGET k", [null]], ["TYPE k", "hash"], ["EXISTS k", 1]);
    arena.words[record >>> 16][metaWord] &= ~4;
    assertRuns(["GET k", "v"]);
  });
});
