// One client's connection: bytes in, requests to the engine, replies out.
//
// Input is parsed where it lies, in the stream's own buffer. Only what is left over when a request
// is not complete, or must wait, is copied to the connection's `#pending`, and then the connection
// also keeps the parser that has begun on it. An idle connection owns neither.
//
// Output: replies of a turn stand in the server's one reply buffer between `#outStart` and
// `#outEnd` until the turn ends, or until so much stands there that it is sent before. When another
// connection has written behind them they are sealed: moved aside, in order.
import { bytesOfSlices } from "../bytes/slices.ts";
import type { Engine } from "../engine/engine.ts";
import { executed } from "../engine/engine.ts";
import type { Session, SessionLink } from "../engine/session.ts";
import type { RequestBatch } from "../resp/request-batch.ts";
import { batchRequestsMax } from "../resp/request-batch.ts";
import type { RequestParser } from "../resp/request-parser.ts";
import { parsed } from "../resp/request-parser.ts";
import type { ConnectionHub } from "./connection-hub.ts";
import { DirectOutput } from "./direct-output.ts";
import { PendingInput } from "./pending-input.ts";
import { replyBytesWaiting } from "./reply-buffers.ts";
import { SealedOutput } from "./sealed-output.ts";
import type { InputRoom, Stream, StreamHandler } from "./stream.ts";

/** Replies of a turn up to this are sent before anybody asks about limits, as in Redis. */
const freeReplyBytes = 16 * 1024;
/** Bytes that may collect behind requests that have not had their turn before we stop reading. */
const heldBytesMax = 64 * 1024;
/** Input up to this is not worth a look at all clients' memory before it is executed. */
const smallInputBytes = 32 * 1024;
/** With fewer requests at once fetching ahead does not pay. */
const prefetchedMin = 4;
/** Requests between two looks at the clock. */
const requestsPerCheck = 64;
/** Memory of a connection with its session and stream on the JavaScript heap, roughly. */
export const connectionBytes = 2048;

const noBytes: Uint8Array = new Uint8Array(0);

export class Connection implements SessionLink, StreamHandler {
  readonly session: Session;
  #stream: Stream;
  readonly #hub: ConnectionHub;
  #isEnding = false;
  #isClosed = false;
  isDirty = false;
  readonly #engine: Engine;
  #direct: DirectOutput | undefined;
  readonly #pending: PendingInput;
  /** Bytes that are being parsed and executed right now. */
  #inputLength = 0;
  #outBuffer = noBytes;
  #outStart = 0;
  #outEnd = 0;
  readonly #sealed = new SealedOutput();
  /** Requests are to be held back: paused, or more than a turn's share. */
  #isHeld = false;
  #isPaused = false;
  /** The peer sends nothing more, and what it has sent is not all executed yet. */
  #hasEnded = false;
  /** When the output first passed the soft limit; 0 when below. */
  softLimitSinceMs = 0;

  constructor(hub: ConnectionHub, stream: Stream) {
    this.#hub = hub;
    this.#engine = hub.engine;
    this.#stream = stream;
    this.#pending = new PendingInput(hub);
    this.session = hub.engine.createSession(this);
  }

