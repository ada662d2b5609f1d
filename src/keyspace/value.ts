// What every type of value must answer, by the record's type: how to free it, how to copy it, how
// large it is.
import { copyBytes } from "../bytes/ascii.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { hashKind } from "./hash-value.ts";
import type { Keyspace } from "./keyspace.ts";
import { listKind } from "./list-value.ts";
import {
  encodingOf,
  externalCapacity,
  freeExternal,
  isExternal,
  makeExternal,
  recordBytes,
  recordSize,
  recordType,
  stringLength,
  typeOf,
  valueRef,
} from "./record.ts";
import { setKind } from "./set-value.ts";
import { streamKind } from "./stream-value.ts";
import type { ValueKind } from "./value-kind.ts";
import { zsetKind } from "./zset-value.ts";

/** The kinds of collections by the number of their type. */
export const valueKinds: readonly (ValueKind | undefined)[] = Object.assign([], {
  [recordType.list]: listKind,
  [recordType.set]: setKind,
  [recordType.zset]: zsetKind,
  [recordType.hash]: hashKind,
  [recordType.stream]: streamKind,
});

/** Values of more elements than this are freed in slices, between turns. */
const freedAtOnceMax = 64;

function kindOf(type: number): ValueKind {
  const kind = valueKinds[type];
  if (kind === undefined) throw new Error(`no kind of value for type ${type}`);
  return kind;
}

/**
 * Gives back a record and its value. The record is in no table any more. One that a snapshot still
 * needs is freed by that.
 */
export function freeRecord(keyspace: Keyspace, ref: Ref): void {
  if (keyspace.snapshot?.keepsRecord(ref) === true) return;
  freeValue(keyspace, ref);
  keyspace.arena.free(ref, recordSize(keyspace.arena, ref));
}

/** Gives back what the record's value has of its own, if it has; the record still points there. */
export function freeValue(keyspace: Keyspace, ref: Ref): void {
  const { arena } = keyspace;
  const type = typeOf(arena, ref);
  if (type === recordType.string) {
    if (isExternal(arena, ref)) freeExternal(arena, valueRef(arena, ref));
    return;
  }
  const kind = kindOf(type);
  const root = valueRef(arena, ref);
  const encoding = encodingOf(arena, ref);
  const isSmall = kind.count(keyspace, ref) <= freedAtOnceMax;
  if (!isSmall || !kind.freeSome(keyspace, encoding, root, freedAtOnceMax * 2)) {
    keyspace.reclaimer.takeValue(type, encoding, root);
  }
}

/**
 * Frees about `budget` elements of a value that was taken from its record; true when nothing is
 * left.
 */
export function freeSomeOf(
  keyspace: Keyspace,
  type: number,
  encoding: number,
  root: Ref,
  budget: number,
): boolean {
  return kindOf(type).freeSome(keyspace, encoding, root, budget);
}

/** The value block of a copy of the record's value; none for a string that is inline. */
export function copyValue(keyspace: Keyspace, ref: Ref): Ref {
  const { arena } = keyspace;
  const type = typeOf(arena, ref);
  if (type !== recordType.string) return kindOf(type).copy(keyspace, ref);
  return isExternal(arena, ref) ? copyExternal(arena, ref) : noRef;
}

/** Bytes of the arena that a key takes with its value, as MEMORY USAGE reports them. */
export function keyBytes(keyspace: Keyspace, ref: Ref): number {
  const own = recordBytes(keyspace.arena, ref);
  const type = typeOf(keyspace.arena, ref);
  return type === recordType.string ? own : own + kindOf(type).bytes(keyspace, ref);
}

/** Elements of a collection; 1 for a string. */
export function elementCount(keyspace: Keyspace, ref: Ref): number {
  const type = typeOf(keyspace.arena, ref);
  return type === recordType.string ? 1 : kindOf(type).count(keyspace, ref);
}

/** A copy of the block of an external string. */
function copyExternal(arena: Arena, ref: Ref): Ref {
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
