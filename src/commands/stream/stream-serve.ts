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
import type { NamedGroup } from "./stream-propagation.ts";
import { propagateClaim, propagateConsumer, propagateProgress } from "./stream-propagation.ts";
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
  const { reply, engine } = context;
  const mark = reply.open();
  let served = 0;
  // What it does for a group is propagated step by step.
  if (request.groupAt > 0) engine.propagation.suppress();
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
  const { args, db, engine } = context;
  const { keyspace } = db;
  const { arena } = keyspace;
  const group = request.groups[each];
  const key = request.firstKey + each;
  const { dirty } = keyspace;
  const consumer = touchConsumer(db, args, key, group, request.groupAt + 1);
  const isNew = keyspace.dirty !== dirty;
  const isHistory = request.from[each] === readFrom.id;
  const named = { args, key, name: request.groupAt, group };
  if (isHistory) {
    if (isNew) propagateConsumer(engine, db, named);
    replyKey(context, key);
    replyPending(context, request, each, consumer);
    return true;
  }
  readId(arena, group, groupLastIdWord, start);
  const isServed = hasNew(arena, request.roots[each]);
  // Redis differs: a consumer whom it has nothing to give is not propagated.
  if (isNew && (request.isNoAck || !isServed)) propagateConsumer(engine, db, named);
  if (!isServed) return false;
  replyKey(context, key);
  replyNew(context, request, each, consumer, named);
  return true;
}

/** The entries of the walk, which the consumer has pending from now on. */
function replyNew(
  context: Context,
  request: ReadRequest,
  each: number,
  consumer: Ref,
  named: NamedGroup,
): void {
  const { db, reply, engine } = context;
  const { isOn } = engine.propagation;
  const { arena, nowMs } = db.keyspace;
  const root = request.roots[each];
  const group = request.groups[each];
  const mark = reply.open();
  let found = 0;
  do {
    advanceGroup(arena, root, group, walk.id);
    replyEntry(reply, walk);
    if (!request.isNoAck) {
      deliver(arena, group, consumer, walk.id, nowMs);
      if (isOn) propagateClaim(engine, db, named, walk.id);
    }
    found++;
  } while (found < request.countMax && walk.next());
  if (!request.isNoAck) setActiveTime(arena, consumer, nowMs);
  db.keyspace.dirty++;
  if (isOn) propagateProgress(engine, db, named);
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
