// Walks the entries of a stream in order of their IDs, either way, within bounds, and reads them.
// Deleted entries are passed over.
//
// One cursor serves many walks. It keeps the bytes of the node that it is in, so a walk ends with
// the next change of the stream. The fields of an entry are read one by one, each at most once, in
// the order in which they were given.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { ListpackEntry, listpackBytes, listpackHeaderBytes } from "./listpack.ts";
import { backSizeBytes, decodeEntry, endTag, entrySizeAt, readBackSize } from "./listpack-entry.ts";
import { StreamId, compareIds, copyId, maxId, zeroId } from "./stream-id.ts";
import {
  IdCursor,
  idAt,
  nextPlace,
  payloadAt,
  previousPlace,
  seekFirst,
  seekFloor,
} from "./stream-id-tree.ts";
import { streamNodes } from "./stream-root.ts";
import {
  deletedFlag,
  integerAt,
  readEntryId,
  sameFieldsFlag,
  skipElements,
} from "./stream-node.ts";

export class StreamCursor {
  /** Of the entry that `next` has found. */
  readonly id = new StreamId();
  fieldCount = 0;
  /** What `nextField` has read. */
  readonly field = new ListpackEntry();
  readonly value = new ListpackEntry();
  /** The node's listpack, and the position of the entry's flags in it. */
  node: Ref = noRef;
  /** Where the node is in the tree of nodes. */
  readonly place = new IdCursor();

  readonly #start = new StreamId();
  readonly #end = new StreamId();
  readonly #nodeId = new StreamId();
  #arena: Arena | undefined;
  #tree: Ref = noRef;
  #isReverse = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #base = 0;
  /** Offset of the entry's flags; 0 before the first entry of the node. */
  #entry = 0;
  /** Offset of what is to be read next, and how many elements there are up to the `lp-count`. */
  #at = 0;
  #elements = 0;
  #masterField = 0;
  #masterFields = 0;
  #masterCount = 0;
  #hasMasterFields = false;

  /** Begins a walk over all entries from `start` to `end`, both included. */
  open(arena: Arena, root: Ref, start: StreamId = zeroId, end: StreamId = maxId): void {
    this.#begin(arena, root, start, end);
    this.#isReverse = false;
    const isFound =
      seekFloor(arena, this.#tree, start, this.place) || seekFirst(arena, this.#tree, this.place);
    if (isFound) this.#openNode(arena);
  }

  /** The same from `end` back to `start`. */
  openReverse(arena: Arena, root: Ref, start: StreamId = zeroId, end: StreamId = maxId): void {
    this.#begin(arena, root, start, end);
    this.#isReverse = true;
    if (seekFloor(arena, this.#tree, end, this.place)) this.#openNode(arena);
  }

  #begin(arena: Arena, root: Ref, start: StreamId, end: StreamId): void {
    this.#arena = arena;
    this.#tree = streamNodes(arena, root);
    copyId(start, this.#start);
    copyId(end, this.#end);
    this.node = noRef;
  }

  #openNode(arena: Arena): void {
    const node = payloadAt(arena, this.#tree, this.place, 0) as Ref;
    this.node = node;
    idAt(arena, this.#tree, this.place, this.#nodeId);
    const bytes = arena.bytes[node >>> 16];
    const base = (node & 0xffff) << 4;
    this.#bytes = bytes;
    this.#base = base;
    const counts = skipElements(bytes, base + listpackHeaderBytes, 2);
    this.#masterCount = integerAt(bytes, counts);
    this.#masterFields = counts + entrySizeAt(bytes, counts);
    if (this.#isReverse) {
      this.#entry = base + listpackBytes(arena, node) - 1;
      return;
    }
    this.#entry = 0;
    this.#at = skipElements(bytes, this.#masterFields, this.#masterCount);
    this.#elements = 0;
  }

  /** Position of the entry in its listpack. */
  get position(): number {
    return this.#entry - this.#base;
  }

  /** Finds the next entry; false when there is none. */
  next(): boolean {
    if (this.node === noRef) return false;
    return this.#isReverse ? this.#previousEntry() : this.#nextEntry();
  }

  #nextEntry(): boolean {
    for (;;) {
      const bytes = this.#bytes;
      // What is left of the entry before, and its `lp-count`; or the end of the master entry.
      const at = skipElements(bytes, this.#at, this.#elements + 1);
      if (bytes[at] === endTag) {
        if (!this.#moveToNode()) return false;
        continue;
      }
      this.#readHead(at);
      if (compareIds(this.id, this.#end) > 0) return this.#finish();
      if (this.#isAlive && compareIds(this.id, this.#start) >= 0) return true;
    }
  }

  #previousEntry(): boolean {
    for (;;) {
      const bytes = this.#bytes;
      let at = this.#before(this.#entry);
      const count = integerAt(bytes, at);
      if (count === 0) {
        if (!this.#moveToNode()) return false;
        continue;
      }
      for (let left = count; left > 0; left--) at = this.#before(at);
      this.#readHead(at);
      if (compareIds(this.id, this.#start) < 0) return this.#finish();
      if (this.#isAlive && compareIds(this.id, this.#end) <= 0) return true;
    }
  }

  /** Offset of the element before the one at `at`. */
  #before(at: number): number {
    const size = readBackSize(this.#bytes, at);
    return at - size - backSizeBytes(size);
  }

  #isAlive = false;

  #readHead(at: number): void {
    const bytes = this.#bytes;
    this.#entry = at;
    const flags = integerAt(bytes, at);
    let next = readEntryId(bytes, at + entrySizeAt(bytes, at), this.#nodeId, this.id);
    this.#isAlive = (flags & deletedFlag) === 0;
    this.#hasMasterFields = (flags & sameFieldsFlag) !== 0;
    if (this.#hasMasterFields) {
      this.fieldCount = this.#masterCount;
      this.#elements = this.#masterCount;
      this.#masterField = this.#masterFields;
    } else {
      this.fieldCount = integerAt(bytes, next);
      next += entrySizeAt(bytes, next);
      this.#elements = this.fieldCount * 2;
    }
    this.#at = next;
  }

  #moveToNode(): boolean {
    const arena = this.#arena as Arena;
    const isFound = this.#isReverse
      ? previousPlace(arena, this.place)
      : nextPlace(arena, this.place);
    if (!isFound) return this.#finish();
    this.#openNode(arena);
    return true;
  }

  #finish(): boolean {
    this.node = noRef;
    return false;
  }

  /** Reads the next field and its value; to be called `fieldCount` times at most. */
  nextField(): void {
    const bytes = this.#bytes;
    if (this.#hasMasterFields) {
      this.#masterField = readElement(bytes, this.#masterField, this.field);
    } else {
      this.#at = readElement(bytes, this.#at, this.field);
      this.#elements--;
    }
    this.#at = readElement(bytes, this.#at, this.value);
    this.#elements--;
  }
}

/** Describes the element at `at`; returns the offset behind. */
function readElement(bytes: Uint8Array, at: number, entry: ListpackEntry): number {
  const tag = bytes[at];
  if (tag >= 0x80 && tag < 0xc0) {
    const length = tag & 0x3f;
    entry.bytes = bytes;
    entry.offset = at + 1;
    entry.length = length;
    return at + length + 2;
  }
  decodeEntry(bytes, at, entry);
  return at + entrySizeAt(bytes, at);
}
