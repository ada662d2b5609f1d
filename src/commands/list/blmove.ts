import { timeoutArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { double, key, oneOf, token } from "../../engine/word.ts";
import type { ListEnd } from "../../keyspace/list.ts";
import { moveElement } from "../../keyspace/list.ts";
import { ListpackEntry } from "../../structures/listpack.ts";
import { endArgument } from "./list-argument.ts";
import { replyEnd } from "./list-reply.ts";
import { takeFromLists } from "./list-wait.ts";

const entry = new ListpackEntry();

export const blmove = command({
  name: "BLMOVE",
  summary:
    "Moves an element from an end of one list to an end of another; waits when there is none.",
  since: "6.2.0",
  group: "list",
  complexity: "O(1)",
  flags: ["write", "denyoom", "blocking"],
  words: [
    key("source", "RW access delete"),
    key("destination", "RW insert"),
    oneOf("wherefrom", [token("left"), token("right")]),
    oneOf("whereto", [token("left"), token("right")]),
    double("timeout"),
  ],

  run(context) {
    const { args } = context;
    const from = endArgument(args, 3);
    const to = endArgument(args, 4);
    moveOrWait(context, from, to, timeoutArgument(args, 5));
  },
});

export const brpoplpush = command({
  name: "BRPOPLPUSH",
  summary: "Moves the last element of a list to the front of another; waits when there is none.",
  since: "2.2.0",
  group: "list",
  complexity: "O(1)",
  flags: ["write", "denyoom", "blocking"],
  history: [["6.0.0", "Fractions of seconds as `timeout`."]],
  deprecated: { since: "6.2.0", replacedBy: "`BLMOVE` with the `RIGHT` and `LEFT` arguments" },
  words: [key("source", "RW access delete"), key("destination", "RW insert"), double("timeout")],

  run(context) {
    moveOrWait(context, "last", "first", timeoutArgument(context.args, 3));
  },
});

function moveOrWait(context: Context, from: ListEnd, to: ListEnd, timeoutMs: number): void {
  const lists = { firstKey: 1, keysEnd: 2, timeoutMs, isNilAtOnce: true };
  takeFromLists(context, lists, ({ args, db, reply, engine }) => {
    const target = moveElement(db, args, 1, 2, from, to, entry);
    replyEnd(reply, db, target, to);
    const { propagation } = engine;
    // Of the two BLMOVE alone names the ends, before the timeout.
    if (args.count === 6) propagation.begin(db, 5).text("LMOVE").arguments(args, 1, 5);
    else propagation.begin(db, 3).text("RPOPLPUSH").arguments(args, 1, 3);
  });
}
