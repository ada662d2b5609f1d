import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key } from "../../engine/word.ts";
import { listLength } from "../../keyspace/list-value.ts";
import { recordType } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";
import { replyElements } from "./list-reply.ts";

export const lrange = command({
  name: "LRANGE",
  summary: "Replies with the elements between two indexes, both inclusive.",
  since: "1.0.0",
  group: "list",
  complexity: "O(S+N) for N elements that are S elements away from the nearer end.",
  flags: ["readonly"],
  costShows: true,
  words: [key("key", "RO access"), integer("start"), integer("stop")],

  run({ args, db, reply }) {
    let start = integerArgument(args, 2);
    let stop = integerArgument(args, 3);
    const ref = db.readOfType(args, 1, recordType.list);
    if (ref === noRef) {
      reply.array(0);
      return;
    }
    const length = listLength(db.keyspace.arena, ref);
    if (start < 0) start = Math.max(0, start + length);
    if (stop < 0) stop += length;
    else if (stop >= length) stop = length - 1;
    replyElements(reply, db, ref, start, Math.max(0, stop - start + 1));
  },
});
