// Stream commands, the same generated requests to real Redis and to us. Left out is what depends on
// the time of day, and what Redis has changed since 7.0: lags, XINFO's fields, when a consumer is
// made that finds nothing to read.
import { after, before, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { serverCommands } from "../../src/commands/server/server-commands.ts";
import { streamCommands } from "../../src/commands/stream/stream-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Request } from "../support/comparison.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import type { RequestGenerator } from "../support/request-generator.ts";

const keys = ["a", "b", "c"];
const groups = ["g", "h"];
const consumers = ["alice", "bob", "carol"];
const oddIds = [
  "0-0",
  "0",
  "18446744073709551615-18446744073709551615",
  "18446744073709551615-*",
  "18446744073709551616-1",
  "9007199254740993-9007199254740995",
  "-5",
  "5--05",
  "007-1",
  "x",
  "",
  "1-2-3",
];

let lastTime = 1;

/** IDs that are mostly new, now and then not. */
function newId(from: RequestGenerator): string {
  if (from.oneIn(40)) return from.pick(oddIds);
  if (from.oneIn(10)) return someId(from);
  if (from.oneIn(4)) return `${lastTime}-*`;
  lastTime += from.random.below(3);
  return `${lastTime}-${from.random.below(4)}`;
}

function someId(from: RequestGenerator): string {
  const back = from.random.below(from.oneIn(3) ? 400 : 20);
  const time = Math.max(0, lastTime - back);
  return from.oneIn(3) ? String(time) : `${time}-${from.random.below(4)}`;
}

function bound(from: RequestGenerator): string {
  if (from.oneIn(4)) return from.pick(["-", "+"]);
  if (from.oneIn(30))
    return from.pick(["(-", "(+", "(", "(18446744073709551615-18446744073709551615", "(0-0"]);
  return from.oneIn(4) ? `(${someId(from)}` : someId(from);
}

function fields(from: RequestGenerator): string[] {
  if (from.oneIn(3)) return ["name", from.value(), "city", from.value(), "7", from.integer()];
  const made: string[] = [];
  for (let left = 1 + from.random.below(3); left > 0; left--) {
    made.push(from.pick(["name", "city", "7", "", from.value()]), from.value());
  }
  return made;
}

function trim(from: RequestGenerator): string[] {
  const how = from.pick([[], ["="], ["~"], ["~"]]);
  const what = from.oneIn(2)
    ? ["MAXLEN", ...how, String(from.random.below(120))]
    : ["MINID", ...how, someId(from)];
  if (from.oneIn(5)) what.push("LIMIT", from.pick(["0", "30", "100", "-1", "x"]));
  return what;
}

function count(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [] : [from.word("COUNT"), from.pick(["1", "2", "10", "0", "-1"])];
}

const key = (from: RequestGenerator): string => from.pick(keys);
const group = (from: RequestGenerator): string => from.pick(groups);
const consumer = (from: RequestGenerator): string => from.pick(consumers);

const makers: ((from: RequestGenerator) => Request)[] = [
  (from) => ["XADD", key(from), newId(from), ...fields(from)],
  (from) => ["XADD", key(from), newId(from), ...fields(from)],
  (from) => ["XADD", key(from), newId(from), ...fields(from)],
  (from) => ["XADD", key(from), newId(from), "f", "v"],
  (from) => ["XADD", key(from), ...trim(from), newId(from), "f", "v"],
  (from) => ["XADD", key(from), "NOMKSTREAM", newId(from), "f", "v"],
  (from) => ["XLEN", key(from)],
  (from) => ["XRANGE", key(from), bound(from), bound(from), ...count(from)],
  (from) => ["XREVRANGE", key(from), bound(from), bound(from), ...count(from)],
  (from) => ["XDEL", key(from), someId(from), someId(from)],
  (from) => (from.oneIn(6) ? ["XTRIM", key(from), ...trim(from)] : ["XLEN", key(from)]),
  (from) => [
    "XREAD",
    ...count(from),
    "STREAMS",
    "a",
    "b",
    someId(from),
    from.pick(["$", "0", someId(from)]),
  ],
  (from) => [
    "XGROUP",
    "CREATE",
    key(from),
    group(from),
    from.pick(["$", "0", someId(from)]),
    ...from.some(["MKSTREAM"]),
  ],
  (from) => ["XGROUP", "SETID", key(from), group(from), from.pick(["$", "0", "-", someId(from)])],
  (from) => ["XGROUP", "DELCONSUMER", key(from), group(from), consumer(from)],
  (from) => (from.oneIn(20) ? ["XGROUP", "DESTROY", key(from), group(from)] : ["XLEN", key(from)]),
  (from) => [
    "XREADGROUP",
    "GROUP",
    group(from),
    consumer(from),
    ...count(from),
    ...from.some(["NOACK"]),
    "STREAMS",
    key(from),
    ">",
  ],
  (from) => [
    "XREADGROUP",
    "GROUP",
    group(from),
    consumer(from),
    ...count(from),
    "STREAMS",
    key(from),
    ">",
  ],
  (from) => [
    "XREADGROUP",
    "GROUP",
    group(from),
    consumer(from),
    ...count(from),
    "STREAMS",
    key(from),
    someId(from),
  ],
  (from) => ["XACK", key(from), group(from), someId(from), someId(from), someId(from)],
  (from) => ["XPENDING", key(from), group(from)],
  (from) => [
    "XCLAIM",
    key(from),
    group(from),
    consumer(from),
    "0",
    someId(from),
    someId(from),
    ...claimOptions(from),
  ],
  (from) => [
    "XAUTOCLAIM",
    key(from),
    group(from),
    consumer(from),
    from.pick(["0", "100000000"]),
    from.pick(["-", someId(from)]),
    ...count(from).map((word) => (word === "0" || word === "-1" ? "3" : word)),
    ...from.some(["JUSTID"]),
  ],
  (from) =>
    from.oneIn(8)
      ? ["XSETID", key(from), `${lastTime}-5`, ...from.some(["FOO"])]
      : ["XLEN", key(from)],
  (from) => (from.oneIn(10) ? ["DEL", key(from)] : ["TYPE", key(from)]),
  (from) => (from.oneIn(10) ? ["COPY", key(from), key(from), "REPLACE"] : ["EXISTS", key(from)]),
  (from) => (from.oneIn(30) ? ["SET", "c", "1"] : ["OBJECT", "ENCODING", key(from)]),
  (from) => (from.oneIn(30) ? ["RENAME", key(from), key(from)] : ["XLEN", key(from)]),
];

function claimOptions(from: RequestGenerator): string[] {
  return from.some(["FORCE", "JUSTID"]).concat(from.oneIn(4) ? ["RETRYCOUNT", "3"] : []);
}

/**
 * Redis 7.0 makes a consumer only when it has something for it, and looks for the keys of XREAD
 * twice.
 */
function eventfulRequest(from: RequestGenerator): Request {
  const made = streamRequest(from);
  return /^X(?:READ|CLAIM|AUTOCLAIM)/.test(String(made[0])) ? ["XLEN", key(from)] : made;
}

function streamRequest(from: RequestGenerator): Request {
  const made = from.pick(makers)(from);
  // Redis has reworded what it says of streams without their IDs.
  if (String(made[0]).startsWith("XREAD")) return made;
  return from.oneIn(150) ? made.slice(0, from.random.below(made.length) + 1) : made;
}

const commands = [...streamCommands, ...stringCommands, ...genericCommands, ...serverCommands];

describe("stream commands reply as Redis does", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start(commands);
  });
  after(() => comparison.stop());

  it(`to ${comparedCommands} generated requests, seed ${comparedSeed}`, async () => {
    lastTime = 1;
    await comparison.runGenerated(streamRequest);
  });
});

describe("stream commands cause the events that Redis's do", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start(commands);
  });
  after(() => comparison.stop());

  it(`with ${comparedCommands} generated requests, seed ${comparedSeed}`, async () => {
    lastTime = 1;
    await comparison.compareEvents(eventfulRequest);
  });
});
