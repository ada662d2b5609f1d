import type { Context } from "../../engine/command.ts";
import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { double, integer, key, string } from "../../engine/word.ts";
import type { KeyEvent } from "../../keyspace/key-event.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { recordType } from "../../keyspace/record.ts";
import { MemberRange, RankRun, ScoreRange } from "../../keyspace/zset-range.ts";
import { removeRanks, zsetCount } from "../../keyspace/zset.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";

const scores = new ScoreRange();
const members = new MemberRange();
const run = new RankRun();
const complexity = "O(M*log(N)) for M members that go.";

export const zremrangebyrank = command({
  name: "ZREMRANGEBYRANK",
  summary: "Deletes the members in a range of ranks, and the key with the last of them.",
  since: "2.0.0",
  group: "sorted-set",
  complexity,
  flags: ["write"],
  words: [key("key", "RW delete"), integer("start"), integer("stop")],

  run(context) {
    const { args, db } = context;
    const start = integerArgument(args, 2);
    const stop = integerArgument(args, 3);
    const ref = db.writeOfType(args, 1, recordType.zset);
    if (ref !== noRef) run.setRanks(start, stop, zsetCount(db.keyspace, ref));
    removeRun(context, ref, keyEvents.zremrangebyrank);
  },
});

export const zremrangebyscore = command({
  name: "ZREMRANGEBYSCORE",
  summary: "Deletes the members whose scores are in a range, and the key with the last of them.",
  since: "1.2.0",
  group: "sorted-set",
  complexity,
  flags: ["write"],
  words: [key("key", "RW delete"), double("min"), double("max")],

  run(context) {
    const { args, db } = context;
    scores.parse(args, 2, 3);
    const ref = db.writeOfType(args, 1, recordType.zset);
    if (ref !== noRef) run.setScores(db.keyspace, ref, scores);
    removeRun(context, ref, keyEvents.zremrangebyscore);
  },
});

export const zremrangebylex = command({
  name: "ZREMRANGEBYLEX",
  summary: "Deletes the members between two members, in a set of equal scores.",
  since: "2.8.9",
  group: "sorted-set",
  complexity,
  flags: ["write"],
  words: [key("key", "RW delete"), string("min"), string("max")],

  run(context) {
    const { args, db } = context;
    members.parse(args, 2, 3);
    const ref = db.writeOfType(args, 1, recordType.zset);
    if (ref !== noRef) run.setMembers(db.keyspace, ref, members);
    removeRun(context, ref, keyEvents.zremrangebylex);
  },
});

function removeRun({ args, db, reply }: Context, ref: Ref, event: KeyEvent): void {
  const count = ref === noRef ? 0 : run.count;
  if (count > 0) removeRanks(db, args, 1, ref, run.first, count, event);
  reply.integer(count);
}
