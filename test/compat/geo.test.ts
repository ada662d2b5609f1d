// Commands on places, the same generated requests to real Redis and to us. Distances are asked for
// in large units, of which four decimals are far coarser than the last bits of a sine, in which two
// mathematical libraries may differ.
import { after, before, describe, it } from "node:test";
import { geoCommands } from "../../src/commands/geo/geo-commands.ts";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { sortedSetCommands } from "../../src/commands/sorted-set/sorted-set-commands.ts";
import type { Request } from "../support/comparison.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import type { RequestGenerator } from "../support/request-generator.ts";

const makers: ((from: RequestGenerator) => Request)[] = [
  (from) => ["GEOADD", key(from), ...options(from), ...places(from, 1 + from.random.below(3))],
  (from) => ["GEOADD", key(from), ...places(from, 1 + from.random.below(3))],
  (from) => ["GEOADD", key(from), ...places(from, 20 + from.random.below(80))],
  (from) => ["GEOADD", "crowd", ...crowd(from)],
  (from) => ["GEOSEARCH", "crowd", ...centre(from), ...shape(from), ...nearest(from)],
  (from) => ["GEOSEARCHSTORE", "few", "crowd", ...centre(from), ...shape(from), ...nearest(from)],
  () => ["ZRANGE", "few", "0", "-1", "WITHSCORES"],
  (from) => ["GEOPOS", key(from), member(from), member(from)],
  (from) => ["GEOHASH", key(from), member(from), member(from)],
  (from) => ["GEODIST", key(from), member(from), member(from), largeUnit(from)],
  (from) => ["GEODIST", key(from), member(from), member(from), from.pick(["x", ""])],
  (from) => ["GEOSEARCH", key(from), ...centre(from), ...shape(from), ...searchOptions(from)],
  (from) => ["GEOSEARCH", key(from), ...centre(from), ...shape(from), ...searchOptions(from)],
  (from) => ["GEOSEARCH", key(from), ...shape(from), ...centre(from), ...anyCount(from)],
  (from) => [
    "GEOSEARCHSTORE",
    key(from),
    key(from),
    ...centre(from),
    ...shape(from),
    ...stored(from),
  ],
  (from) => [
    radiusName(from),
    key(from),
    ...longLat(from),
    ...radius(from),
    ...searchOptions(from),
  ],
  (from) => [memberName(from), key(from), member(from), ...radius(from), ...searchOptions(from)],
  (from) => ["GEORADIUS", key(from), ...longLat(from), ...radius(from), "STORE", key(from)],
  (from) => ["GEORADIUSBYMEMBER", key(from), member(from), ...radius(from), "STOREDIST", "other"],
  (from) => ["ZRANGE", key(from), "0", "-1", "WITHSCORES"],
  () => ["ZCARD", "other"],
  (from) => ["ZREM", key(from), member(from)],
  (from) => ["DEL", key(from)],
];

function geoRequest(from: RequestGenerator): Request {
  const made = from.pick(makers)(from);
  if (from.oneIn(60)) return made.slice(0, from.random.below(made.length) + 1);
  return made;
}

function key(from: RequestGenerator): string {
  return from.pick(["world", "world", "world", "town", "none"]);
}

function member(from: RequestGenerator): string {
  return `p${from.random.below(120)}`;
}

/** Anywhere, or in a town's streets, or at the ends of the map. */
function longLat(from: RequestGenerator): string[] {
  const part = from.random.below(10);
  if (part === 0)
    return [
      from.pick(["180", "-180", "0", "179.9999", "181", "x"]),
      from.pick(["85", "-85", "0", "85.05112878", "86"]),
    ];
  const scale = part < 5 ? 1 : 1000;
  const longitude = (from.random.below(3_600_000) / 10_000 - 180) / scale;
  const latitude = (from.random.below(1_700_000) / 10_000 - 85) / scale;
  return [longitude.toFixed(6), latitude.toFixed(6)];
}

function places(from: RequestGenerator, count: number): string[] {
  const one = (): string[] => (count < 10 ? longLat(from) : longLatWithin(from));
  return Array.from({ length: count }, () => [...one(), member(from)]).flat();
}

function longLatWithin(from: RequestGenerator): string[] {
  for (;;) {
    const pair = longLat(from);
    if (Math.abs(Number(pair[0])) <= 180 && Math.abs(Number(pair[1])) <= 85) return pair;
  }
}

function options(from: RequestGenerator): string[] {
  return from.some([[from.word("NX")], [from.word("XX")], [from.word("CH")]]).flat();
}

function largeUnit(from: RequestGenerator): string {
  return from.word(from.pick(["KM", "MI"]));
}

function size(from: RequestGenerator): string {
  if (from.oneIn(30)) return from.pick(["-1", "x", ""]);
  return from.pick(["0", "1", "10", "100", "333.5", "2000", "5000", "9000", "20000", "40000"]);
}

function radius(from: RequestGenerator): string[] {
  return [size(from), from.oneIn(30) ? "yd" : largeUnit(from)];
}

function centre(from: RequestGenerator): string[] {
  if (from.oneIn(30)) return [];
  if (from.oneIn(2)) return [from.word("FROMMEMBER"), member(from)];
  return [from.word("FROMLONLAT"), ...longLat(from)];
}

function shape(from: RequestGenerator): string[] {
  if (from.oneIn(30)) return [];
  if (from.oneIn(2)) return [from.word("BYRADIUS"), ...radius(from)];
  return [from.word("BYBOX"), size(from), ...radius(from)];
}

function order(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [from.word(from.pick(["ASC", "DESC"]))] : [];
}

/** Many in a few places: of those that are equally far a part is asked for. */
function crowd(from: RequestGenerator): string[] {
  return Array.from({ length: 1 + from.random.below(60) }, () => {
    const place = from.random.below(12);
    return [((place * 61.803) % 90).toFixed(4), ((place * 38.197) % 60).toFixed(4), member(from)];
  }).flat();
}

/** Those that are nearest, or farthest. */
function nearest(from: RequestGenerator): string[] {
  return ["COUNT", String(1 + from.random.below(80)), ...order(from)];
}

/** No COUNT: some of these places lie as a mirror would show them, and rounding parts them. */
function searchOptions(from: RequestGenerator): string[] {
  const extras = [["WITHDIST"], ["WITHCOORD"], ["WITHHASH"]];
  return from.some([order(from), ...extras, from.oneIn(30) ? ["FOO"] : []]).flat();
}

function anyCount(from: RequestGenerator): string[] {
  if (from.oneIn(10)) return from.pick([["ANY"], ["COUNT", "0"], ["COUNT", "x"]]);
  return ["COUNT", String(1 + from.random.below(9)), "ANY"];
}

function stored(from: RequestGenerator): string[] {
  return from.oneIn(20) ? [from.pick(["WITHDIST", "STORE"])] : order(from);
}

function radiusName(from: RequestGenerator): string {
  return from.pick(["GEORADIUS", "GEORADIUS_RO"]);
}

function memberName(from: RequestGenerator): string {
  return from.pick(["GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"]);
}

describe("geo commands", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start([...geoCommands, ...sortedSetCommands, ...genericCommands]);
  });
  after(() => comparison.stop());

  it(`reply as Redis does to ${comparedCommands} requests, seed ${comparedSeed}`, async () => {
    await comparison.runGenerated(geoRequest);
  });

  it(`report what happens as in Redis, seed ${comparedSeed}`, async () => {
    await comparison.compareEvents(geoRequest);
  });
});
