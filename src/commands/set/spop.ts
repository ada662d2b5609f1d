import { Slice } from "../../bytes/slices.ts";
import { positiveArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { deletionWord } from "../../engine/propagation.ts";
import { integer, key, optional } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { encodingOf, recordType, valueRef } from "../../keyspace/record.ts";
import { countOfSet } from "../../keyspace/set-members.ts";
import { popMembers } from "../../keyspace/set-random.ts";
import { popMember } from "../../keyspace/set.ts";
import { noRef } from "../../memory/arena.ts";

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
    const { args, db, reply, engine } = context;
    if (args.count > 2) {
      popSeveral(context);
    } else if (popMember(db, args, 1, popped)) {
      reply.bulk(popped.bytes, 0, popped.length);
      const { propagation } = engine;
      propagation.begin(db, 3).text("SREM").argument(args, 1).bytes(popped.bytes, 0, popped.length);
    } else {
      reply.nil();
    }
  },
});

/** Members that one propagated SREM removes at most. */
const membersMax = 1024;

/** Which members went is propagated; when all do, that the set went. */
function popSeveral({ args, db, reply, engine }: Context): void {
  if (args.count > 3) throw syntaxError;
  const count = positiveArgument(args, 2);
  if (count === 0) {
    db.writeOfType(args, 1, recordType.set);
    reply.set(0);
    return;
  }
  const { propagation } = engine;
  const { arena } = db.keyspace;
  const ref = db.writeOfType(args, 1, recordType.set);
  const size = ref === noRef ? 0 : countOfSet(arena, encodingOf(arena, ref), valueRef(arena, ref));
  const isAll = count >= size;
  if (isAll && size > 0) {
    propagation.begin(db, 2).text(deletionWord(propagation.emptiesLazily)).argument(args, 1);
  }
  let left = isAll ? 0 : count;
  let wordsLeft = 0;
  popMembers(
    db,
    args,
    1,
    count,
    (taken) => reply.set(taken),
    (member) => {
      reply.bulk(member.bytes, member.offset, member.length);
      if (left === 0) return;
      if (wordsLeft === 0) {
        wordsLeft = Math.min(left, membersMax);
        propagation
          .begin(db, 2 + wordsLeft)
          .text("SREM")
          .argument(args, 1);
      }
      propagation.bytes(member.bytes, member.offset, member.length);
      wordsLeft--;
      left--;
    },
  );
}
