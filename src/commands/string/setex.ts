import type { ExpiryUnit } from "../../engine/argument.ts";
import { expiryUnits, futureExpiryArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, string } from "../../engine/word.ts";
import { setString } from "../../keyspace/string.ts";
import { propagateExpiring } from "./expiry-propagation.ts";

export const setex = command({
  name: "SETEX",
  summary: "Gives a key a string value and a time to live in seconds.",
  since: "2.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `EX` argument" },
  words: [key("key", "OW update"), integer("seconds"), string("value")],

  run(context) {
    setExpiring(context, expiryUnits.ex, "setex");
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

  run(context) {
    setExpiring(context, expiryUnits.px, "psetex");
  },
});

function setExpiring(
  { args, db, reply, engine }: Context,
  unit: ExpiryUnit,
  commandName: string,
): void {
  const expiryMs = futureExpiryArgument(args, 2, unit, db.keyspace.nowMs, commandName);
  setString(db, args, 1, 3, expiryMs);
  propagateExpiring(engine, db, args, 3, expiryMs);
  reply.ok();
}
