import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { recordType } from "../../keyspace/record.ts";
import { zsetScore } from "../../keyspace/zset.ts";
import { noRef } from "../../memory/arena.ts";
import { replyScore } from "./score-reply.ts";

export const zscore = command({
  name: "ZSCORE",
  summary: "Replies with the score of a member.",
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), string("member")],

  run({ args, db, reply }) {
    const ref = db.readOfType(args, 1, recordType.zset);
    const score = ref === noRef ? NaN : zsetScore(db.keyspace, ref, args, 2);
    if (Number.isNaN(score)) reply.nil();
    else replyScore(reply, score);
  },
});

export const zmscore = command({
  name: "ZMSCORE",
  summary: "Replies with the scores of several members.",
  since: "6.2.0",
  group: "sorted-set",
  complexity: "O(N) for N members asked for.",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), many(string("member"))],

  run({ args, db, reply }) {
    const ref = db.readOfType(args, 1, recordType.zset);
    reply.array(args.count - 2);
    for (let index = 2; index < args.count; index++) {
      const score = ref === noRef ? NaN : zsetScore(db.keyspace, ref, args, index);
      if (Number.isNaN(score)) reply.nil();
      else replyScore(reply, score);
    }
  },
});
