// What XINFO STREAM says of a stream: in brief, or with entries, groups and consumers.
import { Slice } from "../../bytes/slices.ts";
import type { Arena, Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { StreamCursor } from "../../structures/stream-cursor.ts";
import {
  activeTime,
  consumerAt,
  consumerPending,
  consumersOf,
  deliveryCountAt,
  deliveryTimeAt,
  entriesRead,
  findPending,
  groupLastIdWord,
  pendingOf,
  seenTime,
  unknownCount,
} from "../../structures/stream-group.ts";
import { StreamId, readId } from "../../structures/stream-id.ts";
import {
  IdCursor,
  idAt,
  idTreeCount,
  nextPlace,
  seekFirst,
} from "../../structures/stream-id-tree.ts";
import { nameCount, namedAt, sliceName } from "../../structures/stream-names.ts";
import { lagOf } from "../../structures/stream-progress.ts";
import {
  entriesAdded,
  firstIdWord,
  groupNames,
  lastIdWord,
  maxDeletedIdWord,
  streamLength,
  streamNodes,
} from "../../structures/stream-root.ts";
import { replyEntry, replyId, replyWalk } from "./stream-reply.ts";

const walk = new StreamCursor();
const cursor = new IdCursor();
const place = new IdCursor();
const id = new StreamId();
const name = new Slice();

/** The groups of a stream, in the order of their names. */
export function groupsOf(arena: Arena, root: Ref): Ref[] {
  const names = groupNames(arena, root);
  if (names === noRef) return [];
  return Array.from({ length: nameCount(arena, names) }, (_, index) =>
    namedAt(arena, names, index),
  );
}

/** A count, or null when it is not known. */
export function replyKnown(reply: ReplyWriter, count: number): void {
  if (count === unknownCount) reply.nil();
  else reply.integer(count);
}

function replyIdOf(reply: ReplyWriter, arena: Arena, block: Ref, word: number): void {
  readId(arena, block, word, id);
  replyId(reply, id);
}

function replyName(reply: ReplyWriter, arena: Arena, named: Ref): void {
  sliceName(arena, named, name);
  reply.bulk(name.bytes, name.offset, name.length);
}

/** The seven pairs that both forms begin with. */
function replyFacts(reply: ReplyWriter, arena: Arena, root: Ref): void {
  const nodes = idTreeCount(arena, streamNodes(arena, root));
  reply.bulkLatin1("length");
  reply.integer(streamLength(arena, root));
  // We have no radix tree; the nodes are what Redis keeps in one.
  reply.bulkLatin1("radix-tree-keys");
  reply.integer(nodes);
  reply.bulkLatin1("radix-tree-nodes");
  reply.integer(nodes + 1);
  reply.bulkLatin1("last-generated-id");
  replyIdOf(reply, arena, root, lastIdWord);
  reply.bulkLatin1("max-deleted-entry-id");
  replyIdOf(reply, arena, root, maxDeletedIdWord);
  reply.bulkLatin1("entries-added");
  reply.integer(entriesAdded(arena, root));
  reply.bulkLatin1("recorded-first-entry-id");
  replyIdOf(reply, arena, root, firstIdWord);
}

export function replyBrief(reply: ReplyWriter, arena: Arena, root: Ref): void {
  reply.map(10);
  replyFacts(reply, arena, root);
  reply.bulkLatin1("groups");
  reply.integer(groupsOf(arena, root).length);
  reply.bulkLatin1("first-entry");
  walk.open(arena, root);
  if (walk.next()) replyEntry(reply, walk);
  else reply.nil();
  reply.bulkLatin1("last-entry");
  walk.openReverse(arena, root);
  if (walk.next()) replyEntry(reply, walk);
  else reply.nil();
}

/** At most `count` entries of the stream and of each list of pending entries. */
export function replyFull(reply: ReplyWriter, arena: Arena, root: Ref, count: number): void {
  reply.map(9);
  replyFacts(reply, arena, root);
  reply.bulkLatin1("entries");
  walk.open(arena, root);
  replyWalk(reply, walk, count);
  reply.bulkLatin1("groups");
  const groups = groupsOf(arena, root);
  reply.array(groups.length);
  for (const group of groups) replyGroup(reply, arena, root, group, count);
}

function replyGroup(reply: ReplyWriter, arena: Arena, root: Ref, group: Ref, count: number): void {
  const pending = pendingOf(arena, group);
  reply.map(7);
  reply.bulkLatin1("name");
  replyName(reply, arena, group);
  reply.bulkLatin1("last-delivered-id");
  replyIdOf(reply, arena, group, groupLastIdWord);
  reply.bulkLatin1("entries-read");
  replyKnown(reply, entriesRead(arena, group));
  reply.bulkLatin1("lag");
  replyKnown(reply, lagOf(arena, root, group));
  reply.bulkLatin1("pel-count");
  reply.integer(idTreeCount(arena, pending));
  reply.bulkLatin1("pending");
  reply.array(Math.min(count, idTreeCount(arena, pending)));
  let left = count;
  let isOn = seekFirst(arena, pending, cursor);
  for (; isOn && left > 0; isOn = nextPlace(arena, cursor), left--) {
    idAt(arena, pending, cursor, id);
    reply.array(4);
    replyId(reply, id);
    replyName(reply, arena, consumerAt(arena, pending, cursor));
    reply.integer(deliveryTimeAt(arena, pending, cursor));
    reply.integer(deliveryCountAt(arena, pending, cursor));
  }
  reply.bulkLatin1("consumers");
  const consumers = consumersOf(arena, group);
  reply.array(nameCount(arena, consumers));
  for (let index = 0; index < nameCount(arena, consumers); index++) {
    replyConsumer(reply, arena, group, namedAt(arena, consumers, index), count);
  }
}

function replyConsumer(
  reply: ReplyWriter,
  arena: Arena,
  group: Ref,
  consumer: Ref,
  count: number,
): void {
  const tree = consumerPending(arena, consumer);
  const pending = pendingOf(arena, group);
  reply.map(5);
  reply.bulkLatin1("name");
  replyName(reply, arena, consumer);
  reply.bulkLatin1("seen-time");
  reply.integer(seenTime(arena, consumer));
  reply.bulkLatin1("active-time");
  reply.integer(activeTime(arena, consumer));
  reply.bulkLatin1("pel-count");
  reply.integer(idTreeCount(arena, tree));
  reply.bulkLatin1("pending");
  reply.array(Math.min(count, idTreeCount(arena, tree)));
  let left = count;
  let isOn = seekFirst(arena, tree, cursor);
  for (; isOn && left > 0; isOn = nextPlace(arena, cursor), left--) {
    idAt(arena, tree, cursor, id);
    findPending(arena, group, id, place);
    reply.array(3);
    replyId(reply, id);
    reply.integer(deliveryTimeAt(arena, pending, place));
    reply.integer(deliveryCountAt(arena, pending, place));
  }
}
