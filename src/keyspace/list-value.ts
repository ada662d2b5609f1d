// The value of a list, in its two encodings: a listpack while it is small, a quicklist when it is
// not, and when it goes from one to the other. The limits are those of a quicklist's node, so that
// a list changes its encoding when it would need a second node.
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes } from "../memory/arena.ts";
import {
  copyListpack,
  freeListpack,
  listpackBytes,
  listpackCapacity,
  listpackLength,
} from "../structures/listpack.ts";
import {
  bytesMaxOf,
  copyQuicklist,
  exceedsNodeLimit,
  freeQuicklist,
  quicklistBytes,
  quicklistLength,
  quicklistOf,
  singleNodeBytes,
  takeListpack,
} from "../structures/quicklist.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, setEncoding, setValueRef, valueRef } from "./record.ts";
import type { ValueKind } from "./value-kind.ts";

export const listKind: ValueKind = {
  count: (keyspace, ref) => listLength(keyspace.arena, ref),

  freeSome(keyspace, held, root, budget) {
    if (held === encoding.quicklist) return freeQuicklist(keyspace.arena, root, budget);
    freeListpack(keyspace.arena, root);
    return true;
  },

  copy({ arena }, ref) {
    const root = valueRef(arena, ref);
    return isListpack(arena, ref) ? copyListpack(arena, root) : copyQuicklist(arena, root);
  },

  bytes({ arena }, ref) {
    const root = valueRef(arena, ref);
    if (!isListpack(arena, ref)) return quicklistBytes(arena, root);
    return blockBytes(listpackCapacity(listpackBytes(arena, root)));
  },
};

export function isListpack(arena: Arena, ref: Ref): boolean {
  return encodingOf(arena, ref) === encoding.listpack;
}

/** Elements of the list. */
export function listLength(arena: Arena, ref: Ref): number {
  const root = valueRef(arena, ref);
  return isListpack(arena, ref) ? listpackLength(arena, root) : quicklistLength(arena, root);
}

/**
 * Makes a quicklist of a listpack to which so many elements with so many bytes are too much;
 * whether it is still a listpack.
 */
export function growList(keyspace: Keyspace, ref: Ref, bytes: number, count: number): boolean {
  const { arena } = keyspace;
  if (!isListpack(arena, ref)) return false;
  const root = valueRef(arena, ref);
  const fill = keyspace.limits.listMaxListpackSize;
  const newBytes = listpackBytes(arena, root) + bytes;
  if (!exceedsNodeLimit(fill, newBytes, listpackLength(arena, root) + count)) return true;
  setValueRef(arena, ref, quicklistOf(arena, root));
  setEncoding(arena, ref, encoding.quicklist);
  return false;
}

/**
 * Makes a listpack of a quicklist that has a single node of at most half of the limits: half, so
 * that a list that grows and shrinks around the limit does not change its encoding each time.
 */
export function shrinkList(keyspace: Keyspace, ref: Ref): void {
  convertSingleNode(keyspace, ref, 2);
}

/** Gives a list that was built at once the encoding that its size calls for. */
export function settleList(keyspace: Keyspace, ref: Ref): void {
  growList(keyspace, ref, 0, 0);
  convertSingleNode(keyspace, ref, 1);
}

function convertSingleNode(keyspace: Keyspace, ref: Ref, divisor: number): void {
  const { arena } = keyspace;
  if (isListpack(arena, ref)) return;
  const root = valueRef(arena, ref);
  const bytes = singleNodeBytes(arena, root);
  if (bytes < 0) return;
  const fill = keyspace.limits.listMaxListpackSize;
  if (fill < 0) {
    if (bytes > bytesMaxOf(fill) / divisor) return;
  } else if (quicklistLength(arena, root) > Math.floor((fill === 0 ? 1 : fill) / divisor)) {
    return;
  }
  setValueRef(arena, ref, takeListpack(arena, root));
  setEncoding(arena, ref, encoding.listpack);
}
