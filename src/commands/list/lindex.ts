import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key } from "../../engine/word.ts";
import { seekElement } from "../../keyspace/list.ts";
import { recordType } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";
import { ListpackEntry } from "../../structures/listpack.ts";
import { ListCursor, closeCursor, readElement } from "../../structures/quicklist-cursor.ts";

const cursor = new ListCursor();
const entry = new ListpackEntry();

export const lindex = command({
  name: "LINDEX",
  summary: "Replies with the element at an index; negative ones count from the end.",
  since: "1.0.0",
  group: "list",
  complexity: "O(N) for N elements between the element and the nearer end.",
  flags: ["readonly"],
  words: [key("key", "RO access"), integer("index")],

  run({ args, db, reply }) {
    const ref = db.readOfType(args, 1, recordType.list);
    if (ref === noRef || !seekElement(db.keyspace, ref, integerArgument(args, 2), cursor)) {
      reply.nil();
      return;
    }
    readElement(db.keyspace.arena, cursor, entry);
    reply.bulk(entry.bytes, entry.offset, entry.length);
    closeCursor(db.keyspace.arena, cursor);
  },
});
