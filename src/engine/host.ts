// What the engine needs of the world outside: time, configuration, logging, the end of the process.
// `server/` supplies the real ones, tests supply their own. Nothing in this layer or below reads a
// clock, a file, a socket or a random number by itself.
import type { Failure } from "../keyspace/failure.ts";
import type { FollowingControl } from "./following-control.ts";
import type { PeerControl } from "./peer-control.ts";
import type { Session } from "./session.ts";
import type { ReplicationControl } from "./replication-control.ts";

export interface Clock {
  /** Milliseconds since 1970; may jump when the system's time is set. */
  nowMs(): number;
  /** Microseconds of a clock that only goes forward; for durations. */
  monotonicUs(): number;
}

export type LogLevel = "debug" | "verbose" | "notice" | "warning";

/** The configuration as CONFIG sees it: names and texts. */
export interface ConfigurationStore {
  /** Pairs of name and value for all parameters that match any of the glob patterns. */
  get(patterns: readonly string[]): [string, string][];
  /** Sets all or none; the text of an error reply when it failed. */
  set(
    pairs: readonly (readonly [string, string])[],
    caller: { readonly isLocal: boolean; readonly isLoading: boolean },
  ): string | undefined;
  /** Whether the parameter's value is a secret. */
  isSensitive(name: string): boolean;
  /**
   * Writes the configuration file anew, with `force` also what has its initial value; the text of
   * an error reply when it failed.
   */
  rewrite(options?: { readonly force?: boolean }): string | undefined;
}

/** How much may wait for a client: bytes, 0 for no limit. */
export interface OutputLimit {
  readonly hardBytes: number;
}

/** Parameters that the engine and the commands read, by their values in force. */
export interface Settings {
  /** How long a script may run before others are told, in ms; 0: for good. */
  readonly busyReplyThreshold: number;
  readonly activeExpireEffort: number;
  readonly clientOutputBufferLimit: { readonly normal: OutputLimit; readonly pubsub: OutputLimit };
  readonly databases: number;
  readonly enableDebugCommand: "no" | "yes" | "local";
  readonly lazyfreeLazyUserFlush: boolean;
  readonly maxmemory: number;
  readonly maxmemoryPolicy: string;
  readonly protoMaxBulkLen: number;
  readonly rdbcompression: boolean;
  readonly replicaIgnoreMaxmemory: boolean;
  readonly requirepass: string;
}

export interface ShutdownRequest {
  readonly save: "default" | "save" | "nosave";
  /** Do not wait for replicas. */
  readonly now: boolean;
  /** Go down even if saving fails. */
  readonly force: boolean;
}

/** What commands may ask of persistence. */
export interface PersistenceControl {
  /** Seconds since 1970 of the last save that succeeded, or of the start. */
  readonly lastSaveSeconds: number;
  /** Whether there is an append-only file that is written to. */
  readonly hasAof: boolean;
  /** All that was propagated before this offset is safe in the append-only file. */
  readonly syncedOffset: number;
  /** Why writes are refused; undefined when they are not. */
  readonly refusal: Failure | undefined;
  /** SAVE: the failure if it could not be done. */
  save(): Failure | undefined;
  /** BGSAVE. */
  saveInBackground(options: { readonly mayWait: boolean }): "started" | "scheduled" | Failure;
  /** BGREWRITEAOF. */
  rewriteInBackground(): "started" | "scheduled" | Failure;
  /**
   * DEBUG RELOAD: saves the data set and loads it again; false, with the reason in the log, when it
   * could not be done.
   */
  reload(request: {
    readonly saves: boolean;
    readonly flushes: boolean;
    /** Keys that are there already are replaced. */
    readonly merges: boolean;
  }): boolean;
  /** DEBUG LOADAOF: the same with the append-only file. */
  reloadAof(): boolean;
  /** All data was deleted: what is saved on disk must not come back. */
  flushed(): void;
}

/** The file that users are kept in: `aclfile`. */
export interface UserFile {
  /** Whether there is one. */
  readonly isConfigured: boolean;
  /** Puts the users of the file in the place of all others; why it could not. */
  load(): string | undefined;
  /** Writes all users into the file; false, with the reason in the log, when it could not. */
  save(): boolean;
}

export interface Host {
  readonly persistence: PersistenceControl;
  /** Being a primary, and being a replica. */
  readonly replication: ReplicationControl;
  readonly following: FollowingControl;
  readonly peers: PeerControl;
  /** The version of Redis whose surface the server has. */
  readonly redisVersion: string;
  readonly clock: Clock;
  readonly configuration: ConfigurationStore;
  readonly settings: Settings;
  log(level: LogLevel, text: string): void;
  /** The text of INFO for the given sections (lower case; none: the default ones). */
  info(sections: readonly string[]): string;
  /** Statistics outside the engine go back to zero: CONFIG RESETSTAT. */
  resetStatistics(): void;
  /** Begins the shutdown, which may have to wait for replicas; a failure when it cannot be. */
  shutdown(request: ShutdownRequest): Failure | "waiting" | undefined;
  /** Why a shutdown that had to wait has come to nothing; undefined while it goes on. */
  readonly shutdownOutcome: Failure | undefined;
  /** Whether a shutdown was under way and has been called off. */
  abortShutdown(): boolean;
  /**
   * Switches of DEBUG that concern the server's own machinery; false when there is no such switch.
   */
  debug(subcommand: string, words: readonly string[]): boolean;
  /**
   * Serves other clients, as far as that is possible, while a script runs for this one, which gets
   * nothing and from whom nothing is read.
   */
  serveMeanwhile(running: Session): void;
  /** Whether there is little left of the memory that the process may use for its own objects. */
  isHeapShort(): boolean;
  /** SHA-256, as 64 hexadecimal digits in lower case. */
  hashSecret(secret: Uint8Array): string;
  /** So many hexadecimal digits that nobody can guess. */
  randomHex(digits: number): string;
  readonly userFile: UserFile;
  /**
   * Bytes held by connections' buffers and by everything else outside the keyspace that counts as
   * used memory.
   */
  readonly overheadBytes: number;
  /** Bytes of those that no eviction would give back: what waits for replicas and for the disk. */
  readonly unlimitedBytes: number;
}
