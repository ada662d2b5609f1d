// Requests that make a key of any type, in any of its encodings: for tests of whatever stores
// values or carries them elsewhere.
import type { RequestGenerator } from "./request-generator.ts";

export type ValueType = "string" | "list" | "set" | "zset" | "hash" | "stream";
export const valueTypes: readonly ValueType[] = ["string", "list", "set", "zset", "hash", "stream"];

/** Sizes on both sides of where encodings change. */
const sizes = [1, 2, 5, 30, 127, 128, 129, 130, 511, 512, 513, 600];
const requestElementsMax = 200;

/** Requests, each for the key, that give it a value of that type. Only Redis 7.0's commands. */
export function valueRequests(from: RequestGenerator, key: string, type: ValueType): string[][] {
  switch (type) {
    case "string":
      return [["SET", key, text(from)]];
    case "list":
      return pushes(
        ["RPUSH", key],
        many(from, () => [text(from)]),
      );
    case "set":
      return pushes(["SADD", key], many(from, kindOfMember(from)));
    case "zset":
      return pushes(
        ["ZADD", key],
        many(from, () => [score(from), text(from)]),
      );
    case "hash":
      return pushes(
        ["HSET", key],
        many(from, () => [text(from), text(from)]),
      );
    case "stream":
      return streamRequests(from, key);
  }
}

function many(from: RequestGenerator, make: (index: number) => string[]): string[][] {
  const size = from.oneIn(2) ? 1 + from.random.below(12) : from.pick(sizes);
  return Array.from({ length: size }, (_, index) => make(index));
}

function pushes(start: string[], parts: readonly string[][]): string[][] {
  const requests: string[][] = [];
  for (let index = 0; index < parts.length; index += requestElementsMax) {
    requests.push([...start, ...parts.slice(index, index + requestElementsMax).flat()]);
  }
  return requests;
}

/**
 * Mostly short and different ones; integers of all widths; long ones that compress and that do not.
 */
function text(from: RequestGenerator): string {
  if (from.oneIn(40)) return from.pick(["x", "xyz"]).repeat(from.pick([63, 64, 65, 1500, 9000]));
  if (from.oneIn(60)) return from.text(from.pick([20, 21, 64, 65, 300, 5000]));
  if (from.oneIn(3)) return from.integer();
  if (from.oneIn(3)) return String(integer(from));
  return from.value().slice(0, 60) + String(from.random.below(1000));
}

function integer(from: RequestGenerator): bigint {
  const magnitude = 1n << BigInt(from.random.below(63));
  const value = magnitude + BigInt(from.random.below(3)) - 1n;
  return from.oneIn(2) ? value : -value;
}

/** Sets of integers alone are intsets. */
function kindOfMember(from: RequestGenerator): () => string[] {
  const width = from.pick([10, 30, 62]);
  if (from.oneIn(2)) return () => [text(from)];
  return () => [
    String(BigInt(from.random.below(2000) - 1000) << (BigInt(from.random.below(width)) / 8n)),
  ];
}

/** No negative zero, which Redis loses when it loads a sorted set and makes it compact. */
function score(from: RequestGenerator): string {
  if (from.oneIn(8)) return from.pick(["inf", "-inf", "1e300", "-1e-300", "0.1", "3.5"]);
  if (from.oneIn(4)) return String((from.random.below(2000) - 1000) / 7);
  return String(from.random.below(100) - 50);
}

/**
 * Entries with the same fields and others, deletions, groups with consumers and pending entries.
 */
function streamRequests(from: RequestGenerator, key: string): string[][] {
  const requests: string[][] = [];
  let ms = 1 + from.random.below(5);
  let sequence = 0;
  for (let left = 1 + from.random.below(from.oneIn(4) ? 250 : 20); left > 0; left--) {
    if (from.oneIn(3)) ms += 1 + from.random.below(1000);
    sequence = from.oneIn(10) ? sequence + 1 + from.random.below(300) : sequence + 1;
    const fields = from.oneIn(3) ? [text(from), text(from)] : ["a", text(from), "b", text(from)];
    requests.push(["XADD", key, `${ms}-${sequence}`, ...fields]);
    if (from.oneIn(6)) requests.push(["XDEL", key, `${ms}-${sequence}`]);
  }
  if (from.oneIn(5)) requests.push(["XTRIM", key, "MAXLEN", String(from.random.below(5))]);
  if (from.oneIn(3)) requests.push(["XADD", key, "18446744073709551615-1", "last", "one"]);
  for (const group of from.some(["g1", "g2", text(from)])) {
    requests.push(["XGROUP", "CREATE", key, group, from.pick(["0", "$", `${ms}-1`])]);
    for (const consumer of from.some(["c1", "c2", "\u00ff"])) {
      const count = String(1 + from.random.below(9));
      // Before 7.2 XREADGROUP made no consumer if there was nothing for it to read.
      requests.push(["XGROUP", "CREATECONSUMER", key, group, consumer]);
      requests.push(["XREADGROUP", "GROUP", group, consumer, "COUNT", count, "STREAMS", key, ">"]);
      if (from.oneIn(2)) requests.push(["XACK", key, group, `${ms}-${sequence}`]);
    }
    if (from.oneIn(3)) requests.push(["XGROUP", "CREATECONSUMER", key, group, "idle"]);
  }
  return requests;
}

/** Requests that read all of a key. */
export function readRequests(key: string, type: ValueType): string[][] {
  switch (type) {
    case "string":
      return [["GET", key]];
    case "list":
      return [
        ["LRANGE", key, "0", "-1"],
        ["LLEN", key],
        ["LINDEX", key, "-1"],
      ];
    case "set":
      return [
        ["SMEMBERS", key],
        ["SCARD", key],
        ["SRANDMEMBER", key, "3"],
      ];
    case "zset":
      return [
        ["ZRANGE", key, "0", "-1", "WITHSCORES"],
        ["ZRANGEBYSCORE", key, "-inf", "(5"],
      ];
    case "hash":
      return [
        ["HGETALL", key],
        ["HLEN", key],
        ["HRANDFIELD", key, "3"],
      ];
    case "stream":
      return [
        ["XRANGE", key, "-", "+"],
        ["XREVRANGE", key, "+", "-"],
        ["XINFO", "STREAM", key, "FULL", "COUNT", "0"],
      ];
  }
}
