// List commands: what cannot be compared with the real server in test/compat: encodings, counted
// changes, waiting.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { listCommands } from "../../src/commands/list/list-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Session } from "../../src/engine/session.ts";
import type { Argument } from "../support/engine-harness.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError, parseReplies } from "../support/reply.ts";

const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness([...listCommands, ...stringCommands, ...genericCommands]);
});

/** Runs a request and lets those who waited for what it did go on, as the server does. */
function run(...request: Argument[]): Reply {
  const reply = harness.run(...request);
  harness.engine.blocking.serve();
  return reply;
}

function assertRuns(...steps: [request: string, reply: Reply][]): void {
  for (const [request, reply] of steps) {
    assert.deepEqual(run(...request.split(" ")), reply, request);
  }
}

function assertFails(request: string, text: string): void {
  assertRuns([request, new ReplyError(text)]);
}

function assertEncoding(key: string, expected: string): void {
  assert.equal(run("OBJECT", "ENCODING", key), expected);
}

/** Another client that runs a request which makes it wait; what it was told so far is in `told`. */
class WaitingClient {
  readonly session: Session = harness.connect();
  readonly told: Reply[] = [];

  constructor(request: string) {
    const { engine } = harness;
    Object.assign(this.session, {
      link: {
        ...this.session.link,
        write: (fill: () => void) => {
          const mark = engine.reply.position;
          fill();
          this.told.push(...parseReplies(engine.reply.buffer.slice(mark, engine.reply.position)));
          engine.reply.position = mark;
        },
      },
    });
    const own = harness.session;
    harness.session = this.session;
    assert.equal(harness.runBytes(...request.split(" ")).length, 0, request);
    harness.session = own;
  }
}

describe("a list's encoding", () => {
  it("is a listpack up to the limit in bytes, then a quicklist until it is half of that", () => {
    harness.keyspace.limits.listMaxListpackSize = -1;
    for (let index = 0; index < 4; index++) run("RPUSH", "l", "x".repeat(1000));
    assertEncoding("l", "listpack");
    run("RPUSH", "l", "x".repeat(1000));
    assertEncoding("l", "quicklist");
    run("RPOP", "l", 2);
    assertEncoding("l", "quicklist");
    run("RPOP", "l");
    assertEncoding("l", "listpack");
  });

  it("is a listpack up to the limit in elements, then a quicklist until it is half of that", () => {
    harness.keyspace.limits.listMaxListpackSize = 4;
    run("RPUSH", "l", "a", "b", "c", "d");
    assertEncoding("l", "listpack");
    run("RPUSH", "l", "e");
    assertEncoding("l", "quicklist");
    run("RPOP", "l", 2);
    assertEncoding("l", "quicklist");
    run("LTRIM", "l", 0, 1);
    assertEncoding("l", "listpack");
    assertRuns(["LRANGE l 0 -1", ["a", "b"]]);
  });

  it("does not come back to listpack when nodes hold one element", () => {
    harness.keyspace.limits.listMaxListpackSize = 1;
    run("RPUSH", "l", "a", "b");
    run("RPOP", "l");
    assertEncoding("l", "quicklist");
  });

  it("follows LINSERT, LSET, LREM and LMOVE", () => {
    const long = "x".repeat(8192);
    run("RPUSH", "l", "a", "b");
    run("LINSERT", "l", "AFTER", "a", long);
    assertEncoding("l", "quicklist");
    run("LREM", "l", 0, long);
    assertEncoding("l", "quicklist");
    run("LREM", "l", 1, "b");
    assertEncoding("l", "listpack");
    run("LSET", "l", 0, long);
    assertEncoding("l", "quicklist");
    run("LMOVE", "l", "m", "LEFT", "RIGHT");
    assertEncoding("m", "quicklist");
    run("LSET", "m", 0, "a");
    assertEncoding("m", "listpack");
  });

  it("survives COPY and RENAME", () => {
    run("RPUSH", "l", "x".repeat(9000), "y");
    run("COPY", "l", "m");
    run("RENAME", "m", "n");
    run("DEL", "l");
    assertEncoding("n", "quicklist");
    assertRuns(["LRANGE n 1 1", ["y"]]);
  });
});

