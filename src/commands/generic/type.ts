import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { typeNames, typeOf } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";

export const type = command({
  name: "TYPE",
  summary: "Tells the type of the value that a key holds, or none.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO")],

  run({ args, db, reply }) {
    const ref = db.inspect(args, 1);
    reply.simple(ref === noRef ? "none" : typeNames[typeOf(db.keyspace.arena, ref)]);
  },
});
