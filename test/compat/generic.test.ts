// Commands on whole keys, the same generated requests to real Redis and to us.
import { after, before, describe, it } from "node:test";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import { Comparison } from "../support/comparison.ts";
import type { Request } from "../support/comparison.ts";
import { RequestGenerator } from "../support/request-generator.ts";
import { reasonToSkip } from "../support/real-redis.ts";

const commandCount = Number(process.env["COMPARED_COMMANDS"] ?? 20_000);
const seed = Number(process.env["COMPARED_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
/** After so many requests both start from nothing again. */
const roundSize = 2000;

describe("generic commands reply as Redis does", { skip: reasonToSkip() }, () => {
  let comparison: Comparison;
  before(async () => {
    comparison = await Comparison.start([...stringCommands, ...genericCommands]);
  });
  after(() => comparison.stop());

  it(`to ${commandCount} generated requests, seed ${seed}`, async () => {
    const generator = new RequestGenerator(seed);
    for (let done = 0; done < commandCount; done += roundSize) {
      const requests = Array.from({ length: roundSize }, () => request(generator));
      await comparison.reset(generator.oneIn(2) ? 2 : 3);
      await comparison.run(requests, `seed ${seed}, round ${done / roundSize}:`);
    }
  });
});

const databases = ["0", "1", "2", "15", "16", "-1", "x", "4294967296"];
const patterns = ["*", "?", "[a-c]", "key*", "", "a", "[^a]", "*:a:*"];

const makers: ((from: RequestGenerator) => Request)[] = [
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

function request(from: RequestGenerator): Request {
  const made = from.pick(makers)(from);
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
