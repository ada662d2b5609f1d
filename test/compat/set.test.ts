// Set commands, the same generated requests to real Redis and to us: replies, then events. Random
// members are asked for only where the whole set comes, or where the request is wrong. OBJECT
// ENCODING is left out: the compared Redis has no listpacks of members.
import { after, before, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { setCommands } from "../../src/commands/set/set-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Request } from "../support/comparison.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import type { RequestGenerator } from "../support/request-generator.ts";

const makers: ((from: RequestGenerator) => Request)[] = [
  (from) => ["SADD", from.key(), ...members(from)],
  (from) => ["SADD", from.key(), ...members(from)],
  (from) => ["SADD", from.key(), ...Array.from({ length: 200 }, () => member(from))],
  (from) => ["SADD", from.key(), ...Array.from({ length: 600 }, (_, index) => String(index))],
  (from) => ["SREM", from.key(), ...members(from)],
  (from) => ["SREM", from.key(), ...Array.from({ length: 300 }, () => member(from))],
  (from) => ["SISMEMBER", from.key(), member(from)],
  (from) => ["SMISMEMBER", from.key(), ...members(from)],
  (from) => ["SCARD", from.key()],
  (from) => ["SMEMBERS", from.key()],
  (from) => ["SMOVE", from.key(), from.key(), member(from)],
  (from) => ["SPOP", from.key(), from.pick(["0", "100000", "-1", "x"])],
  (from) => ["SPOP", from.key(), "1", "2"],
  (from) => ["SRANDMEMBER", from.key(), from.pick(["0", "100000", "x", "-9223372036854775808"])],
  (from) => ["SRANDMEMBER", from.key(), "1", "2"],
  (from) => [from.pick(["SUNION", "SINTER", "SDIFF"]), ...keys(from)],
  (from) => [from.pick(["SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE"]), from.key(), ...keys(from)],
  (from) => ["SINTERCARD", ...keyCount(from), ...limit(from)],
  (from) => ["SSCAN", from.key(), "0", ...scanOptions(from), "COUNT", "100000"],
  (from) => ["SSCAN", from.key(), from.pick(["x", "1.5"])],
  (from) => ["COPY", from.key(), from.key(), "REPLACE"],
  (from) => ["RENAME", from.key(), from.key()],
  (from) => ["EXPIRE", from.key(), "1000"],
  (from) => [from.pick(["TYPE", "DEL", "EXISTS", "TTL"]), from.key()],
  (from) => ["SET", from.pick(["a", "b"]), from.value()],
];

function setRequest(from: RequestGenerator): Request {
  const made = from.pick(makers)(from);
  // A pop without its count would take random members, not the same ones on both sides.
  const mayShorten = made[0] !== "SPOP" && made[0] !== "SRANDMEMBER" && made[0] !== "SSCAN";
  if (mayShorten && from.oneIn(60)) return made.slice(0, from.random.below(made.length) + 1);
  return made;
}

function member(from: RequestGenerator): string {
  if (from.oneIn(30)) return from.value();
  if (from.oneIn(10)) return from.integer();
  return String(from.random.below(700));
}

function members(from: RequestGenerator): string[] {
  return Array.from({ length: 1 + from.random.below(4) }, () => member(from));
}

function keys(from: RequestGenerator): string[] {
  return Array.from({ length: 1 + from.random.below(4) }, () => from.key());
}

function keyCount(from: RequestGenerator): string[] {
  const names = keys(from);
  return [from.oneIn(12) ? from.number() : String(names.length), ...names];
}

function limit(from: RequestGenerator): string[] {
  if (from.oneIn(2)) return [];
  return [from.word("LIMIT"), from.oneIn(5) ? from.number() : String(from.random.below(20))];
}

function scanOptions(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [] : [from.word("MATCH"), from.pick(["*", "1*", "?", "[0-4]5", ""])];
}

describe("set commands", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start([...setCommands, ...stringCommands, ...genericCommands]);
  });
  after(() => comparison.stop());

  it(`reply as Redis does to ${comparedCommands} requests, seed ${comparedSeed}`, async () => {
    await comparison.runGenerated(setRequest);
  });

  it(`report what happens as in Redis, seed ${comparedSeed}`, async () => {
    await comparison.compareEvents(setRequest);
  });
});