describe("list commands", () => {
  it("give back all memory when their lists are gone", () => {
    const before = harness.keyspace.arena.usedBytes;
    for (let index = 0; index < 3000; index++)
      run("RPUSH", "l", `element ${index}`, "x".repeat(index));
    run("LTRIM", "l", 1000, -1000);
    run("COPY", "l", "m");
    run("LREM", "l", 0, "element 700");
    run("DEL", "l");
    run("LTRIM", "m", 1, 0);
    harness.keyspace.reclaimer.reclaimAll();
    // A table that was used once keeps its least buckets.
    assert.ok(harness.keyspace.arena.usedBytes - before <= 64);
  });

  it("count each element as a change, a move as one", () => {
    const { keyspace } = harness;
    const changes = (request: string): number => {
      const before = keyspace.dirty;
      run(...request.split(" "));
      return keyspace.dirty - before;
    };
    assert.equal(changes("RPUSH l a b c a e f g h"), 8);
    assert.equal(changes("LREM l 0 a"), 2);
    assert.equal(changes("LPOP l 2"), 2);
    assert.equal(changes("LMOVE l m LEFT LEFT"), 1);
    assert.equal(changes("LMOVE m n LEFT LEFT"), 1);
    assert.equal(changes("LMOVE n n LEFT RIGHT"), 1);
    assert.equal(changes("LTRIM l 0 -1"), 0);
    assert.equal(changes("LTRIM l 1 0"), 3);
    assert.equal(changes("RPOP n"), 1);
  });

  it("refuse keys of other types", () => {
    run("SET", "s", "v");
    run("RPUSH", "l", "a");
    const requests =
      "LPUSH s a,RPUSHX s a,LPOP s,RPOP s 0,LLEN s,LINDEX s 0,LINSERT s AFTER a b,LRANGE s 0 1," +
      "LREM s 0 a,LSET s 0 a,LTRIM s 0 1," +
      "LPOS s a,LMOVE s l LEFT LEFT,LMOVE l s LEFT LEFT,LMPOP 2 no s LEFT," +
      "BLPOP no s 0,BLMOVE s l LEFT LEFT 0,BLMPOP 0 1 s LEFT";
    for (const request of requests.split(",")) assertFails(request, wrongType);
    assertRuns(["LRANGE l 0 -1", ["a"]]);
  });

  it("take the last of repeated options of LPOS", () => {
    run("RPUSH", "l", "a", "b", "a", "a");
    assertRuns(
      ["LPOS l a RANK 1 RANK -1", 3],
      ["LPOS l a RANK -1 MAXLEN 3 COUNT 0", [3, 2]],
      ["LPOS l a RANK -2 COUNT 1", [2]],
    );
    assertFails(
      "LPOS l a RANK -9223372036854775808",
      "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
    );
  });
});

describe("a client that waits for lists", () => {
  it("gets the first element that comes, with the key that it came to", () => {
    const first = new WaitingClient("BLPOP a b 0");
    const second = new WaitingClient("BRPOP b 0");
    assertRuns(["RPUSH b 1 2 3", 3], ["LRANGE b 0 -1", ["2"]]);
    assert.deepEqual([first.told, second.told], [[["b", "1"]], [["b", "3"]]]);
  });

  it("gets several elements by BLMPOP", () => {
    const client = new WaitingClient("BLMPOP 0 2 a b RIGHT COUNT 2");
    run("RPUSH", "b", "1", "2", "3");
    assert.deepEqual(client.told, [["b", ["3", "2"]]]);
  });

  it("gets nothing of a key that becomes a string, and waits on", () => {
    const client = new WaitingClient("BLPOP a 0");
    assertRuns(["SET a v", "OK"], ["DEL a", 1]);
    assert.deepEqual(client.told, []);
    run("LPUSH", "a", "x");
    assert.deepEqual(client.told, [["a", "x"]]);
  });

  it("moves what comes on to another list, where another client waits for it", () => {
    const mover = new WaitingClient("BLMOVE a b LEFT RIGHT 0");
    const taker = new WaitingClient("BRPOP b 0");
    run("RPUSH", "a", "x");
    assert.deepEqual([mover.told, taker.told], [["x"], [["b", "x"]]]);
    assertRuns(["EXISTS a b", 0]);
  });

  it("is told when the target of its move is no list", () => {
    run("SET", "b", "v");
    const mover = new WaitingClient("BRPOPLPUSH a b 0");
    run("RPUSH", "a", "x");
    assert.deepEqual(mover.told, [new ReplyError(wrongType)]);
    assertRuns(["LRANGE a 0 -1", ["x"]]);
  });

  it("is told that nothing came when its time is over", () => {
    const client = new WaitingClient("BLPOP a 1.5");
    harness.advance(1499);
    harness.engine.blocking.expire(harness.keyspace.nowMs);
    assert.deepEqual(client.told, []);
    harness.advance(1);
    harness.engine.blocking.expire(harness.keyspace.nowMs);
    assert.deepEqual(client.told, [null]);
  });

  it("does not wait when there is something, nor with a timeout that is none", () => {
    run("RPUSH", "a", "1", "2", "3", "4");
    assertRuns(
      ["BLPOP no a 0", ["a", "1"]],
      ["BLMPOP 0 1 a LEFT", ["a", ["2"]]],
      ["BLMOVE a b RIGHT LEFT 0", "4"],
      ["BRPOPLPUSH a b 0", "3"],
      ["LRANGE b 0 -1", ["3", "4"]],
    );
    assertFails("BLPOP a -1", "ERR timeout is negative");
    assertFails("BLPOP a x", "ERR timeout is not a float or out of range");
    assertFails("BRPOP a 1e30", "ERR timeout is out of range");
  });
});
