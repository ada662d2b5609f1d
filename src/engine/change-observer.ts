// What follows from a change of the data, in one place: the keyspace reports it here, and nowhere
// does a command have to remember it.
import { Slice } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import type { KeyEvent } from "../keyspace/key-event.ts";
import { keyEvents } from "../keyspace/key-event.ts";
import type { KeyspaceObserver } from "../keyspace/keyspace.ts";
import { keyLength, keyOffset } from "../keyspace/record.ts";
import type { Ref } from "../memory/arena.ts";
import type { Engine } from "./engine.ts";

export class ChangeObserver implements KeyspaceObserver {
  readonly #engine: Engine;
  readonly #key = new Slice();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  keyChanged(
    database: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    event: KeyEvent,
  ): void {
    const { blocking, notifications, tracking, watches } = this.#engine;
    if (tracking.sessionCount > 0) tracking.keyChanged(bytes, offset, length, event);
    if (watches.count > 0) watches.keyChanged(database, bytes, offset, length);
    if (blocking.waiterCount > 0) blocking.keyChanged(database, bytes, offset, length);
    notifications.notify(database, bytes, offset, length, event);
  }

  keyEvent(
    database: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    event: KeyEvent,
  ): void {
    const { blocking, notifications } = this.#engine;
    // Those who wait for entries of a group that is no more must hear of it.
    if (event === keyEvents.xgroupDestroy && blocking.waiterCount > 0) {
      blocking.keyChanged(database, bytes, offset, length);
    }
    notifications.notify(database, bytes, offset, length, event);
  }

  keyExpired(database: Database, bytes: Uint8Array, offset: number, length: number): void {
    const { keyspace, propagation } = this.#engine;
    // What expires is no change that a command has made, and is not counted as one. The report that
    // follows counts it, so it is taken off before.
    keyspace.dirty--;
    propagation.keyDeleted(database, bytes, offset, length, propagation.expiresLazily);
  }

  keyEvicted(database: Database, bytes: Uint8Array, offset: number, length: number): void {
    const { keyspace, propagation } = this.#engine;
    keyspace.dirty--;
    propagation.keyDeleted(database, bytes, offset, length, propagation.evictsLazily);
  }

  fieldExpired(
    database: Database,
    record: Ref,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const { keyspace, propagation } = this.#engine;
    if (!propagation.isOn) return;
    const { arena } = keyspace;
    const key = this.#key.set(
      arena.bytes[record >>> 16],
      keyOffset(arena, record),
      keyLength(arena, record),
    );
    propagation.fieldDeleted(database, key, bytes, offset, length);
  }

  databaseFlushed(): void {
    this.#engine.tracking.flushed();
  }

  databaseReplaced(database: Database, replacement?: Database): void {
    this.#engine.watches.databaseReplaced(database, replacement);
    this.#engine.blocking.databaseChanged(database);
  }
}
