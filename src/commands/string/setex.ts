import { expiryUnits, futureExpiryArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, string } from "../../engine/word.ts";
import { setString } from "../../keyspace/string.ts";

export const setex = command({
  name: "SETEX",
  summary: "Gives a key a string value and a time to live in seconds.",
  since: "2.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `EX` argument" },
  words: [key("key", "OW update"), integer("seconds"), string("value")],

  run({ args, db, reply }) {
    const { nowMs } = db.keyspace;
    setString(db, args, 1, 3, futureExpiryArgument(args, 2, expiryUnits.ex, nowMs, "setex"));
    reply.ok();
  },
});

export const psetex = command({
  name: "PSETEX",
  summary: "Gives a key a string value and a time to live in milliseconds.",
  since: "2.6.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `PX` argument" },
  words: [key("key", "OW update"), integer("milliseconds"), string("value")],

  run({ args, db, reply }) {
    const { nowMs } = db.keyspace;
    setString(db, args, 1, 3, futureExpiryArgument(args, 2, expiryUnits.px, nowMs, "psetex"));
    reply.ok();
  },
});
