import { command } from "../../engine/command.ts";
import { double, key } from "../../engine/word.ts";
import { incrementStringByFloat } from "../../keyspace/increment.ts";

export const incrbyfloat = command({
  name: "INCRBYFLOAT",
  summary: "Adds a number with a fraction to the number in a string; a missing key counts as 0.",
  since: "2.6.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update"), double("increment")],

  run({ args, db, reply, engine }) {
    const text = incrementStringByFloat(db, args, 1, 2);
    reply.bulk(text, 0, text.length);
    // The sum: whoever replays it need not calculate as precisely.
    const { propagation } = engine;
    propagation.begin(db, 4).text("SET").argument(args, 1);
    propagation.bytes(text, 0, text.length).text("KEEPTTL");
  },
});
