// Decodes lists. A small one becomes a listpack when it is put under its key (`settleList`).
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { isValidListpack, loadListpack } from "../structures/listpack.ts";
import { lastNode } from "../structures/quicklist-node.ts";
import {
  appendNode,
  newQuicklist,
  pushLast,
  quicklistLength,
  settleNode,
} from "../structures/quicklist.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { encoding, recordType } from "../keyspace/record.ts";
import type { DecodedValue } from "./decoded-value.ts";
import { ListpackEntry } from "../structures/listpack.ts";
import { decodeEntry, endTag, entrySizeAt } from "../structures/listpack-entry.ts";
import { listpackHeaderBytes } from "../structures/listpack.ts";
import { countElements } from "./listpack-check.ts";
import { quicklistContainer, rdbType } from "./rdb-format.ts";
import type { RdbReader } from "./rdb-reader.ts";
import { forEachInZiplist } from "./ziplist.ts";

/** Nodes of more elements, which no Redis makes, are taken apart. */
const nodeElementsMax = 0xffff;

const text = new Slice();
const entry = new ListpackEntry();

/** A list written element by element. */
export function decodeList(keyspace: Keyspace, reader: RdbReader, into: DecodedValue): void {
  const { arena, limits } = keyspace;
  const count = reader.readNumber();
  reader.plausibleCount(count, 1);
  const root = makeList(keyspace, into);
  for (let left = count; left > 0; left--) {
    reader.readString(text);
    pushLast(arena, root, limits, text.bytes, text.offset, text.length);
  }
  refuseEmpty(keyspace, reader, root);
}

/** A list that is one ziplist. */
export function decodeListZiplist(keyspace: Keyspace, reader: RdbReader, into: DecodedValue): void {
  const root = makeList(keyspace, into);
  reader.readString(text);
  pushZiplist(keyspace, reader, root);
  refuseEmpty(keyspace, reader, root);
}

/** A quicklist: its nodes are ziplists, or, in its second form, listpacks and large elements. */
export function decodeQuicklist(
  keyspace: Keyspace,
  reader: RdbReader,
  into: DecodedValue,
  type: number,
): void {
  const { arena, limits } = keyspace;
  const count = reader.readNumber();
  reader.plausibleCount(count, 1);
  const root = makeList(keyspace, into);
  for (let left = count; left > 0; left--) {
    const isZiplist = type === rdbType.listQuicklist;
    const container = isZiplist ? quicklistContainer.packed : reader.readNumber();
    reader.readString(text);
    if (text.length === 0) reader.fail("a node of a list is empty");
    if (container === quicklistContainer.plain) {
      pushLast(arena, root, limits, text.bytes, text.offset, text.length);
    } else if (container !== quicklistContainer.packed) {
      reader.fail("unknown kind of a list's node");
    } else if (isZiplist) {
      pushZiplist(keyspace, reader, root);
    } else {
      pushListpack(keyspace, reader, root);
    }
  }
  refuseEmpty(keyspace, reader, root);
}

function makeList({ arena }: Keyspace, into: DecodedValue): Ref {
  into.set(recordType.list, encoding.quicklist, newQuicklist(arena));
  return into.root;
}

function refuseEmpty({ arena }: Keyspace, reader: RdbReader, root: Ref): void {
  if (quicklistLength(arena, root) === 0) reader.failEmpty("a list is empty");
}

function pushZiplist({ arena, limits }: Keyspace, reader: RdbReader, root: Ref): void {
  const isValid = forEachInZiplist(
    text.bytes,
    text.offset,
    text.length,
    (bytes, offset, length) => {
      pushLast(arena, root, limits, bytes, offset, length);
    },
  );
  if (!isValid) reader.fail("a ziplist is damaged");
}

/** The listpack in `text` becomes a node; an empty one is passed over, as in Redis. */
function pushListpack({ arena, limits }: Keyspace, reader: RdbReader, root: Ref): void {
  const { bytes, offset, length } = text;
  if (!isValidListpack(bytes, offset, length, true)) reader.fail("a listpack is damaged");
  const count = countElements(bytes, offset);
  if (count === 0) return;
  if (count > nodeElementsMax) {
    let at = offset + listpackHeaderBytes;
    for (; bytes[at] !== endTag; at += entrySizeAt(bytes, at)) {
      decodeEntry(bytes, at, entry);
      pushLast(arena, root, limits, entry.bytes, entry.offset, entry.length);
    }
    return;
  }
  const before = lastNode(arena, root);
  appendNode(arena, root, loadListpack(arena, bytes, offset, length));
  settleNode(arena, root, limits, before);
}
