import { asciiBytes } from "../../bytes/ascii.ts";
import { isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { key, optional, string, token } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { recordType } from "../../keyspace/record.ts";
import { zsetCount, zsetRank, zsetScore } from "../../keyspace/zset.ts";
import { noRef } from "../../memory/arena.ts";
import { replyScore } from "./score-reply.ts";

const words = [key("key", "RO access"), string("member"), optional(token("withscore"))];
const withScoreWord = asciiBytes("withscore");
const argumentsMax = 4;

export const zrank = command({
  name: "ZRANK",
  summary: "Tells how many members have a lower place than the given one.",
  since: "2.0.0",
  group: "sorted-set",
  complexity: "O(log(N))",
  flags: ["readonly", "fast"],
  history: [["7.2.0", "`WITHSCORE` came in."]],
  words,
  optionsAt: 0,

  run(context) {
    replyRank(context, { isReverse: false });
  },
});

export const zrevrank = command({
  name: "ZREVRANK",
  summary: "Tells how many members have a higher place than the given one.",
  since: "2.0.0",
  group: "sorted-set",
  complexity: "O(log(N))",
  flags: ["readonly", "fast"],
  history: [["7.2.0", "`WITHSCORE` came in."]],
  words,
  optionsAt: 0,

  run(context) {
    replyRank(context, { isReverse: true });
  },
});

function replyRank(context: Context, { isReverse }: { isReverse: boolean }): void {
  const { args, db, engine, reply } = context;
  if (args.count > argumentsMax) throw engine.wrongArity();
  const withScore = args.count === argumentsMax;
  if (withScore && !isArgument(args, 3, withScoreWord)) throw syntaxError;
  const ref = db.readOfType(args, 1, recordType.zset);
  const rank = ref === noRef ? -1 : zsetRank(db.keyspace, ref, args, 2);
  if (rank < 0) {
    if (withScore) reply.nilArray();
    else reply.nil();
    return;
  }
  if (withScore) reply.array(2);
  reply.integer(isReverse ? zsetCount(db.keyspace, ref) - 1 - rank : rank);
  if (withScore) replyScore(reply, zsetScore(db.keyspace, ref, args, 2));
}
