// All connections of a server, and its turns.
//
// A turn begins with the first bytes that arrive and ends when Node has delivered all that was
// ready: then requests that were held back go on, replies are sent, and background work gets its
// share. So replies of one turn leave in one write a connection.
import { viewedBytes } from "../bytes/viewed.ts";
import { describeClient } from "../engine/client-description.ts";
import type { Engine } from "../engine/engine.ts";
import type { LogLevel } from "../engine/host.ts";
import type { Session, SessionLink } from "../engine/session.ts";
import type { Failure } from "../keyspace/failure.ts";
import { RequestBatch } from "../resp/request-batch.ts";
import { RequestParser } from "../resp/request-parser.ts";
import type { RequestLimits } from "../resp/request-parser.ts";
import { evictClients } from "./client-eviction.ts";
import type { Connection } from "./connection.ts";
import { connectionBytes } from "./connection.ts";
import { ReplyBuffers, replyBytesWaiting } from "./reply-buffers.ts";

/** The buffer for replies in the middle of a request: few, and short. */
const meanwhileBytes = 16 * 1024;
const sparesMax = 64;
const spareBytesMax = 4 * 1024 * 1024;
/** Time that one connection may take of a turn; the rest of its requests wait for the next. */
const sliceUs = 250;
/** How long a turn may gather requests for one sync of the disk, which takes about as long. */
const gatheringUsMax = 1000;
/** How long replies wait for what they promise: a name may take long to be looked up. */
const preparingUsMax = 100_000;

/** How long an idle connection keeps a buffer for input, as in Redis. */
const inputKeptSeconds = 2;

const noBytes: Uint8Array = new Uint8Array(0);

export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

/** What the hub needs of its server. */
export interface HubOptions {
  readonly engine: Engine;
  readonly limits: RequestLimits;
  log(level: LogLevel, text: string): void;
  /** Limits of what waits for a client, by its class; 0 bytes: none. */
  outputLimits(): { readonly normal: OutputLimit; readonly pubsub: OutputLimit };
  /** `maxmemory-clients` in bytes; 0: no limit. */
  clientBytesMax(): number;
  /** Calls `end` when everything that is ready now has been delivered. */
  schedule(end: () => void): void;
  /**
   * Whether what must be done before replies go out costs about the same for many as for few: then
   * requests that are on their way are waited for.
   */
  isCommitCostly(): boolean;
  /** Whether something is being done, and soon over, that replies are to wait for. */
  isPreparing(): boolean;
  /** What must be done before replies go out: they promise that it is. */
  beforeReplies(): void;
  /**
   * Work between turns, which took so long: expiry, rehashing, freeing, a snapshot's next slice.
   */
  background(turnUs: number): void;
}

export class ConnectionHub {
  readonly engine: Engine;
  readonly connections = new Set<Connection>();
  queryBytesMax = 1024 * 1024 * 1024;
  /** The parser of whoever parses now; one that has begun a request goes with its connection. */
  parser: RequestParser;
  /** Where a connection's requests stand between parsing and execution. */
  batch = new RequestBatch();
  /** When the share of the turn ends that belongs to whoever executes now; 0: not measured yet. */
  sliceEndUs = 0;
  readonly #options: HubOptions;
  readonly #spareParsers: RequestParser[] = [];
  readonly #replyBuffers: ReplyBuffers;
  #spareBuffer = noBytes;
  #dirty: Connection[] = [];
  #continuing: Connection[] = [];
  #isInTurn = false;
  /** Others are served in the middle of a request. */
  #isAside = false;
  /** A stream goes on to send from the reply buffer. */
  #isBufferTaken = false;
  #turnStartUs = 0;
  /** Commands that had been run when the turn was last about to end. */
  #gatheredCommands = 0;
  /** Those that had been when it began. */
  #turnStartCommands = 0;
  /** Those that may hold more than an idle connection does. */
  readonly #buffering = new Set<Connection>();
  /** Bytes that they hold; -1: to be added up. */
  #bufferBytes = -1;
  readonly #endTurn: () => void;

