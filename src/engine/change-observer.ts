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
    _event: KeyEvent,
  ): void {
    const { blocking } = this.#engine;
    if (blocking.waiterCount > 0) blocking.keyChanged(database, bytes, offset, length);
  }

  keyEvent(): void {
    // Notifications, which these events are for, come with pub/sub.
  }

  keyExpired(): void {
    // Propagated as a DEL once there is somebody to propagate to.
  }

  databaseChanged(database: Database): void {
    this.#engine.blocking.databaseChanged(database);
  }
}
