// Deleting entries of a stream with an eye on its consumer groups: XDELEX, XACKDEL and the trimming
// options KEEPREF, DELREF, ACKED.
//
// A group refers to an entry that it has pending, and to one that it has yet to read. The policies:
// `keep` deletes the entry and lets pending entries point to nothing; `delete` removes them too;
// `acknowledged` deletes only what no group refers to.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { acknowledge, findPending, groupLastIdWord } from "../structures/stream-group.ts";
import { StreamId, compareIds, copyId, readId } from "../structures/stream-id.ts";
import { IdCursor } from "../structures/stream-id-tree.ts";
import { StreamCursor } from "../structures/stream-cursor.ts";
import { deleteEntry, hasEntry, updateFirstId } from "../structures/stream-log.ts";
import type { Trim } from "../structures/stream-log.ts";
import { nameCount, namedAt } from "../structures/stream-names.ts";
import { groupNames, streamLength } from "../structures/stream-root.ts";

export type ReferencePolicy = "keep" | "delete" | "acknowledged";

const place = new IdCursor();
const delivered = new StreamId();

/** Whether any group has the entry pending or has yet to read it. */
function isReferenced(arena: Arena, root: Ref, id: StreamId): boolean {
  const names = groupNames(arena, root);
  if (names === noRef) return false;
  for (let index = 0; index < nameCount(arena, names); index++) {
    const group = namedAt(arena, names, index);
    readId(arena, group, groupLastIdWord, delivered);
    if (compareIds(id, delivered) > 0 || findPending(arena, group, id, place)) return true;
  }
  return false;
}

/** Whether the policy allows to delete the entry; also when there is none of that ID. */
export function mayDelete(arena: Arena, root: Ref, id: StreamId, policy: ReferencePolicy): boolean {
  if (policy !== "acknowledged" || !hasEntry(arena, root, id)) return true;
  return !isReferenced(arena, root, id);
}

/** Removes the ID from the pending entries of all groups. */
export function dropReferences(arena: Arena, root: Ref, id: StreamId): void {
  const names = groupNames(arena, root);
  if (names === noRef) return;
  for (let index = 0; index < nameCount(arena, names); index++) {
    acknowledge(arena, namedAt(arena, names, index), id);
  }
}

/**
 * Removes the oldest entries one by one, as the policy allows; returns how many. Approximate
 * trimming is exact here, up to its limit.
 */
export function trimWithReferences(
  arena: Arena,
  root: Ref,
  trim: Trim,
  policy: ReferencePolicy,
): number {
  const walk = new StreamCursor();
  const ids: StreamId[] = [];
  let excess = trim.lengthMax < 0 ? Infinity : streamLength(arena, root) - trim.lengthMax;
  if (trim.limit > 0) excess = Math.min(excess, trim.limit);
  walk.open(arena, root);
  while (ids.length < excess && walk.next()) {
    if (trim.lengthMax < 0 && compareIds(walk.id, trim.minId) >= 0) break;
    if (policy === "acknowledged" && isReferenced(arena, root, walk.id)) continue;
    const id = new StreamId();
    copyId(walk.id, id);
    ids.push(id);
  }
  for (const id of ids) {
    deleteEntry(arena, root, id);
    if (policy === "delete") dropReferences(arena, root, id);
  }
  if (ids.length > 0) updateFirstId(arena, root);
  return ids.length;
}
