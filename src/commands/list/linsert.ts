import { asciiBytes } from "../../bytes/ascii.ts";
import { isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { key, oneOf, string, token } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { insertElement } from "../../keyspace/list-search.ts";

const before = asciiBytes("before");
const after = asciiBytes("after");

export const linsert = command({
  name: "LINSERT",
  summary: "Puts an element before or after the first one that equals a pivot.",
  since: "2.2.0",
  group: "list",
  complexity: "O(N) for N elements before the pivot.",
  flags: ["write", "denyoom"],
  words: [
    key("key", "RW insert"),
    oneOf("where", [token("before"), token("after")]),
    string("pivot"),
    string("element"),
  ],

  run({ args, db, reply }) {
    const isBefore = isArgument(args, 2, before);
    if (!isBefore && !isArgument(args, 2, after)) throw syntaxError;
    reply.integer(insertElement(db, args, 1, isBefore ? "before" : "after", 3, 4));
  },
});
