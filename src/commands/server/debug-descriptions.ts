import { utf8 } from "../../bytes/ascii.ts";
import type { Database } from "../../keyspace/database.ts";
import { listpackOf } from "../../keyspace/hash-fields.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import {
  accessOf,
  encoding,
  encodingNames,
  encodingOf,
  isExternal,
  recordType,
  typeOf,
  valueRef,
} from "../../keyspace/record.ts";
import type { VolatileKeys } from "../../keyspace/volatile-keys.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import { versionMin } from "../../persistence/rdb-format.ts";
import type { RdbWriterOptions } from "../../persistence/rdb-writer.ts";
import { RdbWriter } from "../../persistence/rdb-writer.ts";
import { encodeValue, rdbTypeOf } from "../../persistence/value-encoder.ts";
import type { HashTable } from "../../structures/hash-table.ts";
import {
  ListpackEntry,
  firstEntry,
  listpackBytes,
  listpackLength,
  nextEntry,
  readEntry,
} from "../../structures/listpack.ts";
import {
  firstNode,
  nextNode,
  nodeCount,
  packedBytes,
  quicklistLength,
} from "../../structures/quicklist-node.ts";

const accessSecondsMask = 0xffffff;

/**
 * DEBUG OBJECT's line, which Redis's tests take apart. The address changes when the value gets
 * another block.
 */
export function objectLine(db: Database, ref: Ref, options: RdbWriterOptions): string {
  const { arena, accessClock } = db.keyspace;
  const isInline = typeOf(arena, ref) === recordType.string && !isExternal(arena, ref);
  const block = isInline ? ref : valueRef(arena, ref);
  const access = accessOf(arena, ref) & accessSecondsMask;
  return [
    `Value at:0x${(block >>> 0).toString(16).padStart(8, "0")}`,
    "refcount:1",
    `encoding:${encodingNames[encodingOf(arena, ref)]}`,
    `serializedlength:${serializedBytes(db, ref, options)}`,
    `lru:${access}`,
    `lru_seconds_idle:${(accessClock - access) & accessSecondsMask}`,
    ...quicklistWords(db, ref),
  ].join(" ");
}

/** What is told of a list's nodes. */
function quicklistWords({ keyspace }: Database, ref: Ref): string[] {
  const { arena, limits } = keyspace;
  if (encodingOf(arena, ref) !== encoding.quicklist) return [];
  const root = valueRef(arena, ref);
  const nodes = nodeCount(arena, root);
  let bytes = 0;
  for (let node = firstNode(arena, root); node !== noRef; node = nextNode(arena, node)) {
    bytes += packedBytes(arena, node);
  }
  return [
    `ql_nodes:${nodes}`,
    `ql_avg_node:${(quicklistLength(arena, root) / nodes).toFixed(2)}`,
    `ql_listpack_max:${limits.listMaxListpackSize}`,
    `ql_compressed:${limits.listCompressDepth === 0 ? 0 : 1}`,
    `ql_uncompressed_size:${bytes}`,
  ];
}

/** Bytes of the value in a snapshot, its type not counted. */
function serializedBytes({ keyspace }: Database, ref: Ref, options: RdbWriterOptions): number {
  const writer = new RdbWriter(options);
  encodeValue(keyspace, ref, rdbTypeOf(keyspace, ref, versionMin), writer);
  return writer.position;
}

/**
 * The table that holds the record's value, if one does; good until the view is used for another.
 */
export function tableOfValue({ arena, tables }: Keyspace, ref: Ref): HashTable | undefined {
  const held = encodingOf(arena, ref);
  if (held !== encoding.hashtable && held !== encoding.skiplist) return undefined;
  const type = typeOf(arena, ref);
  const table =
    type === recordType.zset ? tables.zset : type === recordType.set ? tables.set : tables.hash;
  table.load(valueRef(arena, ref));
  return table;
}

/** DEBUG LISTPACK: its sizes and an element a line; undefined when the value is held otherwise. */
export function listpackLines({ arena }: Keyspace, ref: Ref): string[] | undefined {
  const held = encodingOf(arena, ref);
  if (held !== encoding.listpack && held !== encoding.listpackex) return undefined;
  const root = valueRef(arena, ref);
  const listpack = held === encoding.listpackex ? listpackOf(arena, held, root) : root;
  const lines = [
    `{total bytes ${listpackBytes(arena, listpack)}} ` +
      `{num entries ${listpackLength(arena, listpack)}}`,
  ];
  const entry = new ListpackEntry();
  let position = firstEntry(arena, listpack);
  while (position !== 0) {
    readEntry(arena, listpack, position, entry);
    const text = utf8(entry.bytes, entry.offset, entry.offset + entry.length);
    lines.push(`{position ${position}} ${entry.isInteger ? "integer" : "text"} ${text}`);
    position = nextEntry(arena, listpack, position);
  }
  return lines;
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