  constructor(options: HubOptions) {
    this.#options = options;
    this.engine = options.engine;
    this.#replyBuffers = new ReplyBuffers(options.engine.reply);
    this.parser = new RequestParser(options.limits);
    this.#endTurn = () => this.endTurn();
    this.engine.pubsub.fanOut.hold(() => this.beginTurn());
  }

  log(level: LogLevel, text: string): void {
    this.#options.log(level, text);
  }

  add(connection: Connection): void {
    this.connections.add(connection);
  }

  forget(connection: Connection): void {
    this.connections.delete(connection);
    this.#buffering.delete(connection);
  }

  /** The connection has got a buffer of its own, which counts until it is gone. */
  holdsBuffers(connection: Connection): void {
    this.#buffering.add(connection);
  }

  /**
   * Bytes of all connections with their buffers, as of the first call in this turn: commands ask
   * for it when there is a `maxmemory`.
   */
  get memoryBytes(): number {
    if (this.#bufferBytes < 0) this.#bufferBytes = this.#sumBuffers();
    return this.connections.size * connectionBytes + this.#bufferBytes;
  }

  #sumBuffers(): number {
    let sum = 0;
    for (const connection of this.#buffering) {
      const bytes = connection.bufferBytes;
      if (bytes === 0) this.#buffering.delete(connection);
      sum += bytes;
    }
    return sum;
  }

  /**
   * Looks after those that may hold buffers, some times a second: replies may have waited for too
   * long, and who is idle need not keep the place of a request. Others cost nothing, however many
   * there are.
   */
  tendBuffers(): void {
    const idleSeconds = Math.floor(this.engine.keyspace.nowMs / 1000) - inputKeptSeconds;
    for (const connection of this.#buffering) {
      if (connection.outputBytes > 0) this.checkOutputLimit(connection);
      if (connection.session.lastActiveSeconds < idleSeconds) connection.trimInput();
    }
  }

