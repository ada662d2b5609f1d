// The primary's side of replication: takes replicas in, sends them the stream, and knows how far
// they are.
//
// What commands propagate is appended to the backlog at once (`replication-history.ts`); at the end
// of a turn `flush` sends each replica what has come, in one write. Once a second `tick` looks
// after the rest: pings, silent replicas, the backlog that nobody needs.
import { asciiBytes } from "../bytes/ascii.ts";
import type { Engine } from "../engine/engine.ts";
import { describeClient } from "../engine/client-description.ts";
import { engineGate, sessionGate } from "../engine/gate.ts";
import type {
  PartialRequest,
  ReplicaProfile,
  ReplicationControl,
} from "../engine/replication-control.ts";
import type { Session } from "../engine/session.ts";
import { Failure } from "../keyspace/failure.ts";
import type { Persistence } from "../persistence/persistence.ts";
import { FullSync } from "./full-sync.ts";
import { LogReader } from "./log-reader.ts";
import { decidePartialResync } from "./partial-resync.ts";
import { Replica, unknownProfile } from "./replica.ts";
import type { ReplicationHistory } from "./replication-history.ts";
import type { ReplicationContext } from "./replication-settings.ts";

const pendingOutput = new Failure("ERR SYNC and PSYNC are invalid with pending output");
const filteredNeedsMark = new Failure("ERR Filtered replica requires EOF capability");
const ping = asciiBytes("*1\r\n$4\r\nPING\r\n");
const getAck = asciiBytes("*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n");
const lineEnd = asciiBytes("\r\n");
const newline = asciiBytes("\n");
/** What is sent without regard to the database that the stream is in. */
const noDatabase = -1;
const msPerSecond = 1000;

const noLink = new Failure("NOMASTERLINK Can't SYNC while not connected with my master");
const takesOverAlready = new Failure("ERR PSYNC FAILOVER can't be sent to a master.");
const otherHistory = new Failure("ERR PSYNC FAILOVER replid must match my replid.");

/** What makes it worth gathering a turn's changes with the next one's, and ends it. */
const gatheredCommandsMin = 16;
const gatheredBytesMax = 32 * 1024;
const gatheringMs = 2;

export interface PrimaryOptions {
  readonly engine: Engine;
  readonly persistence: Persistence;
  readonly history: ReplicationHistory;
  readonly context: ReplicationContext;
  /** What of the other role concerns this one: a replica has replicas too. */
  readonly following: {
    /** There is a primary, and it cannot be reached. */
    isWithoutLink(): boolean;
    /** The stream must not grow by pings. */
    holdsPings(): boolean;
    /** Becomes a primary, at the wish of the one that is followed. */
    takeOver(): void;
  };
}

/** For INFO. */
export interface SyncStatistics {
  full: number;
  partialOk: number;
  partialErr: number;
}

export class Primary implements ReplicationControl {
  readonly replicas = new Set<Replica>();
  readonly statistics: SyncStatistics = { full: 0, partialOk: 0, partialErr: 0 };
  /** Replicas that are online and were heard of within `min-replicas-max-lag`. */
  goodReplicas = 0;
  readonly #options: PrimaryOptions;
  readonly #fullSync: FullSync;
  readonly #profiles = new Map<Session, ReplicaProfile>();
  readonly #bySession = new Map<Session, Replica>();
  #isAckWanted = false;
  #nextTickMs = 0;
  /** Commands that had been run at the end of the last turn. */
  #seenCommands = 0;
  /** Where the backlog ended when it was last sent, and since when it has not been; 0: it was. */
  #sentPlace = 0;
  #gatheringSinceMs = 0;
  /** The first one of a period brings a ping, and there is nobody yet at the start. */
  #ticks = 1;
  #noReplicasSinceMs: number;

