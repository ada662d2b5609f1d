import { asciiBytes } from "../../bytes/ascii.ts";
import { exactIntegerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { DrawnReply } from "../../engine/drawn-reply.ts";
import { block, integer, key, optional, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { encodingOf, recordType, valueRef } from "../../keyspace/record.ts";
import { cursorOf } from "../../keyspace/zset-cursor.ts";
import { distinctRanks } from "../../keyspace/zset-random.ts";
import { RankRun } from "../../keyspace/zset-range.ts";
import { zsetCount } from "../../keyspace/zset.ts";
import { noRef } from "../../memory/arena.ts";
import { beginMembers, replyMember, replyRun } from "./score-reply.ts";

const run = new RankRun();
const withScoresWord = asciiBytes("withscores");
const signed64Max = 2n ** 63n - 1n;
const countOutOfRange = new Failure(
  "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
);
const doubleOutOfRange = new Failure("ERR value is out of range");

export const zrandmember = command({
  name: "ZRANDMEMBER",
  summary: "Replies with random members: distinct ones, or any when the count is negative.",
  since: "6.2.0",
  group: "sorted-set",
  complexity: "O(N*log(M)) for N of M members.",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [
    key("key", "RO access"),
    optional(block("options", [integer("count"), optional(token("withscores"))])),
  ],
  optionsAt: 0,

  run(context) {
    const { args, db, reply } = context;
    if (args.count > 2) {
      replySeveral(context);
      return;
    }
    const ref = db.readOfType(args, 1, recordType.zset);
    if (ref === noRef) {
      reply.nil();
      return;
    }
    const { arena, random } = db.keyspace;
    const cursor = cursorOf(arena);
    const rank = random.below(zsetCount(db.keyspace, ref));
    cursor.seek(encodingOf(arena, ref), valueRef(arena, ref), rank);
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  },
});

function replySeveral(context: Context): void {
  const { args, db, reply } = context;
  const { arena, random } = db.keyspace;
  const exact = BigInt(exactIntegerArgument(args, 2));
  if (exact < -signed64Max) throw countOutOfRange;
  if (args.count > 4) throw syntaxError;
  const withScores = args.count === 4;
  if (withScores && !isArgument(args, 3, withScoresWord)) throw syntaxError;
  const style = withScores ? "scored" : "bare";
  const magnitude = exact < 0n ? -exact : exact;
  if (withScores && magnitude > signed64Max / 2n) throw doubleOutOfRange;
  const ref = db.readOfType(args, 1, recordType.zset);
  const count = ref === noRef ? 0 : Number(magnitude);
  if (count === 0) {
    reply.array(0);
    return;
  }
  const total = zsetCount(db.keyspace, ref);
  const kind = encodingOf(arena, ref);
  const root = valueRef(arena, ref);
  const cursor = cursorOf(arena);
  if (exact < 0n) {
    const drawn = new DrawnReply(context, count);
    beginMembers(reply, count, style);
    for (let left = count; left > 0; left--) {
      cursor.seek(kind, root, random.below(total));
      replyMember(reply, cursor, style);
      drawn.check();
    }
    return;
  }
  if (count >= total) {
    run.set(0, total);
    replyRun(reply, db.keyspace, ref, cursor, run, { withScores, isReverse: false });
    return;
  }
  beginMembers(reply, count, style);
  for (const rank of distinctRanks(random, count, total)) {
    cursor.seek(kind, root, rank);
    replyMember(reply, cursor, style);
  }
}
