// What it means for everything else in a server that it is a replica, or a primary again.
import type { Engine } from "../engine/engine.ts";
import { engineGate } from "../engine/gate.ts";
import { expiryHold } from "../keyspace/keyspace.ts";
import type { Persistence } from "../persistence/persistence.ts";
import type { ReplicationHistory } from "./replication-history.ts";
import type { ReplicationContext } from "./replication-settings.ts";

interface Surroundings {
  readonly engine: Engine;
  readonly persistence: Persistence;
  readonly history: ReplicationHistory;
  readonly context: ReplicationContext;
}

/** The server follows that primary from now on, or none. */
export function takeRole(
  { engine, persistence, history, context }: Surroundings,
  primary: { readonly host: string; readonly port: number } | undefined,
): void {
  const isFollowing = primary !== undefined;
  history.isFollowing = isFollowing;
  persistence.keepsExpired = isFollowing;
  engine.keyspace.holdExpiry(expiryHold.following, isFollowing);
  context.roleChanged(primary ?? null);
}

/** What clients may ask for. */
export function setReplicaGates(
  { engine, context }: Surroundings,
  { isFollowing, isUp }: { readonly isFollowing: boolean; readonly isUp: boolean },
): void {
  const { replicaReadOnly, replicaServeStaleData } = context.settings;
  engine.setGate(engineGate.following, isFollowing);
  engine.setGate(engineGate.readOnly, isFollowing && replicaReadOnly);
  engine.setGate(engineGate.staleData, isFollowing && !isUp && !replicaServeStaleData);
}
