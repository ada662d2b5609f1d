// The tests of redis-benchmark under the names that it has for them.
//
// One thing is not as there: redis-benchmark pops from lists and sets that run empty, after which
// it measures nil replies. Here one request in 64, on the average, puts back a few more elements
// than the others take, so that each pop finds one; these pushes are part of what is measured, for
// every server alike.
import type { Unit } from "./request-pool.ts";
import type { Fill, Workload } from "./workload.ts";

const popsPerPush = 63;
const elementsPerPush = 80;

function single(...words: string[]): Unit {
  return { commands: [words] };
}

function times(count: number, ...words: string[]): string[] {
  return Array.from({ length: count }, () => words).flat();
}

/** Pops, and the pushes that keep something there. */
function popping(
  pop: readonly string[],
  push: readonly string[],
): Pick<Workload, "units" | "fill"> {
  const pushUnit: Unit = { commands: [push] };
  return {
    units: [{ commands: [pop], weight: popsPerPush }, pushUnit],
    fill: [{ units: [pushUnit], count: 500 }],
  };
}

const listOf1000: Fill = {
  units: [single("RPUSH", "mylist", ...times(100, "{value}"))],
  count: 10,
};

function lrange(count: number): Workload {
  return {
    name: `lrange_${count}`,
    summary: `LRANGE of the first ${count} elements of a list of 1,000`,
    units: [single("LRANGE", "mylist", "0", String(count - 1))],
    fill: [listOf1000],
    isReadOnly: true,
    redisBenchmark: `lrange_${count}`,
  };
}

export const redisWorkloads: readonly Workload[] = [
  {
    name: "ping_inline",
    summary: "PING as a line of text",
    units: [{ commands: [["PING"]], isInline: true }],
    isReadOnly: true,
    redisBenchmark: "ping_inline",
  },
  {
    name: "ping_mbulk",
    summary: "PING as clients send it",
    units: [single("PING")],
    isReadOnly: true,
    redisBenchmark: "ping_mbulk",
  },
  {
    name: "set",
    summary: "SET of a random key",
    units: [single("SET", "key:{key}", "{value}")],
    redisBenchmark: "set",
  },
  {
    name: "get",
    summary: "GET of a random key, all of which are there",
    units: [single("GET", "key:{key}")],
    fill: [{ units: [single("SET", "key:{key}", "{value}")], count: "keys" }],
    isReadOnly: true,
    redisBenchmark: "get",
  },
  {
    name: "incr",
    summary: "INCR of a random counter",
    units: [single("INCR", "counter:{key}")],
    redisBenchmark: "incr",
  },
  {
    name: "lpush",
    summary: "LPUSH to one list, which grows",
    units: [single("LPUSH", "mylist", "{value}")],
    redisBenchmark: "lpush",
  },
  {
    name: "rpush",
    summary: "RPUSH to one list, which grows",
    units: [single("RPUSH", "mylist", "{value}")],
    redisBenchmark: "rpush",
  },
  {
    name: "lpop",
    summary: "LPOP of one list, with pushes that keep it filled",
    ...popping(["LPOP", "mylist"], ["RPUSH", "mylist", ...times(elementsPerPush, "{value}")]),
    redisBenchmark: "lpop",
  },
  {
    name: "rpop",
    summary: "RPOP of one list, with pushes that keep it filled",
    ...popping(["RPOP", "mylist"], ["LPUSH", "mylist", ...times(elementsPerPush, "{value}")]),
    redisBenchmark: "rpop",
  },
  {
    name: "sadd",
    summary: "SADD of a random member to one set",
    units: [single("SADD", "myset", "element:{member}")],
    redisBenchmark: "sadd",
  },
  {
    name: "hset",
    summary: "HSET of a random field of one hash",
    units: [single("HSET", "myhash", "element:{member}", "{value}")],
    redisBenchmark: "hset",
  },
  {
    name: "spop",
    summary: "SPOP of one set, with additions that keep it filled",
    ...popping(["SPOP", "myset"], ["SADD", "myset", ...times(elementsPerPush, "element:{next}")]),
    redisBenchmark: "spop",
  },
  {
    name: "zadd",
    summary: "ZADD of a random member with a random score to one sorted set",
    units: [single("ZADD", "myzset", "{score}", "element:{member}")],
    redisBenchmark: "zadd",
  },
  {
    name: "zpopmin",
    summary: "ZPOPMIN of one sorted set, with additions that keep it filled",
    ...popping(
      ["ZPOPMIN", "myzset"],
      ["ZADD", "myzset", ...times(elementsPerPush, "{score}", "element:{next}")],
    ),
    redisBenchmark: "zpopmin",
  },
  ...[100, 300, 500, 600].map(lrange),
  {
    name: "mset",
    summary: "MSET of ten random keys",
    units: [single("MSET", ...times(10, "key:{key}", "{value}"))],
    redisBenchmark: "mset",
  },
  {
    name: "xadd",
    summary: "XADD of one field to one stream, which grows",
    units: [single("XADD", "mystream", "*", "myfield", "{value}")],
    redisBenchmark: "xadd",
  },
];
