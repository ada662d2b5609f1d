import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { isArgument, rangeArgument, timeoutArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { double, integer, key, many, oneOf, optional, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import type { PoppedKeys, ZsetEnd } from "./pop-reply.ts";
import { popFirst, popNamed, popOrWait } from "./pop-reply.ts";

const noKeys = new Failure("ERR numkeys should be greater than 0");
const countTooSmall = new Failure("ERR count should be greater than 0");
const minWord = asciiBytes("min");
const maxWord = asciiBytes("max");
const countWord = asciiBytes("count");

interface MultiPop extends PoppedKeys {
  readonly end: ZsetEnd;
  readonly count: number;
}

/** Reads the arguments; `at` is the index of `numkeys`. */
function multiPopArguments(args: Slices, at: number): MultiPop {
  const firstKey = at + 1;
  const keysEnd = firstKey + rangeArgument(args, at, 1, Infinity, noKeys);
  if (keysEnd >= args.count) throw syntaxError;
  const end = endArgument(args, keysEnd);
  const optionsAt = keysEnd + 1;
  if (optionsAt === args.count) return { firstKey, keysEnd, end, count: 1 };
  if (optionsAt + 2 > args.count || !isArgument(args, optionsAt, countWord)) throw syntaxError;
  const count = rangeArgument(args, optionsAt + 1, 1, Infinity, countTooSmall);
  if (optionsAt + 2 < args.count) throw syntaxError;
  return { firstKey, keysEnd, end, count };
}

function endArgument(args: Slices, index: number): ZsetEnd {
  if (isArgument(args, index, minWord)) return "min";
  if (isArgument(args, index, maxWord)) return "max";
  throw syntaxError;
}

export const zmpop = command({
  name: "ZMPOP",
  summary: "Takes members off either end of the first of several sorted sets that is there.",
  since: "7.0.0",
  group: "sorted-set",
  complexity: "O(K+M*log(N)) for K keys and M of N members.",
  flags: ["write"],
  words: [
    integer("numkeys"),
    many(key("key", "RW access delete")),
    oneOf("where", [token("min"), token("max")]),
    optional(integer("count", { token: "COUNT" })),
  ],
  optionsAt: 0,

  run(context) {
    const keys = multiPopArguments(context.args, 1);
    const isFound = popFirst(context, keys, (from, index, ref) => {
      popNamed(from, index, ref, keys.end, keys.count);
    });
    if (!isFound) context.reply.nilArray();
  },
});

export const bzmpop = command({
  name: "BZMPOP",
  summary: "Takes members off either end of the first of several sorted sets, or waits for one.",
  since: "7.0.0",
  group: "sorted-set",
  complexity: "O(K+M*log(N)) for K keys and M of N members.",
  flags: ["write", "blocking"],
  words: [
    double("timeout"),
    integer("numkeys"),
    many(key("key", "RW access delete")),
    oneOf("where", [token("min"), token("max")]),
    optional(integer("count", { token: "COUNT" })),
  ],
  optionsAt: 0,

  run(context) {
    const keys = multiPopArguments(context.args, 2);
    const timeoutMs = timeoutArgument(context.args, 1);
    popOrWait(context, keys, timeoutMs, (from, index, ref) => {
      popNamed(from, index, ref, keys.end, keys.count);
    });
  },
});
