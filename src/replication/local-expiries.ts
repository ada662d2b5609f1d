// Keys that clients have written to a replica with a time to end. No primary knows of them, so the
// replica deletes them itself. What the primary writes over is looked at in vain, and forgotten.
import { slicesOf } from "../bytes/slices.ts";
import type { Slices } from "../bytes/slices.ts";
import { FoundKeys, findKeys, hasKeys } from "../engine/key-finder.ts";
import type { RegisteredCommand } from "../engine/registered-command.ts";
import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { hasExpiry } from "../keyspace/record.ts";
import { noRef } from "../memory/arena.ts";

/** Keys that are looked at in a tick. */
const looksPerTick = 1000;

interface LocalKey {
  readonly db: Database;
  readonly key: Slices;
}

export class LocalExpiries {
  readonly #keyspace: Keyspace;
  readonly #found = new FoundKeys();
  /** Database and key, by both in one string. */
  readonly #keys = new Map<string, LocalKey>();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** For INFO. */
  get count(): number {
    return this.#keys.size;
  }

  /** A client's command has run. */
  note(db: Database, command: RegisteredCommand, args: Slices): void {
    if (!hasKeys(command)) return;
    findKeys(command, args, this.#found);
    const { count, indexes } = this.#found;
    for (let found = 0; found < count; found++) {
      const index = indexes[found];
      const ref = db.find(args, index);
      if (ref === noRef || !hasExpiry(this.#keyspace.arena, ref)) continue;
      const name = `${db.index} ${args.latin1(index)}`;
      this.#keys.set(name, { db, key: slicesOf([args.copy(index)]) });
    }
  }

  /** Several times a second: deletes what is over its time. */
  tick(): void {
    let left = looksPerTick;
    const waiting: [string, LocalKey][] = [];
    for (const [name, entry] of this.#keys) {
      if (left-- === 0) break;
      this.#keys.delete(name);
      const { db, key } = entry;
      const ref = db.find(key, 0);
      if (ref === noRef || !hasExpiry(this.#keyspace.arena, ref)) continue;
      if (db.isOver(ref)) db.expire(ref);
      else waiting.push([name, entry]);
    }
    // They come again when all others have.
    for (const [name, entry] of waiting) this.#keys.set(name, entry);
  }
}
