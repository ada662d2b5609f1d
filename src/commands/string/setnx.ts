import { command } from "../../engine/command.ts";
import { key, string } from "../../engine/word.ts";
import { noRef } from "../../memory/arena.ts";
import { noExpiry, setString } from "../../keyspace/string.ts";

export const setnx = command({
  name: "SETNX",
  summary: "Gives a key a string value unless the key is already there.",
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `NX` argument" },
  words: [key("key", "OW insert"), string("value")],

  run({ args, db, reply }) {
    const isFree = db.write(args, 1) === noRef;
    if (isFree) setString(db, args, 1, 2, noExpiry);
    reply.integer(isFree ? 1 : 0);
  },
});
