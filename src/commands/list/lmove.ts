import { command } from "../../engine/command.ts";
import { key, oneOf, token } from "../../engine/word.ts";
import { noRef } from "../../memory/arena.ts";
import { moveElement } from "../../keyspace/list.ts";
import { ListpackEntry } from "../../structures/listpack.ts";
import { endArgument } from "./list-argument.ts";
import { replyEnd } from "./list-reply.ts";

const entry = new ListpackEntry();

export const lmove = command({
  name: "LMOVE",
  summary: "Moves an element from one end of a list to an end of another, or of the same.",
  since: "6.2.0",
  group: "list",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  words: [
    key("source", "RW access delete"),
    key("destination", "RW insert"),
    oneOf("wherefrom", [token("left"), token("right")]),
    oneOf("whereto", [token("left"), token("right")]),
  ],

  run({ args, db, reply }) {
    const from = endArgument(args, 3);
    const to = endArgument(args, 4);
    const target = moveElement(db, args, 1, 2, from, to, entry);
    if (target === noRef) reply.nil();
    else replyEnd(reply, db, target, to);
  },
});

export const rpoplpush = command({
  name: "RPOPLPUSH",
  summary: "Moves the last element of a list to the front of another, or of the same.",
  since: "1.2.0",
  group: "list",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  deprecated: { since: "6.2.0", replacedBy: "`LMOVE` with the `RIGHT` and `LEFT` arguments" },
  words: [key("source", "RW access delete"), key("destination", "RW insert")],

  run({ args, db, reply }) {
    const target = moveElement(db, args, 1, 2, "last", "first", entry);
    if (target === noRef) reply.nil();
    else replyEnd(reply, db, target, "first");
  },
});
