// Frees what was deleted in bulk, a slice at a time, so that FLUSHALL of any size, or DEL of a
// collection of any size, takes no time.
//
// A flushed database hands over its table of records, a deleted large collection its root; nobody
// can reach them any more, so they are walked and freed between turns. Until then they count as
// used memory, which is the truth.
import type { Ref } from "../memory/arena.ts";
import type { HashTable } from "../structures/hash-table.ts";
import { freeGroup } from "../structures/stream-group-walk.ts";
import type { Keyspace } from "./keyspace.ts";
import { freeRecord, freeSomeOf } from "./value.ts";

/** Frees about so many elements; true when nothing is left. */
type FreeSome = (budget: number) => boolean;

export class Reclaimer {
  readonly #keyspace: Keyspace;
  readonly #tables: HashTable[] = [];
  readonly #values: FreeSome[] = [];
  /** Tables whose owner has not asked for laziness. */
  readonly #uncounted = new Set<HashTable>();
  /** Where the walk of the first table goes on. */
  #position = 0;
  #pendingCount = 0;
  readonly #freeOne: (ref: Ref) => void;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#freeOne = (ref) => {
      freeRecord(keyspace, ref);
      this.#pendingCount--;
      if (!this.#uncounted.has(this.#tables[0])) keyspace.statistics.lazyFreed++;
    };
  }

  /** Keys and large values that are yet to be freed. */
  get pendingCount(): number {
    return this.#pendingCount + this.#values.length;
  }

  /** Takes over a table and all its records; they count as freed lazily if that was asked for. */
  take(table: HashTable, isLazy: boolean): void {
    if (table.count === 0) {
      table.clear();
      return;
    }
    if (!isLazy) this.#uncounted.add(table);
    this.#pendingCount += table.count;
    this.#tables.push(table);
  }

  /** Takes over a collection that no record holds any more. */
  takeValue(type: number, encoding: number, root: Ref): void {
    this.#values.push((budget) => freeSomeOf(this.#keyspace, type, encoding, root, budget));
  }

  /** Takes over a consumer group that is in no stream any more. */
  takeGroup(group: Ref): void {
    this.#values.push((budget) => freeGroup(this.#keyspace.arena, group, budget));
  }

  /** Frees about `budget` records or elements; false when nothing is left. */
  reclaim(budget: number): boolean {
    const freeSome = this.#values.at(-1);
    if (freeSome !== undefined) {
      if (freeSome(budget)) {
        this.#values.pop();
        this.#keyspace.statistics.lazyFreed++;
      }
      return true;
    }
    const table = this.#tables[0];
    if (table === undefined) return false;
    const next = table.forEachFrom(this.#position, budget, this.#freeOne);
    this.#position = next < 0 ? 0 : next;
    if (next < 0) {
      table.clear();
      this.#tables.shift();
      this.#uncounted.delete(table);
    }
    return this.pendingCount > 0;
  }

  /** Frees everything now: for tests and for the end of a server. */
  reclaimAll(): void {
    while (this.reclaim(1 << 20)) continue;
  }
}
