import { command } from "../../engine/command.ts";
import { double, key, string } from "../../engine/word.ts";
import { recordType } from "../../keyspace/record.ts";
import { MemberRange, RankRun, ScoreRange } from "../../keyspace/zset-range.ts";
import { noRef } from "../../memory/arena.ts";

const scores = new ScoreRange();
const members = new MemberRange();
const run = new RankRun();

export const zcount = command({
  name: "ZCOUNT",
  summary: "Counts the members of a sorted set whose scores are in a range.",
  since: "2.0.0",
  group: "sorted-set",
  complexity: "O(log(N))",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), double("min"), double("max")],

  run({ args, db, reply }) {
    scores.parse(args, 2, 3);
    const ref = db.readOfType(args, 1, recordType.zset);
    if (ref !== noRef) run.setScores(db.keyspace, ref, scores);
    reply.integer(ref === noRef ? 0 : run.count);
  },
});

export const zlexcount = command({
  name: "ZLEXCOUNT",
  summary: "Counts the members of a sorted set of equal scores that lie between two members.",
  since: "2.8.9",
  group: "sorted-set",
  complexity: "O(log(N))",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), string("min"), string("max")],

  run({ args, db, reply }) {
    members.parse(args, 2, 3);
    const ref = db.readOfType(args, 1, recordType.zset);
    if (ref !== noRef) run.setMembers(db.keyspace, ref, members);
    reply.integer(ref === noRef ? 0 : run.count);
  },
});
