import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { ExpiryUnit } from "../../engine/argument.ts";
import { expiryArgument, expiryUnits, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, oneOf, optional, token, unixTime } from "../../engine/word.ts";
import { expireKey, expiryCondition } from "../../keyspace/expiry.ts";
import { Failure } from "../../keyspace/failure.ts";
import { propagateTime } from "../string/expiry-propagation.ts";

const nxWithOthers = new Failure(
  "ERR NX and XX, GT or LT options at the same time are not compatible",
);
const gtWithLt = new Failure("ERR GT and LT options at the same time are not compatible");

const history = [["7.0.0", "`NX`, `XX`, `GT` and `LT` came in."]] as const;
const conditions = [token("nx"), token("xx"), token("gt"), token("lt")] as const;
const condition = optional(oneOf("condition", conditions, { since: "7.0.0" }));

export const expire = command({
  name: "EXPIRE",
  summary: "Sets after how many seconds a key expires.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history,
  words: [key("key", "RW update"), integer("seconds"), condition],
  optionsAt: 0,

  run(context) {
    replyExpire(context, expiryUnits.ex, "expire");
  },
});

export const pexpire = command({
  name: "PEXPIRE",
  summary: "Sets after how many milliseconds a key expires.",
  since: "2.6.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history,
  words: [key("key", "RW update"), integer("milliseconds"), condition],
  optionsAt: 0,

  run(context) {
    replyExpire(context, expiryUnits.px, "pexpire");
  },
});

export const expireat = command({
  name: "EXPIREAT",
  summary: "Sets the Unix time in seconds at which a key expires.",
  since: "1.2.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history,
  words: [key("key", "RW update"), unixTime("unix-time-seconds"), condition],
  optionsAt: 0,

  run(context) {
    replyExpire(context, expiryUnits.exat, "expireat");
  },
});

export const pexpireat = command({
  name: "PEXPIREAT",
  summary: "Sets the Unix time in milliseconds at which a key expires.",
  since: "2.6.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history,
  words: [key("key", "RW update"), unixTime("unix-time-milliseconds"), condition],
  optionsAt: 0,

  run(context) {
    replyExpire(context, expiryUnits.pxat, "pexpireat");
  },
});

function replyExpire(context: Context, unit: ExpiryUnit, commandName: string): void {
  const { args, db, reply, engine } = context;
  const required = args.count === 3 ? expiryCondition.always : parseConditions(args);
  const expiryMs = expiryArgument(args, 2, unit, db.keyspace.nowMs, commandName);
  const isDone = expireKey(db, args, 1, expiryMs, required);
  if (isDone) propagateTime(engine, db, args, expiryMs, 3);
  reply.integer(isDone ? 1 : 0);
}

const conditionWords = [
  { word: asciiBytes("nx"), bit: expiryCondition.nx },
  { word: asciiBytes("xx"), bit: expiryCondition.xx },
  { word: asciiBytes("gt"), bit: expiryCondition.gt },
  { word: asciiBytes("lt"), bit: expiryCondition.lt },
];

/**
 * Several conditions are allowed where they can be true together, which is why these options are
 * not parsed like others.
 */
function parseConditions(args: Slices): number {
  const { nx, gt, lt } = expiryCondition;
  let bits = 0;
  for (let index = 3; index < args.count; index++) {
    const found = conditionWords.find((each) => isArgument(args, index, each.word));
    if (found === undefined) throw new Failure(`ERR Unsupported option ${args.latin1(index)}`);
    bits |= found.bit;
  }
  if ((bits & nx) !== 0 && bits !== nx) throw nxWithOthers;
  if ((bits & gt) !== 0 && (bits & lt) !== 0) throw gtWithLt;
  return bits;
}