  get kind(): "tcp" | "unix" {
    return this.#stream.kind;
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  get localAddress(): string {
    return this.#stream.localAddress;
  }

  get descriptor(): number {
    return this.#stream.descriptor;
  }

  get isLocal(): boolean {
    return this.#stream.isLocal;
  }

  get queryBytes(): number {
    return Math.max(this.#pending.unparsedBytes, this.#inputLength);
  }

  get queryFreeBytes(): number {
    return this.#pending.bytes.length - this.#pending.length;
  }

  get outputBytes(): number {
    return this.#outEnd - this.#outStart + this.#sealed.bytes + this.#stream.pendingBytes;
  }

  get outputBuffers(): number {
    return this.#sealed.count + (this.#stream.pendingBytes > 0 ? 1 : 0);
  }

  get hasReplies(): boolean {
    const isWriting = this.#inputLength > 0 && this.#engine.reply.position > this.#outStart;
    return isWriting || this.outputBytes > 0;
  }

  get direct(): DirectOutput {
    return (this.#direct ??= new DirectOutput(this.#hub, this.#stream, this.session));
  }

  get memoryBytes(): number {
    return connectionBytes + this.bufferBytes;
  }

  /** Memory of what waits to be executed or sent, and of what the session holds. */
  get bufferBytes(): number {
    return this.#pending.bytes.length + this.outputBytes + this.session.heldBytes;
  }

  /** Whether the connection is closing and only its last replies are going out. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Gives the buffer for input back if there is nothing in it. */
  trimInput(): void {
    if (this.#pending.length === 0) this.#pending.clear();
  }

  received(bytes: Uint8Array, length: number): void {
    if (this.#isEnding || this.#isClosed) return;
    this.#hub.beginInput(this.session, length);
    if (!this.#isHeld && this.#pending.length === 0) {
      const position = this.#consume(bytes, 0, length);
      if (position < length && !this.#isEnding) this.#append(bytes, position, length);
    } else {
      this.#append(bytes, 0, length);
      this.#consumePending();
    }
    this.#endInput();
  }

  room(): InputRoom | undefined {
    if (this.#isHeld || this.#isEnding) return undefined;
    const room = this.#pending.room();
    if (room !== undefined) this.#hub.holdsBuffers(this);
    return room;
  }

  filled(length: number): void {
    this.#hub.beginInput(this.session, length);
    this.#pending.length += length;
    this.#consumePending();
    this.#endInput();
  }

  #endInput(): void {
    if (this.isBusy && this.#pending.length > heldBytesMax) this.#pauseReading();
    this.#checkInput();
    this.#hub.flushIfLarge();
  }

  ended(): void {
    if (this.#isClosed) return;
    // Requests that came before the end are still answered: those of this turn when it ends, those
    // that are left for the next turns after them. A request that waits is given up, as in Redis.
    this.#hasEnded = true;
    if (!this.#isHeld || this.#isWaiting) this.#giveUp();
  }

  /** The peer has ended, and nothing is left that could be executed now. */
  #giveUp(): void {
    const { waiter } = this.session;
    if (waiter !== undefined) this.#engine.blocking.forget(waiter);
    this.closeAfterReply();
  }

  /** Whether a request waits for keys, or for the end of a pause. */
  get #isWaiting(): boolean {
    return this.session.isPostponed || this.session.waiter !== undefined;
  }

  /** Whether requests are there that need only time to be executed. */
  get isBusy(): boolean {
    return this.#isHeld && !this.#isEnding && !this.#isWaiting;
  }

  closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isEnding = true;
    this.#pending.clear();
    this.#sealed.clear();
    this.#outStart = 0;
    this.#outEnd = 0;
    this.#hub.forget(this);
    this.#engine.removeSession(this.session);
  }

  closeAfterReply(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.session.isClosing = true;
    this.#pending.clear();
    this.#hub.markDirty(this);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#stream.destroy();
    this.closed();
  }

  /** Goes on with what was held back, when the turn ends. */
  resume(): void {
    if (!this.#isHeld || this.#isClosed) return;
    // It was us who kept it waiting, so it has not been idle.
    this.session.act(this.#engine.keyspace.nowMs);
    this.#hub.continueLater(this);
  }

  /** Called by the hub for a connection that was to go on. */
  continue(): void {
    if (this.#isEnding || this.#isWaiting) return;
    this.#isHeld = false;
    this.#consumePending();
    if (this.#hasEnded && (!this.#isHeld || this.#isWaiting)) this.#giveUp();
    else if (this.#isPaused && !this.isBusy) {
      this.#isPaused = false;
      this.#stream.resumeReading();
    }
  }

  /**
   * More than a little waits already: the rest may wait with the peer, where it takes no memory of
   * ours. Not while a request waits for keys: who does not read does not see that the peer is gone.
   */
  #pauseReading(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#stream.pauseReading();
  }

  /** Parses and executes what the buffer holds; the index of the first byte that was not used. */
  #consume(bytes: Uint8Array, start: number, end: number): number {
    const { batch } = this.#hub;
    this.#inputLength = end - start;
    this.#openOutput();
    let position = start;
    let requests = 0;
    this.#hub.sliceEndUs = 0;
    while (position < end) {
      const parser = this.#pending.parser ?? this.#hub.parser;
      // What an AUTH allows, the parser must know before it reads on.
      const isKnown = this.session.isAuthenticated || !this.#engine.access.isLoginNeeded;
      parser.isUnauthenticated = !isKnown;
      const status = batch.fill(parser, bytes, position, end, isKnown ? batchRequestsMax : 1);
      const done = this.#runBatch(batch);
      this.#engine.propagation.endRun();
      if (done > 0) position = batch.ends[done - 1];
      if (done < batch.count || this.#isEnding || this.#isHeld) {
        parser.reset();
        this.#pending.releaseParser();
        break;
      }
      if (status === parsed.failed) this.#protocolError(parser);
      if (status === parsed.incomplete && parser.isInside) this.#pending.adoptParser(position);
      else this.#pending.releaseParser();
      if (status !== parsed.request) break;
      requests += done;
      if (requests < requestsPerCheck || position === end) continue;
      requests = 0;
      if (this.#hasHadItsShare()) break;
    }
    this.#closeOutput();
    this.#inputLength = 0;
    if (this.session.holdsMemory) this.#hub.holdsBuffers(this);
    return position;
  }

  /** Whether this connection has had its time of the turn; then it is held until the next. */
  #hasHadItsShare(): boolean {
    if (!this.#hub.isSliceOver()) return false;
    this.#isHeld = true;
    this.#hub.continueLater(this);
    return true;
  }

  /**
   * Executes the requests in order; how many were, before one had to wait, the connection's share
   * of the turn was used up or the connection ended.
   */
  #runBatch(batch: RequestBatch): number {
    const { session } = this;
    const engine = this.#engine;
    const { count, requests } = batch;
    if (count >= prefetchedMin) engine.prefetch(session, requests, count);
    for (let index = 0; index < count; index++) {
      const args = requests[index];
      if (args.count === 0) {
        session.heard(engine.keyspace.nowMs);
        continue;
      }
      session.argumentBytes = args.count > 8 ? bytesOfSlices(args) : 0;
      if (engine.execute(session, args) === executed.postponed) {
        this.#isHeld = true;
        return index;
      }
      if (engine.hasOwnMessages) this.#pushOwnMessages();
      if (engine.blocking.hasReady) this.#serveBlocked();
      if (session.waiter !== undefined) {
        this.#isHeld = true;
        return index + 1;
      }
      const isMuch = engine.reply.position > replyBytesWaiting;
      if (isMuch) this.#sendEarly();
      if (this.#isEnding) return index + 1;
      // A command that may take long, or has, counts by its time, not as one of many.
      const isCheap = !isMuch && (session.lastCommand?.isCheap ?? true);
      if (!isCheap && this.#hasHadItsShare()) return index + 1;
    }
    return count;
  }

  /**
   * The command made something ready that others wait for; their replies must not come between
   * ours.
   */
  #serveBlocked(): void {
    this.#closeOutput();
    this.#engine.blocking.serve();
    this.#openOutput();
  }

  /** What this connection's command has published to itself comes behind the command's reply. */
  #pushOwnMessages(): void {
    this.#closeOutput();
    this.#engine.pushOwnMessages(this.session);
    this.#openOutput();
  }

  /** Sends bytes that are shared with other connections: nothing is copied. */
  push(bytes: Uint8Array): void {
    if (this.#isEnding || this.#isClosed) return;
    this.#releaseHeld();
    if (this.#outEnd > this.#outStart) {
      this.#seal(this.#outBuffer.slice(this.#outStart, this.#outEnd));
      this.#outStart = this.#outEnd;
    }
    this.#seal(bytes);
  }

  /** Sends at once, unless that takes more than a small write. */
  pushLast(bytes: Uint8Array): void {
    const { session } = this;
    const isPlain = !this.isDirty && session.replica === undefined && !this.#isEnding;
    if (!isPlain || this.#stream.pendingBytes > 0 || bytes.length > freeReplyBytes) {
      this.push(bytes);
      return;
    }
    if (this.#isClosed) return;
    this.#hub.countSent(session, bytes.length);
    this.#stream.send(bytes, 0, bytes.length);
    if (this.#stream.pendingBytes > 0) this.#hub.holdsBuffers(this);
  }

  /** Messages that a listener is to get come before what it gets now. */
  #releaseHeld(): void {
    const { fanOut } = this.#engine.pubsub;
    if (fanOut.isHolding && this.session.subscriptions !== undefined) fanOut.release();
  }

  #consumePending(): void {
    if (this.#isHeld) return;
    this.#checkInput();
    if (this.#isClosed || this.#isEnding) return;
    const { bytes, start, length } = this.#pending;
    if (this.#pending.isIncomplete) return;
    const position = this.#consume(bytes, start, start + length);
    if (this.#isEnding) return;
    if (this.#pending.remove(position - start)) this.#hub.forgetRequests();
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    if (this.#pending.append(bytes, start, end)) this.#hub.holdsBuffers(this);
  }

  #protocolError(parser: RequestParser): void {
    const { failure } = parser;
    parser.reset();
    this.#hub.tellProtocolError(this, failure);
    this.closeAfterReply();
  }

  /** Limits count what has arrived, even if it would be executed at once. */
  #checkInput(): void {
    const { bytes, length } = this.#pending;
    if (length > this.#hub.queryBytesMax) this.#hub.dropLongQuery(this);
    else if (bytes.length > smallInputBytes) this.#hub.evictClients();
  }

  /** Begins writing replies: behind those of this turn, unless somebody wrote in between. */
  #openOutput(): void {
    this.#releaseHeld();
    const { reply } = this.#engine;
    if (this.#outEnd > this.#outStart) {
      if (this.#outBuffer === reply.buffer && this.#outEnd === reply.position) return;
      this.#seal(this.#outBuffer.slice(this.#outStart, this.#outEnd));
    }
    this.#outStart = reply.position;
    this.#outEnd = reply.position;
  }

  #closeOutput(): void {
    const { reply } = this.#engine;
    this.#outBuffer = reply.buffer;
    this.#outEnd = reply.position;
    if (this.#outEnd > this.#outStart) this.#hub.markDirty(this);
  }

  /** Sends what has collected before the next request is executed. */
  #sendEarly(): void {
    this.#closeOutput();
    this.#hub.flushIfLarge();
    this.#openOutput();
  }

  #seal(bytes: Uint8Array): void {
    this.#sealed.push(bytes);
    this.#hub.markDirty(this);
  }

  /** Writes something of the server's own accord, such as a message: behind all earlier replies. */
  write(fill: () => void): void {
    if (this.#isEnding || this.#isClosed) return;
    this.#engine.reply.protocol = this.session.protocol;
    this.#openOutput();
    fill();
    this.#closeOutput();
  }

  /** Calls `done` when all replies are sent, unless the connection is closed before. */
  whenSent(done: () => void): void {
    this.#stream.whenSent(done);
  }

  /** Hands the turn's replies to the stream. False when the stream keeps the shared buffer. */
  flush(): boolean {
    this.isDirty = false;
    if (this.#isClosed) return true;
    const length = this.#outEnd - this.#outStart;
    if (length + this.#sealed.bytes > freeReplyBytes) {
      // Replies beyond the limit are not sent, even if the peer would take them.
      if (this.#hub.checkOutputLimit(this)) return true;
    }
    const isReplier = this.session.replica !== undefined && length + this.#sealed.bytes > 0;
    if (isReplier) return this.#hub.dropReplier(this);
    let isReusable = true;
    if (this.#sealed.bytes > 0) this.#flushSealed();
    if (length > 0) {
      this.#hub.countSent(this.session, length);
      // A peer that does not keep up gets a copy of its own, so that it never holds on to the
      // buffer of all.
      if (this.#stream.pendingBytes > 0) {
        const copy = this.#outBuffer.slice(this.#outStart, this.#outEnd);
        this.#stream.send(copy, 0, length);
      } else {
        isReusable = this.#stream.send(this.#outBuffer, this.#outStart, this.#outEnd);
      }
    }
    this.#outStart = 0;
    this.#outEnd = 0;
    this.#outBuffer = noBytes;
    if (this.#isEnding) this.#end();
    else if (this.#stream.pendingBytes > 0) {
      this.#hub.holdsBuffers(this);
      this.#hub.checkOutputLimit(this);
    }
    return isReusable;
  }

  /** The last replies are on their way: the client is gone, whenever its peer closes. */
  #end(): void {
    this.#stream.end();
    this.#engine.removeSession(this.session);
  }

  #flushSealed(): void {
    this.#hub.countSent(this.session, this.#sealed.bytes);
    this.#sealed.send(this.#stream);
  }
}
