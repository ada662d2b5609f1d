// Applies the replication stream of a primary: commands in, through `execute` like any others, in a
// session that nothing refuses.
//
//   buffer   | applied, and handed on to our own replicas | MULTI  SET a 1  SET b | 2
//                                                         ^ applied               ^ parsed
//
// What has been applied is a place in the history: it is that place which we acknowledge and go on
// from. So a transaction counts when its EXEC has run, and what has come of it before a cut is
// forgotten. Every byte that is applied is relayed as it came.
import { copyBytes, latin1 } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Engine } from "../engine/engine.ts";
import { executed } from "../engine/engine.ts";
import { engineGate } from "../engine/gate.ts";
import { commandBit } from "../engine/registered-command.ts";
import type { Session } from "../engine/session.ts";
import { RequestBatch, batchRequestsMax } from "../resp/request-batch.ts";
import { RequestParser, parsed } from "../resp/request-parser.ts";
import type { ReplicationHistory } from "./replication-history.ts";

/** A buffer that grew beyond this is not kept. */
const keptBytes = 64 * 1024;
/** What a primary has accepted its replicas take, whatever their own limit is. */
const limits = { argumentBytesMax: 2 ** 31 - 1 };
/** With fewer requests at once fetching ahead does not pay. */
const prefetchedMin = 4;
const minus = 0x2d;
const noBytes = new Uint8Array(0);

export interface StreamApplierOptions {
  readonly engine: Engine;
  readonly session: Session;
  readonly history: ReplicationHistory;
  /** What comes is no stream of commands: why. */
  failed(reason: string): void;
  /** A command cannot be kept: the disk refuses writes. False: it is not to be run. */
  mayRunUnsafely(this: void): boolean;
  /** A command was answered with an error; by then the data are not those of the primary. */
  disagreed(error: string, command: string): void;
}

export class StreamApplier {
  readonly #options: StreamApplierOptions;
  readonly #parser = new RequestParser(limits);
  readonly #batch = new RequestBatch();
  #pending = noBytes;
  #length = 0;
  /** Of the pending bytes, those that are parsed, and executed or queued by MULTI. */
  #parsed = 0;
  /** While bytes are being applied: where what has been ends. */
  #applied = 0;
  /** A request waits: for the end of a pause, or for a snapshot. */
  isHeld = false;
  #isStopped = false;

  constructor(options: StreamApplierOptions) {
    this.#options = options;
  }

  /** Bytes that have come and are not applied. */
  get pendingBytes(): number {
    return this.#length;
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    if (this.#length === 0) {
      const applied = this.#apply(bytes, start, start, end);
      if (applied < end) this.#keep(bytes, applied, end);
      return;
    }
    this.#append(bytes, start, end);
    if (!this.isHeld && this.#parser.needed <= this.#length) this.#goOn();
  }

  /** What held a request up is over. */
  resume(): void {
    if (!this.isHeld || this.#isStopped) return;
    this.isHeld = false;
    this.#goOn();
  }

  /** The link is gone: nothing more is executed. */
  stop(): void {
    this.#isStopped = true;
    this.#length = 0;
    this.#pending = noBytes;
  }

  #goOn(): void {
    const applied = this.#apply(this.#pending, 0, this.#parsed, this.#length);
    if (this.#isStopped) return;
    this.#parsed -= applied;
    this.#parser.rebase(applied);
    this.#length -= applied;
    if (this.#length === 0 && this.#pending.length > keptBytes) this.#pending = noBytes;
    else this.#pending.copyWithin(0, applied, applied + this.#length);
  }

  /** The first bytes that wait. */
  #keep(bytes: Uint8Array, applied: number, end: number): void {
    if (this.#isStopped) return;
    this.#parsed -= applied;
    this.#parser.rebase(applied);
    this.#append(bytes, applied, end);
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#pending.length) {
      // A large argument says how long it is; it is believed as far as it has come.
      const grown = new Uint8Array(Math.max(needed, Math.min(this.#pending.length * 2, 2 ** 31)));
      copyBytes(this.#pending, 0, grown, 0, this.#length);
      this.#pending = grown;
    }
    copyBytes(bytes, start, this.#pending, this.#length, end - start);
    this.#length = needed;
  }

  /**
   * Executes what is there of `bytes[parsed..end)`; all before `applied` has been. Returns where
   * what has been applied ends now.
   */
  #apply(bytes: Uint8Array, applied: number, start: number, end: number): number {
    const { engine, session } = this.#options;
    const { keyspace } = engine;
    const parser = this.#parser;
    const batch = this.#batch;
    this.#applied = applied;
    let position = start;
    // The primary knows what is over its time, and has not deleted it yet.
    keyspace.expires = false;
    keyspace.hidesExpired = false;
    while (position < end && !this.#isStopped) {
      const status = batch.fill(parser, bytes, position, end, batchRequestsMax);
      if (batch.count >= prefetchedMin) engine.prefetch(session, batch.requests, batch.count);
      const done = this.#runBatch(bytes, position);
      engine.propagation.endRun();
      position = done > 0 ? batch.ends[done - 1] : position;
      if (done < batch.count) {
        parser.reset();
        break;
      }
      if (status === parsed.failed) this.#options.failed(parser.failure.text);
      if (status !== parsed.request) break;
    }
    this.#parsed = position;
    keyspace.settleExpiry();
    return this.#applied;
  }

  /** Executes what is parsed, in order; how many requests were, before one had to wait. */
  #runBatch(bytes: Uint8Array, start: number): number {
    const { engine, session, history } = this.#options;
    const { count, requests, ends } = this.#batch;
    let position = start;
    for (let index = 0; index < count; index++) {
      const args = requests[index];
      if (args.count > 0 && !this.#execute(args)) {
        this.isHeld = true;
        return index;
      }
      position = ends[index];
      if (this.#isStopped) return index;
      if (session.transaction !== undefined) continue;
      history.relay(bytes, this.#applied, position - this.#applied);
      this.#applied = position;
      if (engine.blocking.hasReady) this.#serve();
    }
    return count;
  }

  /** Clients that wait for what the stream has brought. */
  #serve(): void {
    const { engine } = this.#options;
    const { keyspace } = engine;
    keyspace.settleExpiry();
    engine.blocking.serve();
    keyspace.expires = false;
    keyspace.hidesExpired = false;
  }

  #isForbidden(args: Slices): boolean {
    const { engine, mayRunUnsafely } = this.#options;
    return engine.find(args)?.has(commandBit.write) === true && !mayRunUnsafely();
  }

  /** False when the request has to wait. */
  #execute(args: Slices): boolean {
    const { engine, session } = this.#options;
    const { reply } = engine;
    if ((engine.gates & engineGate.unsaved) !== 0 && this.#isForbidden(args)) return true;
    const mark = reply.position;
    const outcome = engine.execute(session, args);
    if (outcome === executed.done && reply.position > mark && reply.buffer[mark] === minus) {
      this.#options.disagreed(
        latin1(reply.buffer, mark + 1, reply.position - 2),
        args.latin1(0).toLowerCase(),
      );
    }
    // A primary is told nothing but how far we are.
    reply.position = mark;
    return outcome === executed.done;
  }
}
