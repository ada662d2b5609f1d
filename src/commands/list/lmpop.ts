import { command } from "../../engine/command.ts";
import { integer, key, many, oneOf, optional, token } from "../../engine/word.ts";
import { recordType } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";
import { multiPopArguments, popNamed } from "./multi-pop.ts";

export const lmpop = command({
  name: "LMPOP",
  summary: "Takes elements off the first of several lists that has any.",
  since: "7.0.0",
  group: "list",
  complexity: "O(N+M) for N keys and M elements.",
  flags: ["write"],
  words: [
    integer("numkeys"),
    many(key("key", "RW access delete")),
    oneOf("where", [token("left"), token("right")]),
    optional(integer("count", { token: "COUNT" })),
  ],
  optionsAt: 0,

  run(context) {
    const { args, db, reply } = context;
    const { firstKey, keysEnd, end, count } = multiPopArguments(args, 1);
    for (let index = firstKey; index < keysEnd; index++) {
      const ref = db.writeOfType(args, index, recordType.list);
      if (ref === noRef) continue;
      popNamed(context, index, ref, end, count);
      return;
    }
    reply.nilArray();
  },
});
