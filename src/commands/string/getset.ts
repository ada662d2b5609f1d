import { command } from "../../engine/command.ts";
import { key, string } from "../../engine/word.ts";
import { noExpiry, readString, setString } from "../../keyspace/string.ts";

export const getset = command({
  name: "GETSET",
  summary: "Gives a key a string value and replies with the one that it had.",
  since: "1.0.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  deprecated: { since: "6.2.0", replacedBy: "`SET` with the `!GET` argument" },
  words: [key("key", "RW access update"), string("value")],

  run({ args, db, reply, engine }) {
    const { value } = db.keyspace;
    if (readString(db, args, 1, value)) reply.bulk(value.bytes, value.offset, value.length);
    else reply.nil();
    setString(db, args, 1, 2, noExpiry);
    engine.propagation.begin(db, 3).text("SET").arguments(args, 1, 3);
  },
});
