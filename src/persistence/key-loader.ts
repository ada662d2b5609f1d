// Puts decoded values under keys: the last step of RESTORE and of loading a snapshot.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "../keyspace/database.ts";
import { keyEvents } from "../keyspace/key-event.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { settleList } from "../keyspace/list-value.ts";
import {
  inlineBytesMax,
  makeExternal,
  makeRecord,
  recordType,
  sliceString,
} from "../keyspace/record.ts";
import { encodingOfText } from "../keyspace/string.ts";
import type { DecodedValue } from "./decoded-value.ts";

/** What a key has beside its value. */
export interface KeyFacts {
  /** ms since 1970; -1: the key does not expire. */
  readonly expiryMs: number;
  /** The record's access word. */
  readonly access: number;
}

/**
 * RESTORE: gives a key a value in place of what it has, if it is there, be its time over or not.
 * When the new time is over already, the key is deleted instead.
 */
export function restoreKey(
  db: Database,
  args: Slices,
  key: number,
  value: DecodedValue,
  facts: KeyFacts,
): void {
  const { keyspace } = db;
  const { bytes } = args;
  const offset = args.offsets[key];
  const length = args.lengths[key];
  const old = db.table.find(bytes, offset, length, keyspace.hash(bytes, offset, length));
  const { expiryMs } = facts;
  if (expiryMs >= 0 && expiryMs <= keyspace.nowMs && keyspace.expires) {
    value.discard(keyspace);
    if (old !== noRef) db.remove(old, keyEvents.del);
    return;
  }
  if (old !== noRef) db.discard(old);
  addLoadedKey(db, args, key, value, facts);
  keyspace.event(db, bytes, offset, length, keyEvents.new);
  keyspace.changed(db, bytes, offset, length, keyEvents.restore);
}

/** Adds a key that is not there. Reports nothing: the caller does. */
function addLoadedKey(
  db: Database,
  args: Slices,
  key: number,
  value: DecodedValue,
  facts: KeyFacts,
): void {
  const ref = makeLoadedRecord(db.keyspace, args, key, value, facts);
  db.insert(ref, db.keyspace.hash(args.bytes, args.offsets[key], args.lengths[key]));
}

/** A record of a key and a value, whose memory is the record's from then on; in no table yet. */
export function makeLoadedRecord(
  keyspace: Keyspace,
  args: Slices,
  key: number,
  value: DecodedValue,
  facts: KeyFacts,
): Ref {
  const { arena, shape } = keyspace;
  const isString = value.type === recordType.string;
  const { bytes, offset, length } = value.text;
  const isInline = isString && length <= inlineBytesMax;
  shape.keyBytes = args.bytes;
  shape.keyOffset = args.offsets[key];
  shape.keyLength = args.lengths[key];
  shape.type = value.type;
  shape.encoding = isString ? encodingOfText(bytes, offset, length) : value.encoding;
  shape.expiryMs = facts.expiryMs;
  shape.access = facts.access;
  shape.inlineLength = isInline ? length : -1;
  shape.value = value.root;
  if (isString && !isInline) shape.value = makeExternal(arena, length, length);
  const ref = makeRecord(arena, shape);
  if (isString) {
    sliceString(arena, ref, keyspace.value);
    copyBytes(bytes, offset, keyspace.value.bytes, keyspace.value.offset, length);
  }
  if (value.type === recordType.list) settleList(keyspace, ref);
  return ref;
}
