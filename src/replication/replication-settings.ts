// The parameters of the configuration that replication reads, by their values in force.

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
  /** 40 hexadecimal digits that nobody can guess. */
  randomId(this: void): string;
  /** Makes sure that a turn comes soon. */
  wake(this: void): void;
  log(this: void, level: "debug" | "verbose" | "notice" | "warning", text: string): void;
}
