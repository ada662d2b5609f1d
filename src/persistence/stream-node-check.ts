// Checks the listpack of a stream's node that came from outside: that it is made up of a master
// entry and entries as `structures/stream-node.ts` describes, and that IDs ascend. Works on bytes
// that `isValidListpack` has approved deeply.
import { decodeEntry, endTag, entrySizeAt } from "../structures/listpack-entry.ts";
import { ListpackEntry, listpackHeaderBytes } from "../structures/listpack.ts";
import type { StreamId } from "../structures/stream-id.ts";
import { StreamId as Id, compareIds, copyId } from "../structures/stream-id.ts";
import { deletedFlag, readEntryId, sameFieldsFlag } from "../structures/stream-node.ts";

const entry = new ListpackEntry();
const id = new Id();
const knownFlags = deletedFlag | sameFieldsFlag;

/** Where the walk is; -1 after something that cannot be. */
let at = 0;
let bytes: Uint8Array = new Uint8Array(0);

/** The integer at the walk's place, from 0 up; NaN, and the walk is over, when there is none. */
function takeCount(): number {
  if (at < 0 || bytes[at] === endTag) return stop();
  decodeEntry(bytes, at, entry);
  if (!entry.isInteger || !entry.isSafe || entry.integer < 0) return stop();
  at += entrySizeAt(bytes, at);
  return entry.integer;
}

function stop(): number {
  at = -1;
  return NaN;
}

/** Passes over `count` elements of any kind. */
function passElements(count: number): void {
  for (let left = count; left > 0 && at >= 0; left--) {
    if (bytes[at] === endTag) stop();
    else at += entrySizeAt(bytes, at);
  }
}

/** Whether there is an integer, of any sign and size. */
function isIntegerAt(position: number): boolean {
  if (bytes[position] === endTag) return false;
  decodeEntry(bytes, position, entry);
  return entry.isInteger;
}

/**
 * The number of live entries of a node with that ID whose first entry must come after `last`; -1
 * when it is no such node. `last` becomes the ID of the node's last entry.
 */
export function checkStreamNode(
  from: Uint8Array,
  start: number,
  nodeId: StreamId,
  last: StreamId,
): number {
  bytes = from;
  at = start + listpackHeaderBytes;
  const live = takeCount();
  const deleted = takeCount();
  const masterFields = takeCount();
  passElements(masterFields);
  if (takeCount() !== 0) return -1;
  let liveSeen = 0;
  for (let left = live + deleted; left > 0; left--) {
    const flags = takeCount();
    if (!(flags <= knownFlags) || !takeId(nodeId, last)) return -1;
    if (!takeFields(flags, masterFields)) return -1;
    if ((flags & deletedFlag) === 0) liveSeen++;
  }
  return at >= 0 && bytes[at] === endTag && liveSeen === live ? live : -1;
}

function takeId(nodeId: StreamId, last: StreamId): boolean {
  if (!isIntegerAt(at) || !isIntegerAt(at + entrySizeAt(bytes, at))) return false;
  at = readEntryId(bytes, at, nodeId, id);
  if (compareIds(id, last) <= 0 || compareIds(id, nodeId) < 0) return false;
  copyId(id, last);
  return true;
}

/** The fields and values, and how many elements the entry has. */
function takeFields(flags: number, masterFields: number): boolean {
  let elements = 3 + masterFields;
  if ((flags & sameFieldsFlag) === 0) {
    const fields = takeCount();
    passElements(fields * 2);
    elements = 4 + fields * 2;
  } else {
    passElements(masterFields);
  }
  return takeCount() === elements;
}
