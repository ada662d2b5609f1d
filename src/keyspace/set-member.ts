// One member of a set, however it is held: what cursors and random picks yield. Of an intset's
// member the digits are written only when somebody wants them.
import { viewedBytes } from "../bytes/viewed.ts";
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { IntsetValue, readIntset, writeIntsetValue } from "../structures/intset.ts";
import { ListpackEntry, readEntry } from "../structures/listpack.ts";
import { entryKey, keyLengthMask } from "../structures/hash-table.ts";

/** Bytes of a table's entry before the member: no word beside those of the table. */
export const memberHeaderBytes = 12;

const none = new Uint8Array(0);

/**
 * One object serves many members; the text is good until the set changes or the next member is
 * read.
 */
export class SetMember {
  /** The member's text; only after `render` when `isInteger`. */
  bytes: Uint8Array = none;
  offset = 0;
  length = 0;
  /** Whether it comes from an intset, so that `value` holds it. */
  isInteger = false;
  readonly value = new IntsetValue();
  /** Entry of the table, when the set is one. */
  entry: Ref = noRef;
  /** Position in the listpack, when the set is one. */
  position = 0;
  readonly #digits = viewedBytes(24);
  readonly #listpackEntry = new ListpackEntry();

  /** Writes an integer's digits, if that has not been done. */
  render(): void {
    if (!this.isInteger || this.length > 0) return;
    this.bytes = this.#digits;
    this.offset = 0;
    this.length = writeIntsetValue(this.#digits, 0, this.value);
  }

  ofIntset(arena: Arena, root: Ref, index: number): void {
    this.isInteger = true;
    this.length = 0;
    readIntset(arena, root, index, this.value);
  }

  ofListpack(arena: Arena, root: Ref, position: number): void {
    const entry = this.#listpackEntry;
    readEntry(arena, root, position, entry);
    this.isInteger = false;
    this.position = position;
    this.bytes = entry.bytes;
    this.offset = entry.offset;
    this.length = entry.length;
  }

  ofEntry(arena: Arena, entry: Ref): void {
    const at = (entry & 0xffff) << 2;
    this.isInteger = false;
    this.entry = entry;
    this.bytes = arena.bytes[entry >>> 16];
    this.offset = (at << 2) + memberHeaderBytes;
    this.length = arena.words[entry >>> 16][at + entryKey] & keyLengthMask;
  }
}
