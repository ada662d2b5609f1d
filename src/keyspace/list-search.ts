// Operations that look for elements of a list by their value: LINSERT, LREM, LPOS. The search
// itself is the cursor's (`structures/quicklist-cursor.ts`), which knows both encodings.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { insertEntry, nextEntry } from "../structures/listpack.ts";
import {
  ListCursor,
  closeCursor,
  findNext,
  findPrevious,
  moveNext,
  movePrevious,
} from "../structures/quicklist-cursor.ts";
import {
  deleteBackward,
  deleteForward,
  insertAfter,
  insertBefore,
} from "../structures/quicklist-edit.ts";
import type { Database } from "./database.ts";
import { keyEvents } from "./key-event.ts";
import { growList, isListpack, listLength } from "./list-value.ts";
import { reportRemoval, seekElement } from "./list.ts";
import { recordType, setValueRef, valueRef } from "./record.ts";

/** For the operations of this file, each of which is done with it when it returns. */
const cursor = new ListCursor();

/**
 * LINSERT: puts argument `element` before or after the first element that is argument `pivot`.
 * Returns the new length, -1 when there is no such element, 0 when there is no list.
 */
export function insertElement(
  db: Database,
  args: Slices,
  key: number,
  where: "before" | "after",
  pivot: number,
  element: number,
): number {
  const ref = db.writeOfType(args, key, recordType.list);
  if (ref === noRef) return 0;
  const { keyspace } = db;
  const { arena, limits } = keyspace;
  const { bytes, offsets, lengths } = args;
  const offset = offsets[element];
  const length = lengths[element];
  // The encoding cannot change once the cursor is at the pivot, and Redis too lets it change even
  // if there is no pivot.
  growList(keyspace, ref, length, 1);
  seekElement(keyspace, ref, 0, cursor);
  if (findNext(arena, cursor, bytes, offsets[pivot], lengths[pivot], Infinity) < 0) return -1;
  const root = valueRef(arena, ref);
  if (isListpack(arena, ref)) {
    const { position } = cursor;
    const at = where === "before" ? position : nextEntry(arena, root, position);
    setValueRef(arena, ref, insertEntry(arena, root, at, bytes, offset, length));
  } else if (where === "before") {
    insertBefore(arena, root, limits, cursor, bytes, offset, length);
  } else {
    insertAfter(arena, root, limits, cursor, bytes, offset, length);
  }
  keyspace.changed(db, bytes, offsets[key], lengths[key], keyEvents.linsert);
  return listLength(arena, ref);
}

/**
 * LREM: deletes elements that are argument `element`: the first `count`, the last `-count`, or all
 * when it is 0. Returns how many.
 */
export function removeElements(
  db: Database,
  args: Slices,
  key: number,
  count: number,
  element: number,
): number {
  const ref = db.writeOfType(args, key, recordType.list);
  if (ref === noRef) return 0;
  const { keyspace } = db;
  const { arena, limits } = keyspace;
  const { bytes } = args;
  const offset = args.offsets[element];
  const length = args.lengths[element];
  const root = valueRef(arena, ref);
  const isBackward = count < 0;
  const find = isBackward ? findPrevious : findNext;
  const remove = isBackward ? deleteBackward : deleteForward;
  const removedMax = count === 0 ? Infinity : Math.abs(count);
  let removed = 0;
  let isMore = seekElement(keyspace, ref, isBackward ? -1 : 0, cursor);
  while (isMore && removed < removedMax) {
    if (find(arena, cursor, bytes, offset, length, Infinity) < 0) break;
    isMore = remove(arena, root, limits, cursor);
    removed++;
  }
  if (isListpack(arena, ref)) setValueRef(arena, ref, cursor.content);
  closeCursor(arena, cursor);
  if (removed > 0) reportRemoval(db, args, key, ref, keyEvents.lrem, removed);
  return removed;
}

/** What LPOS looks for. */
export interface ElementSearch {
  /** Argument index of the element. */
  readonly element: number;
  /** 1: from the first match on, 2: from the second; -1: from the last match back. */
  readonly rank: number;
  /** Matches to find; Infinity: all. */
  readonly countMax: number;
  /** Elements to compare; Infinity: all. */
  readonly comparedMax: number;
}

/** LPOS: adds the indexes of the matches to `found`, in the order of the search. */
export function findPositions(
  db: Database,
  args: Slices,
  ref: Ref,
  search: ElementSearch,
  found: number[],
): void {
  const { arena } = db.keyspace;
  const { element, rank, countMax, comparedMax } = search;
  const { bytes, offsets, lengths } = args;
  const isBackward = rank < 0;
  const find = isBackward ? findPrevious : findNext;
  const move = isBackward ? movePrevious : moveNext;
  const last = listLength(arena, ref) - 1;
  let matchesToSkip = Math.abs(rank) - 1;
  let index = 0;
  let isMore = seekElement(db.keyspace, ref, isBackward ? -1 : 0, cursor);
  while (isMore && found.length < countMax) {
    const left = comparedMax - index;
    const passed = find(arena, cursor, bytes, offsets[element], lengths[element], left);
    if (passed < 0) break;
    index += passed;
    if (matchesToSkip > 0) matchesToSkip--;
    else found.push(isBackward ? last - index : index);
    index++;
    isMore = move(arena, cursor);
  }
  closeCursor(arena, cursor);
}
