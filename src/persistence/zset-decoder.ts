// Decodes sorted sets.
import { Slice } from "../bytes/slices.ts";
import { noRef } from "../memory/arena.ts";
import { isValidListpack, loadListpack } from "../structures/listpack.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { encoding, recordType } from "../keyspace/record.ts";
import {
  findLarge,
  fitsSmall,
  growToLarge,
  insertLarge,
  newLarge,
  reserve,
  shrinkToSmall,
} from "../keyspace/zset-value.ts";
import type { DecodedValue } from "./decoded-value.ts";
import { countElements, hasDuplicates, hasOrderedScores } from "./listpack-check.ts";
import { rdbType } from "./rdb-format.ts";
import type { RdbReader } from "./rdb-reader.ts";
import { readZiplist } from "./ziplist-conversion.ts";

const text = new Slice();
/** The member whose score is read next: the reader's strings last only until it reads on. */
let member = new Uint8Array(256);
const keptMemberBytes = 64 * 1024;

/** A sorted set written member by member, scores as text or in binary. */
export function decodeZset(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  type: number,
): void {
  const count = reader.readNumber();
  if (count === 0) reader.failEmpty("a sorted set is empty");
  const plausible = reader.plausibleCount(count, 2);
  const root = newLarge(keyspace);
  into.set(recordType.zset, encoding.skiplist, root);
  reserve(keyspace, root, plausible);
  for (let left = count; left > 0; left--) {
    reader.readString(text);
    const { length } = text;
    keepMember();
    const score = type === rdbType.zset ? reader.readOldDouble() : reader.readDouble();
    if (Number.isNaN(score)) reader.fail("a score is not a number");
    if (findLarge(keyspace, root, member, 0, length) !== noRef) {
      reader.fail("a sorted set has a member twice");
    }
    insertLarge(keyspace, root, member, 0, length, score);
  }
  if (member.length > keptMemberBytes) member = new Uint8Array(256);
  if (!fitsSmall(keyspace, root)) return;
  into.set(recordType.zset, encoding.listpack, shrinkToSmall(keyspace, root));
}

function keepMember(): void {
  const { bytes, offset, length } = text;
  if (length > member.length) member = new Uint8Array(length * 2);
  for (let index = 0; index < length; index++) member[index] = bytes[offset + index];
}

/** A sorted set that is a listpack or, of old, a ziplist, of members and scores. */
export function decodeZsetListpack(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  type: number,
): void {
  const { arena, limits } = keyspace;
  reader.readString(text);
  if (type === rdbType.zsetZiplist) readZiplist(keyspace, reader, text);
  const { bytes, offset, length } = text;
  if (!isValidListpack(bytes, offset, length, true)) reader.fail("a listpack is damaged");
  const count = countElements(bytes, offset);
  if (count === 0) reader.failEmpty("a sorted set is empty");
  const isWhole = count % 2 === 0 && hasOrderedScores(bytes, offset, count);
  if (!isWhole) reader.fail("a sorted set's scores are damaged or out of order");
  if (hasDuplicates(keyspace, bytes, offset, count / 2, 2)) {
    reader.fail("a sorted set has a member twice");
  }
  const listpack = loadListpack(arena, bytes, offset, length);
  into.set(recordType.zset, encoding.listpack, listpack);
  if (count / 2 <= limits.zsetMaxListpackEntries) return;
  into.set(recordType.zset, encoding.skiplist, growToLarge(keyspace, listpack, count / 2));
}
