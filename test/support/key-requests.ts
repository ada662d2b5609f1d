// Random requests of the string and generic groups, mostly sensible ones. What real Redis 7.0
// answers differently for reasons that we know is left out, and said where it is.
import type { Request } from "./comparison.ts";
import type { RequestGenerator } from "./request-generator.ts";

const stringMakers: ((from: RequestGenerator) => Request)[] = [
  (from) => ["SET", from.key(), from.value(), ...setOptions(from)],
  (from) => ["SET", from.key(), from.value(), ...setOptions(from)],
  (from) => ["SET", from.key(), from.value()],
  (from) => ["GET", from.key()],
  (from) => ["GETDEL", from.key()],
  (from) => ["GETEX", from.key(), ...getexOptions(from)],
  (from) => ["GETSET", from.key(), from.value()],
  (from) => ["SETNX", from.key(), from.value()],
  (from) => ["SETEX", from.key(), from.relativeTime("s"), from.value()],
  (from) => ["PSETEX", from.key(), from.relativeTime("ms"), from.value()],
  (from) => ["APPEND", from.key(), from.value()],
  (from) => ["STRLEN", from.key()],
  (from) => ["SETRANGE", from.key(), setrangeOffset(from), from.value()],
  (from) => [from.pick(["GETRANGE", "SUBSTR"]), from.key(), ...range(from)],
  (from) => [from.pick(["INCR", "DECR"]), from.key()],
  (from) => [from.pick(["INCRBY", "DECRBY"]), from.key(), from.number()],
  (from) => ["INCRBYFLOAT", from.key(), from.number()],
  (from) => ["MGET", from.key(), from.key(), from.key()],
  (from) => [from.pick(["MSET", "MSETNX"]), ...pairs(from)],
  (from) => ["LCS", from.key(), from.key(), ...lcsOptions(from)],
  (from) => ["OBJECT", "ENCODING", from.key()],
  (from) => [from.pick(["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]), from.key()],
  (from) => ["DEL", from.key()],
];

export function stringRequest(from: RequestGenerator): Request {
  const made = from.pick(stringMakers)(from);
  if (from.oneIn(60)) return made.slice(0, from.random.below(made.length) + 1);
  return from.oneIn(60) ? [...made, from.value()] : made;
}

function setOptions(from: RequestGenerator): string[] {
  const options: string[] = [];
  while (!from.oneIn(2)) {
    const kind = from.random.below(3);
    if (kind === 0) options.push(...from.expiry());
    else options.push(from.word(from.pick(["NX", "XX", "GET", "KEEPTTL", "FOO"])));
  }
  return options;
}

function getexOptions(from: RequestGenerator): string[] {
  return from.oneIn(3) ? [from.word("PERSIST")] : from.expiry();
}

/**
 * Redis 7.0 takes an end before the first byte for the first byte, later ones for nothing; so there
 * are no such ends here.
 */
function range(from: RequestGenerator): string[] {
  return [from.integer(), String(from.random.below(60))];
}

function setrangeOffset(from: RequestGenerator): string {
  return from.pick([
    "0",
    "1",
    "5",
    "30",
    "60",
    "1500",
    "-1",
    "536870912",
    "9223372036854775807",
    "x",
  ]);
}

function pairs(from: RequestGenerator): string[] {
  const count = 1 + from.random.below(3);
  return Array.from({ length: count }, () => [from.key(), from.value()]).flat();
}

function lcsOptions(from: RequestGenerator): string[] {
  const minimum = from.pick(["0", "1", "2", "3", "-1", "x"]);
  const options = [["IDX"], ["IDX"], ["LEN"], ["WITHMATCHLEN"], ["MINMATCHLEN", minimum]];
  return from.some(options).flat();
}

const databases = ["0", "1", "2", "15", "16", "-1", "x", "4294967296"];
const patterns = ["*", "?", "[a-c]", "key*", "", "a", "[^a]", "*:a:*"];

const genericMakers: ((from: RequestGenerator) => Request)[] = [
  (from) => ["SET", from.key(), from.value()],
  (from) => ["SET", from.key(), from.value()],
  (from) => ["SET", from.key(), from.value(), ...from.expiry()],
  (from) => ["APPEND", from.key(), from.value()],
  (from) => ["GET", from.key()],
  (from) => ["INCR", from.key()],
  (from) => ["SELECT", from.pick(["0", "0", "1"])],
  (from) => [from.pick(["DEL", "UNLINK"]), from.key()],
  (from) => [from.pick(["EXISTS", "TOUCH"]), from.key(), from.key()],
  (from) => ["TYPE", from.key()],
  (from) => ["KEYS", from.pick(patterns)],
  (from) => ["SCAN", "0", ...scanOptions(from), "COUNT", "1000"],
  (from) => ["SCAN", "0", ...scanOptions(from), "COUNT", from.pick(["0", "-1", "x", ""])],
  (from) => ["SCAN", from.pick(["x", "1.5"]), ...scanOptions(from)],
  () => ["RANDOMKEY"],
  (from) => [from.pick(["RENAME", "RENAMENX"]), from.key(), from.key()],
  (from) => ["COPY", from.key(), from.key(), ...copyOptions(from)],
  (from) => ["MOVE", from.key(), from.pick(databases)],
  (from) => [from.pick(["EXPIRE"]), from.key(), from.relativeTime("s"), ...presence(from)],
  (from) => ["PEXPIRE", from.key(), from.relativeTime("ms"), ...presence(from)],
  (from) => ["EXPIREAT", from.key(), from.absoluteTime("s"), ...conditions(from)],
  (from) => ["PEXPIREAT", from.key(), from.absoluteTime("ms"), ...conditions(from)],
  (from) => ["PERSIST", from.key()],
  (from) => [from.pick(["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]), from.key()],
  (from) => ["OBJECT", from.pick(["ENCODING", "FREQ", "IDLETIME", "FOO"]), from.key()],
  () => ["OBJECT"],
];

export function genericRequest(from: RequestGenerator): Request {
  const made = from.pick(genericMakers)(from);
  if (made[0] === "SELECT" || !from.oneIn(60)) return made;
  return made.slice(0, from.random.below(made.length) + 1);
}

function scanOptions(from: RequestGenerator): string[] {
  const match = [from.word("MATCH"), from.pick(patterns)];
  const type = [from.word("TYPE"), from.pick(["string", "LIST", "zset"])];
  return from.some([match, type]).flat();
}

function copyOptions(from: RequestGenerator): string[] {
  return from.some([[from.word("REPLACE")], [from.word("DB"), from.pick(databases)]]).flat();
}

/** Conditions that do not depend on how much time has passed. */
function presence(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [] : [from.word(from.pick(["NX", "XX", "FOO"]))];
}

function conditions(from: RequestGenerator): string[] {
  const options: string[] = [];
  while (from.oneIn(2)) options.push(from.word(from.pick(["NX", "XX", "XX", "GT", "LT", "FOO"])));
  return options;
}
