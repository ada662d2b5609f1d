import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, string } from "../../engine/word.ts";
import { noSuchKey } from "../../keyspace/failure.ts";
import { setElement } from "../../keyspace/list.ts";
import { recordType } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";

export const lset = command({
  name: "LSET",
  summary: "Replaces the element at an index.",
  since: "1.0.0",
  group: "list",
  complexity: "O(N) for N elements between the element and the nearer end.",
  flags: ["write", "denyoom"],
  words: [key("key", "RW update"), integer("index"), string("element")],

  run({ args, db, reply }) {
    const ref = db.writeOfType(args, 1, recordType.list);
    if (ref === noRef) throw noSuchKey;
    setElement(db, args, 1, ref, integerArgument(args, 2), 3);
    reply.ok();
  },
});