  beginTurn(): void {
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    this.#bufferBytes = -1;
    this.#turnStartUs = this.engine.host.clock.monotonicUs();
    this.engine.beginTurn();
    this.engine.timing.turnBegan(this.#turnStartUs);
    this.#options.schedule(this.#endTurn);
  }

  endTurn(): void {
    if (this.#gathersMore() || this.#isPreparing()) {
      this.#options.schedule(this.#endTurn);
      return;
    }
    const startUs = this.#turnStartUs;
    this.#isInTurn = false;
    const continuing = this.#continuing;
    if (continuing.length > 0) {
      this.#continuing = [];
      this.beginTurn();
      for (const connection of continuing) connection.continue();
    }
    this.engine.pause.check(this.engine.keyspace.nowMs);
    this.engine.blocking.expire(this.engine.keyspace.nowMs);
    if (this.engine.blocking.hasReady) this.engine.blocking.serve();
    if (this.engine.tracking.sessionCount > 0) this.engine.tracking.endTurn();
    this.flush();
    this.evictClients();
    this.#options.background(this.engine.host.clock.monotonicUs() - startUs);
    this.#countTurn(startUs);
  }

  /** Closes clients if all of them hold more memory now than they may. */
  evictClients(): void {
    const bytesMax = this.#options.clientBytesMax();
    if (bytesMax === 0 || this.#isAside) return;
    this.#bufferBytes = -1;
    evictClients(this, bytesMax);
  }

  /**
   * Whether the turn goes on for another round of the event loop: until a round has brought no more
   * requests, or the time is over.
   */
  #gathersMore(): boolean {
    if (!this.#options.isCommitCostly()) return false;
    const { commands } = this.engine.statistics;
    if (commands === this.#gatheredCommands) return false;
    this.#gatheredCommands = commands;
    return this.engine.host.clock.monotonicUs() - this.#turnStartUs < gatheringUsMax;
  }

  /** The same for what replies promise and is not done in this turn; within bounds, too. */
  #isPreparing(): boolean {
    if (!this.#options.isPreparing()) return false;
    return this.engine.host.clock.monotonicUs() - this.#turnStartUs < preparingUsMax;
  }

  /** If there is a next turn already, it begins where this one ends. */
  #countTurn(startUs: number): void {
    const { statistics, host } = this.engine;
    this.#turnStartUs = host.clock.monotonicUs();
    const turnUs = this.#turnStartUs - startUs;
    this.engine.timing.turnEnded(turnUs);
    statistics.turns++;
    statistics.turnUs += turnUs;
    if (turnUs > statistics.turnUsMax) statistics.turnUsMax = turnUs;
    const commands = statistics.commands - this.#turnStartCommands;
    this.#turnStartCommands = statistics.commands;
    if (commands > statistics.turnCommandsMax) statistics.turnCommandsMax = commands;
  }

  /**
   * Serves other clients in the middle of a request of `running`'s. What belongs to the turn that
   * is under way is put aside meanwhile: replies, parser, requests.
   */
  serveMeanwhile(running: SessionLink, poll: () => void): void {
    const { reply } = this.engine;
    const { batch, parser, sliceEndUs } = this;
    const { buffer, position } = reply;
    this.#options.beforeReplies();
    const own = this.#dirty.filter((each) => each === running);
    this.#sendDirty(this.#dirty.filter((each) => each !== running));
    this.#dirty = [];
    this.batch = new RequestBatch();
    this.lendParser();
    reply.buffer = viewedBytes(meanwhileBytes);
    reply.position = 0;
    this.#isAside = true;
    try {
      poll();
      this.#sendDirty(this.#dirty);
    } finally {
      this.returnParser(this.parser);
      this.#isAside = false;
      this.#dirty = own;
      Object.assign(this, { batch, parser, sliceEndUs });
      reply.buffer = buffer;
      reply.position = position;
    }
  }

  #sendDirty(connections: readonly Connection[]): void {
    for (const each of connections) if (!each.flush()) this.#isBufferTaken = true;
  }

  /** Sends all replies that wait for the end of the turn. */
  flush(): void {
    this.#options.beforeReplies();
    this.engine.pubsub.fanOut.send();
    const dirty = this.#dirty;
    let taker: Connection | undefined;
    let isShared = this.#isBufferTaken;
    this.#isBufferTaken = false;
    for (let index = 0; index < dirty.length; index++) {
      if (dirty[index].flush()) continue;
      isShared ||= taker !== undefined;
      taker = dirty[index];
    }
    dirty.length = 0;
    if (taker === undefined && !isShared) this.#replyBuffers.reuse();
    else this.#lendBuffer(isShared ? undefined : taker);
  }

  /** Streams go on sending from the reply buffer; if only one does, it comes back after that. */
  #lendBuffer(taker: Connection | undefined): void {
    const buffer = this.#replyBuffers.replace();
    taker?.whenSent(() => this.#replyBuffers.giveBack(buffer));
  }

  /** Lets go of memory that was not needed lately; ten times a second. */
  trim(): void {
    this.#replyBuffers.trim();
  }

  /**
   * Sends what has collected if that is much, so that the buffer of all need not hold every reply
   * of a turn, and what goes out is still in the processor's cache. Only when no connection is
   * writing.
   */
  flushIfLarge(): void {
    if (!this.#isAside && this.engine.reply.position > replyBytesWaiting) this.flush();
  }

  markDirty(connection: Connection): void {
    if (connection.isDirty) return;
    connection.isDirty = true;
    this.#dirty.push(connection);
    // Outside a turn (a client killed by the cron) somebody must end one, or the last words would
    // not be sent.
    this.beginTurn();
  }

  /**
   * The connection goes on with its held requests at the end of this turn, or of one that begins
   * now.
   */
  continueLater(connection: Connection): void {
    this.#continuing.push(connection);
    this.beginTurn();
  }

  /** The present parser goes with a connection; another takes its place. */
  lendParser(): void {
    this.parser = this.#spareParsers.pop() ?? new RequestParser(this.#options.limits);
  }

  returnParser(parser: RequestParser): void {
    parser.args.trim();
    parser.args.bytes = noBytes;
    if (this.#spareParsers.length < sparesMax) this.#spareParsers.push(parser);
  }

  takeBuffer(length: number): Uint8Array {
    const spare = this.#spareBuffer;
    if (spare.length < length || spare.length > length * 4) return viewedBytes(length);
    this.#spareBuffer = noBytes;
    // What it is larger than was asked for must not count as the client's, who would be evicted.
    return spare.subarray(0, length);
  }

  /** The largest that is not too large to keep is the spare one: new memory costs its zeroing. */
  returnBuffer({ buffer }: Uint8Array): void {
    const { byteLength } = buffer;
    if (byteLength > spareBytesMax || byteLength <= this.#spareBuffer.length) return;
    this.#spareBuffer = new Uint8Array(buffer);
  }

  /** Nothing refers to a large buffer any longer that requests were parsed in. */
  forgetRequests(): void {
    this.batch.trim();
    this.parser.args.bytes = noBytes;
  }

  /** Bytes have come in from a client. */
  beginInput(session: Session, bytes: number): void {
    this.beginTurn();
    session.inputBytes += bytes;
    session.act(this.engine.keyspace.nowMs);
    this.engine.statistics.inputBytes += bytes;
  }

  /** Bytes have gone out to a client. */
  countSent(session: Session, bytes: number): void {
    session.sentBytes += bytes;
    session.act(this.engine.keyspace.nowMs);
    this.engine.statistics.outputBytes += bytes;
  }

  /** Whether a connection's time is over; it began when it was first asked for. */
  isSliceOver(): boolean {
    const nowUs = this.engine.host.clock.monotonicUs();
    if (this.sliceEndUs === 0) this.sliceEndUs = nowUs + sliceUs;
    return nowUs >= this.sliceEndUs;
  }

  /** The client has sent what is no request; what is wrong becomes its last reply. */
  tellProtocolError({ session }: Connection, failure: Failure): void {
    const client = describeClient(this.engine, session);
    this.log("verbose", `Protocol error (${failure.text}) from client: ${client}`);
    this.engine.statistics.countError(failure);
    this.engine.reply.failure(failure);
  }

  /** Closes a connection that has sent more than may wait to be executed. */
  dropLongQuery({ session }: Connection): void {
    this.engine.statistics.queryBufferLimitDisconnections++;
    this.log(
      "warning",
      "Closing client that reached max query buffer length: " +
        describeClient(this.engine, session),
    );
    session.link.close();
  }

  /** Closes a replica's connection: a reply would be taken for a part of the stream. */
  dropReplier({ session }: Connection): true {
    const name = session.lastCommand?.fullName ?? "unknown";
    this.log(
      "warning",
      `Replica generated a reply to command '${name}', disconnecting it: ` +
        describeClient(this.engine, session),
    );
    session.link.close();
    return true;
  }

  /**
   * Closes a connection whose replies pile up beyond what the configuration allows; whether it did.
   */
  checkOutputLimit(connection: Connection): boolean {
    // What waits for a replica, replication limits.
    if (connection.session.replica !== undefined) return false;
    const { normal, pubsub } = this.#options.outputLimits();
    const isSubscriber = connection.session.subscriptionCount > 0;
    const { hardBytes, softBytes, softSeconds } = isSubscriber ? pubsub : normal;
    const bytes = connection.outputBytes;
    const { nowMs } = this.engine.keyspace;
    if (softBytes > 0 && bytes >= softBytes) {
      if (connection.softLimitSinceMs === 0) connection.softLimitSinceMs = nowMs;
    } else {
      connection.softLimitSinceMs = 0;
    }
    const since = connection.softLimitSinceMs;
    const isSoftOver = since > 0 && nowMs - since > softSeconds * 1000;
    if (!isSoftOver && !(hardBytes > 0 && bytes >= hardBytes)) return false;
    this.engine.statistics.outputBufferLimitDisconnections++;
    this.log(
      "warning",
      `Client ${describeClient(this.engine, connection.session)} closed for overcoming of output ` +
        "buffer limits.",
    );
    connection.close();
    return true;
  }
}
