import { positiveArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import type { ListEnd } from "../../keyspace/list.ts";
import { recordType } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";
import { popElement, popElements } from "./list-reply.ts";

const wrongArity = {
  first: new Failure("ERR wrong number of arguments for 'lpop' command"),
  last: new Failure("ERR wrong number of arguments for 'rpop' command"),
};

export const lpop = command({
  name: "LPOP",
  summary: "Takes the first element, or several, off a list. The list goes with its last element.",
  since: "1.0.0",
  group: "list",
  complexity: "O(N) for N elements.",
  flags: ["write", "fast"],
  history: [["6.2.0", "The `count` argument."]],
  words: [key("key", "RW access delete"), optional(integer("count", { since: "6.2.0" }))],
  optionsAt: 0,

  run(context) {
    pop(context, "first");
  },
});

export const rpop = command({
  name: "RPOP",
  summary: "Takes the last element, or several, off a list. The list goes with its last element.",
  since: "1.0.0",
  group: "list",
  complexity: "O(N) for N elements.",
  flags: ["write", "fast"],
  history: [["6.2.0", "The `count` argument."]],
  words: [key("key", "RW access delete"), optional(integer("count", { since: "6.2.0" }))],
  optionsAt: 0,

  run(context) {
    pop(context, "last");
  },
});

function pop({ args, db, reply }: Context, end: ListEnd): void {
  if (args.count > 3) throw wrongArity[end];
  const hasCount = args.count === 3;
  const count = hasCount ? positiveArgument(args, 2) : 1;
  const ref = db.writeOfType(args, 1, recordType.list);
  if (!hasCount) {
    if (ref === noRef) reply.nil();
    else popElement(reply, db, args, 1, ref, end);
  } else if (ref === noRef) {
    reply.nilArray();
  } else if (count === 0) {
    reply.array(0);
  } else {
    popElements(reply, db, args, 1, ref, end, count);
  }
}
