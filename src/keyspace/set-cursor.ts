// Walks through the members of a set of any encoding. The set must not change until the walk is
// over, and must not be looked into while its table grows: a look-up moves buckets.
//
// Entries of a hash table are fetched some buckets at a time, and the table's view is loaded anew
// for each fetch, so that several sets can be walked and searched at the same time though they
// share the view.
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { intsetLength } from "../structures/intset.ts";
import { firstEntry, nextEntry } from "../structures/listpack.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding } from "./record.ts";
import { SetMember } from "./set-member.ts";

const fetchedAtOnce = 64;

export class SetCursor {
  readonly member = new SetMember();
  #keyspace: Keyspace | undefined;
  #encoding = 0;
  #root: Ref = noRef;
  /**
   * Next index of an intset, next position in a listpack, next bucket of a table; -1 when there are
   * no more.
   */
  #next = -1;
  #fetched = new Int32Array(fetchedAtOnce * 2);
  #fetchedCount = 0;
  #fetchedIndex = 0;
  readonly #fetchOne: (ref: Ref) => void = (ref) => {
    if (this.#fetchedCount === this.#fetched.length) this.#growFetched();
    this.#fetched[this.#fetchedCount++] = ref;
  };

  /** Begins a walk through the set of that encoding and root. */
  open(keyspace: Keyspace, kind: number, root: Ref): void {
    this.#keyspace = keyspace;
    this.#encoding = kind;
    this.#root = root;
    this.#fetchedCount = 0;
    this.#fetchedIndex = 0;
    this.#next = 0;
    if (kind === encoding.listpack) this.#next = positionOrEnd(firstEntry(keyspace.arena, root));
  }

  /** Moves to the next member; false when there is none. */
  next(): boolean {
    const keyspace = this.#keyspace;
    if (keyspace === undefined) return false;
    const { arena } = keyspace;
    if (this.#encoding === encoding.hashtable) {
      while (this.#fetchedIndex === this.#fetchedCount) {
        if (this.#next < 0) return false;
        this.#fill(keyspace);
      }
      this.member.ofEntry(arena, this.#fetched[this.#fetchedIndex++] as Ref);
      return true;
    }
    const at = this.#next;
    if (this.#encoding === encoding.intset) {
      if (at >= intsetLength(arena, this.#root)) return false;
      this.member.ofIntset(arena, this.#root, at);
      this.#next = at + 1;
      return true;
    }
    if (at < 0) return false;
    this.member.ofListpack(arena, this.#root, at);
    this.#next = positionOrEnd(nextEntry(arena, this.#root, at));
    return true;
  }

  #fill(keyspace: Keyspace): void {
    const table = keyspace.tables.set;
    table.load(this.#root);
    this.#fetchedCount = 0;
    this.#fetchedIndex = 0;
    this.#next = table.forEachFrom(this.#next, fetchedAtOnce, this.#fetchOne);
  }

  #growFetched(): void {
    const grown = new Int32Array(this.#fetched.length * 2);
    grown.set(this.#fetched);
    this.#fetched = grown;
  }
}

function positionOrEnd(position: number): number {
  return position === 0 ? -1 : position;
}
