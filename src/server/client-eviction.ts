// `maxmemory-clients`: when all clients together hold more than that, those that hold most are
// closed, until the rest holds less.
//
// What a client holds are its buffers and what it has queued, watches and listens to. Clients with
// CLIENT NO-EVICT are counted but not closed.
import { describeClient } from "../engine/client-description.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionHub } from "./connection-hub.ts";

export function evictClients(hub: ConnectionHub, bytesMax: number): void {
  if (hub.memoryBytes <= bytesMax) return;
  const largestFirst = [...hub.connections]
    .map((connection) => ({ connection, held: connection.memoryBytes }))
    .sort((left, right) => right.held - left.held);
  let bytes = largestFirst.reduce((sum, { held }) => sum + held, 0);
  for (const { connection, held } of largestFirst) {
    if (bytes <= bytesMax) return;
    if (connection.session.noEvict) continue;
    evict(hub, connection);
    bytes -= held;
  }
}

function evict(hub: ConnectionHub, connection: Connection): void {
  hub.log("notice", `Evicting client: ${describeClient(hub.engine, connection.session)}`);
  hub.engine.statistics.evictedClients++;
  connection.close();
}

/** `maxmemory-clients` in bytes: a negative one is a percentage of `maxmemory`. */
export function clientBytesMax(values: {
  readonly maxmemory: number;
  readonly maxmemoryClients: number;
}): number {
  const { maxmemory, maxmemoryClients } = values;
  return maxmemoryClients >= 0 ? maxmemoryClients : (maxmemory * -maxmemoryClients) / 100;
}
