import { timeoutArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { double, integer, key, many, oneOf, optional, token } from "../../engine/word.ts";
import { takeFromLists } from "./list-wait.ts";
import { multiPopArguments, popNamed } from "./multi-pop.ts";

export const blmpop = command({
  name: "BLMPOP",
  summary: "Takes elements off the first of several lists that has any; waits when none has.",
  since: "7.0.0",
  group: "list",
  complexity: "O(N+M) for N keys and M elements.",
  flags: ["write", "blocking"],
  words: [
    double("timeout"),
    integer("numkeys"),
    many(key("key", "RW access delete")),
    oneOf("where", [token("left"), token("right")]),
    optional(integer("count", { token: "COUNT" })),
  ],
  optionsAt: 0,

  run(context) {
    const { args } = context;
    const { firstKey, keysEnd, end, count } = multiPopArguments(args, 2);
    const timeoutMs = timeoutArgument(args, 1);
    takeFromLists(context, { firstKey, keysEnd, timeoutMs }, (from, index, ref) => {
      popNamed(from, index, ref, end, count);
    });
  },
});
