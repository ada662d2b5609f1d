// Random fields of a hash: HRANDFIELD. Fields whose time is over are deleted first, so that a pick
// is fair among those that are left.
//
// Distinct fields are chosen as members of sets are (`set-random.ts`): by a walk that decides for
// each field in turn when they are many of all, by picking and picking again when they are few.
import type { Slice, Slices } from "../bytes/slices.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { HashCursor } from "./hash-cursor.ts";
import { dropAllExpired } from "./hash-expire.ts";
import type { HashState } from "./hash-fields.ts";
import { countFields, pickField } from "./hash-fields.ts";
import { readHash } from "./hash.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding } from "./record.ts";

/** Receives a field's name and value, good during the call. */
export type FieldVisitor = (field: Slice, value: Slice) => void;

/** Above this share of all fields (one in so many) walking through all of them is cheaper. */
const walkedShare = 3;

/**
 * Makes `hash` the hash of the key, without fields whose time is over; their number, 0 when there
 * is no such key.
 */
export function readForPick(db: Database, args: Slices, key: number, hash: HashState): number {
  const ref = readHash(db, args, key, hash);
  if (ref === noRef || !dropAllExpired(db, ref, hash)) return 0;
  return countFields(db.keyspace, hash);
}

/** `count` fields, each drawn from all. */
export function drawFields(
  keyspace: Keyspace,
  hash: HashState,
  count: number,
  visit: FieldVisitor,
): void {
  const cursor = new HashCursor();
  for (let left = count; left > 0; left--) {
    pickField(keyspace, hash, cursor);
    visit(cursor.field, cursor.value);
  }
}

/** `count` distinct fields, all when there are no more, in no particular order. */
export function chooseFields(
  keyspace: Keyspace,
  hash: HashState,
  count: number,
  visit: FieldVisitor,
): void {
  const size = countFields(keyspace, hash);
  if (hash.encoding === encoding.hashtable && count * walkedShare <= size) {
    chooseEntries(keyspace, hash, count, visit);
    return;
  }
  const cursor = new HashCursor();
  cursor.open(keyspace, hash.encoding, hash.root);
  let left = size;
  let needed = Math.min(count, size);
  while (needed > 0 && cursor.next()) {
    if (needed === left || keyspace.random.below(left) < needed) {
      visit(cursor.field, cursor.value);
      needed--;
    }
    left--;
  }
}

function chooseEntries(
  keyspace: Keyspace,
  hash: HashState,
  count: number,
  visit: FieldVisitor,
): void {
  const chosen = new Set<number>();
  const cursor = new HashCursor();
  while (chosen.size < count) {
    pickField(keyspace, hash, cursor);
    if (chosen.has(cursor.found)) continue;
    chosen.add(cursor.found);
    visit(cursor.field, cursor.value);
  }
}
