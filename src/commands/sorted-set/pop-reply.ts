// Popping: what ZPOPMIN, ZMPOP and their blocking kin have in common. Members are replied from
// where they lie, then deleted.
import type { Slices } from "../../bytes/slices.ts";
import type { Context } from "../../engine/command.ts";
import type { Database } from "../../keyspace/database.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { encodingOf, recordType, typeOf, valueRef } from "../../keyspace/record.ts";
import { cursorOf } from "../../keyspace/zset-cursor.ts";
import { removeRanks, zsetCount } from "../../keyspace/zset.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { replyScore } from "./score-reply.ts";

/** Which members go: those with the lowest scores, or the highest. */
export type ZsetEnd = "min" | "max";

/**
 * Pops `count` members of the key's set, which has at least so many, and replies with members and
 * scores, as pairs if asked.
 */
export function popMembers(
  reply: ReplyWriter,
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  end: ZsetEnd,
  count: number,
  shape: "flat" | "pairs",
): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  const total = zsetCount(keyspace, ref);
  const cursor = cursorOf(arena);
  cursor.seek(encodingOf(arena, ref), valueRef(arena, ref), end === "min" ? 0 : total - 1);
  for (let left = count; left > 0; left--) {
    if (shape === "pairs") reply.array(2);
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    replyScore(reply, cursor.score);
    if (end === "min") cursor.next();
    else cursor.previous();
  }
  const event = end === "min" ? keyEvents.zpopmin : keyEvents.zpopmax;
  removeRanks(db, args, key, ref, end === "min" ? 0 : total - count, count, event);
}

/** The reply of ZMPOP: the key, then up to `count` members with their scores. */
export function popNamed(
  { args, db, reply, engine }: Context,
  key: number,
  ref: Ref,
  end: ZsetEnd,
  count: number,
): void {
  const popped = Math.min(count, zsetCount(db.keyspace, ref));
  reply.array(2);
  reply.bulk(args.bytes, args.offsets[key], args.lengths[key]);
  reply.array(popped);
  popMembers(reply, db, args, key, ref, end, popped, "pairs");
  const name = end === "min" ? "ZPOPMIN" : "ZPOPMAX";
  engine.propagation.begin(db, 3).text(name).argument(args, key).number(popped);
}

/** Which keys to pop from. */
export interface PoppedKeys {
  /** Argument indexes of the first key and of what follows the last. */
  readonly firstKey: number;
  readonly keysEnd: number;
}

/** Pops from the set that was found, whose key is that argument, and replies. */
type Pop = (context: Context, key: number, ref: Ref) => void;

/**
 * Pops from the first of the sets that is there; false when none is. Throws `wrongType` for a key
 * of another type before it.
 */
export function popFirst(context: Context, keys: PoppedKeys, pop: Pop): boolean {
  const { args, db } = context;
  for (let key = keys.firstKey; key < keys.keysEnd; key++) {
    const ref = db.writeOfType(args, key, recordType.zset);
    if (ref === noRef) continue;
    pop(context, key, ref);
    return true;
  }
  return false;
}

/** The same, but when there is none now the client waits for one, for ever if `timeoutMs` is 0. */
export function popOrWait(context: Context, keys: PoppedKeys, timeoutMs: number, pop: Pop): void {
  if (popFirst(context, keys, pop)) return;
  const { db, engine } = context;
  const awaited: number[] = [];
  for (let key = keys.firstKey; key < keys.keysEnd; key++) awaited.push(key);
  engine.block(context, {
    keys: awaited,
    deadlineMs: timeoutMs === 0 ? 0 : db.keyspace.nowMs + timeoutMs,
    retry: (later) => popLater(later, awaited, pop),
    timedOut: (reply) => reply.nilArray(),
  });
}

/** To one who waits a key of another type is as good as none. */
function popLater(context: Context, keys: readonly number[], pop: Pop): boolean {
  const { args, db } = context;
  for (const key of keys) {
    const ref = db.write(args, key);
    if (ref === noRef || typeOf(db.keyspace.arena, ref) !== recordType.zset) continue;
    pop(context, key, ref);
    return true;
  }
  return false;
}
