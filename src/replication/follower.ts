// The replica's side of replication: keeps a link to a primary, and through it the same data.
//
//   connect -> connecting -> handshake -> connected           what we lack follows
//                                     \-> sync -> connected   everything comes anew
//
// Whenever the link is lost it begins again, at once or a second later. What we have stays good to
// go on from (`#canContinue`): the history's id and offset tell the primary where. Transitions and
// texts of the log are those of Redis's src/replication.c.
import { asciiBytes } from "../bytes/ascii.ts";
import type { Engine } from "../engine/engine.ts";
import { roleChanged } from "../engine/failures.ts";
import type { FollowedPrimary } from "../engine/following-control.ts";
import type { Persistence } from "../persistence/persistence.ts";
import { FollowedSession } from "./followed-session.ts";
import type { HandshakeOutcome } from "./handshake.ts";
import { Handshake } from "./handshake.ts";
import type { Link } from "./link.ts";
import type { Primary } from "./primary.ts";
import { noId } from "./replication-history.ts";
import type { ReplicationHistory } from "./replication-history.ts";
import type { ReplicationContext } from "./replication-settings.ts";
import { setReplicaGates, takeRole } from "./replica-role.ts";
import type { TransferResult } from "./snapshot-transfer.ts";
import { SnapshotTransfer } from "./snapshot-transfer.ts";

const msPerSecond = 1000;
const sync = asciiBytes("SYNC\r\n");

export interface FollowerOptions {
  readonly engine: Engine;
  readonly persistence: Persistence;
  readonly history: ReplicationHistory;
  readonly context: ReplicationContext;
  readonly primary: Primary;
  /** Whether the primary is to be told to become one. */
  isFailover(): boolean;
  /** What it said to that. */
  failoverAnswered(isAccepted: boolean): void;
}

type State = "none" | FollowedPrimary["stateName"];

