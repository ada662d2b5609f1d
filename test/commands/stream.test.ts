// Stream commands: what cannot be compared with real Redis 7.0 in test/compat: waiting, idle times,
// XINFO, lags, and what came later.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { streamCommands } from "../../src/commands/stream/stream-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Session } from "../../src/engine/session.ts";
import { valueRef } from "../../src/keyspace/record.ts";
import { slicesOf } from "../../src/bytes/slices.ts";
import { checkGroup } from "../../src/structures/stream-group-walk.ts";
import { namedAt, nameCount } from "../../src/structures/stream-names.ts";
import { groupNames } from "../../src/structures/stream-root.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError, parseReplies } from "../support/reply.ts";

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness([...streamCommands, ...stringCommands, ...genericCommands]);
});

/** Runs a request and lets those who waited for what it did go on, as the server does. */
function run(request: string): Reply {
  const reply = harness.run(...request.split(" "));
  harness.engine.blocking.serve();
  return reply;
}

function runAll(...requests: string[]): void {
  for (const request of requests) {
    const reply = run(request);
    assert.ok(!(reply instanceof ReplyError), `${request}: ${JSON.stringify(reply)}`);
  }
}

function assertRuns(...steps: [request: string, reply: Reply][]): void {
  for (const [request, reply] of steps) assert.deepEqual(run(request), reply, request);
}

function assertFails(request: string, text: string): void {
  assertRuns([request, new ReplyError(text)]);
}

/** The pairs of a RESP2 reply. */
function pairs(reply: Reply): Map<Reply, Reply> {
  const list = reply as Reply[];
  return new Map(
    Array.from({ length: list.length / 2 }, (_, at) => [list[at * 2], list[at * 2 + 1]]),
  );
}

/** A client that runs a request which makes it wait; what it was told so far is in `told`. */
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
    engine.reply.position = 0;
    engine.execute(this.session, slicesOf(request.split(" ")));
    assert.equal(engine.reply.position, 0, `${request} did not wait`);
  }
}

describe("XREAD", () => {
  it("waits for entries after the last one", () => {
    runAll("XADD s 1-1 a 1");
    const client = new WaitingClient("XREAD BLOCK 0 STREAMS s t $ 0");
    runAll("DEL s", "SET s x", "DEL s");
    assert.deepEqual(client.told, []);
    runAll("XADD s 2-0 b 2");
    assert.deepEqual(client.told, [[["s", [["2-0", ["b", "2"]]]]]]);
  });

  it("gives up when its time is over", () => {
    const client = new WaitingClient("XREAD BLOCK 100 STREAMS s $");
    harness.advance(100);
    harness.engine.blocking.expire(harness.nowMs);
    assert.deepEqual(client.told, [null]);
  });

  it("finds the last entry with +, also while it waits", () => {
    const client = new WaitingClient("XREAD BLOCK 0 STREAMS s +");
    runAll("XADD s 1-0 a 1", "XADD s 2-0 a 2");
    assert.deepEqual(client.told, [[["s", [["1-0", ["a", "1"]]]]]]);
    assertRuns(["XREAD STREAMS s +", [["s", [["2-0", ["a", "2"]]]]]]);
  });
});

