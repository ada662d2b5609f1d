// List commands, the same generated requests to real Redis and to us: replies, then events. What
// waits is left out: a real client would wait. OBJECT ENCODING is left out too: the compared Redis
// knows only one encoding of lists.
import { after, before, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { listCommands } from "../../src/commands/list/list-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Request } from "../support/comparison.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import type { RequestGenerator } from "../support/request-generator.ts";

const makers: ((from: RequestGenerator) => Request)[] = [
  (from) => [from.pick(["LPUSH", "RPUSH"]), from.key(), ...elements(from)],
  (from) => [from.pick(["LPUSH", "RPUSH", "LPUSHX", "RPUSHX"]), from.key(), ...elements(from)],
  (from) => ["RPUSH", from.key(), ...elements(from), ...elements(from), ...elements(from)],
  (from) => ["RPUSH", from.key(), ...Array.from({ length: 30 }, () => element(from))],
  (from) => [from.pick(["LPOP", "RPOP"]), from.key()],
  (from) => [from.pick(["LPOP", "RPOP"]), from.key(), from.integer()],
  (from) => ["LLEN", from.key()],
  (from) => ["LINDEX", from.key(), index(from)],
  (from) => ["LRANGE", from.key(), index(from), index(from)],
  (from) => ["LRANGE", from.key(), "0", "-1"],
  (from) => ["LINSERT", from.key(), where(from), element(from), element(from)],
  (from) => ["LINSERT", from.key(), where(from), element(from), element(from)],
  (from) => ["LSET", from.key(), index(from), element(from)],
  (from) => ["LREM", from.key(), signedCount(from), element(from)],
  (from) => ["LTRIM", from.key(), index(from), from.pick(["-1", "-2", index(from)])],
  (from) => ["LPOS", from.key(), element(from), ...posOptions(from)],
  (from) => ["LMOVE", from.key(), from.key(), end(from), end(from)],
  (from) => ["RPOPLPUSH", from.key(), from.key()],
  (from) => ["LMPOP", ...keys(from), end(from), ...countOption(from)],
  (from) => ["COPY", from.key(), from.key(), "REPLACE"],
  (from) => [from.pick(["TYPE", "DEL", "EXISTS"]), from.key()],
  (from) => ["SET", from.pick(["a", "b"]), from.value()],
  // Most elements name nothing and are equal: which of them are stored is up to the way of sorting.
  (from) => ["SORT", from.key(), "BY", "*", "ALPHA", ...part(from), "STORE", "sorted"],
  () => ["LRANGE", "sorted", "0", "-1"],
];

function listRequest(from: RequestGenerator): Request {
  const made = from.pick(makers)(from);
  if (from.oneIn(60)) return made.slice(0, from.random.below(made.length) + 1);
  return made;
}

/** Few different ones, so that searches find some; sometimes a long one, so that nodes fill up. */
function element(from: RequestGenerator): string {
  if (from.oneIn(20)) return from.value();
  if (from.oneIn(10)) return from.pick(["x", "y"]).repeat(from.pick([63, 64, 2000, 4096, 9000]));
  return from.pick(["a", "b", "c", "1", "-1", "300", "01", "70000", "", "4294967296"]);
}

function part(from: RequestGenerator): string[] {
  const limit = ["LIMIT", String(from.random.below(9) - 1), String(from.random.below(60) - 2)];
  return from.oneIn(2) ? [...limit, "DESC"] : limit;
}

function elements(from: RequestGenerator): string[] {
  return Array.from({ length: 1 + from.random.below(3) }, () => element(from));
}

function index(from: RequestGenerator): string {
  return from.oneIn(15) ? from.integer() : String(from.random.below(14) - 7);
}

/** The least of all integers, which Redis refuses only since 7.2, is left out. */
function signedCount(from: RequestGenerator): string {
  const number = from.oneIn(4) ? from.number() : index(from);
  return number === "-9223372036854775808" ? "0" : number;
}

function where(from: RequestGenerator): string {
  return from.word(from.pick(["BEFORE", "AFTER", "BEFORE", "AFTER", "AROUND"]));
}

function end(from: RequestGenerator): string {
  return from.word(from.pick(["LEFT", "RIGHT", "LEFT", "RIGHT", "LEFT", "RIGHT", "UP"]));
}

function keys(from: RequestGenerator): string[] {
  const names = Array.from({ length: 1 + from.random.below(3) }, () => from.key());
  return [from.oneIn(12) ? from.number() : String(names.length), ...names];
}

function countOption(from: RequestGenerator): string[] {
  if (from.oneIn(2)) return [];
  const option = [from.word("COUNT"), from.oneIn(5) ? from.number() : "3"];
  return from.oneIn(12) ? [...option, ...option] : option;
}

/** At most one of them is wrong: of two mistakes in one request we may name the other one. */
function posOptions(from: RequestGenerator): string[] {
  const options: string[] = [];
  if (from.oneIn(2)) options.push(from.word("RANK"), from.pick(["1", "2", "-1", "-2", "3"]));
  if (from.oneIn(2)) options.push(from.word("COUNT"), from.pick(["0", "1", "2", "100"]));
  if (from.oneIn(3)) options.push(from.word("MAXLEN"), from.pick(["0", "1", "3", "1000"]));
  if (!from.oneIn(8)) return options;
  const wrong = [
    ["RANK", "0"],
    ["RANK", signedCount(from)],
    ["COUNT", "-1"],
    ["MAXLEN", "-1"],
    ["FOO"],
  ];
  return from.pick(wrong);
}

describe("list commands", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start([...listCommands, ...stringCommands, ...genericCommands]);
  });
  after(() => comparison.stop());

  it(`reply as Redis does to ${comparedCommands} requests, seed ${comparedSeed}`, async () => {
    await comparison.runGenerated(listRequest);
  });

  it(`report what happens as in Redis, seed ${comparedSeed}`, async () => {
    await comparison.compareEvents(listRequest);
  });
});
