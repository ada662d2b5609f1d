import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { doubleArgument, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import {
  block,
  double,
  integer,
  key,
  many,
  oneOf,
  optional,
  string,
  token,
} from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { Additions, addScores, additionFlag } from "../../keyspace/zset.ts";
import { replyScore } from "./score-reply.ts";

const bothConditions = new Failure("ERR XX and NX options at the same time are not compatible");
const conflictingConditions = new Failure(
  "ERR GT, LT, and/or NX options at the same time are not compatible",
);
const severalIncrements = new Failure("ERR INCR option supports a single increment-element pair");

const additions = new Additions();
/** The scores of the request that runs; kept for the next unless it was a very large one. */
let scores = new Float64Array(64);
const keptScoresMax = 4096;

const { nx, xx, gt, lt, increment } = additionFlag;
const changed = 32;
const optionWords: readonly (readonly [Uint8Array, number])[] = [
  [asciiBytes("nx"), nx],
  [asciiBytes("xx"), xx],
  [asciiBytes("gt"), gt],
  [asciiBytes("lt"), lt],
  [asciiBytes("ch"), changed],
  [asciiBytes("incr"), increment],
];
const lastBeforeLetters = 0x40;

export const zadd = command({
  name: "ZADD",
  summary: "Gives members of a sorted set scores, adding those that are not there.",
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(log(N)) a member.",
  flags: ["write", "denyoom", "fast"],
  history: [
    ["2.4.0", "Several members at once."],
    ["3.0.2", "`XX`, `NX`, `CH` and `INCR` came in."],
    ["6.2.0", "`GT` and `LT` came in."],
  ],
  words: [
    key("key", "RW update"),
    optional(oneOf("condition", [token("nx"), token("xx")], { since: "3.0.2" })),
    optional(oneOf("comparison", [token("gt"), token("lt")], { since: "6.2.0" })),
    optional(token("change", { token: "CH", since: "3.0.2" })),
    optional(token("increment", { token: "INCR", since: "3.0.2" })),
    many(block("data", [double("score"), string("member")])),
  ],
  optionsAt: 0,

  run({ args, db, reply }) {
    let flags = 0;
    let first = 2;
    for (; first < args.count; first++) {
      const flag = optionFlag(args, first);
      if (flag === 0) break;
      flags |= flag;
    }
    const count = (args.count - first) / 2;
    if (count === 0 || !Number.isInteger(count)) throw syntaxError;
    checkFlags(flags, count);
    const parsed = parseScores(args, first, count);
    addScores(db, args, 1, first + 1, 2, parsed, count, flags & ~changed, additions);
    if ((flags & increment) === 0) {
      const { added, updated } = additions;
      reply.integer((flags & changed) === 0 ? added : added + updated);
    } else if (Number.isNaN(additions.score)) {
      reply.nil();
    } else {
      replyScore(reply, additions.score);
    }
  },
});

/** The flag of an option, 0 when the argument is none. Nearly all requests have a number here. */
function optionFlag(args: Slices, index: number): number {
  if (args.bytes[args.offsets[index]] < lastBeforeLetters) return 0;
  for (const [word, flag] of optionWords) if (isArgument(args, index, word)) return flag;
  return 0;
}

function checkFlags(flags: number, count: number): void {
  if ((flags & (nx | xx)) === (nx | xx)) throw bothConditions;
  const comparisons = flags & (gt | lt);
  if (comparisons === (gt | lt) || (comparisons !== 0 && (flags & nx) !== 0)) {
    throw conflictingConditions;
  }
  if ((flags & increment) !== 0 && count > 1) throw severalIncrements;
}

/** All scores, before anything is changed. */
function parseScores(args: Slices, first: number, count: number): Float64Array {
  if (count > scores.length || scores.length > keptScoresMax) {
    scores = new Float64Array(Math.max(count, keptScoresMax));
  }
  for (let index = 0; index < count; index++) {
    scores[index] = doubleArgument(args, first + index * 2);
  }
  return scores;
}

export const zincrby = command({
  name: "ZINCRBY",
  summary: "Adds to the score of a member; one that is not there counts as 0.",
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(log(N))",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update"), integer("increment"), string("member")],

  run({ args, db, reply }) {
    const parsed = parseScores(args, 2, 1);
    addScores(db, args, 1, 3, 1, parsed, 1, increment, additions);
    replyScore(reply, additions.score);
  },
});