export class Follower {
  /** Whom we follow. */
  target: { readonly host: string; readonly port: number } | undefined;
  state: State = "none";
  /** When the link was lost, in ms since 1970; 0: it was never there. */
  downSinceMs = 0;
  /** When something last came. */
  lastReceivedMs = 0;
  transfer: SnapshotTransfer | undefined;
  readonly #options: FollowerOptions;
  #link: Link | undefined;
  #handshake: Handshake | undefined;
  #session: FollowedSession | undefined;
  /** What we have is of the history whose id and offset we have. */
  #canContinue = false;
  /** The database that the stream has selected where we are. */
  #database = 0;
  /** What the primary has said of the snapshot that follows. */
  #offered = { id: "", offset: -1 };
  #isOldPrimary = false;
  #nextTickMs = 0;
  #nextConnectMs = 0;
  /** The offset where the link that is up, or was last, began to bring commands. */
  #followedOffset = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  get #nowMs(): number {
    return this.#options.engine.keyspace.nowMs;
  }

  /** How far the stream has been applied; -1 without a link. */
  get offset(): number {
    return this.state === "connected" ? this.#options.history.offset : -1;
  }

  /** The same for INFO, where we could go on from also counts; and how far it has been read. */
  get knownOffset(): number {
    return this.state === "connected" || this.#canContinue ? this.#options.history.offset : 1;
  }

  get readOffset(): number {
    return this.knownOffset + (this.#session?.applier.pendingBytes ?? 0);
  }

  /** The database that whoever goes on from here has selected. */
  get streamDatabase(): number {
    return this.#session?.session.db.index ?? this.#database;
  }

  /** Whether what a dump file would hold is of a known place in the history. */
  get hasPlace(): boolean {
    return this.state === "connected" || this.#canContinue;
  }

  /** Follows another primary; the replicas stay until what they have is of another history. */
  follow(host: string, port: number): void {
    const { engine, context } = this.#options;
    const wasPrimary = this.target === undefined;
    this.target = undefined;
    this.#dropLink();
    engine.blocking.endAll(roleChanged);
    this.target = { host, port };
    if (wasPrimary) this.#continueOwn();
    this.state = "connect";
    this.#setRole();
    context.log("notice", `Connecting to MASTER ${host}:${port}`);
    this.#connect();
  }

  /** At the start, before anything is loaded: the first tick connects. */
  begin(target: { readonly host: string; readonly port: number }): void {
    this.target = target;
    this.state = "connect";
    this.#setRole();
  }

  /** What a dump file has told of: with luck the primary goes on from there. */
  restore(history: {
    readonly id: string;
    readonly offset: number;
    readonly database: number;
  }): void {
    const { history: own } = this.#options;
    own.adopt(history.id, history.offset);
    this.#database = history.database;
    this.#continueOwn();
  }

  /** If the new primary was our replica, it may know of what we have. */
  #continueOwn(): void {
    const { context, history } = this.#options;
    this.#discardCached();
    context.log(
      "notice",
      "Before turning into a replica, using my own master parameters to synthesize a cached " +
        "master: I may be able to synchronize with the new master with just a partial transfer.",
    );
    history.createBacklog();
    this.#canContinue = true;
  }

  #discardCached(): void {
    if (!this.#canContinue) return;
    this.#canContinue = false;
    this.#options.context.log("notice", "Discarding previously cached master state.");
  }

  /** Becomes a primary, whose history goes on from what we have. */
  stop(): void {
    if (this.target === undefined) return;
    const { history, primary, persistence, context } = this.#options;
    this.target = undefined;
    this.#dropLink();
    this.#discardCached();
    history.shiftId();
    context.log(
      "notice",
      `Setting secondary replication ID to ${history.secondId}, valid up to offset: ` +
        `${history.secondOffset}. New replication ID is ${history.id}`,
    );
    primary.dropReplicas();
    this.state = "none";
    history.forgetDatabase();
    this.#setRole();
    primary.countAlone();
    this.downSinceMs = 0;
    const { aof } = persistence;
    if (!context.settings.appendonly || aof.state !== "off") return;
    context.log("notice", "Restarting AOF after becoming master");
    persistence.switchAof(true);
  }

  /** What follows for clients from what we are. */
  #setRole(): void {
    takeRole(this.#options, this.target);
    this.applySettings();
  }

  /** Parameters have changed, or the state has. */
  applySettings(): undefined {
    const isUp = this.state === "connected";
    setReplicaGates(this.#options, { isFollowing: this.target !== undefined, isUp });
  }

  #setState(state: State): void {
    this.state = state;
    this.applySettings();
  }

  #connect(): void {
    const { target } = this;
    if (target === undefined) return;
    const { context } = this.#options;
    this.lastReceivedMs = this.#nowMs;
    this.#nextConnectMs = this.#nowMs + msPerSecond;
    this.#setState("connecting");
    const link = context.dial(target, {
      connected: () => {
        if (this.#link === link) this.#greet(link);
      },
      received: (bytes, length) => {
        if (this.#link === link) this.#received(bytes, length);
      },
      closed: (reason) => {
        if (this.#link === link) this.#closed(reason);
      },
    });
    this.#link = link;
    context.log("notice", "MASTER <-> REPLICA sync started");
  }

  #greet(link: Link): void {
    const { context, history } = this.#options;
    const { settings } = context;
    this.lastReceivedMs = this.#nowMs;
    this.#setState("handshake");
    this.#handshake = new Handshake({
      user: settings.masteruser,
      password: settings.masterauth,
      port: settings.replicaAnnouncePort === 0 ? context.ownPort() : settings.replicaAnnouncePort,
      address: settings.replicaAnnounceIp,
      version: context.redisVersion,
      history: this.#canContinue ? { id: history.id, offset: history.offset } : undefined,
      isFailover: this.#options.isFailover(),
      send: (bytes) => link.send(bytes),
      log: context.log,
    });
  }

  #received(bytes: Uint8Array, length: number): void {
    this.lastReceivedMs = this.#nowMs;
    const { engine } = this.#options;
    engine.statistics.inputBytes += length;
    if (this.#session !== undefined) {
      this.#session.received(bytes, 0, length);
    } else if (this.transfer !== undefined) {
      this.transfer.received(bytes, 0, length);
    } else if (this.#handshake !== undefined) {
      const handshake = this.#handshake;
      const outcome = handshake.feed(bytes, 0, length);
      if (outcome === undefined) return;
      this.#answered(outcome);
      if (handshake.used < length && this.#handshake === undefined) {
        // What has come behind it is of what follows.
        this.#received(bytes.slice(handshake.used, length), length - handshake.used);
      }
    }
  }

  #answered(outcome: HandshakeOutcome): void {
    const { context } = this.#options;
    this.#handshake = undefined;
    if (this.#options.isFailover() && outcome.kind !== "failed") {
      const isAccepted = outcome.kind === "partial" || outcome.kind === "full";
      this.#options.failoverAnswered(isAccepted);
      if (!isAccepted) return;
    }
    switch (outcome.kind) {
      case "partial":
        this.#isOldPrimary = false;
        this.#continue(outcome.id);
        return;
      case "full":
        this.#offered = outcome;
        this.#isOldPrimary = outcome.offset < 0;
        this.#transfer();
        return;
      case "unsupported":
        context.log("notice", "Retrying with SYNC...");
        this.#offered = { id: "", offset: -1 };
        this.#isOldPrimary = true;
        this.#link?.send(sync);
        this.#transfer();
        return;
      default:
        this.#retryLater();
    }
  }

  #continue(id: string): void {
    const { history, primary, context } = this.#options;
    if (id !== "" && id !== history.id) {
      context.log("notice", `Master replication ID changed to ${id}`);
      history.renew(id);
      primary.dropReplicas();
    }
    history.createBacklog();
    this.#follow(this.#database);
    context.log("notice", "MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.");
  }

  /** From here on commands come. */
  #follow(database: number): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#canContinue = true;
    this.downSinceMs = 0;
    this.#followedOffset = this.#options.history.offset;
    this.#session = new FollowedSession({
      ...this.#options,
      link,
      database,
      closed: () => this.#closed(undefined),
      corrupt: () => this.#corrupt(),
    });
    this.#setState("connected");
  }

  #transfer(): void {
    const { engine, persistence, context, history } = this.#options;
    const link = this.#link;
    if (link === undefined) return;
    this.#setState("sync");
    this.transfer = new SnapshotTransfer({
      engine,
      persistence,
      context,
      link,
      isSameHistory: this.#offered.id === history.id,
      detach: () => this.#detach(),
      done: (result) => this.#loaded(result),
      failed: () => this.#syncFailed(),
    });
  }

  /** What we and our replicas have is of no use any more. */
  #detach(): void {
    const { primary, history } = this.#options;
    this.#discardCached();
    primary.dropReplicas();
    history.freeBacklog();
  }

  #loaded({ database, hasMark, rest }: TransferResult): void {
    const { history, context, persistence } = this.#options;
    const { id, offset } = this.#offered;
    this.transfer = undefined;
    history.adopt(id === "" ? noId : id, Math.max(offset, 0));
    this.#follow(Math.max(database, 0));
    context.log("notice", "MASTER <-> REPLICA sync: Finished with success");
    if (hasMark) this.acknowledge();
    if (context.settings.appendonly) {
      context.log("notice", "MASTER <-> REPLICA sync: Starting AOF after a successful sync");
      persistence.switchAof(true);
    }
    if (rest.length > 0) this.#session?.received(rest, 0, rest.length);
  }

  #syncFailed(): void {
    this.transfer = undefined;
    this.#closeLink();
    this.#setState("connect");
    this.#reconnect("after failure");
  }

  /** The primary is reached again without delay, unless that has just come to nothing. */
  #reconnect(why: string): void {
    const { target } = this;
    if (target === undefined) return;
    const { context } = this.#options;
    context.log("notice", `Reconnecting to MASTER ${target.host}:${target.port} ${why}`.trimEnd());
    if (this.#nowMs >= this.#nextConnectMs - msPerSecond * 0.9) this.#connect();
  }

  #retryLater(): void {
    this.#closeLink();
    this.#handshake = undefined;
    this.#setState("connect");
  }

  /** The stream is no longer what the primary has sent: it must come anew. */
  #corrupt(): void {
    this.#closed(undefined);
    this.#discardCached();
  }

  #closed(reason: string | undefined): void {
    const { context } = this.#options;
    const { state } = this;
    if (state === "connected") {
      this.#lost();
    } else if (state === "sync") {
      this.transfer?.closed(reason ?? "connection lost");
    } else {
      if (state === "connecting") {
        context.log("warning", `Error condition on socket for SYNC: ${reason ?? "closed"}`);
      } else {
        context.log("warning", `Failed to read response from the server: ${reason ?? "closed"}`);
      }
      this.#retryLater();
    }
  }

  /** The link of a replica that followed. */
  #lost(): void {
    const { context, history } = this.#options;
    if (history.offset > this.#followedOffset) this.#nextConnectMs = 0;
    context.log("notice", "Connection with master lost.");
    this.#keepPlace();
    this.#closeLink();
    this.#setState("connect");
    this.downSinceMs = this.#nowMs;
    this.#reconnect("");
  }

  /** What has not been applied is forgotten; what has been is where we go on. */
  #keepPlace(): void {
    if (this.#session === undefined) return;
    this.#database = this.streamDatabase;
    this.#session.stop();
    this.#session = undefined;
    this.#canContinue = !this.#isOldPrimary;
    this.#options.context.log("notice", "Caching the disconnected master state.");
  }

  #closeLink(): void {
    const link = this.#link;
    this.#link = undefined;
    link?.close();
  }

  #dropLink(): void {
    if (this.state === "connected") {
      this.#options.context.log("notice", "Connection with master lost.");
      this.#keepPlace();
    }
    this.#handshake = undefined;
    this.transfer?.abort();
    this.transfer = undefined;
    this.#closeLink();
    this.state = this.target === undefined ? "none" : "connect";
  }

  /** Tells the primary how far we are. */
  acknowledge(): void {
    if (this.state !== "connected" || this.#isOldPrimary) return;
    const { history, persistence } = this.#options;
    const words = ["REPLCONF", "ACK", String(history.offset)];
    if (persistence.hasAof) words.push("FACK", String(persistence.syncedOffset));
    const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`);
    this.#link?.send(asciiBytes(`*${words.length}\r\n${parts.join("")}`));
  }

  /** Several times a second. */
  tick(): void {
    if (this.target === undefined) return;
    this.transfer?.tick();
    this.#checkSilence();
    if (this.state === "connect" && this.#nowMs >= this.#nextConnectMs) {
      const { host, port } = this.target;
      this.#options.context.log("notice", `Connecting to MASTER ${host}:${port}`);
      this.#connect();
    }
    if (this.#nowMs < this.#nextTickMs && this.#nowMs > this.#nextTickMs - msPerSecond) return;
    this.#nextTickMs = this.#nowMs + msPerSecond;
    this.acknowledge();
  }

  #checkSilence(): void {
    const { context } = this.#options;
    const silentMs = this.#nowMs - this.lastReceivedMs;
    if (silentMs <= context.settings.replTimeout * msPerSecond) return;
    switch (this.state) {
      case "connecting":
      case "handshake":
        context.log("warning", "Timeout connecting to the MASTER...");
        this.#retryLater();
        this.#reconnect("after failure");
        return;
      case "sync":
        if (this.transfer?.isWaiting !== true) return;
        context.log(
          "warning",
          "Timeout receiving bulk data from MASTER... If the problem persists try to set the " +
            "'repl-timeout' parameter in redis.conf to a larger value.",
        );
        this.transfer.abort();
        this.#syncFailed();
        return;
      case "connected":
        context.log("warning", "MASTER timeout: no data nor PING received...");
        this.#lost();
        return;
      default:
    }
  }

  /** The server ends. */
  close(): void {
    this.target = undefined;
    this.transfer?.abort();
    this.#closeLink();
  }
}
