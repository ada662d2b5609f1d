// Ziplists and zipmaps as listpacks, so that whoever decodes a collection has one compact encoding
// to deal with.
import type { Slice } from "../bytes/slices.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import {
  freeListpack,
  insertEntry,
  listpackBytes,
  listpackBytesMax,
  listpackView,
  newListpack,
} from "../structures/listpack.ts";
import type { RdbReader } from "./rdb-reader.ts";
import type { TextVisitor } from "./ziplist.ts";
import { forEachInZiplist, forEachInZipmap } from "./ziplist.ts";

/** More than an entry takes beside its text. */
const overheadBytes = 16;

type Walk = (bytes: Uint8Array, start: number, length: number, visit: TextVisitor) => boolean;

/** Points `text`, which is at a ziplist, at a listpack of the same elements. */
export function readZiplist(keyspace: Keyspace, reader: RdbReader, text: Slice): void {
  convert(keyspace, reader, text, forEachInZiplist);
}

/** The same for a zipmap; returns the length of its longest field or value. */
export function readZipmap(keyspace: Keyspace, reader: RdbReader, text: Slice): number {
  return convert(keyspace, reader, text, forEachInZipmap);
}

/** The listpack is a copy outside the arena: the arena's is built for its functions only. */
function convert({ arena }: Keyspace, reader: RdbReader, text: Slice, walk: Walk): number {
  let longest = 0;
  let made = newListpack(arena);
  let isTooLarge = false;
  const isValid = walk(text.bytes, text.offset, text.length, (bytes, offset, length) => {
    longest = Math.max(longest, length);
    isTooLarge ||= listpackBytes(arena, made) + length + overheadBytes > listpackBytesMax;
    if (!isTooLarge) made = insertEntry(arena, made, 0, bytes, offset, length);
  });
  listpackView(arena, made, text);
  text.set(text.copy(), 0, text.length);
  freeListpack(arena, made);
  if (!isValid || isTooLarge) reader.fail("an old compact encoding is damaged");
  return longest;
}