describe("XREADGROUP", () => {
  it("gives each new entry to one of those who wait", () => {
    runAll("XGROUP CREATE s g $ MKSTREAM");
    const first = new WaitingClient("XREADGROUP GROUP g a BLOCK 0 STREAMS s >");
    const second = new WaitingClient("XREADGROUP GROUP g b BLOCK 0 STREAMS s >");
    runAll("XADD s 1-0 f 1");
    assert.deepEqual(first.told, [[["s", [["1-0", ["f", "1"]]]]]]);
    assert.deepEqual(second.told, []);
    runAll("XADD s 2-0 f 2");
    assert.deepEqual(second.told, [[["s", [["2-0", ["f", "2"]]]]]]);
    assertRuns([
      "XPENDING s g",
      [
        2,
        "1-0",
        "2-0",
        [
          ["a", "1"],
          ["b", "1"],
        ],
      ],
    ]);
  });

  it("ends its wait with an error when the stream or the group goes", () => {
    for (const [end, error] of [
      ["DEL s", /^NOGROUP/],
      ["XGROUP DESTROY s g", /^NOGROUP No such key 's' or consumer group 'g' in XREADGROUP/],
      ["SET s x", /^WRONGTYPE/],
    ] as const) {
      runAll("DEL s", "XGROUP CREATE s g $ MKSTREAM");
      const client = new WaitingClient("XREADGROUP GROUP g a BLOCK 0 STREAMS s >");
      runAll(end);
      assert.match((client.told[0] as ReplyError).text, error);
    }
  });

  it("tells the history without the fields of deleted entries", () => {
    runAll("XADD s 1-0 f 1", "XADD s 2-0 f 2", "XGROUP CREATE s g 0");
    runAll("XREADGROUP GROUP g a STREAMS s >", "XDEL s 1-0");
    assertRuns([
      "XREADGROUP GROUP g a STREAMS s 0",
      [
        [
          "s",
          [
            ["1-0", null],
            ["2-0", ["f", "2"]],
          ],
        ],
      ],
    ]);
  });
});

describe("pending entries", () => {
  beforeEach(() => {
    runAll("XADD s 1-0 f 1", "XADD s 2-0 f 2", "XADD s 3-0 f 3", "XGROUP CREATE s g 0");
    runAll("XREADGROUP GROUP g a COUNT 2 STREAMS s >");
    harness.advance(50);
    runAll("XREADGROUP GROUP g b STREAMS s >");
    harness.advance(10);
  });

  it("are listed with idle times and counts", () => {
    const all = [
      ["1-0", "a", 60, 1],
      ["2-0", "a", 60, 1],
      ["3-0", "b", 10, 1],
    ];
    assertRuns(
      ["XPENDING s g - + 10", all],
      ["XPENDING s g IDLE 50 - + 10", all.slice(0, 2)],
      ["XPENDING s g (1-0 + 1", [all[1]]],
      ["XPENDING s g - + 10 b", [all[2]]],
      ["XPENDING s g - + 10 nobody", []],
    );
  });

  it("change hands when they are idle for long enough", () => {
    assertRuns(
      ["XCLAIM s g c 50 1-0 3-0", [["1-0", ["f", "1"]]]],
      ["XCLAIM s g c 0 3-0 IDLE 7 RETRYCOUNT 9 JUSTID", ["3-0"]],
      [
        "XPENDING s g - + 10",
        [
          ["1-0", "c", 0, 2],
          ["2-0", "a", 60, 1],
          ["3-0", "c", 7, 9],
        ],
      ],
      ["XAUTOCLAIM s g d 50 - COUNT 1", ["3-0", [["2-0", ["f", "2"]]], []]],
      ["XAUTOCLAIM s g d 0 3-0 JUSTID", ["0-0", ["3-0"], []]],
    );
  });

  it("of deleted entries go when they are claimed", () => {
    runAll("XDEL s 1-0 2-0");
    assertRuns(
      ["XCLAIM s g c 0 1-0", []],
      ["XAUTOCLAIM s g c 0 - COUNT 1", ["3-0", [], ["2-0"]]],
      ["XPENDING s g", [1, "3-0", "3-0", [["b", "1"]]]],
    );
  });

  it("go with their consumer, and are the same for group and consumers", () => {
    runAll("XCLAIM s g b 0 1-0", "XACK s g 2-0");
    checkGroups();
    assertRuns(["XGROUP DELCONSUMER s g b", 2], ["XPENDING s g", [0, null, null, null]]);
    checkGroups();
  });

  function checkGroups(): void {
    const { arena } = harness.keyspace;
    const ref = harness.keyspace.databases[0].peek(slicesOf(["s"]), 0);
    const names = groupNames(arena, valueRef(arena, ref));
    for (let index = 0; index < nameCount(arena, names); index++) {
      checkGroup(arena, namedAt(arena, names, index));
    }
  }
});

