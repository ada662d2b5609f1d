// How far a consumer group has come: the number of entries that it has read, and its lag. Deletions
// leave holes that are not counted, so the numbers are known only where there can be no hole; the
// rules are those of Redis's src/t_stream.c.
import type { Arena, Ref } from "../memory/arena.ts";
import { entriesRead, groupLastIdWord, setEntriesRead, unknownCount } from "./stream-group.ts";
import { StreamId, compareIds, isZeroId, readId, writeId } from "./stream-id.ts";
import {
  entriesAdded,
  firstIdWord,
  lastIdWord,
  maxDeletedIdWord,
  streamLength,
} from "./stream-root.ts";

const first = new StreamId();
const last = new StreamId();
const deleted = new StreamId();
const delivered = new StreamId();

/** Whether an entry was deleted that may lie at or after `id`. */
function hasHoleFrom(arena: Arena, root: Ref, id: StreamId): boolean {
  if (streamLength(arena, root) === 0) return false;
  readId(arena, root, maxDeletedIdWord, deleted);
  return !isZeroId(deleted) && compareIds(id, deleted) <= 0;
}

/** Entries added up to and including the one of that ID, -1 when that cannot be known. */
export function estimateEntriesRead(arena: Arena, root: Ref, id: StreamId): number {
  const added = entriesAdded(arena, root);
  if (added === 0) return 0;
  const length = streamLength(arena, root);
  readId(arena, root, lastIdWord, last);
  const order = compareIds(id, last);
  if (length === 0 && order <= 0) return added;
  readId(arena, root, maxDeletedIdWord, deleted);
  if (!isZeroId(id) && compareIds(id, deleted) < 0) return unknownCount;
  if (order === 0) return added;
  if (order > 0) return unknownCount;
  readId(arena, root, firstIdWord, first);
  if (isZeroId(deleted) || compareIds(deleted, first) < 0) {
    const place = compareIds(id, first);
    if (place < 0) return added - length;
    if (place === 0) return added - length + 1;
  }
  return unknownCount;
}

/**
 * Notes that the group has read the entry of that ID, if it is after all that it has read: whether
 * it is.
 */
export function advanceGroup(arena: Arena, root: Ref, group: Ref, id: StreamId): boolean {
  readId(arena, group, groupLastIdWord, delivered);
  if (compareIds(id, delivered) <= 0) return false;
  const read = entriesRead(arena, group);
  if (read !== unknownCount && !hasHoleFrom(arena, root, delivered)) {
    setEntriesRead(arena, group, read + 1);
  } else if (entriesAdded(arena, root) > 0) {
    setEntriesRead(arena, group, estimateEntriesRead(arena, root, id));
  }
  writeId(arena, group, groupLastIdWord, id);
  return true;
}

/** Entries that the group has yet to read, -1 when that cannot be known. */
export function lagOf(arena: Arena, root: Ref, group: Ref): number {
  const added = entriesAdded(arena, root);
  const length = streamLength(arena, root);
  if (added === 0 || length === 0) return 0;
  readId(arena, group, groupLastIdWord, delivered);
  readId(arena, root, firstIdWord, first);
  readId(arena, root, maxDeletedIdWord, deleted);
  if (compareIds(delivered, first) < 0 && compareIds(deleted, first) < 0) return length;
  const read = entriesRead(arena, group);
  if (read !== unknownCount && !hasHoleFrom(arena, root, delivered)) return added - read;
  const estimate = estimateEntriesRead(arena, root, delivered);
  return estimate === unknownCount ? unknownCount : added - estimate;
}
