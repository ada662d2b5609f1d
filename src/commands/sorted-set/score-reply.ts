// Replies with members and scores, as the commands on sorted sets share them.
import type { RankRun } from "../../keyspace/zset-range.ts";
import type { ZsetCursor } from "../../keyspace/zset-cursor.ts";
import { encodingOf, valueRef } from "../../keyspace/record.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import type { Ref } from "../../memory/arena.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

/**
 * A score: a double in RESP3, its text in RESP2. Most scores are integers, and these allocate
 * nothing.
 */
export function replyScore(reply: ReplyWriter, score: number): void {
  const isPlain = reply.protocol === 2 && Number.isSafeInteger(score) && !Object.is(score, -0);
  if (isPlain) reply.bulkInteger(score);
  else reply.double(score);
}

/** Members alone, or each with its score. */
export type MemberStyle = "bare" | "scored";

/** The header of `count` members: a flat array in RESP2, in RESP3 members with scores are pairs. */
export function beginMembers(reply: ReplyWriter, count: number, style: MemberStyle): void {
  reply.array(style === "scored" && reply.protocol === 2 ? count * 2 : count);
}

export function replyMember(reply: ReplyWriter, cursor: ZsetCursor, style: MemberStyle): void {
  if (style === "scored" && reply.protocol !== 2) reply.array(2);
  reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  if (style === "scored") replyScore(reply, cursor.score);
}

/** The members of a run of ranks as an array. */
export function replyRun(
  reply: ReplyWriter,
  keyspace: Keyspace,
  ref: Ref,
  cursor: ZsetCursor,
  run: RankRun,
  options: { readonly withScores: boolean; readonly isReverse: boolean },
): void {
  const { isReverse } = options;
  const style = options.withScores ? "scored" : "bare";
  beginMembers(reply, run.count, style);
  if (run.count === 0) return;
  const { arena } = keyspace;
  const from = isReverse ? run.first + run.count - 1 : run.first;
  cursor.seek(encodingOf(arena, ref), valueRef(arena, ref), from);
  for (let left = run.count; left > 0; left--) {
    replyMember(reply, cursor, style);
    if (isReverse) cursor.previous();
    else cursor.next();
  }
}
