// Sorted-set commands, the same generated requests to real Redis and to us: replies, then events.
// Left out are what waits, what is random, and scores that versions of Redis print differently;
// ranges of members are asked only of sets with equal scores.
import { after, before, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { setCommands } from "../../src/commands/set/set-commands.ts";
import { sortedSetCommands } from "../../src/commands/sorted-set/sorted-set-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Request } from "../support/comparison.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import type { RequestGenerator } from "../support/request-generator.ts";

/** Keys of sets whose scores are all 0. */
const evenKeys = ["even", "even:too"];

const makers: ((from: RequestGenerator) => Request)[] = [
  (from) => ["ZADD", key(from), ...additionOptions(from), ...pairs(from, 1 + from.random.below(3))],
  (from) => ["ZADD", key(from), ...additionOptions(from), ...pairs(from, 1 + from.random.below(3))],
  (from) => ["ZADD", key(from), ...pairs(from, 1 + from.random.below(3))],
  (from) => ["ZADD", key(from), ...pairs(from, 30 + from.random.below(60))],
  (from) => ["ZADD", from.pick(evenKeys), ...evenPairs(from, 1 + from.random.below(40))],
  (from) => ["ZINCRBY", key(from), score(from), member(from)],
  (from) => ["ZREM", key(from), member(from), member(from)],
  (from) => ["ZREM", from.pick(evenKeys), member(from), member(from)],
  (from) => ["ZCARD", key(from)],
  (from) => [from.pick(["ZCOUNT", "ZREMRANGEBYSCORE"]), key(from), bound(from), bound(from)],
  (from) => ["ZSCORE", key(from), member(from)],
  (from) => ["ZMSCORE", key(from), member(from), member(from), member(from)],
  (from) => [from.pick(["ZRANK", "ZREVRANK"]), key(from), member(from)],
  (from) => ["ZRANGE", key(from), "0", "-1", from.word("WITHSCORES")],
  (from) => ["ZRANGE", key(from), rank(from), rank(from), ...rangeOptions(from)],
  (from) => ["ZRANGE", key(from), bound(from), bound(from), "BYSCORE", ...rangeOptions(from)],
  (from) => ["ZRANGE", from.pick(evenKeys), ...members(from), "BYLEX", ...rangeOptions(from)],
  (from) => ["ZREVRANGE", key(from), rank(from), rank(from), ...withScores(from)],
  (from) => [
    byScore(from),
    key(from),
    bound(from),
    bound(from),
    ...limit(from),
    ...withScores(from),
  ],
  (from) => [byLex(from), from.pick(evenKeys), ...members(from), ...limit(from)],
  (from) => [from.pick(["ZLEXCOUNT", "ZREMRANGEBYLEX"]), from.pick(evenKeys), ...members(from)],
  (from) => ["ZREMRANGEBYRANK", key(from), rank(from), rank(from)],
  (from) => ["ZRANGESTORE", key(from), key(from), rank(from), rank(from), ...rev(from)],
  (from) => [
    "ZRANGESTORE",
    key(from),
    key(from),
    bound(from),
    bound(from),
    "BYSCORE",
    ...limit(from),
  ],
  (from) => [from.pick(["ZPOPMIN", "ZPOPMAX"]), key(from)],
  (from) => [from.pick(["ZPOPMIN", "ZPOPMAX"]), key(from), from.integer()],
  (from) => ["ZMPOP", ...keys(from), end(from), ...countOption(from)],
  (from) => [
    from.pick(["ZUNION", "ZINTER"]),
    ...sources(from),
    ...weights(from),
    ...withScores(from),
  ],
  (from) => [
    from.pick(["ZUNIONSTORE", "ZINTERSTORE"]),
    key(from),
    ...sources(from),
    ...weights(from),
  ],
  (from) => ["ZDIFF", ...sources(from), ...withScores(from)],
  (from) => ["ZDIFFSTORE", key(from), ...sources(from)],
  (from) => ["ZINTERCARD", ...sources(from), ...cardLimit(from)],
  (from) => ["ZRANDMEMBER", key(from), from.pick(["0", "x", ""])],
  (from) => ["OBJECT", "ENCODING", key(from)],
  (from) => ["COPY", key(from), key(from), "REPLACE"],
  (from) => [from.pick(["TYPE", "DEL", "EXISTS"]), key(from)],
  (from) => ["SADD", "set", member(from), member(from)],
  (from) => ["SADD", "integers", from.integer(), from.integer()],
  (from) => ["SET", from.pick(["a", "b"]), from.value()],
];

function zsetRequest(from: RequestGenerator): Request {
  const made = from.pick(makers)(from);
  if (made[0] === "ZRANDMEMBER" || !from.oneIn(60)) return made;
  return made.slice(0, from.random.below(made.length) + 1);
}

function key(from: RequestGenerator): string {
  return from.oneIn(3) ? from.key() : from.pick(["z", "zz", "zzz"]);
}

/** Few different ones, so that they meet; sometimes one that is too long for a listpack. */
function member(from: RequestGenerator): string {
  if (from.oneIn(60)) return "x".repeat(from.pick([64, 65, 200]));
  if (from.oneIn(8)) return from.value().slice(0, 60);
  return from.pick([
    "a",
    "b",
    "c",
    "d",
    "aa",
    "ab",
    "1",
    "-1",
    "300",
    "01",
    "70000",
    "",
    "4294967296",
  ]);
}

/** Numbers that `%.17g` and the shortest digits spell alike. */
function score(from: RequestGenerator): string {
  if (from.oneIn(12))
    return from.pick(["inf", "-inf", "+inf", "nan", "x", "", "1e400", "-0", "0x10"]);
  if (from.oneIn(10)) return from.pick(["1e12", "-123456789012", "4294967296"]);
  const number = from.random.below(60) - 30;
  return String(from.oneIn(3) ? number + from.pick([0.5, 0.25, 0.125]) : number);
}

function pairs(from: RequestGenerator, count: number): string[] {
  const large = count > 10;
  const name = (): string => (large ? `m:${from.random.below(150)}` : member(from));
  const number = (): string => (large ? String(from.random.below(40)) : score(from));
  return Array.from({ length: count }, () => [number(), name()]).flat();
}

function evenPairs(from: RequestGenerator, count: number): string[] {
  const name = (): string => (from.oneIn(3) ? `m:${from.random.below(150)}` : member(from));
  return Array.from({ length: count }, () => ["0", name()]).flat();
}

function additionOptions(from: RequestGenerator): string[] {
  const options: string[] = [];
  while (from.oneIn(2)) options.push(from.word(from.pick(["NX", "XX", "GT", "LT", "CH", "INCR"])));
  return options;
}

function bound(from: RequestGenerator): string {
  if (from.oneIn(5)) return from.pick(["-inf", "+inf", "inf", "(inf", "(-inf"]);
  if (from.oneIn(30)) return from.pick(["", "(", " 1", "1 ", "nan", "x", "((1", "1e400", "0x5"]);
  return `${from.oneIn(3) ? "(" : ""}${from.random.below(60) - 30}`;
}

function members(from: RequestGenerator): string[] {
  const one = (): string => {
    if (from.oneIn(4)) return from.pick(["-", "+"]);
    if (from.oneIn(30)) return from.pick(["", "x", "+x", "-1", "[", "("]);
    return from.pick(["[", "("]) + member(from);
  };
  return [one(), one()];
}

function rank(from: RequestGenerator): string {
  return from.oneIn(15) ? from.number() : String(from.random.below(20) - 10);
}

function rev(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [from.word("REV")] : [];
}

function limit(from: RequestGenerator): string[] {
  if (from.oneIn(2)) return [];
  const number = (): string =>
    from.oneIn(25) ? from.pick(["x", ""]) : String(from.random.below(8) - 1);
  return [from.word("LIMIT"), number(), number()];
}

function withScores(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [from.word("WITHSCORES")] : [];
}

function rangeOptions(from: RequestGenerator): string[] {
  return from.some([rev(from), limit(from), withScores(from)]).flat();
}

function byScore(from: RequestGenerator): string {
  return from.pick(["ZRANGEBYSCORE", "ZREVRANGEBYSCORE"]);
}

function byLex(from: RequestGenerator): string {
  return from.pick(["ZRANGEBYLEX", "ZREVRANGEBYLEX"]);
}

function end(from: RequestGenerator): string {
  return from.word(from.pick(["MIN", "MAX", "MIN", "MAX", "MIN", "MAX", "MID"]));
}

function keys(from: RequestGenerator): string[] {
  const names = Array.from({ length: 1 + from.random.below(3) }, () => key(from));
  return [from.oneIn(12) ? from.number() : String(names.length), ...names];
}

function countOption(from: RequestGenerator): string[] {
  if (from.oneIn(2)) return [];
  return [from.word("COUNT"), from.oneIn(5) ? from.number() : "3"];
}

function sources(from: RequestGenerator): string[] {
  const one = (): string => (from.oneIn(4) ? from.pick(["set", "integers"]) : key(from));
  const names = Array.from({ length: 1 + from.random.below(3) }, one);
  return [from.oneIn(20) ? from.number() : String(names.length), ...names];
}

function weights(from: RequestGenerator): string[] {
  const numbers = Array.from({ length: 1 + from.random.below(3) }, () =>
    from.pick(["1", "2", "-1", "0.5", "inf", "0"]),
  );
  const aggregate = from.pick(["SUM", "MIN", "MAX", "SUM", "MIN", "MAX", "AVG"]);
  return from
    .some([
      ["WEIGHTS", ...numbers],
      [from.word("AGGREGATE"), aggregate],
    ])
    .flat();
}

function cardLimit(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [] : ["LIMIT", from.pick(["0", "1", "2", "-1", "x"])];
}

describe("sorted-set commands", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start([
      ...sortedSetCommands,
      ...setCommands,
      ...stringCommands,
      ...genericCommands,
    ]);
  });
  after(() => comparison.stop());

  it(`reply as Redis does to ${comparedCommands} requests, seed ${comparedSeed}`, async () => {
    await comparison.runGenerated(zsetRequest);
  });

  it(`report what happens as in Redis, seed ${comparedSeed}`, async () => {
    await comparison.compareEvents(zsetRequest);
  });
});
