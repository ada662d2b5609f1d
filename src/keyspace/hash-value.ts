// Hashes as values: how they are counted, freed, copied and measured. Their encodings are in
// `hash-fields.ts`.
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes } from "../memory/arena.ts";
import { entryHash } from "../structures/hash-table.ts";
import {
  copyListpack,
  freeListpack,
  listpackBytes,
  listpackCapacity,
} from "../structures/listpack.ts";
import { HashCursor } from "./hash-cursor.ts";
import { fieldBytes, freeField, makeField } from "./hash-entry.ts";
import { headBytes, headOf, makeHead, wordHead, wordListpack } from "./hash-expiries.ts";
import { addItem, freeHeap, itemTime, writeItemTime } from "./hash-expiry-heap.ts";
import { countOfHash, hashRootBytes, listpackOf, makeHashRoot } from "./hash-fields.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, valueRef } from "./record.ts";
import type { ValueKind } from "./value-kind.ts";

/** Word of a table's root that says from which bucket on its entries are yet to be freed. */
const wordFreed = hashRootBytes / 4 - 1;
/** Fields whose sizes stand for those of all others. */
const measuredMax = 256;

export const hashKind: ValueKind = {
  count(keyspace: Keyspace, ref: Ref): number {
    const { arena } = keyspace;
    return countOfHash(arena, encodingOf(arena, ref), valueRef(arena, ref));
  },

  freeSome(keyspace: Keyspace, kind: number, root: Ref, budget: number): boolean {
    const { arena } = keyspace;
    if (kind === encoding.hashtable) return freeTable(keyspace, root, budget);
    freeListpack(arena, listpackOf(arena, kind, root));
    if (kind === encoding.listpackex) arena.free(root, headBytes);
    return true;
  },

  copy(keyspace: Keyspace, ref: Ref): Ref {
    const { arena } = keyspace;
    const root = valueRef(arena, ref);
    const kind = encodingOf(arena, ref);
    if (kind === encoding.hashtable) return copyTable(keyspace, root);
    const listpack = copyListpack(arena, listpackOf(arena, kind, root));
    if (kind === encoding.listpack) return listpack;
    const head = copyHead(arena, root);
    arena.words[head >>> 16][((head & 0xffff) << 2) + wordListpack] = listpack;
    return head;
  },

  bytes(keyspace: Keyspace, ref: Ref): number {
    const { arena } = keyspace;
    const root = valueRef(arena, ref);
    const kind = encodingOf(arena, ref);
    const head = headOf(arena, kind, root) === 0 ? 0 : blockBytes(headBytes);
    if (kind === encoding.hashtable) return head + tableBytes(keyspace, root);
    const listpack = listpackOf(arena, kind, root);
    return head + blockBytes(listpackCapacity(listpackBytes(arena, listpack)));
  },
};

/** A head of the same time that is in no database. */
function copyHead(arena: Arena, head: Ref): Ref {
  const made = makeHead(arena);
  writeItemTime(arena, made, itemTime(arena, head));
  return made;
}

function freeTable(keyspace: Keyspace, root: Ref, budget: number): boolean {
  const { arena } = keyspace;
  const table = keyspace.tables.hash;
  const words = arena.words[root >>> 16];
  const at = (root & 0xffff) << 2;
  table.load(root);
  const next = table.forEachFrom(words[at + wordFreed], budget, (entry) => {
    freeField(arena, entry);
  });
  if (next >= 0) {
    words[at + wordFreed] = next;
    return false;
  }
  table.clear();
  const head = words[at + wordHead] as Ref;
  if (head !== 0) {
    freeHeap(arena, head);
    arena.free(head, headBytes);
  }
  arena.free(root, hashRootBytes);
  return true;
}

function copyTable(keyspace: Keyspace, root: Ref): Ref {
  const { arena } = keyspace;
  const table = keyspace.tables.hash;
  const copy = makeHashRoot(keyspace, countOfHash(arena, encoding.hashtable, root));
  const head = headOf(arena, encoding.hashtable, root);
  const newHead = head === 0 ? head : copyHead(arena, head);
  arena.words[copy >>> 16][((copy & 0xffff) << 2) + wordHead] = newHead;
  const cursor = new HashCursor();
  cursor.open(keyspace, encoding.hashtable, root);
  while (cursor.next()) {
    const made = copyField(arena, cursor);
    const source = cursor.found as Ref;
    const hash = arena.words[source >>> 16][((source & 0xffff) << 2) + entryHash];
    table.load(copy);
    table.insert(made, hash);
    table.store(copy);
    if (cursor.timeMs >= 0) addItem(arena, newHead, made);
  }
  return copy;
}

function copyField(arena: Arena, { field, value, timeMs }: HashCursor): Ref {
  return makeField(
    arena,
    field.bytes,
    field.offset,
    field.length,
    value.bytes,
    value.offset,
    value.length,
    timeMs,
  );
}

/** The fields' sizes are those of the first ones, as an average. */
function tableBytes(keyspace: Keyspace, root: Ref): number {
  const { arena } = keyspace;
  const table = keyspace.tables.hash;
  table.load(root);
  let measured = 0;
  let sum = 0;
  table.forEachFrom(0, measuredMax, (entry) => {
    measured++;
    sum += fieldBytes(arena, entry);
  });
  const fields = measured === 0 ? 0 : Math.round((sum / measured) * table.count);
  return blockBytes(hashRootBytes) + table.tableBytes + fields;
}
