// Replication of one server, both sides: the history of its data, and what it is to others in it.
import type { Engine } from "../engine/engine.ts";
import type { Persistence } from "../persistence/persistence.ts";
import { Primary } from "./primary.ts";
import { ReplicationHistory } from "./replication-history.ts";
import type { ReplicationContext } from "./replication-settings.ts";

export class Replication {
  readonly history: ReplicationHistory;
  readonly primary: Primary;

  constructor(engine: Engine, persistence: Persistence, context: ReplicationContext) {
    this.history = new ReplicationHistory(engine.propagation, context.randomId);
    this.primary = new Primary({ engine, persistence, history: this.history, context });
    persistence.rdb.historyFacts = () => this.#facts();
    // What is dropped while loading, replicas that come back have to hear of.
    persistence.onLoading = () => this.history.createBacklog();
    persistence.onLoaded = (former) => {
      if (former === undefined) this.history.freeBacklog();
      else this.primary.restore(former.id, former.offset);
    };
  }

  /** What a dump file tells of the history, so that replicas can go on after a restart. */
  #facts(): [string, string][] {
    const { history } = this;
    if (history.backlog === undefined) return [];
    return [
      ["repl-stream-db", String(history.streamDatabase)],
      ["repl-id", history.id],
      ["repl-offset", String(history.offset)],
    ];
  }
}
