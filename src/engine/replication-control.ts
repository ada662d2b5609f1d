// What commands and the engine may ask of replication, which lies above both: `Host.replication`.
import type { Session } from "./session.ts";

/** What a client has told of itself by REPLCONF before it becomes a replica. */
export interface ReplicaProfile {
  listeningPort: number;
  /** The address that it gives for itself; "": that of its connection. */
  address: string;
  /** It finds the end of a snapshot by a mark: `capa eof`. */
  understandsMark: boolean;
  /** It takes a new id with +CONTINUE: `capa psync2`. */
  understandsNewId: boolean;
  /** It wants a snapshot and nothing behind it. */
  wantsOnlySnapshot: boolean;
  /** What its snapshot leaves out. */
  excludesData: boolean;
  excludesFunctions: boolean;
  version: number;
}

/** A replica, as far as its session shows it. */
export interface ReplicaView {
  readonly address: string;
  readonly profile: ReplicaProfile;
  readonly stateName: "wait_bgsave" | "send_bulk" | "online";
  /** How far it has said to have applied the stream, and when it last did, in ms since 1970. */
  readonly ackOffset: number;
  /** Any sign of life counts: a replica that loads sends empty lines. */
  ackMs: number;
  /** What waits for it. */
  readonly outputBytes: number;
}

/** What a client that wants to become a replica has of the data set. */
export interface PartialRequest {
  /** The id of the history, `?` for none. */
  readonly id: string;
  /** The offset of the first byte that it lacks. */
  readonly offset: number;
  /** It is the primary, and wants to change roles. */
  readonly isFailover: boolean;
}

export interface ReplicationControl {
  /** How far the history of the data set goes, in bytes of the replication stream. */
  readonly offset: number;
  readonly replicas: Iterable<ReplicaView>;
  /** What the session has told of itself, to be changed. */
  profileOf(session: Session): ReplicaProfile;
  /** PSYNC, and SYNC when nothing is requested: the session becomes a replica. Throws a Failure. */
  synchronize(session: Session, request: PartialRequest | undefined): void;
  /** REPLCONF ACK; -1: nothing is said of the append-only file. */
  acknowledge(session: Session, offset: number, aofOffset: number): void;
  /** The session is gone. */
  forget(session: Session): void;
  /** Replicas that have all of the stream up to there: applied, or safe in a file. */
  countAcknowledged(offset: number, how: "applied" | "safe"): number;
  /** Replicas are asked how far they are, at the end of the turn. */
  requestAcks(): void;
  /** DEBUG REPLICATE: replicas get a command that nobody has run here. */
  feed(words: readonly Uint8Array[]): void;
  /** DEBUG CHANGE-REPL-ID: no replica can go on from what it has. */
  changeId(): void;
}

/** Of an engine that replicates nothing. */
export const noReplication: ReplicationControl = {
  offset: 0,
  replicas: [],
  profileOf: () => {
    throw new Error("there is no replication");
  },
  synchronize: () => undefined,
  acknowledge: () => undefined,
  forget: () => undefined,
  countAcknowledged: () => 0,
  requestAcks: () => undefined,
  feed: () => undefined,
  changeId: () => undefined,
};
