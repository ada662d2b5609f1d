// Frees what was deleted in bulk, a slice at a time, so that FLUSHALL of any size takes no time.
//
// A flushed database hands over its table of records; nobody can reach them any more, so they are walked and freed between
// turns. Until then they count as used memory, which is the truth.
import type { Ref } from "../memory/arena.ts";
import type { HashTable } from "../structures/hash-table.ts";
import type { Keyspace } from "./keyspace.ts";
import { freeRecord } from "./value.ts";

export class Reclaimer {
  readonly #keyspace: Keyspace;
  readonly #tables: HashTable[] = [];
  /** Where the walk of the first table goes on. */
  #position = 0;
  #pendingCount = 0;
  readonly #freeOne: (ref: Ref) => void;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#freeOne = (ref) => {
      freeRecord(keyspace.arena, ref);
      this.#pendingCount--;
      keyspace.statistics.lazyFreed++;
    };
  }

  /** Records that are yet to be freed. */
  get pendingCount(): number {
    return this.#pendingCount;
  }

  /** Takes over a table and all its records. */
  take(table: HashTable): void {
    if (table.count === 0) return;
    this.#pendingCount += table.count;
    this.#tables.push(table);
  }

  /** Frees about `recordsMax` records; false when nothing is left. */
  reclaim(recordsMax: number): boolean {
    const table = this.#tables[0];
    if (table === undefined) return false;
    const next = table.forEachFrom(this.#position, recordsMax, this.#freeOne);
    this.#position = next < 0 ? 0 : next;
    if (next < 0) {
      table.clear();
      this.#tables.shift();
    }
    return this.#tables.length > 0;
  }

  /** Frees everything now: for tests and for the end of a server. */
  reclaimAll(): void {
    while (this.reclaim(this.#keyspace.arena.bytes.length * 1024)) continue;
  }
}
