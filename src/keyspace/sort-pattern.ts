// The patterns of SORT: `weight_*` names a key for each element, `object_*->price` a field of a
// hash.
//
// The first star stands for the element; what follows an arrow behind the star is the field. `#` is
// the element itself. A pattern without a star names nothing.
import { copyBytes } from "../bytes/ascii.ts";
import type { Slice } from "../bytes/slices.ts";
import { Slices } from "../bytes/slices.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { HashState, loadHash, readValue } from "./hash-fields.ts";
import { liveField } from "./hash.ts";
import { recordType, sliceString, typeOf } from "./record.ts";

const hash = 0x23;
const star = 0x2a;
const dash = 0x2d;
const greater = 0x3e;

export class SortPattern {
  readonly isElement: boolean;
  /** Where the star is; -1: there is none. */
  readonly starIndex: number;
  readonly #pattern: Uint8Array;
  /** Where the key's name ends. */
  readonly #keyEnd: number;
  /** Where the field's name begins; -1: the pattern names keys. */
  readonly #fieldStart: number;
  readonly #name = new Slices();
  readonly #hash = new HashState();

  /** The pattern's bytes are the object's own. */
  constructor(pattern: Uint8Array) {
    this.#pattern = pattern;
    this.isElement = pattern.length === 1 && pattern[0] === hash;
    this.starIndex = pattern.indexOf(star);
    const arrow = this.starIndex < 0 ? -1 : findArrow(pattern, this.starIndex + 1);
    this.#keyEnd = arrow < 0 ? pattern.length : arrow;
    this.#fieldStart = arrow < 0 ? -1 : arrow + 2;
  }

  /** Points `value` at what the pattern names for the element; false when there is nothing. */
  find(db: Database, element: Uint8Array, value: Slice): boolean {
    if (this.isElement) {
      value.set(element, 0, element.length);
      return true;
    }
    if (this.starIndex < 0) return false;
    const name = this.#nameFor(element);
    const ref = db.read(name, 0);
    if (ref === noRef) return false;
    const { arena } = db.keyspace;
    const type = typeOf(arena, ref);
    if (this.#fieldStart < 0) {
      if (type !== recordType.string) return false;
      sliceString(arena, ref, value);
      return true;
    }
    if (type !== recordType.hash) return false;
    loadHash(arena, ref, this.#hash);
    const length = this.#pattern.length - this.#fieldStart;
    const found = liveField(db, ref, this.#hash, this.#pattern, this.#fieldStart, length);
    if (found === 0) return false;
    readValue(arena, this.#hash, found, value);
    return true;
  }

  /** The key's name with the element in place of the star. */
  #nameFor(element: Uint8Array): Slices {
    const pattern = this.#pattern;
    const name = this.#name;
    const length = this.#keyEnd - 1 + element.length;
    if (name.bytes.length < length) name.bytes = new Uint8Array(length * 2);
    const rest = this.starIndex + 1;
    copyBytes(pattern, 0, name.bytes, 0, this.starIndex);
    copyBytes(element, 0, name.bytes, this.starIndex, element.length);
    const restAt = this.starIndex + element.length;
    copyBytes(pattern, rest, name.bytes, restAt, this.#keyEnd - rest);
    name.count = 0;
    name.push(0, length);
    return name;
  }
}

/** Where `->` stands with something behind it; -1: nowhere. Only the first one counts. */
function findArrow(pattern: Uint8Array, from: number): number {
  for (let index = from; index + 1 < pattern.length; index++) {
    if (pattern[index] === dash && pattern[index + 1] === greater) {
      return index + 2 < pattern.length ? index : -1;
    }
  }
  return -1;
}
