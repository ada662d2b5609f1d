// What a server supplies to replication: connections, later turns, and where its role is written.
import { randomBytes } from "node:crypto";
import type { ConnectionOptions } from "node:tls";
import type { ReplicationContext } from "../replication/replication-settings.ts";
import type { Config } from "./config/config.ts";
import { OutgoingLink } from "./outgoing-link.ts";
import { redisVersion } from "./redis-version.ts";
import type { TlsSettings } from "./tls-settings.ts";

export interface ReplicationSurroundings {
  readonly config: Config;
  beginTurn(this: void): void;
  /** 0: it does not listen. */
  ports(): { readonly plain: number; readonly tls: number };
  tls(): TlsSettings;
  /** For tests: the delay of a key that is loaded. */
  loadDelay(this: void): Promise<void>;
  isClosing(this: void): boolean;
  roleChanged(isReplica: boolean): void;
}

export function replicationContext(
  around: ReplicationSurroundings,
): Omit<ReplicationContext, "log" | "onFatal"> {
  const { config, beginTurn } = around;
  const { values } = config;
  return {
    settings: values,
    redisVersion,
    randomId: () => randomBytes(20).toString("hex"),
    wake: beginTurn,
    ownPort() {
      const { plain, tls } = around.ports();
      return values.tlsReplication && tls !== 0 ? tls : plain;
    },
    dial: (target, handler) =>
      new OutgoingLink(target, handler, {
        localAddress: values.bindSourceAddr,
        isDelaying: values.replDisableTcpNodelay,
        tls: values.tlsReplication ? tlsOptions(around.tls(), target.host) : undefined,
        beginTurn,
      }),
    later: (next) => void goOn(around, next),
    roleChanged(primary) {
      config.override("replicaof", primary);
      around.roleChanged(primary !== null);
    },
  };
}

/** Without a context of our own nobody's certificate is good enough; never without encryption. */
function tlsOptions(tls: TlsSettings, host: string): ConnectionOptions {
  tls.ensure();
  return tls.connectOptions(host) ?? { rejectUnauthorized: true };
}

async function goOn(
  { loadDelay, isClosing, beginTurn }: ReplicationSurroundings,
  next: () => void,
): Promise<void> {
  await loadDelay();
  setImmediate(() => {
    if (isClosing()) return;
    beginTurn();
    next();
  });
}
