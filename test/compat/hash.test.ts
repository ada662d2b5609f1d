// Hash commands, the same generated requests to real Redis and to us: replies, then events. Random
// fields are asked for only where all come, or where the request is wrong. The compared Redis knows
// nothing of fields that expire: test/commands/hash-expiry.test.ts is for those.
import { after, before, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { hashCommands } from "../../src/commands/hash/hash-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Request } from "../support/comparison.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import type { RequestGenerator } from "../support/request-generator.ts";

const makers: ((from: RequestGenerator) => Request)[] = [
  (from) => [from.pick(["HSET", "HMSET"]), from.key(), ...pairs(from, 1 + from.random.below(3))],
  (from) => [from.pick(["HSET", "HMSET"]), from.key(), ...pairs(from, 1 + from.random.below(3))],
  (from) => ["HSET", from.key(), ...pairs(from, 100)],
  (from) => ["HSET", from.key(), ...pairs(from, from.pick([127, 130, 200]))],
  // All different: since 7.2 Redis counts the pairs of a request, not what becomes of them.
  (from) => ["HSET", from.key(), ...Array.from({ length: 1200 }, (_, index) => `d${index >> 1}`)],
  (from) => ["HSET", from.key(), field(from)],
  (from) => ["HSETNX", from.key(), field(from), value(from)],
  (from) => ["HGET", from.key(), field(from)],
  (from) => ["HMGET", from.key(), ...fields(from)],
  (from) => [from.pick(["HGETALL", "HKEYS", "HVALS", "HLEN"]), from.key()],
  (from) => ["HDEL", from.key(), ...fields(from)],
  (from) => ["HDEL", from.key(), ...Array.from({ length: 200 }, () => field(from))],
  (from) => ["HEXISTS", from.key(), field(from)],
  (from) => ["HSTRLEN", from.key(), field(from)],
  (from) => ["HINCRBY", from.key(), field(from), from.number()],
  (from) => ["HINCRBY", from.key(), field(from), from.integer()],
  (from) => ["HINCRBYFLOAT", from.key(), field(from), from.number()],
  (from) => ["HRANDFIELD", from.key(), from.pick(["0", "x", "-9223372036854775808"])],
  (from) => ["HRANDFIELD", from.key(), "0", from.pick(["WITHVALUES", "withvalues", "FOO"])],
  (from) => ["HSCAN", from.key(), "0", ...scanOptions(from), "COUNT", "100000"],
  (from) => ["HSCAN", from.key(), from.pick(["x", "1.5"])],
  (from) => ["OBJECT", "ENCODING", from.key()],
  (from) => ["COPY", from.key(), from.key(), "REPLACE"],
  (from) => ["RENAME", from.key(), from.key()],
  (from) => ["EXPIRE", from.key(), "1000"],
  (from) => [from.pick(["TYPE", "DEL", "EXISTS", "TTL"]), from.key()],
  (from) => ["SET", from.pick(["a", "b"]), from.value()],
];

function hashRequest(from: RequestGenerator): Request {
  const made = from.pick(makers)(from);
  const mayShorten = made[0] !== "HRANDFIELD" && made[0] !== "HSCAN";
  if (mayShorten && from.oneIn(60)) return made.slice(0, from.random.below(made.length) + 1);
  return made;
}

function field(from: RequestGenerator): string {
  if (from.oneIn(30)) return from.value();
  return from.oneIn(4) ? from.integer() : `f${from.random.below(from.oneIn(2) ? 8 : 800)}`;
}

function fields(from: RequestGenerator): string[] {
  return Array.from({ length: 1 + from.random.below(4) }, () => field(from));
}

function value(from: RequestGenerator): string {
  return from.oneIn(20) ? from.value() : from.number();
}

function pairs(from: RequestGenerator, count: number): string[] {
  return Array.from({ length: count }, () => [field(from), value(from)]).flat();
}

function scanOptions(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [] : [from.word("MATCH"), from.pick(["*", "f1*", "?", "f[0-4]5", ""])];
}

describe("hash commands", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start([...hashCommands, ...stringCommands, ...genericCommands]);
  });
  after(() => comparison.stop());

  it(`reply as Redis does to ${comparedCommands} requests, seed ${comparedSeed}`, async () => {
    await comparison.runGenerated(hashRequest);
  });

  it(`report what happens as in Redis, seed ${comparedSeed}`, async () => {
    await comparison.compareEvents(hashRequest);
  });
});
