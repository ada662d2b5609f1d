// Replying with what streams have for a reader: new entries, which a group delivers, or those that
// a consumer has pending.
import type { Context } from "../../engine/command.ts";
import { touchConsumer } from "../../keyspace/stream-groups.ts";
import type { Arena, Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import { StreamCursor } from "../../structures/stream-cursor.ts";
import {
  consumerPending,
  deliver,
  deliveryCountAt,
  findPending,
  groupLastIdWord,
  pendingOf,
  setActiveTime,
  setDelivery,
} from "../../structures/stream-group.ts";
import { StreamId, copyId, incrementId, maxId, readId } from "../../structures/stream-id.ts";
import { IdCursor, idAt, nextPlace, seekCeiling } from "../../structures/stream-id-tree.ts";
import { advanceGroup } from "../../structures/stream-progress.ts";
import { readFrom } from "./stream-request.ts";
import type { ReadRequest } from "./stream-request.ts";
import { replyEntry, replyEntryOf, replyId } from "./stream-reply.ts";

const walk = new StreamCursor();
const start = new StreamId();
const pendingId = new StreamId();
const own = new IdCursor();
const place = new IdCursor();

/**
 * Replies with all that the streams have for the request; false, and no reply, when that is
 * nothing.
 */
export function serveStreams(context: Context, request: ReadRequest): boolean {
  const { reply } = context;
  const mark = reply.open();
  let served = 0;
  for (let each = 0; each < request.streamCount; each++) {
    if (request.roots[each] === noRef) continue;
    const isServed =
      request.groupAt > 0
        ? serveGroup(context, request, each)
        : serveReader(context, request, each);
    if (isServed) served++;
  }
  if (served === 0) return false;
  reply.close(mark, reply.protocol === 2 ? "array" : "map", served);
  return true;
}

function replyKey({ args, reply }: Context, index: number): void {
  if (reply.protocol === 2) reply.array(2);
  reply.bulk(args.bytes, args.offsets[index], args.lengths[index]);
}

/** Begins a walk over the entries after `start` and goes to the first; false when there is none. */
function hasNew(arena: Arena, root: Ref): boolean {
  if (!incrementId(start)) return false;
  walk.open(arena, root, start, maxId);
  return walk.next();
}

function serveReader(context: Context, request: ReadRequest, each: number): boolean {
  const { db, reply } = context;
  copyId(request.ids[each], start);
  if (!hasNew(db.keyspace.arena, request.roots[each])) return false;
  replyKey(context, request.firstKey + each);
  const mark = reply.open();
  let found = 0;
  do {
    replyEntry(reply, walk);
    found++;
  } while (found < request.countMax && walk.next());
  reply.close(mark, "array", found);
  return true;
}

function serveGroup(context: Context, request: ReadRequest, each: number): boolean {
  const { args, db } = context;
  const { arena } = db.keyspace;
  const group = request.groups[each];
  const key = request.firstKey + each;
  const consumer = touchConsumer(db, args, key, group, request.groupAt + 1);
  if (request.from[each] === readFrom.id) {
    replyKey(context, key);
    replyPending(context, request, each, consumer);
    return true;
  }
  readId(arena, group, groupLastIdWord, start);
  if (!hasNew(arena, request.roots[each])) return false;
  replyKey(context, key);
  replyNew(context, request, each, consumer);
  return true;
}

/** The entries of the walk, which the consumer has pending from now on. */
function replyNew(context: Context, request: ReadRequest, each: number, consumer: Ref): void {
  const { db, reply } = context;
  const { arena, nowMs } = db.keyspace;
  const root = request.roots[each];
  const group = request.groups[each];
  const mark = reply.open();
  let found = 0;
  do {
    advanceGroup(arena, root, group, walk.id);
    replyEntry(reply, walk);
    if (!request.isNoAck) deliver(arena, group, consumer, walk.id, nowMs);
    found++;
  } while (found < request.countMax && walk.next());
  if (!request.isNoAck) setActiveTime(arena, consumer, nowMs);
  db.keyspace.dirty++;
  reply.close(mark, "array", found);
}

/** What the consumer has pending after the given ID; entries that are gone without their fields. */
function replyPending(context: Context, request: ReadRequest, each: number, consumer: Ref): void {
  const { db, reply } = context;
  const { arena, nowMs } = db.keyspace;
  const group = request.groups[each];
  const tree = consumerPending(arena, consumer);
  const mark = reply.open();
  let found = 0;
  copyId(request.ids[each], start);
  let isOn = incrementId(start) && seekCeiling(arena, tree, start, own);
  for (; isOn && found < request.countMax; isOn = nextPlace(arena, own)) {
    idAt(arena, tree, own, pendingId);
    if (replyEntryOf(reply, arena, request.roots[each], pendingId)) {
      findPending(arena, group, pendingId, place);
      const pending = pendingOf(arena, group);
      const count = deliveryCountAt(arena, pending, place) + 1;
      setDelivery(arena, pending, place, nowMs, count);
    } else {
      reply.array(2);
      replyId(reply, pendingId);
      reply.nilArray();
    }
    found++;
  }
  reply.close(mark, "array", found);
}
