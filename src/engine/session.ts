// A client as the engine knows it: who it is, what it has selected and asked for. The connection
// beneath is a `SessionLink`.
import { bytesOfSlices } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import type { User } from "./access/user.ts";
import type { Waiter } from "./blocking.ts";
import { sessionGate } from "./gate.ts";
import type { Subscriptions } from "./pubsub.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import type { ReplicaView } from "./replication-control.ts";
import type { TrackingState } from "./tracking.ts";
import type { Transaction, Watch } from "./transaction.ts";

/** Sends at once, without a copy. */
export interface DirectLink {
  /** Bytes that the system has not taken yet of what it was given. */
  readonly unsentBytes: number;
  /** Sends `bytes[start..end)`; the array must not change until `unsentBytes` is 0. */
  send(bytes: Uint8Array, start: number, end: number): void;
  /** Calls `done`, once and in a later turn, when `unsentBytes` has come down to 0. */
  whenSent(done: () => void): void;
}

/** The connection under a session, as much of it as commands may see and do. */
export interface SessionLink {
  readonly kind: "tcp" | "unix" | "none";
  /** `ip:port` or `path:0`. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Number of the descriptor, -1 when there is none. */
  readonly descriptor: number;
  /** Bytes received and not executed yet, and the room that is reserved for more. */
  readonly queryBytes: number;
  readonly queryFreeBytes: number;
  /** Replies that wait for the peer: bytes, and the number of buffers they are in. */
  readonly outputBytes: number;
  readonly outputBuffers: number;
  /** Memory that the connection takes in all. */
  readonly memoryBytes: number;
  /** Whether the peer is on this machine. */
  readonly isLocal: boolean;
  /** Whether replies wait to be sent, those of the requests that run now included. */
  readonly hasReplies: boolean;
  /** The way past the replies: what a replica gets. */
  readonly direct: DirectLink;
  /** Closes once the replies so far are sent; nothing more is read. */
  closeAfterReply(): void;
  /** Closes at once. */
  close(): void;
  /** Writes something that is no reply to a request that runs now, behind all earlier replies. */
  write(fill: () => void): void;
  /** Sends bytes, which are shared and must not change, behind all earlier replies. */
  push(bytes: Uint8Array): void;
  /** Does the same at the end of a turn, when nothing comes behind it. */
  pushLast(bytes: Uint8Array): void;
  /** Goes on with requests that were held back. */
  resume(): void;
}

export type ReplyMode = "on" | "off" | "skip-next" | "skip";

export class Session {
  readonly id: number;
  readonly link: SessionLink;
  // What every message to this client needs, side by side: thousands of them may be told in turn.
  /** RESP version of the replies. */
  protocol = 2;
  /** Set once it has asked for the replication stream. */
  replica: ReplicaView | undefined;
  /** When it last sent or was sent something, in whole seconds: a number that needs no object. */
  lastActiveSeconds = 0;
  /** Bytes sent and received in all. */
  sentBytes = 0;
  inputBytes = 0;
  readonly createdMs: number;
  db: Database;
  name = "";
  libraryName = "";
  libraryVersion = "";
  /** Set by access control only, which keeps the gate true to it. */
  user: User;
  gates = 0;
  replyMode: ReplyMode = "on";
  /** CLIENT NO-EVICT and NO-TOUCH. */
  noEvict = false;
  noTouch = false;
  isClosing = false;
  /** What it listens to; undefined for the many that never subscribe. */
  subscriptions: Subscriptions | undefined;
  /** Set while CLIENT TRACKING is on. */
  tracking: TrackingState | undefined;
  /** Set between MULTI and EXEC. */
  transaction: Transaction | undefined;
  readonly watches: Watch[] = [];
  watchBytes = 0;
  /** A watched key changed: EXEC will do nothing. */
  isWatchBroken = false;
  /** Set while its request waits for keys. */
  waiter: Waiter | undefined;
  /** Where `Propagation.offset` was after its last change: what WAITAOF waits for. */
  writeOffset = 0;
  /** Runs what was run before: nothing is refused, and nothing waits. */
  isReplay = false;
  /** What it runs comes from the primary that this server follows. */
  isPrimary = false;
  /** Its request waits for the end of a CLIENT PAUSE. */
  isPostponed = false;
  lastCommand: RegisteredCommand | undefined;
  commandCount = 0;
  /** Bytes of the arguments of the request that runs. */
  argumentBytes = 0;

  constructor(id: number, link: SessionLink, user: User, db: Database, nowMs: number) {
    this.id = id;
    this.link = link;
    this.user = user;
    this.db = db;
    this.createdMs = nowMs;
    this.act(nowMs);
  }

  /** It has sent something, or has been sent something, at that Unix time. */
  act(nowMs: number): void {
    this.lastActiveSeconds = Math.floor(nowMs / 1000);
  }

  /** Back to the state of a new connection; who it is, is for access control to decide. */
  reset(db: Database): void {
    this.db = db;
    this.name = "";
    this.protocol = 2;
    this.replyMode = "on";
    this.noEvict = false;
    this.noTouch = false;
  }

  /** Whether anything counts in `heldBytes`. */
  get holdsMemory(): boolean {
    if (this.transaction !== undefined || this.waiter !== undefined) return true;
    return (
      this.watches.length > 0 || this.subscriptions !== undefined || this.tracking !== undefined
    );
  }

  /** Memory of what it has queued, watches, waits for and listens to, in bytes. */
  get heldBytes(): number {
    let bytes = this.watchBytes;
    if (this.transaction !== undefined) bytes += this.transaction.bytes;
    if (this.subscriptions !== undefined) bytes += this.subscriptions.bytes;
    if (this.tracking !== undefined) bytes += this.tracking.prefixBytes;
    if (this.waiter !== undefined) bytes += bytesOfSlices(this.waiter.args);
    return bytes;
  }

  /** Channels, patterns and shard channels together. */
  get subscriptionCount(): number {
    const { subscriptions } = this;
    if (subscriptions === undefined) return 0;
    return subscriptions.channel.size + subscriptions.pattern.size + subscriptions.shard.size;
  }

  /** What it runs was run before, and is no news. */
  get isFromFile(): boolean {
    return this.isReplay && !this.isPrimary;
  }

  /** Latin-1. */
  get userName(): string {
    return this.isPrimary ? "(superuser)" : this.user.name;
  }

  /**
   * Whether it has logged in, or came when nobody had to. Who has not may still be allowed to do
   * what the default user may: see `AccessControl.isLoginNeeded`.
   */
  /** An empty line has come: a replica sends such while it loads, to say that it is there. */
  heard(nowMs: number): void {
    if (this.replica !== undefined) this.replica.ackMs = nowMs;
  }

  get isAuthenticated(): boolean {
    return (this.gates & sessionGate.unauthenticated) === 0;
  }

  set isAuthenticated(value: boolean) {
    if (value) this.gates &= ~sessionGate.unauthenticated;
    else this.gates |= sessionGate.unauthenticated;
  }
}
