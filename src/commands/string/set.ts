import { asciiBytes } from "../../bytes/ascii.ts";
import { isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, oneOf, optional, string, token, unixTime } from "../../engine/word.ts";
import type { OptionNames } from "../../engine/word.ts";
import { noRef } from "../../memory/arena.ts";
import { keepExpiry, noExpiry, readString, setString } from "../../keyspace/string.ts";
import { propagateExpiring } from "./expiry-propagation.ts";
import { expiryOption } from "./expiry-option.ts";

const getWord = asciiBytes("get");

const words = [
  key("key", "RW access update variable_flags"),
  string("value"),
  optional(oneOf("condition", [token("nx"), token("xx")], { since: "2.6.12" })),
  optional(token("get", { since: "6.2.0" })),
  optional(
    oneOf("expiration", [
      integer("seconds", { token: "EX", since: "2.6.12" }),
      integer("milliseconds", { token: "PX", since: "2.6.12" }),
      unixTime("unix-time-seconds", { token: "EXAT", since: "6.2.0" }),
      unixTime("unix-time-milliseconds", { token: "PXAT", since: "6.2.0" }),
      token("keepttl", { since: "6.0.0" }),
    ]),
  ),
] as const;

const readAccess = ["RW", "ACCESS", "UPDATE"];
const writeAccess = ["OW", "UPDATE"];

export const set = command({
  name: "SET",
  summary:
    "Gives a key a string value, whatever it held before, making the key when there is none.",
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  history: [
    ["2.6.12", "`EX`, `PX`, `NX` and `XX` came in."],
    ["6.0.0", "`KEEPTTL` came in."],
    ["6.2.0", "`GET`, `EXAT` and `PXAT` came in."],
    ["7.0.0", "`NX` and `GET` may be given together."],
  ],
  words,

  findKeys(args, found) {
    for (let index = 3; index < args.count; index++) {
      if (!isArgument(args, index, getWord)) continue;
      found.add(1, readAccess);
      return;
    }
    found.add(1, writeAccess);
  },

  run(context) {
    if (context.args.count > 3) {
      setWithOptions(context);
      return;
    }
    setString(context.db, context.args, 1, 2, noExpiry);
    context.reply.ok();
  },
});

function setWithOptions(context: Context<OptionNames<typeof words>>): void {
  const { args, options, db, reply } = context;
  const { nowMs, value } = db.keyspace;
  const isKept = options.keepttl !== 0;
  const expiryMs = isKept ? keepExpiry : expiryOption(args, options, nowMs, "set");
  const isGet = options.get !== 0;
  if (isGet) {
    if (readString(db, args, 1, value)) reply.bulk(value.bytes, value.offset, value.length);
    else reply.nil();
  }
  if (options.nx !== 0 || options.xx !== 0) {
    const isThere = db.write(args, 1) !== noRef;
    if (isThere !== (options.xx !== 0)) {
      if (!isGet) reply.nil();
      return;
    }
  }
  setString(db, args, 1, 2, expiryMs);
  if (!isGet) reply.ok();
  if (context.engine.propagation.isOn) propagateSet(context, expiryMs);
}

/** A time to live is propagated as the time when it ends; without one, GET is left out. */
function propagateSet(
  { args, options, db, engine }: Context<OptionNames<typeof words>>,
  expiryMs: number,
): void {
  const { propagation } = engine;
  if (expiryMs >= 0) {
    if (options["unix-time-milliseconds"] === 0) propagateExpiring(engine, db, args, 2, expiryMs);
    return;
  }
  if (options.get === 0) return;
  let count = 3;
  for (let index = 3; index < args.count; index++) if (!isArgument(args, index, getWord)) count++;
  propagation.begin(db, count).arguments(args, 0, 3);
  for (let index = 3; index < args.count; index++) {
    if (!isArgument(args, index, getWord)) propagation.argument(args, index);
  }
}