describe("XINFO", () => {
  it("knows the lag of a group as long as no entry is missing", () => {
    runAll("XADD s 1-0 f 1", "XADD s 2-0 f 2", "XADD s 3-0 f 3", "XGROUP CREATE s g 0");
    const lag = (): Reply[] => {
      const group = pairs((run("XINFO GROUPS s") as Reply[])[0]);
      return [group.get("entries-read")!, group.get("lag")!];
    };
    assert.deepEqual(lag(), [null, 3]);
    runAll("XREADGROUP GROUP g a COUNT 1 STREAMS s >");
    assert.deepEqual(lag(), [1, 2]);
    runAll("XDEL s 2-0");
    assert.deepEqual(lag(), [1, null]);
    runAll("XREADGROUP GROUP g a STREAMS s >");
    assert.deepEqual(lag(), [3, 0]);
  });

  it("describes stream, groups and consumers", () => {
    runAll("XADD s 1-0 f 1", "XADD s 2-0 f 2", "XGROUP CREATE s g 0", "XDEL s 1-0");
    runAll("XREADGROUP GROUP g a STREAMS s >", "XGROUP CREATECONSUMER s g b");
    harness.advance(5);
    const brief = pairs(run("XINFO STREAM s"));
    assert.equal(brief.get("length"), 1);
    assert.equal(brief.get("entries-added"), 2);
    assert.equal(brief.get("max-deleted-entry-id"), "1-0");
    assert.equal(brief.get("recorded-first-entry-id"), "2-0");
    assert.deepEqual(brief.get("last-entry"), ["2-0", ["f", "2"]]);
    const full = pairs(run("XINFO STREAM s FULL"));
    const group = pairs((full.get("groups") as Reply[])[0]);
    const deliveredMs = harness.nowMs - 5;
    assert.deepEqual(group.get("pending"), [["2-0", "a", deliveredMs, 1]]);
    const [a, b] = (group.get("consumers") as Reply[]).map((each) => pairs(each));
    assert.deepEqual(a.get("pending"), [["2-0", deliveredMs, 1]]);
    assert.deepEqual([b.get("seen-time"), b.get("active-time")], [deliveredMs, -1]);
    assertRuns([
      "XINFO CONSUMERS s g",
      [
        ["name", "a", "pending", 1, "idle", 5, "inactive", 5],
        ["name", "b", "pending", 0, "idle", 5, "inactive", -1],
      ],
    ]);
    assertFails("XINFO STREAM nothing", "ERR no such key");
    assertFails("XINFO CONSUMERS s x", "NOGROUP No such consumer group 'x' for key name 's'");
  });
});

