// Decodes sets.
import { Slice } from "../bytes/slices.ts";
import { intsetLength, isValidIntset, loadIntset } from "../structures/intset.ts";
import { isValidListpack, loadListpack } from "../structures/listpack.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { encoding, recordType } from "../keyspace/record.ts";
import { SetState, addMember, convertToTable, makeSetFor } from "../keyspace/set-members.ts";
import type { DecodedValue } from "./decoded-value.ts";
import { countElements, hasDuplicates } from "./listpack-check.ts";
import type { RdbReader } from "./rdb-reader.ts";

const text = new Slice();

/** A set written member by member. */
export function decodeSet(keyspace: Keyspace, reader: RdbReader, into: DecodedValue): void {
  const count = reader.readNumber();
  if (count === 0) reader.failEmpty("a set is empty");
  const set = new SetState();
  const plausible = reader.plausibleCount(count, 1);
  for (let index = 0; index < count; index++) {
    reader.readString(text);
    const { bytes, offset, length } = text;
    if (index === 0) makeSetFor(keyspace, set, bytes, offset, length, plausible);
    const isNew = addMember(keyspace, set, bytes, offset, length);
    into.set(recordType.set, set.encoding, set.root);
    if (!isNew) reader.fail("a set has a member twice");
  }
}

export function decodeIntset(keyspace: Keyspace, reader: RdbReader, into: DecodedValue): void {
  const { arena, limits } = keyspace;
  reader.readString(text);
  const { bytes, offset, length } = text;
  if (!isValidIntset(bytes, offset, length, true)) reader.fail("an intset is damaged");
  into.set(recordType.set, encoding.intset, loadIntset(arena, bytes, offset, length));
  if (intsetLength(arena, into.root) > limits.setMaxIntsetEntries) leaveCompact(keyspace, into);
}

export function decodeSetListpack(keyspace: Keyspace, reader: RdbReader, into: DecodedValue): void {
  const { arena, limits } = keyspace;
  reader.readString(text);
  const { bytes, offset, length } = text;
  if (!isValidListpack(bytes, offset, length, true)) reader.fail("a set's listpack is damaged");
  const count = countElements(bytes, offset);
  if (count === 0) reader.failEmpty("a set is empty");
  if (hasDuplicates(keyspace, bytes, offset, count, 1)) reader.fail("a set has a member twice");
  into.set(recordType.set, encoding.listpack, loadListpack(arena, bytes, offset, length));
  if (count > limits.setMaxListpackEntries) leaveCompact(keyspace, into);
}

/** Makes a hash table of a set that is too large for the present configuration. */
function leaveCompact(keyspace: Keyspace, into: DecodedValue): void {
  const set = new SetState();
  set.encoding = into.encoding;
  set.root = into.root;
  convertToTable(keyspace, set, 0);
  into.set(recordType.set, set.encoding, set.root);
}
