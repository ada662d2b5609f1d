// Sets as values: how they are counted, freed, copied and measured. Their encodings are in
// `set-members.ts`.
import type { Arena, Ref } from "../memory/arena.ts";
import { blockBytes } from "../memory/arena.ts";
import { entryHash, entryKey, keyLengthMask } from "../structures/hash-table.ts";
import { copyIntset, freeIntset, intsetBytes, intsetCapacity } from "../structures/intset.ts";
import {
  copyListpack,
  freeListpack,
  listpackBytes,
  listpackCapacity,
} from "../structures/listpack.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, encodingOf, valueRef } from "./record.ts";
import { SetCursor } from "./set-cursor.ts";
import { memberHeaderBytes } from "./set-member.ts";
import { SetState, countOfSet, freeMember, makeTableSet, setRootBytes } from "./set-members.ts";
import type { ValueKind } from "./value-kind.ts";

/** Word of a table's root that says from which bucket on its entries are yet to be freed. */
const wordFreed = setRootBytes / 4 - 1;
/** Members whose sizes stand for those of all others. */
const measuredMax = 256;

export const setKind: ValueKind = {
  count(keyspace: Keyspace, ref: Ref): number {
    return countOfSet(
      keyspace.arena,
      encodingOf(keyspace.arena, ref),
      valueRef(keyspace.arena, ref),
    );
  },

  freeSome(keyspace: Keyspace, kind: number, root: Ref, budget: number): boolean {
    const { arena } = keyspace;
    if (kind === encoding.intset) freeIntset(arena, root);
    else if (kind === encoding.listpack) freeListpack(arena, root);
    else return freeTable(keyspace, root, budget);
    return true;
  },

  copy(keyspace: Keyspace, ref: Ref): Ref {
    const { arena } = keyspace;
    const root = valueRef(arena, ref);
    const kind = encodingOf(arena, ref);
    if (kind === encoding.intset) return copyIntset(arena, root);
    return kind === encoding.listpack ? copyListpack(arena, root) : copyTable(keyspace, root);
  },

  bytes(keyspace: Keyspace, ref: Ref): number {
    const { arena } = keyspace;
    const root = valueRef(arena, ref);
    const kind = encodingOf(arena, ref);
    if (kind === encoding.intset) return blockBytes(intsetCapacity(intsetBytes(arena, root)));
    if (kind === encoding.hashtable) return tableBytes(keyspace, root);
    return blockBytes(listpackCapacity(listpackBytes(arena, root)));
  },
};

function freeTable(keyspace: Keyspace, root: Ref, budget: number): boolean {
  const { arena } = keyspace;
  const table = keyspace.tables.set;
  const at = ((root & 0xffff) << 2) + wordFreed;
  table.load(root);
  const next = table.forEachFrom(arena.words[root >>> 16][at], budget, (entry) => {
    freeMember(arena, entry);
  });
  if (next >= 0) {
    arena.words[root >>> 16][at] = next;
    return false;
  }
  table.clear();
  arena.free(root, setRootBytes);
  return true;
}

function copyTable(keyspace: Keyspace, root: Ref): Ref {
  const { arena } = keyspace;
  const table = keyspace.tables.set;
  const copy = new SetState();
  makeTableSet(keyspace, copy, countOfSet(arena, encoding.hashtable, root));
  const cursor = new SetCursor();
  cursor.open(keyspace, encoding.hashtable, root);
  while (cursor.next()) {
    const made = copyEntry(arena, cursor.member.entry);
    const hash = arena.words[made >>> 16][((made & 0xffff) << 2) + entryHash];
    table.load(copy.root);
    table.insert(made, hash);
    table.store(copy.root);
  }
  return copy.root;
}

/** A copy of an entry's whole block. */
function copyEntry(arena: Arena, entry: Ref): Ref {
  const size = entryBytes(arena, entry);
  const made = arena.allocate(size);
  const start = (entry & 0xffff) << 4;
  const target = (made & 0xffff) << 4;
  const to = arena.bytes[made >>> 16];
  to.set(arena.bytes[entry >>> 16].subarray(start, start + size), target);
  return made;
}

function entryBytes(arena: Arena, entry: Ref): number {
  const words = arena.words[entry >>> 16];
  return memberHeaderBytes + (words[((entry & 0xffff) << 2) + entryKey] & keyLengthMask);
}

/** The entries' sizes are those of the first ones, as an average. */
function tableBytes(keyspace: Keyspace, root: Ref): number {
  const { arena } = keyspace;
  const table = keyspace.tables.set;
  table.load(root);
  let measured = 0;
  let sum = 0;
  table.forEachFrom(0, measuredMax, (entry) => {
    measured++;
    sum += blockBytes(entryBytes(arena, entry));
  });
  const entries = measured === 0 ? 0 : Math.round((sum / measured) * table.count);
  return blockBytes(setRootBytes) + table.tableBytes + entries;
}