  constructor(options: PrimaryOptions) {
    this.#options = options;
    this.#noReplicasSinceMs = options.engine.keyspace.nowMs;
    this.#fullSync = new FullSync({
      ...options,
      replicas: this.replicas,
      onSynchronized: (replica) => this.#synchronized(replica),
      drop: (replica) => replica.link.close(),
    });
  }

  get offset(): number {
    return this.#options.history.offset;
  }

  get #nowMs(): number {
    return this.#options.engine.keyspace.nowMs;
  }

  profileOf(session: Session): ReplicaProfile {
    let profile = this.#profiles.get(session);
    if (profile === undefined) {
      profile = unknownProfile();
      this.#profiles.set(session, profile);
    }
    return profile;
  }

  synchronize(session: Session, request: PartialRequest | undefined): void {
    if (session.replica !== undefined) return;
    const { history, context, following } = this.#options;
    if (request?.isFailover === true) this.#takeOver(session, request.id);
    if (following.isWithoutLink()) throw noLink;
    if (session.link.hasReplies) throw pendingOutput;
    const replica = new Replica({
      id: session.id,
      link: session.link,
      profile: this.profileOf(session),
      isOld: request === undefined,
      nowMs: this.#nowMs,
    });
    const { profile, name } = replica;
    const isFiltered = profile.excludesData || profile.excludesFunctions;
    if (isFiltered && !profile.understandsMark) throw filteredNeedsMark;
    context.log("notice", `Replica ${name} asks for synchronization`);
    if (request !== undefined) {
      const decision = decidePartialResync(history, request, name);
      if (decision.isGranted) {
        this.#add(session, replica);
        this.#continueFrom(replica, request.offset);
        this.statistics.partialOk++;
        return;
      }
      for (const { level, text } of decision.log) context.log(level, text);
      if (!request.id.startsWith("?")) this.statistics.partialErr++;
    }
    this.statistics.full++;
    this.#add(session, replica);
    if (history.backlog === undefined) this.#createBacklog();
    this.#fullSync.request(replica);
  }

  /** Our primary wants to be our replica. */
  #takeOver(session: Session, id: string): void {
    const { history, context, following, engine } = this.#options;
    context.log("notice", `Failover request received for replid ${id}.`);
    if (!history.isFollowing) throw takesOverAlready;
    if (id.toLowerCase() !== history.id) throw otherHistory;
    following.takeOver();
    context.log(
      "notice",
      `MASTER MODE enabled (failover request from '${describeClient(engine, session)}')`,
    );
  }

  /** What they have is of another history: they must ask anew. */
  dropReplicas(): void {
    for (const { link } of this.replicas) link.close();
  }

  /** From now on counts how long nobody follows. */
  countAlone(): void {
    this.#noReplicasSinceMs = this.#nowMs;
  }

  #add(session: Session, replica: Replica): void {
    this.replicas.add(replica);
    this.#bySession.set(session, replica);
    session.replica = replica;
    session.gates |= sessionGate.replica;
  }

  /** What was before is in no backlog, so it is of no history that anybody could go on with. */
  #createBacklog(): void {
    const { history, context } = this.#options;
    history.changeId();
    history.clearSecondId();
    history.createBacklog();
    context.log(
      "notice",
      `Replication backlog created, my new replication IDs are '${history.id}' and ` +
        `'${history.secondId}'`,
    );
  }

  #continueFrom(replica: Replica, offset: number): void {
    const { history, context } = this.#options;
    const { profile, link } = replica;
    replica.state = "online";
    const reply = asciiBytes(
      profile.understandsNewId ? `+CONTINUE ${history.id}\r\n` : "+CONTINUE\r\n",
    );
    link.direct.send(reply, 0, reply.length);
    this.#follow(replica, offset - 1);
    const bytes = history.offset - (offset - 1);
    context.log(
      "notice",
      `Partial resynchronization request from ${replica.name} accepted. ` +
        `Sending ${bytes} bytes of backlog starting from offset ${offset}.`,
    );
    this.#countGood();
  }

  #follow(replica: Replica, place: number): void {
    const { history } = this.#options;
    if (history.backlog === undefined) return;
    replica.stream = new LogReader({
      log: history.backlog,
      place,
      link: replica.link.direct,
      nowMs: () => this.#nowMs,
      onSent: () => undefined,
    });
    history.readers.add(replica);
  }

  /** It has the whole snapshot. */
  #synchronized(replica: Replica): void {
    const { context } = this.#options;
    if (replica.profile.wantsOnlySnapshot) {
      context.log(
        "notice",
        `RDB transfer completed, rdb only replica (${replica.name}) should be disconnected asap`,
      );
      replica.link.closeAfterReply();
      return;
    }
    replica.state = "online";
    replica.ackMs = this.#nowMs;
    context.log("notice", `Synchronization with replica ${replica.name} succeeded`);
    this.#countGood();
    context.wake();
  }

  acknowledge(session: Session, offset: number, aofOffset: number): void {
    const replica = this.#bySession.get(session);
    if (replica === undefined) return;
    if (offset > replica.ackOffset) replica.ackOffset = offset;
    if (aofOffset > replica.ackAofOffset) replica.ackAofOffset = aofOffset;
    replica.ackMs = this.#nowMs;
    replica.awaitsAck = false;
    this.#options.engine.blocking.keylessReady();
  }

  forget(session: Session): void {
    this.#profiles.delete(session);
    const replica = this.#bySession.get(session);
    if (replica === undefined) return;
    const { history, context } = this.#options;
    this.#bySession.delete(session);
    this.replicas.delete(replica);
    history.readers.delete(replica);
    replica.stop();
    history.trim();
    context.log("notice", `Connection with replica client id #${session.id} lost.`);
    if (this.replicas.size === 0) this.#noReplicasSinceMs = this.#nowMs;
    this.#fullSync.forget(replica);
    this.#countGood();
  }

  countAcknowledged(offset: number, how: "applied" | "safe"): number {
    let count = 0;
    for (const { state, ackOffset, ackAofOffset } of this.replicas) {
      if (state !== "online") continue;
      if ((how === "applied" ? ackOffset : ackAofOffset) >= offset) count++;
    }
    return count;
  }

  requestAcks(): void {
    this.#isAckWanted = true;
  }

  feed(words: readonly Uint8Array[]): void {
    const parts = [asciiBytes(`*${words.length}\r\n`)];
    for (const word of words) parts.push(asciiBytes(`$${word.length}\r\n`), word, lineEnd);
    const { history } = this.#options;
    for (const part of parts) history.append(noDatabase, part, 0, part.length);
  }

  changeId(): void {
    this.#options.history.changeId();
    this.#options.history.clearSecondId();
  }

  /** The end of a turn: what has come of the stream goes out. */
  flush(): void {
    if (this.replicas.size === 0) {
      // Who comes later is not asked for what was wanted before.
      this.#isAckWanted = false;
      return;
    }
    const { history, engine, context } = this.#options;
    if (this.#isAckWanted) {
      this.#isAckWanted = false;
      if (!engine.pause.isActive) history.append(noDatabase, getAck, 0, getAck.length);
    } else if (this.#gathersMore()) {
      context.wake();
      return;
    }
    for (const replica of this.replicas) {
      const { stream } = replica;
      if (stream !== undefined && replica.state === "online" && !replica.awaitsAck) {
        stream.pump();
        if (stream.isReady) context.wake();
      }
      this.#checkOutputLimit(replica);
    }
  }

  /**
   * While requests keep coming in numbers the stream is gathered for a moment: a write for each
   * turn would cost the primary a tenth. As soon as they do not, or somebody waits for the
   * replicas, it goes out with the turn.
   */
  #gathersMore(): boolean {
    const { engine, history } = this.#options;
    const { commands } = engine.statistics;
    const came = commands - this.#seenCommands;
    this.#seenCommands = commands;
    const end = history.backlog?.end ?? 0;
    const isMore = came >= gatheredCommandsMin && end - this.#sentPlace < gatheredBytesMax;
    if (isMore && this.#gatheringSinceMs === 0) this.#gatheringSinceMs = this.#nowMs;
    if (isMore && this.#nowMs - this.#gatheringSinceMs < gatheringMs) return true;
    this.#gatheringSinceMs = 0;
    this.#sentPlace = end;
    return false;
  }

  /** Redis's limit of what waits for a client; here the hard one is at least the backlog's size. */
  #checkOutputLimit(replica: Replica): void {
    const { context } = this.#options;
    const { outputBytes } = replica;
    const { hardBytes, softBytes, softSeconds } = context.settings.clientOutputBufferLimit.replica;
    const hard = hardBytes === 0 ? 0 : Math.max(hardBytes, context.settings.replBacklogSize);
    if (softBytes === 0 || outputBytes < softBytes) replica.softLimitSinceMs = 0;
    else if (replica.softLimitSinceMs === 0) replica.softLimitSinceMs = this.#nowMs;
    const since = replica.softLimitSinceMs;
    const isSoftOver = since > 0 && this.#nowMs - since > softSeconds * msPerSecond;
    if (!isSoftOver && !(hard > 0 && outputBytes > hard)) return;
    this.#options.engine.statistics.outputBufferLimitDisconnections++;
    context.log(
      "warning",
      `Client id=${replica.id} addr=${replica.link.remoteAddress} omem=${outputBytes} ` +
        "scheduled to be closed ASAP for overcoming of output buffer limits.",
    );
    replica.link.close();
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    Object.assign(this.statistics, { full: 0, partialOk: 0, partialErr: 0 });
  }

  /** Called several times a second; does its work once. */
  tick(): void {
    this.#fullSync.startPending();
    const nowMs = this.#nowMs;
    if (nowMs < this.#nextTickMs && nowMs > this.#nextTickMs - msPerSecond) return;
    this.#nextTickMs = nowMs + msPerSecond;
    this.#ping();
    this.#closeSilent(nowMs);
    this.#options.history.trim();
    this.#freeBacklog(nowMs);
    this.#fullSync.removeFileOfReplicas();
    this.#countGood();
    this.#ticks++;
  }

  #ping(): void {
    const { history, context } = this.#options;
    const isPeriod = this.#ticks % context.settings.replPingReplicaPeriod === 0;
    const isDue = isPeriod && !this.#options.following.holdsPings();
    if (isDue && this.replicas.size > 0) history.append(noDatabase, ping, 0, ping.length);
    for (const replica of this.replicas) {
      if (!this.#fullSync.isSilent(replica)) continue;
      // A byte that means nothing, to say that we are there.
      if (replica.link.direct.unsentBytes === 0)
        replica.link.direct.send(newline, 0, newline.length);
    }
  }

  #closeSilent(nowMs: number): void {
    const { context } = this.#options;
    const oldestMs = nowMs - context.settings.replTimeout * msPerSecond;
    for (const replica of this.replicas) {
      const { state, isOld, ackMs, name } = replica;
      const stalledMs = this.#fullSync.stalledSinceMs(replica);
      let phase = "";
      if (state === "online" && !isOld && ackMs < oldestMs) phase = "streaming sync";
      if (state === "snapshot" && stalledMs > 0 && stalledMs < oldestMs) phase = "full sync";
      if (phase === "") continue;
      context.log("warning", `Disconnecting timedout replica (${phase}): ${name}`);
      replica.link.close();
    }
  }

  /** What nobody has come back for in time is forgotten, and with it the history. */
  #freeBacklog(nowMs: number): void {
    const { history, context } = this.#options;
    const { replBacklogTtl } = context.settings;
    if (this.replicas.size > 0 || replBacklogTtl === 0 || history.backlog === undefined) return;
    // A replica may have to go on from it as a primary.
    if (history.isFollowing) return;
    if (nowMs - this.#noReplicasSinceMs <= replBacklogTtl * msPerSecond) return;
    history.changeId();
    history.clearSecondId();
    history.freeBacklog();
    context.log(
      "notice",
      `Replication backlog freed after ${replBacklogTtl} seconds without connected replicas.`,
    );
  }

  /** Also called when one of the parameters has changed. */
  #countGood(): void {
    const { engine, context, history } = this.#options;
    const { minReplicasToWrite, minReplicasMaxLag } = context.settings;
    const isLimited = minReplicasToWrite > 0 && minReplicasMaxLag > 0;
    if (isLimited) {
      const oldestMs = this.#nowMs - (minReplicasMaxLag + 1) * msPerSecond;
      this.goodReplicas = 0;
      for (const { state, ackMs } of this.replicas) {
        if (state === "online" && ackMs > oldestMs) this.goodReplicas++;
      }
    }
    const isRefusing = isLimited && !history.isFollowing && this.goodReplicas < minReplicasToWrite;
    engine.setGate(engineGate.fewReplicas, isRefusing);
  }

  /** Parameters have changed. */
  applySettings(): undefined {
    const { history, context } = this.#options;
    history.backlogBytesMax = context.settings.replBacklogSize;
    history.trim();
    this.#countGood();
  }

  /** What waits for all replicas beyond what the backlog keeps anyway. */
  get outputBytes(): number {
    const { history } = this.#options;
    return Math.max(0, history.keptBytes - history.backlogBytesMax);
  }

  /** Memory of the stream beyond what the backlog may keep. */
  get excessBytes(): number {
    const { history, context } = this.#options;
    return Math.max(0, history.memoryBytes - context.settings.replBacklogSize);
  }

  /** Whether all replicas have acknowledged all of the stream. */
  get areAllCaughtUp(): boolean {
    for (const { ackOffset } of this.replicas) if (ackOffset !== this.offset) return false;
    return true;
  }

  /** Says in the log which replicas are behind when the server ends. */
  logLagging(): void {
    const { context } = this.#options;
    let inSync = 0;
    for (const replica of this.replicas) {
      const { name, state, ackOffset, ackMs, stateName } = replica;
      if (ackOffset === this.offset) {
        inSync++;
        continue;
      }
      const lag = state === "online" ? Math.floor((this.#nowMs - ackMs) / msPerSecond) : 0;
      context.log(
        "notice",
        `Lagging replica ${name} reported offset ${this.offset - ackOffset} behind master, ` +
          `lag=${lag}, state=${stateName}.`,
      );
    }
    const { size } = this.replicas;
    if (size === 0) return;
    context.log("notice", `${inSync} of ${size} replicas are in sync when shutting down.`);
  }

  /** A former life's history, which its dump file has told of, goes on under another id. */
  restore(id: string, offset: number): void {
    const { history } = this.#options;
    history.secondId = id;
    history.secondOffset = offset + 1;
    history.rebase(offset);
    this.#noReplicasSinceMs = this.#nowMs;
  }
}
