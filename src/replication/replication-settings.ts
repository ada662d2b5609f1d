// The parameters of the configuration that replication reads, by their values in force.

import type { Dial } from "./link.ts";

export interface ReplicationSettings {
  readonly replDisklessSync: boolean;
  readonly replDisklessSyncDelay: number;
  readonly replDisklessSyncMaxReplicas: number;
  readonly replPingReplicaPeriod: number;
  readonly replTimeout: number;
  readonly replBacklogSize: number;
  readonly replBacklogTtl: number;
  readonly minReplicasToWrite: number;
  readonly minReplicasMaxLag: number;
  readonly rdbDelSyncFiles: boolean;
  readonly masteruser: string;
  readonly masterauth: string;
  readonly replicaReadOnly: boolean;
  readonly replicaIgnoreDiskWriteErrors: boolean;
  readonly replicaLazyFlush: boolean;
  readonly replicaServeStaleData: boolean;
  readonly replicaAnnounceIp: string;
  readonly replicaAnnouncePort: number;
  readonly replDisklessLoad: "disabled" | "on-empty-db" | "swapdb";
  readonly propagationErrorBehavior: "ignore" | "panic" | "panic-on-replicas";
  readonly keyLoadDelay: number;
  readonly save: readonly unknown[];
  readonly appendonly: boolean;
  readonly clientOutputBufferLimit: {
    readonly replica: {
      readonly hardBytes: number;
      readonly softBytes: number;
      readonly softSeconds: number;
    };
  };
}

/** What replication needs of the program around it. */
export interface ReplicationContext {
  readonly settings: ReplicationSettings;
  readonly redisVersion: string;
  /** The port that a primary or a replica of ours reaches us at. */
  ownPort(this: void): number;
  readonly dial: Dial;
  /** Calls `next` in a later turn; when keys are to be loaded slowly, after their delay. */
  later(this: void, next: () => void): void;
  /** The server must not go on. */
  onFatal(this: void): void;
  /** The server is a replica of that server from now on, or of none. */
  roleChanged(this: void, primary: { host: string; port: number } | null): void;
  /** 40 hexadecimal digits that nobody can guess. */
  randomId(this: void): string;
  /** Makes sure that a turn comes soon. */
  wake(this: void): void;
  log(this: void, level: "debug" | "verbose" | "notice" | "warning", text: string): void;
}
