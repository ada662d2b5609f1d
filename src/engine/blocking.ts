// Clients that wait for keys: BLPOP and its kin.
//
// A waiting client keeps a copy of its request and stands in the queue of each of its keys. Any
// change of such a key marks it ready; after the command that made the change, `serve` lets those
// who wait for ready keys try again, first come first served, until nothing more is ready (what one
// takes may make another key ready). Whether the key now holds what a client waits for, its `retry`
// finds out: so a key that comes by RENAME, RESTORE or SWAPDB wakes clients like any other, and one
// of the wrong type does not.
import { Slices, copySlices } from "../bytes/slices.ts";
import type { Database } from "../keyspace/database.ts";
import type { Failure } from "../keyspace/failure.ts";
import { interest } from "../keyspace/keyspace.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";
import type { Context } from "./command.ts";
import type { Engine } from "./engine.ts";
import { engineGate } from "./gate.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import type { Session } from "./session.ts";

/** What a command that found nothing leaves behind. */
export interface Wait {
  /** Argument indexes of the keys; none when something else is waited for. */
  readonly keys: readonly number[];
  /** When to give up, in ms since 1970; 0: never. */
  readonly deadlineMs: number;
  /** The wait also ends, with an error, when the key goes away. INFO counts such keys. */
  readonly endsWithoutKey?: boolean;
  /**
   * Tries again with the same arguments; true when it has replied. A Failure that it throws is the
   * reply.
   */
  retry(context: Context): boolean;
  /** Writes the reply of one who has waited in vain. */
  timedOut(reply: ReplyWriter): void;
}

/** A client that waits. */
export class Waiter {
  readonly session: Session;
  readonly command: RegisteredCommand;
  readonly args: Slices;
  readonly wait: Wait;
  readonly queues: WaitQueue[] = [];
  readonly sinceMs: number;
  /** How long its first try took, in microseconds. */
  ranUs = 0;

  constructor(
    session: Session,
    command: RegisteredCommand,
    args: Slices,
    wait: Wait,
    nowMs: number,
  ) {
    this.session = session;
    this.command = command;
    this.args = args;
    this.wait = wait;
    this.sinceMs = nowMs;
  }
}

/** Those who wait for one key, in the order in which they came. */
class WaitQueue {
  readonly database: Database;
  readonly key: Uint8Array;
  /** The key as an argument. */
  readonly name = new Slices();
  readonly hash: number;
  readonly waiters = new Set<Waiter>();
  isReady = false;

  constructor(database: Database, key: Uint8Array, hash: number) {
    this.database = database;
    this.key = key;
    this.name.bytes = key;
    this.name.push(0, key.length);
    this.hash = hash;
  }

  isFor(database: Database, bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.database !== database || this.key.length !== length) return false;
    return this.key.every((byte, index) => byte === bytes[offset + index]);
  }
}

export class Blocking {
  readonly #engine: Engine;
  /** Hash of the key -> queues; several keys, or one in several databases, may share a hash. */
  readonly #queues = new Map<number, WaitQueue[]>();
  readonly #waiters = new Set<Waiter>();
  #ready: WaitQueue[] = [];
  #ending: { waiter: Waiter; failure: Failure | undefined; closes: boolean }[] = [];
  #isKeylessReady = false;
  /** No waiter's deadline is before this. */
  nextDeadlineMs = Infinity;
  queueCount = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get waiterCount(): number {
    return this.#waiters.size;
  }

  /** Keys whose going away ends somebody's wait. */
  get queuesEndingWithoutKey(): number {
    const queues = new Set<WaitQueue>();
    for (const waiter of this.#waiters) {
      if (waiter.wait.endsWithoutKey !== true) continue;
      for (const queue of waiter.queues) queues.add(queue);
    }
    return queues.size;
  }

