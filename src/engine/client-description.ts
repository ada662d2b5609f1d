// A client's line in CLIENT LIST and CLIENT INFO: fields in Redis's order.
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

export type ClientType = "normal" | "master" | "replica" | "pubsub";

const typeNames = new Map<string, ClientType>([
  ["normal", "normal"],
  ["master", "master"],
  ["slave", "replica"],
  ["replica", "replica"],
  ["pubsub", "pubsub"],
]);

/** The type of that name, whatever its case. */
export function findClientType(name: string): ClientType | undefined {
  return typeNames.get(name.toLowerCase());
}

/** What a session counts as. */
export function clientTypeOf(session: Session): ClientType {
  if (session.isPrimary) return "master";
  if (session.replica !== undefined) return "replica";
  return session.subscriptionCount > 0 ? "pubsub" : "normal";
}

export function describeClient(engine: Engine, session: Session): string {
  const { link } = session;
  const { nowMs } = engine.keyspace;
  // What a replica gets waits in the backlog, not with its connection.
  const outputBytes = session.replica?.outputBytes ?? link.outputBytes;
  const isSelf = engine.currentSession === session;
  const fields: (readonly [string, string | number])[] = [
    ["id", session.id],
    ["addr", link.remoteAddress],
    ["laddr", link.localAddress],
    ["fd", link.descriptor],
    ["name", session.name],
    ["age", Math.floor((nowMs - session.createdMs) / 1000)],
    ["idle", Math.floor(nowMs / 1000) - session.lastActiveSeconds],
    ["flags", flagsOf(engine, session)],
    ["db", session.db.index],
    ["sub", session.subscriptions?.channel.size ?? 0],
    ["psub", session.subscriptions?.pattern.size ?? 0],
    ["ssub", session.subscriptions?.shard.size ?? 0],
    ["multi", session.transaction?.queue.length ?? -1],
    ["watch", session.watches.length],
    ["qbuf", link.queryBytes],
    ["qbuf-free", link.queryFreeBytes],
    ["argv-mem", isSelf ? session.argumentBytes : 0],
    ["multi-mem", session.transaction?.bytes ?? 0],
    ["rbs", 0],
    ["rbp", 0],
    ["obl", 0],
    ["oll", link.outputBuffers],
    ["omem", outputBytes],
    ["tot-mem", link.memoryBytes + (session.replica?.outputBytes ?? 0)],
    ["events", outputBytes > 0 ? "rw" : "r"],
    ["cmd", session.lastCommand?.fullName ?? "NULL"],
    ["user", session.userName],
    ["redir", redirectOf(session)],
    ["resp", session.protocol],
    ["lib-name", session.libraryName],
    ["lib-ver", session.libraryVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(" ");
}

function flagsOf(engine: Engine, session: Session): string {
  let flags = engine.monitors.has(session) ? "O" : "";
  if (session.replica !== undefined) flags += "S";
  if (session.isPrimary) flags += "M";
  if (session.subscriptionCount > 0) flags += "P";
  if (session.transaction !== undefined) flags += "x";
  if (session.isPostponed || session.waiter !== undefined) flags += "b";
  if (session.tracking !== undefined) {
    flags += "t";
    if (session.tracking.isRedirectBroken) flags += "R";
    if (session.tracking.mode.isBroadcast) flags += "B";
  }
  if (session.isWatchBroken) flags += "d";
  if (session.isClosing) flags += "c";
  if (session.link.kind === "unix") flags += "U";
  if (session.noEvict) flags += "e";
  if (session.noTouch) flags += "T";
  return flags === "" ? "N" : flags;
}

/** The connection that gets a session's messages: 0 is itself, -1 that it is not tracked. */
export function redirectOf(session: Session): number {
  return session.tracking?.mode.redirectId ?? -1;
}
