// Claiming entries for XCLAIM and XAUTOCLAIM, each of which is propagated by itself.
import type { Engine } from "../../engine/engine.ts";
import type { Database } from "../../keyspace/database.ts";
import type { Claim, Claimed } from "../../keyspace/stream-groups.ts";
import { claimOne, touchConsumer } from "../../keyspace/stream-groups.ts";
import type { Ref } from "../../memory/arena.ts";
import type { StreamId } from "../../structures/stream-id.ts";
import { hasEntry } from "../../structures/stream-log.ts";
import type { NamedGroup } from "./stream-propagation.ts";
import { propagateClaim, propagateConsumer, propagateProgress } from "./stream-propagation.ts";

export class PropagatedClaims {
  readonly #engine: Engine;
  readonly #db: Database;
  readonly #root: Ref;
  readonly #named: NamedGroup;
  /** The consumer is new, and nothing that was propagated has made it there. */
  #isConsumerNew = false;
  /** What was propagated has told how far the group has come. */
  #isProgressTold = false;

  constructor(engine: Engine, db: Database, root: Ref, named: NamedGroup) {
    this.#engine = engine;
    this.#db = db;
    this.#root = root;
    this.#named = named;
    engine.propagation.suppress();
  }

  /** The consumer that the request names, made if need be. */
  touchConsumer(): Ref {
    const { args, key, name, group } = this.#named;
    const { keyspace } = this.#db;
    const { dirty } = keyspace;
    const consumer = touchConsumer(this.#db, args, key, group, name + 1);
    this.#isConsumerNew = keyspace.dirty !== dirty;
    return consumer;
  }

  claim(consumer: Ref, id: StreamId, claim: Claim): Claimed {
    const db = this.#db;
    const { arena } = db.keyspace;
    const { group } = this.#named;
    const { isOn } = this.#engine.propagation;
    // An entry that is gone will be pending no more: it is propagated as it was before.
    if (isOn && !hasEntry(arena, this.#root, id)) this.#propagate(id);
    const result = claimOne(db, this.#root, group, consumer, id, claim);
    if (result !== "claimed") return result;
    if (isOn) this.#propagate(id);
    this.#isConsumerNew = false;
    return result;
  }

  #propagate(id: StreamId): void {
    if (propagateClaim(this.#engine, this.#db, this.#named, id)) this.#isProgressTold = true;
  }

  /** Propagates what the claims did not tell. */
  finish(movesGroup: boolean): void {
    // Redis differs: a consumer who gets nothing is not propagated.
    if (this.#isConsumerNew) propagateConsumer(this.#engine, this.#db, this.#named);
    if (movesGroup && !this.#isProgressTold) {
      propagateProgress(this.#engine, this.#db, this.#named);
    }
  }
}
