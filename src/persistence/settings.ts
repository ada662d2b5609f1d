// The parameters of the configuration that persistence reads, by their values in force.

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export interface PersistenceSettings {
  readonly save: readonly SavePoint[];
  /** The working directory. */
  readonly dir: string;
  readonly dbfilename: string;
  readonly rdbcompression: boolean;
  readonly rdbchecksum: boolean;
  readonly rdbSaveIncrementalFsync: boolean;
  readonly stopWritesOnBgsaveError: boolean;
  readonly maxmemoryPolicy: string;
  readonly appendonly: boolean;
  readonly appendfilename: string;
  readonly appenddirname: string;
  readonly appendfsync: "everysec" | "always" | "no";
  readonly noAppendfsyncOnRewrite: boolean;
  readonly autoAofRewritePercentage: number;
  readonly autoAofRewriteMinSize: number;
  readonly aofRewriteIncrementalFsync: boolean;
  readonly aofLoadTruncated: boolean;
  readonly aofUseRdbPreamble: boolean;
  readonly aofTimestampEnabled: boolean;
  readonly aofDisableAutoGc: boolean;
}

/** What persistence needs to know of the program around it. */
export interface PersistenceContext {
  readonly settings: PersistenceSettings;
  readonly redisVersion: string;
  /** Tells temporary files of several processes apart. */
  readonly processId: number;
  /** Whether there is a process with that id. */
  isRunning(this: void, processId: number): boolean;
  /** What was acknowledged could be lost if the server went on. */
  onFatal(this: void): void;
  log(this: void, level: "debug" | "verbose" | "notice" | "warning", text: string): void;
}
