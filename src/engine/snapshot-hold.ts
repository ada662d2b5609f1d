// Holds back requests that would change a large value which a snapshot still has to write: the
// snapshot writes it next, in slices, and they go on when it is written. Everybody else is served
// meanwhile, which is the point: to write the value at once would stall all.
import type { Slices } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import type { Snapshot } from "../keyspace/snapshot.ts";
import { FoundKeys, findKeys } from "./key-finder.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import { commandBit } from "./registered-command.ts";
import type { Session } from "./session.ts";

/** The flag of a key specification: the key goes away, whatever it holds. */
const deletion = "RM";

export class SnapshotHold {
  readonly #held = new Set<Session>();
  readonly #found = new FoundKeys();

  /** Whether anybody waits. */
  get isHolding(): boolean {
    return this.#held.size > 0;
  }

  /** Whether the session's request must wait; if so the session is remembered. */
  holds(snapshot: Snapshot, session: Session, command: RegisteredCommand, args: Slices): boolean {
    const { transaction } = session;
    let isHeld = false;
    if (transaction === undefined) {
      isHeld = command.has(commandBit.write) && this.#demands(snapshot, session.db, command, args);
    } else if (command.declaration.isNeverQueued === true) {
      for (const queued of transaction.queue) {
        if (!queued.command.has(commandBit.write)) continue;
        if (this.#demands(snapshot, session.db, queued.command, queued.args)) isHeld = true;
      }
    }
    if (!isHeld) return false;
    snapshot.onRelease = () => this.release();
    session.isPostponed = true;
    this.#held.add(session);
    return true;
  }

  #demands(snapshot: Snapshot, db: Database, command: RegisteredCommand, args: Slices): boolean {
    findKeys(command, args, this.#found);
    let isDemanding = false;
    const { indexes, access, count } = this.#found;
    for (let each = 0; each < count; each++) {
      // What is only deleted is kept aside by the snapshot: nobody has to wait for that.
      if (access[each].includes(deletion)) continue;
      if (snapshot.demand(db, args, indexes[each])) isDemanding = true;
    }
    return isDemanding;
  }

  /** All look again whether they may go on. */
  release(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const session of held) {
      session.isPostponed = false;
      session.link.resume();
    }
  }

  forget(session: Session): void {
    this.#held.delete(session);
  }
}
