// Bit commands and HyperLogLogs, the same generated requests to real Redis and to us. GET shows
// that the bytes are the same too. Spoilt HyperLogLogs are left out: Redis keeps what it has added
// before it finds the damage.
import { after, before, describe, it } from "node:test";
import { bitmapCommands } from "../../src/commands/bitmap/bitmap-commands.ts";
import { genericCommands } from "../../src/commands/generic/generic-commands.ts";
import { hyperloglogCommands } from "../../src/commands/hyperloglog/hyperloglog-commands.ts";
import { stringCommands } from "../../src/commands/string/string-commands.ts";
import type { Request } from "../support/comparison.ts";
import { Comparison, comparedCommands, comparedSeed } from "../support/comparison.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import type { RequestGenerator } from "../support/request-generator.ts";

const keys = ["a", "b", "c"];
const types = ["u1", "u7", "u8", "i5", "i8", "u31", "i32", "u45", "i46", "u50", "u63", "i64", "i1"];
const farEdges = ["9223372036854775807", "-9223372036854775808", "0", "4294967296"];
const oddTypes = ["u64", "i65", "u0", "x8", "i", "", "u08"];

function key(from: RequestGenerator): string {
  return from.pick(keys);
}

function bitOffset(from: RequestGenerator): string {
  if (from.oneIn(50)) return from.pick(["-1", "4294967296", "x", "", "#1"]);
  return String(from.random.below(from.oneIn(20) ? 40_000 : 200));
}

function edge(from: RequestGenerator): string {
  const far = from.oneIn(5) ? 6000 : 60;
  return from.oneIn(30) ? from.pick(farEdges) : String(from.random.below(far) - far / 3);
}

function unit(from: RequestGenerator): string[] {
  return from.oneIn(2) ? [] : [from.word(from.pick(["BIT", "BYTE"]))];
}

function fieldOperation(from: RequestGenerator): string[] {
  const type = from.oneIn(60) ? from.pick(oddTypes) : from.pick(types);
  const place = from.oneIn(3) ? `#${from.random.below(5)}` : bitOffset(from);
  switch (from.random.below(4)) {
    case 0:
      return [from.word("GET"), type, place];
    case 1:
      return [from.word("SET"), type, place, from.integer()];
    case 2:
      return [from.word("INCRBY"), type, place, from.integer()];
    default:
      return ["OVERFLOW", from.pick(["WRAP", "SAT", "FAIL", "SAT"])];
  }
}

function fieldOperations(from: RequestGenerator): string[] {
  return Array.from({ length: 1 + from.random.below(4) }, () => fieldOperation(from)).flat();
}

const bitMakers: ((from: RequestGenerator) => Request)[] = [
  (from) => ["SETBIT", key(from), bitOffset(from), from.pick(["0", "1", "1", "1", "2"])],
  (from) => ["SETBIT", key(from), bitOffset(from), "1"],
  (from) => ["GETBIT", key(from), bitOffset(from)],
  (from) => ["BITCOUNT", key(from)],
  (from) => ["BITCOUNT", key(from), edge(from), edge(from), ...unit(from)],
  (from) => ["BITPOS", key(from), from.pick(["0", "1"])],
  (from) => ["BITPOS", key(from), from.pick(["0", "1"]), edge(from)],
  (from) => ["BITPOS", key(from), from.pick(["0", "1"]), edge(from), edge(from), ...unit(from)],
  (from) => ["BITOP", from.pick(["AND", "OR", "xor", "AND"]), key(from), key(from), key(from), "d"],
  (from) => ["BITOP", "OR", key(from), key(from), key(from)],
  (from) => ["BITOP", "NOT", key(from), key(from)],
  (from) => ["BITFIELD", key(from), ...fieldOperations(from)],
  (from) => ["BITFIELD", key(from), ...fieldOperations(from)],
  (from) => ["BITFIELD_RO", key(from), "GET", from.pick(types), bitOffset(from)],
  (from) => [
    "SET",
    key(from),
    from.oneIn(2) ? "\u00ff".repeat(from.random.below(4000)) : from.value(),
  ],
  (from) => ["SETRANGE", key(from), String(from.random.below(3000)), from.text(5)],
  (from) => ["GET", key(from)],
  (from) => ["OBJECT", "ENCODING", key(from)],
  (from) => (from.oneIn(5) ? ["DEL", key(from)] : ["STRLEN", key(from)]),
];

function elements(from: RequestGenerator): string[] {
  const count = from.oneIn(10) ? 300 : from.random.below(5);
  return Array.from({ length: count }, () =>
    from.oneIn(4) ? from.value() : String(from.random.below(5000)),
  );
}

const logMakers: ((from: RequestGenerator) => Request)[] = [
  (from) => ["PFADD", key(from), ...elements(from)],
  (from) => ["PFADD", key(from), ...elements(from)],
  (from) => ["PFCOUNT", key(from)],
  (from) => ["PFCOUNT", key(from), key(from), "d"],
  (from) => (from.oneIn(8) ? ["PFMERGE", key(from), key(from), key(from)] : ["PFCOUNT", key(from)]),
  (from) => ["GET", key(from)],
  (from) => ["PFDEBUG", from.pick(["ENCODING", "encoding", "DECODE"]), key(from)],
  (from) => (from.oneIn(8) ? ["PFDEBUG", "TODENSE", key(from)] : ["STRLEN", key(from)]),
  (from) => (from.oneIn(8) ? ["DEL", key(from)] : ["EXISTS", key(from)]),
];

const commands = [...bitmapCommands, ...hyperloglogCommands, ...stringCommands, ...genericCommands];

for (const [name, makers] of [
  ["bit commands", bitMakers],
  ["HyperLogLogs", logMakers],
] as const) {
  describe(`${name} answer as Redis does`, { skip: reasonToSkip() }, () => {
    let comparison: Comparison;
    before(async () => {
      comparison = await Comparison.start(commands);
    });
    after(() => comparison.stop());

    it(`to ${comparedCommands} generated requests, seed ${comparedSeed}`, async () => {
      await comparison.runGenerated((from) => from.pick(makers)(from));
    });
  });
}
