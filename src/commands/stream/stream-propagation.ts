// How what happens in a consumer group is propagated: every pending entry as the XCLAIM that gives
// it to its consumer in the same state, whatever group and consumer there are like, and how far the
// group has come as XGROUP SETID. The forms are those of Redis's src/t_stream.c.
import { Slice } from "../../bytes/slices.ts";
import type { Slices } from "../../bytes/slices.ts";
import { viewedBytes } from "../../bytes/viewed.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Database } from "../../keyspace/database.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import {
  consumerAt,
  deliveryCountAt,
  deliveryTimeAt,
  entriesRead,
  findPending,
  groupLastIdWord,
  pendingOf,
} from "../../structures/stream-group.ts";
import { StreamId, idTextBytesMax, readId, writeIdText } from "../../structures/stream-id.ts";
import { IdCursor } from "../../structures/stream-id-tree.ts";
import { sliceName } from "../../structures/stream-names.ts";

/** A group, and the arguments that name it and its stream. */
export interface NamedGroup {
  readonly args: Slices;
  readonly key: number;
  /** Index of the group's name, which the consumer's follows. */
  readonly name: number;
  readonly group: Ref;
}

const place = new IdCursor();
const consumerName = new Slice();
const lastId = new StreamId();
const text = viewedBytes(idTextBytesMax);
const lastText = viewedBytes(idTextBytesMax);

/** The entry as it is pending now; false, and nothing, if it is not. */
export function propagateClaim(
  { propagation }: Engine,
  db: Database,
  { args, key, name, group }: NamedGroup,
  id: StreamId,
): boolean {
  const { arena } = db.keyspace;
  if (!findPending(arena, group, id, place)) return false;
  const pending = pendingOf(arena, group);
  const consumer = consumerAt(arena, pending, place);
  if (consumer === noRef) return false;
  sliceName(arena, consumer, consumerName);
  propagation.begin(db, 14).text("XCLAIM").argument(args, key).argument(args, name);
  propagation.bytes(consumerName.bytes, consumerName.offset, consumerName.length).number(0);
  propagation.bytes(text, 0, writeIdText(text, 0, id));
  propagation.text("TIME").number(deliveryTimeAt(arena, pending, place));
  propagation.text("RETRYCOUNT").number(deliveryCountAt(arena, pending, place));
  propagation.text("FORCE").text("JUSTID").text("LASTID");
  readId(arena, group, groupLastIdWord, lastId);
  propagation.bytes(lastText, 0, writeIdText(lastText, 0, lastId));
  return true;
}

/** How far the group has come. */
export function propagateProgress(
  { propagation }: Engine,
  db: Database,
  { args, key, name, group }: NamedGroup,
): void {
  const { arena } = db.keyspace;
  readId(arena, group, groupLastIdWord, lastId);
  propagation.begin(db, 7).text("XGROUP").text("SETID").argument(args, key).argument(args, name);
  propagation.bytes(lastText, 0, writeIdText(lastText, 0, lastId));
  propagation.text("ENTRIESREAD").number(entriesRead(arena, group));
}

/** The consumer, which is new. */
export function propagateConsumer(
  { propagation }: Engine,
  db: Database,
  { args, key, name }: NamedGroup,
): void {
  propagation.begin(db, 5).text("XGROUP").text("CREATECONSUMER").argument(args, key);
  propagation.arguments(args, name, name + 2);
}