describe("deleting with an eye on groups", () => {
  beforeEach(() => {
    runAll("XADD s 1-0 f 1", "XADD s 2-0 f 2", "XADD s 3-0 f 3", "XADD s 4-0 f 4");
    runAll("XGROUP CREATE s g 0", "XGROUP CREATE s h 0");
    runAll("XREADGROUP GROUP g a COUNT 3 STREAMS s >", "XREADGROUP GROUP h a COUNT 2 STREAMS s >");
  });

  it("keeps, deletes or respects what is pending: XDELEX", () => {
    assertRuns(
      ["XDELEX s IDS 2 1-0 9-0", [1, -1]],
      ["XDELEX s DELREF IDS 1 2-0", [1]],
      ["XDELEX s ACKED IDS 2 3-0 9-0", [2, -1]],
      ["XPENDING s g - + 10 nobody", []],
      ["XPENDING s h", [1, "1-0", "1-0", [["a", "1"]]]],
      ["XDELEX nothing IDS 1 1-0", [-1]],
    );
    assertFails("XDELEX s IDS 0 1-0", "ERR Number of IDs must be a positive integer");
    assertFails("XDELEX s IDS abc 1-0", "ERR Number of IDs must be a positive integer");
    assertFails(
      "XDELEX s IDS 2 1-0",
      "ERR The `numids` parameter must match the number of arguments",
    );
    assertFails("XDELEX s IDS 1 4-0 5-0", "ERR syntax error");
    assertFails("XDELEX s KEEPREF ACKED IDS 1 4-0", "ERR syntax error");
    assertFails("XDELEX s KEEPREF", "ERR wrong number of arguments for 'xdelex' command");
    assertRuns(["XDELEX s IDS 1 4-0 ACKED", [2]], ["XLEN s", 2]);
  });

  it("acknowledges and deletes: XACKDEL", () => {
    assertRuns(
      ["XACKDEL s g ACKED IDS 3 1-0 3-0 9-0", [2, 2, -1]],
      ["XACK s h 1-0", 1],
      ["XACKDEL s g ACKED IDS 1 1-0", [-1]],
      ["XDELEX s ACKED IDS 1 1-0", [1]],
      ["XACKDEL s g DELREF IDS 1 2-0", [1]],
      ["XPENDING s h", [0, null, null, null]],
      ["XLEN s", 2],
    );
  });

  it("trims only what all groups have acknowledged", () => {
    runAll("XACK s g 2-0", "XACK s h 2-0");
    assertRuns(
      ["XTRIM s MAXLEN = 0 ACKED", 1],
      ["XLEN s", 3],
      ["XTRIM s MAXLEN 1 DELREF", 2],
      ["XPENDING s g", [0, null, null, null]],
    );
    runAll("XADD s MAXLEN = 1 KEEPREF 5-0 f 5");
    assertRuns(["XRANGE s - +", [["5-0", ["f", "5"]]]]);
  });
});

describe("a stream of any size", () => {
  it("loses a large group at once, and frees it between turns", () => {
    const { keyspace } = harness;
    for (let entry = 1; entry <= 5000; entry++) runAll(`XADD s ${entry}-0 f v`);
    const bytes = keyspace.arena.usedBytes;
    runAll("XGROUP CREATE s g 0", "XREADGROUP GROUP g c COUNT 2500 STREAMS s >");
    runAll("XREADGROUP GROUP g d STREAMS s >");
    assertRuns(["XGROUP DESTROY s g", 1], ["XINFO GROUPS s", []], ["XGROUP DESTROY s g", 0]);
    assert.equal(keyspace.reclaimer.pendingCount, 1);
    keyspace.reclaimer.reclaimAll();
    assert.ok(keyspace.arena.usedBytes - bytes < 200, `${keyspace.arena.usedBytes - bytes} left`);
    keyspace.arena.check();
  });

  it("gives all its memory back, with its groups", () => {
    const { keyspace } = harness;
    runAll("SET other x");
    const bytes = keyspace.arena.usedBytes;
    for (let entry = 1; entry <= 1000; entry++) runAll(`XADD s ${entry}-0 field value${entry}`);
    for (const group of ["g", "h"]) runAll(`XGROUP CREATE s ${group} 0`);
    for (let consumer = 0; consumer < 50; consumer++) {
      runAll(`XREADGROUP GROUP g c${consumer} COUNT 10 STREAMS s >`);
    }
    runAll("XREADGROUP GROUP h c STREAMS s >", "COPY s copy");
    assert.deepEqual(run("XPENDING copy g"), run("XPENDING s g"));
    runAll("DEL s copy");
    keyspace.reclaimer.reclaimAll();
    // The table of keys may have grown meanwhile.
    assert.ok(keyspace.arena.usedBytes - bytes < 200, `${keyspace.arena.usedBytes - bytes} left`);
    keyspace.arena.check();
  });
});
