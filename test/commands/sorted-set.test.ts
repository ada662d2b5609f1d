// Sorted-set commands: what cannot be compared with the real server in test/compat: encodings, how
// scores print since 7.2, randomness, iteration, waiting, memory, counted changes.
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { setCommands } from "../../src/commands/set/set-commands.ts";
import { sortedSetCommands } from "../../src/commands/sorted-set/sorted-set-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Session } from "../../src/engine/session.ts";
import type { Argument } from "../support/engine-harness.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError, parseReplies } from "../support/reply.ts";
import { RequestGenerator } from "../support/request-generator.ts";

const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
const commands = [...sortedSetCommands, ...setCommands, ...stringCommands, ...genericCommands];

let harness: EngineHarness;

beforeEach(() => {
  harness = new EngineHarness(commands);
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

/** Members m0, m1... with their numbers as scores. */
function addMembers(key: string, count: number): void {
  for (let start = 0; start < count; start += 100) {
    const numbers = Array.from(
      { length: Math.min(100, count - start) },
      (_, index) => start + index,
    );
    run("ZADD", key, ...numbers.flatMap((number) => [number, `m${number}`]));
  }
}

function strings(reply: Reply): string[] {
  assert.ok(Array.isArray(reply));
  return reply.map(String);
}

describe("a sorted set's encoding", () => {
  it("is a listpack up to the configured number of members", () => {
    addMembers("z", 128);
    assertRuns(["OBJECT ENCODING z", "listpack"], ["ZADD z 5 one-more", 1]);
    assertRuns(["OBJECT ENCODING z", "skiplist"], ["ZREM z one-more m1 m2 m3", 4]);
    assertRuns(["OBJECT ENCODING z", "skiplist"], ["ZCARD z", 125]);
  });

  it("is a listpack up to the configured length of a member", () => {
    run("ZADD", "z", 1, "x".repeat(64));
    assertRuns(["OBJECT ENCODING z", "listpack"]);
    run("ZADD", "z", 1, "x".repeat(65));
    assertRuns(["OBJECT ENCODING z", "skiplist"], ["ZCARD z", 2]);
    run("ZADD", "y", 1, "x".repeat(65));
    assertRuns(["OBJECT ENCODING y", "skiplist"]);
  });

  it("is chosen anew for what a command stores", () => {
    addMembers("z", 200);
    assertRuns(
      ["ZRANGESTORE few z 0 3", 4],
      ["OBJECT ENCODING few", "listpack"],
      ["ZUNIONSTORE many 1 z", 200],
      ["OBJECT ENCODING many", "skiplist"],
      ["ZINTERSTORE both 2 z few", 4],
      ["OBJECT ENCODING both", "listpack"],
      ["ZRANGESTORE z z 0 1", 2],
      ["OBJECT ENCODING z", "listpack"],
    );
  });

  it("makes no difference to any reply", () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    const small = new EngineHarness(commands);
    const large = new EngineHarness(commands);
    small.keyspace.limits.zsetMaxListpackEntries = 1_000_000;
    small.keyspace.limits.zsetMaxListpackValue = 1_000_000;
    large.keyspace.limits.zsetMaxListpackEntries = 0;
    const from = new RequestGenerator(seed);
    for (let step = 0; step < 5000; step++) {
      const request = encodingRequest(from);
      const replies = [small, large].map((each) => each.run(...request));
      assert.deepEqual(replies[1], replies[0], `seed ${seed}, step ${step}: ${request.join(" ")}`);
    }
  });
});

/** Scores are integers from 0 up: a listpack does not know a negative zero. */
function encodingRequest(from: RequestGenerator): string[] {
  const key = from.pick(["a", "b"]);
  const number = (): string => String(from.random.below(40));
  const member = (): string => `m${from.random.below(300)}`;
  const rank = (): string => String(from.random.below(80) - 40);
  const stored = ["a", "2", "a", "b"];
  return from.pick([
    ["ZADD", key, number(), member(), number(), member()],
    ["ZADD", key, number(), member(), number(), member()],
    ["ZADD", key, number(), member(), number(), member()],
    ["ZINCRBY", key, number(), member()],
    ["ZREM", key, member(), member()],
    ["ZRANK", key, member(), "WITHSCORE"],
    ["ZREVRANK", key, member()],
    ["ZRANGE", key, rank(), rank(), "WITHSCORES"],
    ["ZRANGE", key, number(), number(), "BYSCORE", "LIMIT", "1", "5"],
    ["ZREVRANGEBYSCORE", key, number(), `(${number()}`, "LIMIT", "2", "7"],
    ["ZCOUNT", key, `(${number()}`, number()],
    ["ZREMRANGEBYSCORE", key, number(), `(${number()}`],
    ["ZREMRANGEBYRANK", key, rank(), rank()],
    ["ZPOPMAX", key, from.pick(["1", "2", "50"])],
    ["ZUNION", "2", "a", "b", "WITHSCORES"],
    from.pick([
      ["ZUNIONSTORE", ...stored],
      ["ZDIFFSTORE", ...stored],
      ["ZINTERSTORE", ...stored],
    ]),
    ["COPY", key, from.pick(["a", "b"]), "REPLACE"],
  ]);
}

describe("scores", () => {
  it("print with the fewest digits that read back", () => {
    assertRuns(
      ["ZADD z 0.1 a 1e21 b 1.5e-7 c 3.0 d -inf e 100000000000000000000 f", 6],
      ["ZINCRBY z 0.2 a", "0.30000000000000004"],
      ["ZMSCORE z a b c d e f", ["0.30000000000000004", "1e+21", "1.5e-7", "3", "-inf", "1e+20"]],
    );
    harness.session.protocol = 3;
    assertRuns(["ZSCORE z a", 0.1 + 0.2], ["ZSCORE z e", -Infinity], ["ZSCORE z none", null]);
  });

  it("are never NaN", () => {
    assertRuns(["ZADD z inf a", 1]);
    assertFails("ZINCRBY z -inf a", "ERR resulting score is not a number (NaN)");
    assertFails("ZADD z INCR -inf a", "ERR resulting score is not a number (NaN)");
    assertFails("ZADD z nan a", "ERR value is not a valid float");
    assertRuns(
      ["ZADD y -inf a", 1],
      ["ZUNION 2 z y WITHSCORES", ["a", "0"]],
      ["ZINTER 2 z y WEIGHTS 0 1 WITHSCORES", ["a", "-inf"]],
    );
  });

  it("come with ranks if asked", () => {
    addMembers("z", 3);
    assertRuns(
      ["ZRANK z m1 WITHSCORE", [1, "1"]],
      ["ZREVRANK z m0 WITHSCORE", [2, "0"]],
      ["ZRANK z none WITHSCORE", null],
      ["ZRANK none m1", null],
    );
    assertFails("ZRANK z m1 SCORE", "ERR syntax error");
    assertFails("ZRANK z m1 WITHSCORE x", "ERR wrong number of arguments for 'zrank' command");
  });

  it("are pairs with their members in RESP3", () => {
    addMembers("z", 3);
    harness.session.protocol = 3;
    assertRuns(
      [
        "ZRANGE z 0 1 WITHSCORES",
        [
          ["m0", 0],
          ["m1", 1],
        ],
      ],
      ["ZPOPMIN z", ["m0", 0]],
      ["ZPOPMAX z 1", [["m2", 2]]],
      ["ZUNION 1 z WITHSCORES", [["m1", 1]]],
      ["ZRANDMEMBER z 5 WITHSCORES", [["m1", 1]]],
    );
  });
});

describe("ZADD", () => {
  it("does all or nothing when a score is none", () => {
    assertFails("ZADD z 1 a x b", "ERR value is not a valid float");
    assertRuns(["EXISTS z", 0]);
  });

  it("counts what it changed", () => {
    const { keyspace } = harness;
    const before = keyspace.dirty;
    assertRuns(["ZADD z 1 a 2 b 3 c", 3], ["ZADD z CH 1 a 5 b 6 d", 2], ["ZADD z XX 9 e", 0]);
    assert.equal(keyspace.dirty - before, 5);
    assertRuns(["ZREM z a b c d", 4], ["EXISTS z", 0]);
    assert.equal(keyspace.dirty - before, 9);
  });

  it("reports an increment as one", () => {
    const events = harness.eventsOf(() => {
      run("ZADD", "z", 1, "a");
      run("ZADD", "z", "INCR", 1, "a");
      run("ZINCRBY", "z", 1, "b");
      run("ZADD", "z", "GT", 0, "a");
      run("ZPOPMIN", "z", 2);
    });
    assert.deepEqual(events, ["new z", "zadd z", "zincr z", "zincr z", "zpopmin z", "del z"]);
  });
});

describe("ZRANDMEMBER", () => {
  for (const count of [10, 300]) {
    it(`picks each of ${count} members about as often`, () => {
      addMembers("z", count);
      const seen = new Map<string, number>();
      const draws = count * 200;
      for (const member of strings(run("ZRANDMEMBER", "z", -draws))) {
        seen.set(member, (seen.get(member) ?? 0) + 1);
      }
      assert.equal(seen.size, count);
      for (const times of seen.values()) assert.ok(times > 100 && times < 320, String(times));
    });

    it(`gives distinct ones of ${count} for a positive count`, () => {
      addMembers("z", count);
      for (const asked of [1, 2, count / 5, count / 2, count - 1, count, count + 5]) {
        const members = strings(run("ZRANDMEMBER", "z", asked));
        assert.equal(members.length, Math.min(asked, count));
        assert.equal(new Set(members).size, members.length);
      }
    });
  }

  it("refuses counts that have no opposite, or no room for the scores", () => {
    addMembers("z", 1);
    const range = "-9223372036854775807 and 9223372036854775807";
    const text = `ERR value is out of range, value must between ${range}`;
    assertFails("ZRANDMEMBER z -9223372036854775808", text);
    assertFails("ZRANDMEMBER z 9223372036854775807 WITHSCORES", "ERR value is out of range");
    assertFails("ZRANDMEMBER z 1 WITHSCORE", "ERR syntax error");
  });
});

describe("ZSCAN", () => {
  it("sees every member that is there all the time while the set grows and shrinks", () => {
    addMembers("z", 1000);
    const seen = new Set<string>();
    let cursor = "0";
    let step = 0;
    do {
      const [next, found] = run("ZSCAN", "z", cursor, "COUNT", 7) as [string, string[]];
      for (let index = 0; index < found.length; index += 2) seen.add(found[index]);
      cursor = next;
      for (let extra = 0; extra < 40; extra++) run("ZADD", "z", 1e6, `extra${step}:${extra}`);
      if (step % 4 === 3) run("ZREMRANGEBYRANK", "z", 1000, -1);
      step++;
    } while (cursor !== "0" && step < 10_000);
    for (let number = 0; number < 300; number++) assert.ok(seen.has(`m${number}`), `m${number}`);
  });

  it("writes the scores of a large set with 17 digits", () => {
    assertRuns(["ZADD z 0.1 a", 1], ["ZSCAN z 0", ["0", ["a", "0.1"]]]);
    harness.keyspace.limits.zsetMaxListpackEntries = 0;
    assertRuns(["ZADD y 0.1 a", 1], ["ZSCAN y 0", ["0", ["a", "0.10000000000000001"]]]);
    assertRuns(["ZSCAN y 0 MATCH b*", ["0", []]], ["ZSCAN none 0", ["0", []]]);
  });
});

describe("a large sorted set", () => {
  it("gives all memory back, in slices", () => {
    const { keyspace } = harness;
    const before = keyspace.arena.usedBytes;
    addMembers("z", 20_000);
    run("COPY", "z", "copy");
    assertRuns(["ZREMRANGEBYRANK z 5000 9999", 5000], ["ZCARD z", 15_000], ["ZCARD copy", 20_000]);
    assertRuns(["ZRANGE copy 7000 7000", ["m7000"]], ["ZRANGE z 7000 7000", ["m12000"]]);
    run("DEL", "z", "copy");
    assert.ok(keyspace.arena.usedBytes > before);
    keyspace.reclaimer.reclaimAll();
    assert.equal(keyspace.arena.usedBytes, before);
    keyspace.arena.check();
  });

  it("takes no more than 60 bytes for a member of 10", () => {
    const { keyspace } = harness;
    const before = keyspace.arena.usedBytes;
    const count = 50_000;
    for (let number = 0; number < count; number++) {
      run("ZADD", "z", (number * 7919) % 1_000_003, String(number).padStart(10, "0"));
    }
    const each = (keyspace.arena.usedBytes - before) / count;
    assert.ok(each < 60, `${each} bytes`);
  });

  it("is freed between turns when a command only shows it", () => {
    const { keyspace } = harness;
    addMembers("z", 5000);
    const before = keyspace.arena.usedBytes;
    assert.equal(strings(run("ZUNION", 2, "z", "z")).length, 5000);
    keyspace.reclaimer.reclaimAll();
    assert.equal(keyspace.arena.usedBytes, before);
  });
});

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

describe("BZPOPMIN, BZPOPMAX, BZMPOP", () => {
  it("take at once what is there", () => {
    addMembers("z", 5);
    assertRuns(
      ["BZPOPMIN none z 0", ["z", "m0", "0"]],
      ["BZPOPMAX none z 0", ["z", "m4", "4"]],
      [
        "BZMPOP 0 2 none z MAX COUNT 2",
        [
          "z",
          [
            ["m3", "3"],
            ["m2", "2"],
          ],
        ],
      ],
    );
    run("SET", "s", "x");
    assertFails("BZPOPMIN s z 0", wrongType);
    assertFails("BZPOPMIN z x", "ERR timeout is not a float or out of range");
    assertFails("BZPOPMIN none -1", "ERR timeout is negative");
  });

  it("wait for a set, in the order of their coming", () => {
    const first = new WaitingClient("BZPOPMIN z y 0");
    const second = new WaitingClient("BZMPOP 0 1 z MAX COUNT 5");
    run("SET", "y", "no set");
    assert.deepEqual(first.told, []);
    run("ZADD", "z", 1, "a", 2, "b", 3, "c");
    assert.deepEqual(first.told, [["z", "a", "1"]]);
    assert.deepEqual(second.told, [
      [
        "z",
        [
          ["c", "3"],
          ["b", "2"],
        ],
      ],
    ]);
    assertRuns(["EXISTS z", 0]);
  });

  it("are woken by whatever brings a set", () => {
    const waiting = new WaitingClient("BZPOPMAX z 0");
    run("ZADD", "other", 1, "a", 2, "b");
    run("RENAME", "other", "z");
    assert.deepEqual(waiting.told, [["z", "b", "2"]]);
    const again = new WaitingClient("BZPOPMIN stored 0");
    run("ZUNIONSTORE", "stored", 1, "z");
    assert.deepEqual(again.told, [["stored", "a", "1"]]);
  });

  it("reply with nothing when the time is over", () => {
    const waiting = new WaitingClient("BZPOPMIN z 1.5");
    harness.advance(1499);
    harness.engine.blocking.expire(harness.keyspace.nowMs);
    assert.deepEqual(waiting.told, []);
    harness.advance(2);
    harness.engine.blocking.expire(harness.keyspace.nowMs);
    assert.deepEqual(waiting.told, [null]);
  });
});

describe("ZUNION and its kin", () => {
  it("name themselves when they get no keys", () => {
    const text = (name: string): string =>
      `ERR at least 1 input key is needed for '${name}' command`;
    assertFails("ZUNION 0 z", text("zunion"));
    assertFails("ZDIFFSTORE d 0 z", text("zdiffstore"));
    assertFails("ZINTERCARD 0 z", text("zintercard"));
  });

  it("replace what the destination held, its expiry too", () => {
    assertRuns(["SET d x EX 100", "OK"], ["ZADD z 1 a", 1], ["ZUNIONSTORE d 1 z", 1]);
    assertRuns(["TTL d", -1], ["TYPE d", "zset"], ["ZDIFFSTORE d 2 z z", 0], ["EXISTS d", 0]);
  });

  it("subtract alike by either way", () => {
    // Many small sets are taken out of a copy; one large one is looked into.
    addMembers("z", 1000);
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    for (const [index, name] of names.entries()) run("ZADD", name, 1, `m${index * 3}`);
    run("ZUNIONSTORE", "all", names.length, ...names);
    const either = strings(run("ZDIFF", 21, "z", ...names));
    assert.equal(either.length, 980);
    assert.deepEqual(strings(run("ZDIFF", 2, "z", "all")), either);
  });
});
