// What follows from a change of the data, in one place: the keyspace reports it here, and nowhere
// does a command have to remember it.
import type { Database } from "../keyspace/database.ts";
import type { KeyEvent } from "../keyspace/key-event.ts";
import type { KeyspaceObserver } from "../keyspace/keyspace.ts";
import type { Engine } from "./engine.ts";

export class ChangeObserver implements KeyspaceObserver {
  readonly #engine: Engine;

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
    const { blocking, notifications, watches } = this.#engine;
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
    this.#engine.notifications.notify(database, bytes, offset, length, event);
  }

  keyExpired(): void {
    // Propagated as a DEL once there is somebody to propagate to.
  }

  databaseReplaced(database: Database, replacement?: Database): void {
    this.#engine.watches.databaseReplaced(database, replacement);
    this.#engine.blocking.databaseChanged(database);
  }
}
