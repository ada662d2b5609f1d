import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { isArgument, rangeArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import {
  block,
  integer,
  key,
  many,
  oneOf,
  optional,
  string,
  token,
  unixTime,
} from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure } from "../../keyspace/failure.ts";
import { setExpiringFields } from "../../keyspace/hash-expire.ts";
import type { SetExpiring } from "../../keyspace/hash-expire.ts";
import { fieldTimeArgument } from "./field-arguments.ts";
import { timeWords } from "./hgetex.ts";

const fieldsWord = asciiBytes("fields");
const keepWord = asciiBytes("keepttl");
const allWord = asciiBytes("fxx");
const noneWord = asciiBytes("fnx");
const badCount = new Failure("ERR invalid number of fields");
const timeMissing = new Failure("ERR missing expire time");
const twoConditions = new Failure("ERR Only one of FXX or FNX arguments can be specified");
const twoTimes = new Failure(
  "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
);

export const hsetex = command({
  name: "HSETEX",
  summary: "Sets fields of a hash and when they expire, if all or none of them are there.",
  since: "8.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "denyoom", "fast"],
  words: [
    key("key", "RW update"),
    optional(oneOf("condition", [token("fnx"), token("fxx")])),
    optional(
      oneOf("expiration", [
        integer("seconds", { token: "EX" }),
        integer("milliseconds", { token: "PX" }),
        unixTime("unix-time-seconds", { token: "EXAT" }),
        unixTime("unix-time-milliseconds", { token: "PXAT" }),
        token("keepttl"),
      ]),
    ),
    block(
      "fields",
      [integer("numfields"), many(block("data", [string("field"), string("value")]))],
      { token: "FIELDS" },
    ),
  ],
  optionsAt: 0,

  run({ args, db, reply, engine }) {
    const parsed = parseOptions(args, db.keyspace.nowMs, engine);
    const isDone = setExpiringFields(db, args, 1, parsed.first, parsed);
    reply.integer(isDone ? 1 : 0);
    if (isDone && typeof parsed.time === "number") {
      propagateSet(engine, db, args, parsed.timeAt, parsed.time);
    }
  },
});

/**
 * A time to live is propagated as the time when it ends. When that is over the fields are gone,
 * which has been propagated already.
 */
function propagateSet(
  { propagation }: Engine,
  db: Database,
  args: Slices,
  timeAt: number,
  timeMs: number,
): void {
  const { nowMs, expires } = db.keyspace;
  if (timeMs <= nowMs && expires) {
    propagation.suppress();
    return;
  }
  propagation.begin(db, args.count).arguments(args, 0, timeAt).text("PXAT").number(timeMs);
  propagation.arguments(args, timeAt + 2, args.count);
}

interface ParsedOptions extends SetExpiring {
  /** Argument index of the first field. */
  readonly first: number;
  /** Index of EX, PX, EXAT or PXAT, which the time follows. */
  readonly timeAt: number;
}

/**
 * Options may stand in any order, but FIELDS ends them; the reply to a mistake depends on where it
 * is.
 */
function parseOptions(args: Slices, nowMs: number, engine: Engine): ParsedOptions {
  let condition: SetExpiring["condition"] = "any";
  let time: SetExpiring["time"] = "none";
  let timeAt = 0;
  for (let index = 2; index < args.count; index++) {
    const timeWord = timeWords.find(({ word }) => isArgument(args, index, word));
    if (isArgument(args, index, fieldsWord)) {
      return { condition, time, timeAt, first: firstPair(args, index, engine) };
    }
    if (timeWord !== undefined) {
      if (time !== "none") throw twoTimes;
      timeAt = index;
      if (++index >= args.count) throw timeMissing;
      time = fieldTimeArgument(args, index, timeWord.unit, nowMs, "hsetex");
    } else if (isArgument(args, index, keepWord)) {
      if (time !== "none") throw twoTimes;
      time = "keep";
    } else if (isArgument(args, index, allWord) || isArgument(args, index, noneWord)) {
      if (condition !== "any") throw twoConditions;
      condition = isArgument(args, index, allWord) ? "all" : "none";
    } else {
      throw new Failure(`ERR unknown argument: ${args.latin1(index)}`);
    }
  }
  throw engine.wrongArity();
}

/** Index of the first field; the number of pairs must be right. */
function firstPair(args: Slices, fieldsIndex: number, engine: Engine): number {
  if (fieldsIndex >= args.count - 3) throw engine.wrongArity();
  const count = rangeArgument(args, fieldsIndex + 1, 1, 2147483647, badCount);
  if (args.count - fieldsIndex - 2 !== count * 2) throw engine.wrongArity();
  return fieldsIndex + 2;
}
