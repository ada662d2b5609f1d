import { bigIntegerArgument, integerArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { DrawnReply } from "../../engine/drawn-reply.ts";
import { integer, key, optional } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { SetMember } from "../../keyspace/set-member.ts";
import { SetState, countMembers } from "../../keyspace/set-members.ts";
import { chooseMembers, drawMembers } from "../../keyspace/set-random.ts";
import { randomMember, readSet } from "../../keyspace/set.ts";

const picked = new SetMember();
const signed64Min = -(2n ** 63n);
/** The one integer whose negative is none. */
const countOutOfRange = new Failure(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);

export const srandmember = command({
  name: "SRANDMEMBER",
  summary:
    "Replies with random members of a set: distinct ones, or any when the count is negative.",
  since: "1.0.0",
  group: "set",
  complexity: "O(1), with a count O(N) for N members.",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  history: [["2.6.0", "`count` came in."]],
  words: [key("key", "RO access"), optional(integer("count", { since: "2.6.0" }))],

  run(context) {
    const { args, db, reply } = context;
    if (args.count > 2) replySeveral(context);
    else if (randomMember(db, args, 1, picked)) {
      reply.bulk(picked.bytes, picked.offset, picked.length);
    } else reply.nil();
  },
});

function replySeveral(context: Context): void {
  const { args, db, reply } = context;
  if (args.count > 3) throw syntaxError;
  const count = integerArgument(args, 2);
  if (!Number.isSafeInteger(count) && bigIntegerArgument(args, 2) === signed64Min) {
    throw countOutOfRange;
  }
  const set = new SetState();
  const isThere = readSet(db, args, 1, set);
  const replyOne = (member: SetMember): void => {
    reply.bulk(member.bytes, member.offset, member.length);
  };
  if (!isThere || count === 0) {
    reply.array(0);
  } else if (count < 0) {
    const drawn = new DrawnReply(context, -count);
    reply.array(-count);
    drawMembers(db.keyspace, set, -count, (member) => {
      replyOne(member);
      drawn.check();
    });
  } else {
    reply.array(Math.min(count, countMembers(db.keyspace, set)));
    chooseMembers(db.keyspace, set, count, replyOne);
  }
}
