import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { listLength } from "../../keyspace/list-value.ts";
import { recordType } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";

export const llen = command({
  name: "LLEN",
  summary: "Counts the elements of a list.",
  since: "1.0.0",
  group: "list",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO")],

  run({ args, db, reply }) {
    const ref = db.readOfType(args, 1, recordType.list);
    reply.integer(ref === noRef ? 0 : listLength(db.keyspace.arena, ref));
  },
});
