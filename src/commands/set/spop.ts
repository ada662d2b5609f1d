import { Slice } from "../../bytes/slices.ts";
import { positiveArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { recordType } from "../../keyspace/record.ts";
import { popMembers } from "../../keyspace/set-random.ts";
import { popMember } from "../../keyspace/set.ts";

const popped = new Slice();

export const spop = command({
  name: "SPOP",
  summary:
    "Removes random members from a set and replies with them. The key goes with its last one.",
  since: "1.0.0",
  group: "set",
  complexity: "O(1), with a count O(N) for N members.",
  flags: ["write", "fast"],
  tips: ["nondeterministic_output"],
  history: [["3.2.0", "`count` came in."]],
  words: [key("key", "RW access delete"), optional(integer("count", { since: "3.2.0" }))],

  run(context) {
    const { args, db, reply } = context;
    if (args.count > 2) popSeveral(context);
    else if (popMember(db, args, 1, popped)) reply.bulk(popped.bytes, 0, popped.length);
    else reply.nil();
  },
});

function popSeveral({ args, db, reply }: Context): void {
  if (args.count > 3) throw syntaxError;
  const count = positiveArgument(args, 2);
  if (count === 0) {
    db.writeOfType(args, 1, recordType.set);
    reply.set(0);
    return;
  }
  popMembers(
    db,
    args,
    1,
    count,
    (taken) => reply.set(taken),
    (member) => reply.bulk(member.bytes, member.offset, member.length),
  );
}
