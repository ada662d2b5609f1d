// What every type of value must answer, by the record's type: how to free it, how to copy it.
import { copyBytes } from "../bytes/ascii.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import {
  externalCapacity,
  freeExternal,
  isExternal,
  makeExternal,
  recordSize,
  stringLength,
  valueRef,
} from "./record.ts";

/** Gives back a record and its value. The record is in no table any more. */
export function freeRecord(arena: Arena, ref: Ref): void {
  freeValue(arena, ref);
  arena.free(ref, recordSize(arena, ref));
}

/** Gives back the value's own block, if it has one; the record still points there. */
export function freeValue(arena: Arena, ref: Ref): void {
  if (isExternal(arena, ref)) freeExternal(arena, valueRef(arena, ref));
}

/** A copy of the block of an external string. */
export function copyExternal(arena: Arena, ref: Ref): Ref {
  const length = stringLength(arena, ref);
  const source = valueRef(arena, ref);
  const copy = makeExternal(arena, length, length);
  const header = 8;
  copyBytes(
    arena.bytes[source >>> 16],
    ((source & 0xffff) << 4) + header,
    arena.bytes[copy >>> 16],
    ((copy & 0xffff) << 4) + header,
    length,
  );
  return copy;
}

/** Whether a string's block has much more room than it uses. */
export function hasSpare(arena: Arena, ref: Ref): boolean {
  if (!isExternal(arena, ref)) return false;
  return externalCapacity(arena, valueRef(arena, ref)) > stringLength(arena, ref);
}
