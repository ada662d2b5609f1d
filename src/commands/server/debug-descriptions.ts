import { parseInteger } from "../../bytes/integer.ts";
import { compressLzf } from "../../bytes/lzf.ts";
import { Slice } from "../../bytes/slices.ts";
import type { Database } from "../../keyspace/database.ts";
import {
  accessOf,
  encodingNames,
  encodingOf,
  isExternal,
  recordType,
  sliceString,
  typeOf,
  valueRef,
} from "../../keyspace/record.ts";
import { keyBytes } from "../../keyspace/value.ts";
import type { VolatileKeys } from "../../keyspace/volatile-keys.ts";
import type { Ref } from "../../memory/arena.ts";
import type { HashTable } from "../../structures/hash-table.ts";

const accessSecondsMask = 0xffffff;
/** Strings of fewer bytes are never compressed in a snapshot, and compression must save four. */
const compressedBytesMin = 21;
const savedBytesMin = 4;

/**
 * DEBUG OBJECT's line, which Redis's tests take apart. The address changes when the value gets
 * another block.
 */
export function objectLine(db: Database, ref: Ref): string {
  const { arena, accessClock } = db.keyspace;
  const isInline = typeOf(arena, ref) === recordType.string && !isExternal(arena, ref);
  const block = isInline ? ref : valueRef(arena, ref);
  const access = accessOf(arena, ref) & accessSecondsMask;
  return [
    `Value at:0x${(block >>> 0).toString(16).padStart(8, "0")}`,
    "refcount:1",
    `encoding:${encodingNames[encodingOf(arena, ref)]}`,
    `serializedlength:${serializedBytes(db, ref)}`,
    `lru:${access}`,
    `lru_seconds_idle:${(accessClock - access) & accessSecondsMask}`,
  ].join(" ");
}

/**
 * Bytes that a string takes in a snapshot, compression on.
 *
 * Redis differs: of a collection, too, it tells the size in a snapshot; this is its size in memory.
 */
function serializedBytes({ keyspace }: Database, ref: Ref): number {
  const { arena } = keyspace;
  if (typeOf(arena, ref) !== recordType.string) return keyBytes(keyspace, ref);
  const value = new Slice();
  sliceString(arena, ref, value);
  const { bytes, offset, length } = value;
  const number = parseInteger(bytes, offset, length);
  if (Number.isInteger(number) && number === (number | 0)) return integerBytes(number);
  if (length >= compressedBytesMin) {
    const room = length - savedBytesMin;
    const compressed = compressLzf(bytes, offset, length, new Uint8Array(room), 0, room);
    if (compressed > 0) return 1 + countBytes(compressed) + countBytes(length) + compressed;
  }
  return countBytes(length) + length;
}

function integerBytes(value: number): number {
  if (value === (value << 24) >> 24) return 2;
  return value === (value << 16) >> 16 ? 3 : 5;
}

/** Bytes of a length in a snapshot: 6 bits, 14 bits, or a byte and 32 bits. */
function countBytes(length: number): number {
  if (length < 1 << 6) return 1;
  return length < 1 << 14 ? 2 : 5;
}

/** DEBUG HTSTATS of a hash table, in the lines of Redis's dictGetStats. */
export function tableLines(table: HashTable, options: { full: boolean }): string[] {
  return table.describe().flatMap(({ buckets, entries, chains }, index) => {
    const role = index === 0 ? "main hash table" : "rehashing target";
    const title = `Hash table ${index} stats (${role}):`;
    if (entries === 0) return [title, "No stats available for empty dictionaries"];
    const lines = [title, ` table size: ${buckets}`, ` number of elements: ${entries}`];
    return options.full ? lines.concat(chainLines(chains, buckets, entries)) : lines;
  });
}

function chainLines(
  chains: ReadonlyMap<number, number>,
  buckets: number,
  entries: number,
): string[] {
  const slots = buckets - (chains.get(0) ?? 0);
  const mean = (entries / slots).toFixed(2);
  const lengths = [...chains].toSorted(([a], [b]) => a - b);
  return [
    ` different slots: ${slots}`,
    ` max chain length: ${lengths[lengths.length - 1][0]}`,
    ` avg chain length (counted): ${mean}`,
    ` avg chain length (computed): ${mean}`,
    " Chain length distribution:",
    ...lengths.map(([length, count]) => {
      return `   ${length}: ${count} (${((count / buckets) * 100).toFixed(2)}%)`;
    }),
  ];
}

/** The same for the keys that expire: a dense array, whose places are its table's size. */
export function volatileLines(keys: VolatileKeys): string[] {
  const title = "Hash table 0 stats (main hash table):";
  if (keys.count === 0) return [title, "No stats available for empty dictionaries"];
  const capacity = keys.tableBytes / Int32Array.BYTES_PER_ELEMENT;
  return [title, ` table size: ${capacity}`, ` number of elements: ${keys.count}`];
}
