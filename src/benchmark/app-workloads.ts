// What applications do with such a server: caches, sessions, rate limiters, queues, timelines. Each
// alone where a single command matters, and mixed as one would find them.
import type { Unit } from "./request-pool.ts";
import type { Fill, Workload } from "./workload.ts";

const sessionsMax = 20_000;
const streamGroup = "workers";

function single(...words: string[]): Unit {
  return { commands: [words] };
}

function weighted(weight: number, ...words: string[]): Unit {
  return { commands: [words], weight };
}

const strings: Fill = { units: [single("SET", "key:{key}", "{value}")], count: "keys" };

const sessionFields = ["user", "email", "locale", "theme", "cart", "seen", "csrf", "flash"];
const session = "session:{key}";
const sessions: Fill = {
  units: [
    single("HSET", session, ...sessionFields.flatMap((field) => [field, "{value}"])),
    single("EXPIRE", session, "1800"),
  ],
  count: "keys",
};

const members = Array.from({ length: 20 }, () => "{member}");
const timeline: Fill = {
  units: [single("ZADD", "timeline", ...members.flatMap((member) => ["{score}", member]))],
  count: 500,
};

export const appWorkloads: readonly Workload[] = [
  {
    name: "mix_80_20",
    summary: "80 % GET, 20 % SET of random keys: a cache",
    units: [weighted(80, "GET", "key:{key}"), weighted(20, "SET", "key:{key}", "{value}")],
    fill: [strings],
  },
  {
    name: "expire",
    summary: "EXPIRE of a random key",
    units: [single("EXPIRE", "key:{key}", "1800")],
    fill: [strings],
  },
  {
    name: "ttl",
    summary: "TTL of a random key",
    units: [single("TTL", "key:{key}")],
    fill: [{ units: [single("SET", "key:{key}", "{value}", "EX", "1800")], count: "keys" }],
    isReadOnly: true,
  },
  {
    name: "hgetall",
    summary: "HGETALL of a random hash of eight fields",
    units: [single("HGETALL", session)],
    fill: [sessions],
    keysMax: sessionsMax,
    isReadOnly: true,
  },
  {
    name: "hmget",
    summary: "HMGET of three fields of a random hash of eight",
    units: [single("HMGET", session, "user", "theme", "csrf")],
    fill: [sessions],
    keysMax: sessionsMax,
    isReadOnly: true,
  },
  {
    name: "session",
    summary: "60 % HGETALL, 20 % HSET with EXPIRE, 10 % HMGET, 10 % TTL: a store of sessions",
    units: [
      weighted(60, "HGETALL", session),
      {
        commands: [
          ["HSET", session, "seen", "{value}"],
          ["EXPIRE", session, "1800"],
        ],
        weight: 20,
      },
      weighted(10, "HMGET", session, "user", "csrf"),
      weighted(10, "TTL", session),
    ],
    fill: [sessions],
    keysMax: sessionsMax,
  },
  {
    name: "rate_limit",
    summary: "MULTI, INCR, EXPIRE, EXEC of a random counter: a rate limiter",
    units: [
      {
        commands: [["MULTI"], ["INCR", "rate:{key}"], ["EXPIRE", "rate:{key}", "60"], ["EXEC"]],
      },
    ],
  },
  {
    name: "list_queue",
    summary: "LPUSH, LMOVE to the jobs under way, RPOP of them: a queue in lists",
    units: [
      {
        commands: [
          ["LPUSH", "waiting", "{value}"],
          ["LMOVE", "waiting", "active", "RIGHT", "LEFT"],
          ["RPOP", "active"],
        ],
      },
    ],
    fill: [{ units: [single("LPUSH", "waiting", "{value}")], count: 1000 }],
  },
  {
    name: "stream_queue",
    summary: "XADD and XREADGROUP of one entry: a queue in a stream",
    units: [
      {
        commands: [
          ["XADD", "jobs", "MAXLEN", "~", "10000", "*", "job", "{value}"],
          ["XREADGROUP", "GROUP", streamGroup, "a", "COUNT", "1", "NOACK", "STREAMS", "jobs", ">"],
        ],
      },
    ],
    fill: [{ units: [single("XGROUP", "CREATE", "jobs", streamGroup, "$", "MKSTREAM")], count: 1 }],
  },
  {
    name: "zrangebyscore",
    summary: "ZRANGEBYSCORE of ten members of a sorted set: what is due, a page of a timeline",
    units: [single("ZRANGEBYSCORE", "timeline", "{score}", "+inf", "LIMIT", "0", "10")],
    fill: [timeline],
    isReadOnly: true,
  },
  {
    name: "smembers",
    summary: "SMEMBERS of a random set of twenty",
    units: [single("SMEMBERS", "tags:{key}")],
    fill: [{ units: [single("SADD", "tags:{key}", ...members)], count: "keys" }],
    keysMax: sessionsMax,
    isReadOnly: true,
  },
];
