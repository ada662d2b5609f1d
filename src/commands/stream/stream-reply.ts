// Entries of streams and their IDs as replies.
import { viewedBytes } from "../../bytes/viewed.ts";
import type { Ref } from "../../memory/arena.ts";
import type { Arena } from "../../memory/arena.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { StreamCursor } from "../../structures/stream-cursor.ts";
import { idTextBytesMax, writeIdText } from "../../structures/stream-id.ts";
import type { StreamId } from "../../structures/stream-id.ts";

const text = viewedBytes(idTextBytesMax);
const cursor = new StreamCursor();

export function replyId(reply: ReplyWriter, id: StreamId): void {
  reply.bulk(text, 0, writeIdText(text, 0, id));
}

/** The entry at the cursor: its ID, and an array of fields and values. */
export function replyEntry(reply: ReplyWriter, at: StreamCursor): void {
  reply.array(2);
  replyId(reply, at.id);
  const count = at.fieldCount;
  reply.array(count * 2);
  const { field, value } = at;
  for (let index = 0; index < count; index++) {
    at.nextField();
    reply.bulk(field.bytes, field.offset, field.length);
    reply.bulk(value.bytes, value.offset, value.length);
  }
}

/** The entry of that ID; false, and nothing written, when there is none. */
export function replyEntryOf(reply: ReplyWriter, arena: Arena, root: Ref, id: StreamId): boolean {
  cursor.open(arena, root, id, id);
  if (!cursor.next()) return false;
  replyEntry(reply, cursor);
  return true;
}

/** Up to `count` entries of a walk that was begun, as an array. */
export function replyWalk(reply: ReplyWriter, walk: StreamCursor, count: number): void {
  const mark = reply.open();
  let found = 0;
  while (found < count && walk.next()) {
    replyEntry(reply, walk);
    found++;
  }
  reply.close(mark, "array", found);
}
