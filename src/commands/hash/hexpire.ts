import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { ExpiryUnit } from "../../engine/argument.ts";
import { expiryUnits, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { integer, key, oneOf, optional, token, unixTime } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { expiryCondition } from "../../keyspace/expiry.ts";
import { Failure } from "../../keyspace/failure.ts";
import { expireFields, fieldOutcome } from "../../keyspace/hash-expire.ts";
import { propagateFields } from "./field-propagation.ts";
import { fieldTimeArgument, fieldsArgument, fieldsWords } from "./field-arguments.ts";

const countNotPositive = new Failure("ERR Parameter `numFields` should be greater than 0");
const conditions = [token("nx"), token("xx"), token("gt"), token("lt")] as const;
const condition = optional(oneOf("condition", conditions));
const conditionWords = [
  { word: asciiBytes("nx"), value: expiryCondition.nx },
  { word: asciiBytes("xx"), value: expiryCondition.xx },
  { word: asciiBytes("gt"), value: expiryCondition.gt },
  { word: asciiBytes("lt"), value: expiryCondition.lt },
];

export const hexpire = command({
  name: "HEXPIRE",
  summary: "Sets after how many seconds fields of a hash expire.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW update"), integer("seconds"), condition, fieldsWords],
  optionsAt: 0,

  run(context) {
    replyExpire(context, expiryUnits.ex, "hexpire");
  },
});

export const hpexpire = command({
  name: "HPEXPIRE",
  summary: "Sets after how many milliseconds fields of a hash expire.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW update"), integer("milliseconds"), condition, fieldsWords],
  optionsAt: 0,

  run(context) {
    replyExpire(context, expiryUnits.px, "hpexpire");
  },
});

export const hexpireat = command({
  name: "HEXPIREAT",
  summary: "Sets the Unix time in seconds at which fields of a hash expire.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW update"), unixTime("unix-time-seconds"), condition, fieldsWords],
  optionsAt: 0,

  run(context) {
    replyExpire(context, expiryUnits.exat, "hexpireat");
  },
});

export const hpexpireat = command({
  name: "HPEXPIREAT",
  summary: "Sets the Unix time in milliseconds at which fields of a hash expire.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW update"), unixTime("unix-time-milliseconds"), condition, fieldsWords],
  optionsAt: 0,

  run(context) {
    replyExpire(context, expiryUnits.pxat, "hpexpireat");
  },
});

function replyExpire(context: Context, unit: ExpiryUnit, commandName: string): void {
  const { args, db, reply, engine } = context;
  const timeMs = fieldTimeArgument(args, 2, unit, db.keyspace.nowMs, commandName);
  const found = conditionWords.find((each) => isArgument(args, 3, each.word));
  const first = fieldsArgument(args, found === undefined ? 3 : 4, countNotPositive);
  const required = found?.value ?? expiryCondition.always;
  reply.array(args.count - first);
  const updated: number[] = [];
  let field = first;
  expireFields(db, args, 1, first, { timeMs, condition: required }, (code) => {
    reply.integer(code);
    if (code === fieldOutcome.done) updated.push(field);
    field++;
  });
  if (engine.propagation.isOn) propagateTimes(engine, db, args, first, timeMs, updated);
}

/**
 * The fields that got the time are propagated with it; those that are gone because it is over have
 * been already.
 */
function propagateTimes(
  { propagation }: Engine,
  db: Database,
  args: Slices,
  first: number,
  timeMs: number,
  updated: readonly number[],
): void {
  if (updated.length === 0) {
    propagation.suppress();
    return;
  }
  // Behind the time there may be a condition; FIELDS and the number are before the first field.
  const fieldsAt = first - 2;
  propagation
    .begin(db, fieldsAt + 2 + updated.length)
    .text("HPEXPIREAT")
    .argument(args, 1);
  propagation.number(timeMs).arguments(args, 3, fieldsAt);
  propagateFields(propagation, args, updated);
}
