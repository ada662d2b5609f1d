import { timeoutArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { double, key, many } from "../../engine/word.ts";
import type { ListEnd } from "../../keyspace/list.ts";
import { popElement } from "./list-reply.ts";
import { takeFromLists } from "./list-wait.ts";

export const blpop = command({
  name: "BLPOP",
  summary:
    "Takes the first element off the first of several lists that has any; waits when none has.",
  since: "2.0.0",
  group: "list",
  complexity: "O(N) for N keys.",
  flags: ["write", "blocking"],
  history: [["6.0.0", "Fractions of seconds as `timeout`."]],
  words: [many(key("key", "RW access delete")), double("timeout")],

  run(context) {
    popOrWait(context, "first");
  },
});

export const brpop = command({
  name: "BRPOP",
  summary:
    "Takes the last element off the first of several lists that has any; waits when none has.",
  since: "2.0.0",
  group: "list",
  complexity: "O(N) for N keys.",
  flags: ["write", "blocking"],
  history: [["6.0.0", "Fractions of seconds as `timeout`."]],
  words: [many(key("key", "RW access delete")), double("timeout")],

  run(context) {
    popOrWait(context, "last");
  },
});

function popOrWait(context: Context, end: ListEnd): void {
  const keysEnd = context.args.count - 1;
  const timeoutMs = timeoutArgument(context.args, keysEnd);
  takeFromLists(context, { firstKey: 1, keysEnd, timeoutMs }, (now, index, ref) => {
    const { args, db, reply, engine } = now;
    reply.array(2);
    reply.bulk(args.bytes, args.offsets[index], args.lengths[index]);
    popElement(reply, db, args, index, ref, end);
    const name = end === "first" ? "LPOP" : "RPOP";
    engine.propagation.begin(db, 2).text(name).argument(args, index);
  });
}
