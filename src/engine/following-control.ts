// What commands and the engine may ask of a server's role as a replica, which lies above both:
// `Host.following`.
import type { Slices } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import type { RegisteredCommand } from "./registered-command.ts";

/** The primary that the server follows. */
export interface FollowedPrimary {
  readonly host: string;
  readonly port: number;
  /** In Redis's words: ROLE shows it. */
  readonly stateName: "connect" | "connecting" | "handshake" | "sync" | "connected";
  /** How far its stream has been applied; -1 while there is no link. */
  readonly offset: number;
}

/** FAILOVER. */
export interface FailoverRequest {
  /** Undefined: any replica. */
  readonly to: { readonly host: string; readonly port: number } | undefined;
  /** 0: none. */
  readonly timeoutMs: number;
  /** Over when the time is, whether the replica has caught up or not. */
  readonly isForced: boolean;
}

export interface FollowingControl {
  /** Undefined: the server is a primary. */
  readonly primary: FollowedPrimary | undefined;
  /** Becomes a replica of that server. */
  follow(host: string, port: number): void;
  /** Becomes a primary. */
  stopFollowing(): void;
  /** REPLCONF GETACK: tells the primary how far we are. */
  acknowledge(): void;
  /** A client has written to this replica. */
  wroteLocally(db: Database, command: RegisteredCommand, args: Slices): void;
  readonly isFailingOver: boolean;
  /** Throws a Failure when it cannot be. */
  failOver(request: FailoverRequest): void;
  abortFailover(reason: string): void;
}

/** Of an engine that follows nobody. */
export const noFollowing: FollowingControl = {
  primary: undefined,
  follow: () => undefined,
  stopFollowing: () => undefined,
  acknowledge: () => undefined,
  wroteLocally: () => undefined,
  isFailingOver: false,
  failOver: () => undefined,
  abortFailover: () => undefined,
};
