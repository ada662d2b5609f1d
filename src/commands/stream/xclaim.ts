import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, many, optional, string, token, unixTime } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import type { Claim } from "../../keyspace/stream-groups.ts";
import type { Ref } from "../../memory/arena.ts";
import { groupLastIdWord, setLastDelivered } from "../../structures/stream-group.ts";
import { StreamId, compareIds, readId } from "../../structures/stream-id.ts";
import { PropagatedClaims } from "./stream-claims.ts";
import { findIdArgument, idArgument, requireGroup } from "./stream-argument.ts";
import { replyEntryOf, replyId } from "./stream-reply.ts";

const invalidIdle = new Failure("ERR Invalid min-idle-time argument for XCLAIM");
const invalidIdleOption = new Failure("ERR Invalid IDLE option argument for XCLAIM");
const invalidTime = new Failure("ERR Invalid TIME option argument for XCLAIM");
const invalidRetryCount = new Failure("ERR Invalid RETRYCOUNT option argument for XCLAIM");
const force = asciiBytes("force");
const justid = asciiBytes("justid");
const idle = asciiBytes("idle");
const time = asciiBytes("time");
const retrycount = asciiBytes("retrycount");
const lastid = asciiBytes("lastid");

interface ClaimRequest extends Claim {
  isForced: boolean;
  isIdOnly: boolean;
  /** -1: now. */
  deliveryTimeMs: number;
  deliveryCount: number;
  readonly lastId: StreamId;
}

export const xclaim = command({
  name: "XCLAIM",
  summary: "Gives entries that a group has pending to another consumer, and replies with them.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(log N) for N pending entries of the group.",
  flags: ["write", "fast"],
  tips: ["nondeterministic_output"],
  words: [
    key("key", "RW update"),
    string("group"),
    string("consumer"),
    string("min-idle-time"),
    many(string("ID")),
    optional(integer("ms", { token: "IDLE" })),
    optional(unixTime("unix-time-milliseconds", { token: "TIME" })),
    optional(integer("count", { token: "RETRYCOUNT" })),
    optional(token("force")),
    optional(token("justid")),
    optional(string("lastid", { token: "LASTID" })),
  ],
  optionsAt: 0,

  run(context) {
    const { args, db, session } = context;
    const { nowMs } = db.keyspace;
    const { root, group } = requireGroup(db, args);
    const idleMsMin = Math.max(0, integerArgument(args, 4, invalidIdle));
    const ids: StreamId[] = [];
    let at = 5;
    for (; at < args.count; at++) {
      const id = new StreamId();
      if (!findIdArgument(args, at, id)) break;
      ids.push(id);
    }
    const claim = parseOptions(args, at, idleMsMin, nowMs);
    // Clients compute the time by their own clocks: what cannot be is taken for now. Not so what a
    // primary says, whose clock may be ahead of ours: the data must be the same.
    const isLate = claim.deliveryTimeMs > nowMs && !session.isReplay;
    if (claim.deliveryTimeMs < 0 || isLate) claim.deliveryTimeMs = nowMs;
    claimAll(context, root, group, ids, claim);
  },
});

function parseOptions(args: Slices, first: number, idleMsMin: number, nowMs: number): ClaimRequest {
  const lastId = new StreamId();
  const request: ClaimRequest = {
    idleMsMin,
    deliveryTimeMs: -1,
    deliveryCount: -1,
    isIdOnly: false,
    isForced: false,
    lastId,
  };
  for (let at = first; at < args.count; at++) {
    const hasMore = at + 1 < args.count;
    if (isArgument(args, at, force)) {
      request.isForced = true;
    } else if (isArgument(args, at, justid)) {
      request.isIdOnly = true;
    } else if (hasMore && isArgument(args, at, idle)) {
      request.deliveryTimeMs = nowMs - integerArgument(args, ++at, invalidIdleOption);
    } else if (hasMore && isArgument(args, at, time)) {
      request.deliveryTimeMs = integerArgument(args, ++at, invalidTime);
    } else if (hasMore && isArgument(args, at, retrycount)) {
      request.deliveryCount = integerArgument(args, ++at, invalidRetryCount);
    } else if (hasMore && isArgument(args, at, lastid)) {
      idArgument(args, ++at, lastId);
    } else {
      throw new Failure(`ERR Unrecognized XCLAIM option '${args.latin1(at)}'`);
    }
  }
  return request;
}

function claimAll(
  { args, db, reply, engine }: Context,
  root: Ref,
  group: Ref,
  ids: readonly StreamId[],
  claim: ClaimRequest,
): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  const delivered = new StreamId();
  readId(arena, group, groupLastIdWord, delivered);
  const movesGroup = compareIds(claim.lastId, delivered) > 0;
  if (movesGroup) {
    setLastDelivered(arena, group, claim.lastId);
    keyspace.dirty++;
  }
  const claims = new PropagatedClaims(engine, db, root, { args, key: 1, name: 2, group });
  const consumer = claims.touchConsumer();
  const mark = reply.open();
  let claimed = 0;
  for (const id of ids) {
    if (claims.claim(consumer, id, claim) !== "claimed") continue;
    if (claim.isIdOnly) replyId(reply, id);
    else replyEntryOf(reply, arena, root, id);
    claimed++;
  }
  claims.finish(movesGroup);
  reply.close(mark, "array", claimed);
}
