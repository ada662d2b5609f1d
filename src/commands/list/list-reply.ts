// Elements of lists as replies.
import type { Slices } from "../../bytes/slices.ts";
import type { Database } from "../../keyspace/database.ts";
import { listLength } from "../../keyspace/list-value.ts";
import type { ListEnd } from "../../keyspace/list.ts";
import { dropElements, readEnd, seekElement } from "../../keyspace/list.ts";
import type { Arena, Ref } from "../../memory/arena.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { shortTextLength } from "../../structures/listpack-entry.ts";
import { ListpackEntry } from "../../structures/listpack.ts";
import {
  ListCursor,
  closeCursor,
  moveNext,
  movePrevious,
  readElement,
} from "../../structures/quicklist-cursor.ts";

const cursor = new ListCursor();
const entry = new ListpackEntry();

/** An array of `count` elements, which are there, from index `start` on. */
export function replyElements(
  reply: ReplyWriter,
  db: Database,
  ref: Ref,
  start: number,
  count: number,
): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  reply.array(count);
  if (count === 0) return;
  seekElement(keyspace, ref, start, cursor);
  let left = count;
  while (left > 0) {
    const replied = replyShortTexts(reply, arena, left);
    if (replied === 0) {
      readElement(arena, cursor, entry);
      reply.bulk(entry.bytes, entry.offset, entry.length);
      left--;
    }
    left -= replied;
    moveNext(arena, cursor);
  }
  closeCursor(arena, cursor);
}

/**
 * Replies with elements of one node, from the cursor's on, as long as they are short texts, which
 * most elements are; `countMax` at most. The cursor is at the last of them then. Without it an
 * LRANGE takes half as long again.
 */
function replyShortTexts(reply: ReplyWriter, arena: Arena, countMax: number): number {
  if (cursor.isPlain) return 0;
  const bytes = arena.bytes[cursor.content >>> 16];
  const base = (cursor.content & 0xffff) << 4;
  let at = base + cursor.position;
  let count = 0;
  let length = shortTextLength(bytes, at);
  while (length >= 0) {
    reply.bulk(bytes, at + 1, length);
    count++;
    cursor.position = at - base;
    if (count === countMax) break;
    at += length + 2;
    length = shortTextLength(bytes, at);
  }
  return count;
}

/** The same from the last element on backwards. */
function replyLastElements(reply: ReplyWriter, db: Database, ref: Ref, count: number): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  reply.array(count);
  seekElement(keyspace, ref, -1, cursor);
  for (let left = count; left > 0; left--) {
    readElement(arena, cursor, entry);
    reply.bulk(entry.bytes, entry.offset, entry.length);
    movePrevious(arena, cursor);
  }
  closeCursor(arena, cursor);
}

/** The element at an end of a list that has one. */
export function replyEnd(reply: ReplyWriter, db: Database, ref: Ref, end: ListEnd): void {
  readEnd(db.keyspace, ref, end, entry);
  reply.bulk(entry.bytes, entry.offset, entry.length);
}

/** Takes an element off a list and replies with it. */
export function popElement(
  reply: ReplyWriter,
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  end: ListEnd,
): void {
  replyEnd(reply, db, ref, end);
  dropElements(db, args, key, ref, end, 1);
}

/** Takes up to `countMax` elements, at least one, off a list and replies with an array of them. */
export function popElements(
  reply: ReplyWriter,
  db: Database,
  args: Slices,
  key: number,
  ref: Ref,
  end: ListEnd,
  countMax: number,
): void {
  const count = Math.min(countMax, listLength(db.keyspace.arena, ref));
  if (end === "first") replyElements(reply, db, ref, 0, count);
  else replyLastElements(reply, db, ref, count);
  dropElements(db, args, key, ref, end, count);
}
