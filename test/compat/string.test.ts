// String commands, the same generated requests to real Redis and to us.
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

describe("string commands reply as Redis does", { skip: reasonToSkip() }, () => {
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

const makers: ((from: RequestGenerator) => Request)[] = [
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

function request(from: RequestGenerator): Request {
  const made = from.pick(makers)(from);
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

/** Redis 7.0 takes an end before the first byte for the first byte, later ones for nothing; so there are no such ends here. */
function range(from: RequestGenerator): string[] {
  return [from.integer(), String(from.random.below(60))];
}

function setrangeOffset(from: RequestGenerator): string {
  return from.pick(["0", "1", "5", "30", "60", "1500", "-1", "536870912", "9223372036854775807", "x"]);
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