  /** Whether somebody can be served; nobody can in the middle of a script. */
  get hasReady(): boolean {
    if ((this.#engine.gates & engineGate.busy) !== 0) return false;
    return this.#ready.length > 0 || this.#ending.length > 0 || this.#isKeylessReady;
  }

  /**
   * Those who wait for no key may try again: after the command that runs, whose reply theirs must
   * not come into, or now when none does.
   */
  keylessReady(): void {
    if (this.#waiters.size === 0) return;
    if (this.#engine.currentSession === undefined) this.serveKeyless();
    else this.#isKeylessReady = true;
  }

  /** Makes the session wait, with a copy of its request. */
  add(session: Session, command: RegisteredCommand, args: Slices, wait: Wait): void {
    const { keyspace } = this.#engine;
    const waiter = new Waiter(session, command, copySlices(args), wait, keyspace.nowMs);
    session.waiter = waiter;
    this.#waiters.add(waiter);
    for (const index of wait.keys) this.#enqueue(waiter, session.db, index);
    if (wait.deadlineMs > 0) {
      this.nextDeadlineMs = Math.min(this.nextDeadlineMs, wait.deadlineMs);
    }
    keyspace.interest |= interest.blocking;
  }

  #enqueue(waiter: Waiter, database: Database, index: number): void {
    const { bytes, offsets, lengths } = waiter.args;
    const hash = this.#engine.keyspace.hash(bytes, offsets[index], lengths[index]);
    let queue = this.#find(database, bytes, offsets[index], lengths[index], hash);
    if (queue === undefined) {
      queue = new WaitQueue(database, waiter.args.copy(index), hash);
      const sharing = this.#queues.get(hash);
      if (sharing === undefined) this.#queues.set(hash, [queue]);
      else sharing.push(queue);
      this.queueCount++;
    }
    if (queue.waiters.has(waiter)) return;
    queue.waiters.add(waiter);
    waiter.queues.push(queue);
  }

  #find(
    database: Database,
    bytes: Uint8Array,
    offset: number,
    length: number,
    hash: number,
  ): WaitQueue | undefined {
    const sharing = this.#queues.get(hash);
    return sharing?.find((queue) => queue.isFor(database, bytes, offset, length));
  }

  /** A key changed: those who wait for it, if any, will be served. */
  keyChanged(database: Database, bytes: Uint8Array, offset: number, length: number): void {
    const hash = this.#engine.keyspace.hash(bytes, offset, length);
    const queue = this.#find(database, bytes, offset, length, hash);
    if (queue !== undefined) this.#markReady(queue);
  }

  /** All keys of a database may have changed. */
  databaseChanged(database: Database): void {
    for (const sharing of this.#queues.values()) {
      for (const queue of sharing) if (queue.database === database) this.#markReady(queue);
    }
  }

  #markReady(queue: WaitQueue): void {
    if (queue.isReady) return;
    queue.isReady = true;
    this.#ready.push(queue);
  }

  /** Lets everybody try again who waits for a key that changed. */
  serve(): void {
    this.#endPending();
    if (this.#isKeylessReady) {
      this.#isKeylessReady = false;
      this.serveKeyless();
    }
    // What a script or a transaction did, for which time stood still, may be over by now.
    if (this.#ready.length > 0) this.#engine.beginTurn();
    while (this.#ready.length > 0) {
      const ready = this.#ready;
      this.#ready = [];
      for (const queue of ready) {
        queue.isReady = false;
        // A key that came when its time was over serves nobody, and nobody asked to delete it.
        if (queue.database.isKeyOver(queue.name, 0)) continue;
        // Those who get what they wait for leave the queue, and nobody joins it meanwhile.
        for (const waiter of queue.waiters) this.#retry(waiter);
      }
    }
  }

  #retry(waiter: Waiter): void {
    const { session } = waiter;
    if (session.waiter !== waiter) return;
    session.link.write(() => {
      if (this.#engine.retry(waiter)) this.#release(waiter);
    });
    if (this.#engine.hasOwnMessages) this.#engine.pushOwnMessages(session);
  }

  /** Lets everybody try again who waits for no key but for something that has happened now. */
  serveKeyless(): void {
    for (const waiter of this.#waiters) if (waiter.queues.length === 0) this.#retry(waiter);
  }

  /** Ends the waits whose time is over. */
  expire(nowMs: number): void {
    if (nowMs < this.nextDeadlineMs) return;
    let next = Infinity;
    for (const waiter of this.#waiters) {
      const { deadlineMs } = waiter.wait;
      if (deadlineMs === 0) continue;
      if (deadlineMs <= nowMs) this.endInVain(waiter);
      else next = Math.min(next, deadlineMs);
    }
    this.nextDeadlineMs = next;
  }

  /**
   * CLIENT UNBLOCK: the wait ends after the command that asks for it; with the error, or as if the
   * time were over.
   */
  endSoon(waiter: Waiter, failure: Failure | undefined): void {
    this.#ending.push({ waiter, failure, closes: false });
  }

  #endPending(): void {
    const ending = this.#ending;
    this.#ending = [];
    for (const { waiter, failure, closes } of ending) {
      if (waiter.session.waiter !== waiter) continue;
      if (failure === undefined) this.endInVain(waiter);
      else this.endWith(waiter, failure);
      if (closes) waiter.session.link.closeAfterReply();
    }
  }

  /** Ends a wait with the reply of a timeout. */
  endInVain(waiter: Waiter): void {
    waiter.session.link.write(() => waiter.wait.timedOut(this.#engine.reply));
    waiter.command.calls++;
    this.#release(waiter);
  }

  /** All waits end soon with an error, and with them the clients. */
  endAll(failure: Failure): void {
    for (const waiter of this.#waiters) {
      this.#ending.push({ waiter, failure, closes: true });
    }
  }

  /** Ends a wait with an error. */
  endWith(waiter: Waiter, failure: Failure): void {
    waiter.session.link.write(() => this.#engine.reply.failure(failure));
    this.#engine.statistics.countError(failure);
    waiter.command.calls++;
    waiter.command.failedCalls++;
    this.#release(waiter);
  }

  #release(waiter: Waiter): void {
    this.forget(waiter);
    waiter.session.link.resume();
  }

  /** The waiter is gone: answered, or its connection closed. */
  forget(waiter: Waiter): void {
    waiter.session.waiter = undefined;
    this.#waiters.delete(waiter);
    for (const queue of waiter.queues) {
      queue.waiters.delete(waiter);
      if (queue.waiters.size === 0) this.#drop(queue);
    }
    if (this.#waiters.size > 0) return;
    this.#engine.keyspace.interest &= ~interest.blocking;
    this.nextDeadlineMs = Infinity;
  }

  #drop(queue: WaitQueue): void {
    this.queueCount--;
    const left = (this.#queues.get(queue.hash) ?? []).filter((each) => each !== queue);
    if (left.length === 0) this.#queues.delete(queue.hash);
    else this.#queues.set(queue.hash, left);
  }
}
