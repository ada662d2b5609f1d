// MULTI, EXEC and WATCH.
//
// Between MULTI and EXEC a session's requests are checked as ever but queued; a request that is
// turned away spoils the transaction. A watched key is remembered by its hash: any change of it, by
// anybody, breaks the watch of all who watch it, and their EXEC does nothing. A key that is over
// its time counts as changed, unless it was so when it was first watched.
import { Slices, bytesOfSlices, copySlicesTo, slicesOf } from "../bytes/slices.ts";
import { viewedBytes } from "../bytes/viewed.ts";
import type { Database } from "../keyspace/database.ts";
import { interest } from "../keyspace/keyspace.ts";
import { noRef } from "../memory/arena.ts";
import type { Engine } from "./engine.ts";
import { sessionGate } from "./gate.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import type { Session } from "./session.ts";

interface Queued {
  command: RegisteredCommand;
  readonly args: Slices;
}

/** A transaction that has begun. Others use it again, so that queueing allocates nothing. */
export class Transaction {
  readonly queue: Queued[] = [];
  /** A request was turned away: EXEC will refuse. */
  isSpoilt = false;
  /** Bits of all queued commands. */
  bits = 0;
  bytes = 0;
  readonly #spares: Queued[] = [];
  /** Where the arguments are: from `#used` on it is free. */
  #buffer = viewedBytes(bufferBytesMin);
  #used = 0;

  /** `bits` are those of the command, or what a script says of itself. */
  add(command: RegisteredCommand, args: Slices, bits: number): void {
    const size = bytesOfSlices(args);
    if (this.#used + size > this.#buffer.length) {
      // What is queued already stays where it is, in the buffer before.
      this.#buffer = viewedBytes(Math.max(size, 2 * this.#buffer.length));
      this.#used = 0;
    }
    const queued = this.#spares.pop() ?? { command, args: new Slices() };
    queued.command = command;
    this.#used = copySlicesTo(args, queued.args, this.#buffer, this.#used);
    this.queue.push(queued);
    this.bits |= bits;
    this.bytes += queuedBytes + size;
  }

  /** Whether it is too large to be kept for another. */
  get isLarge(): boolean {
    const requests = this.queue.length + this.#spares.length;
    return this.#buffer.length > keptBytesMax || requests > keptRequestsMax;
  }

  /** Forgets what is queued. */
  reset(): void {
    for (let queued = this.queue.pop(); queued !== undefined; queued = this.queue.pop()) {
      queued.args.trim();
      this.#spares.push(queued);
    }
    this.isSpoilt = false;
    this.bits = 0;
    this.bytes = 0;
    this.#used = 0;
  }
}

/** The transactions of a server that have ended, for those that begin. */
export class TransactionPool {
  readonly #ended: Transaction[] = [];

  begin(): Transaction {
    const transaction = this.#ended.pop();
    transaction?.reset();
    return transaction ?? new Transaction();
  }

  /** What it has queued can be read until another one begins. */
  end(transaction: Transaction): void {
    if (this.#ended.length < keptTransactionsMax && !transaction.isLarge) {
      this.#ended.push(transaction);
    }
  }
}

const bufferBytesMin = 1024;
const keptBytesMax = 16 * 1024;
const keptRequestsMax = 64;
const keptTransactionsMax = 16;
/** Memory of a queued request, and of a watch, besides the bytes of their arguments; roughly. */
const queuedBytes = 256;
const watchBytes = 256;

/** A key that a session watches. */
interface Watch {
  readonly session: Session;
  readonly database: Database;
  /** One argument: the key. */
  readonly key: Slices;
  readonly hash: number;
  /** Its time was over already: its going is no change. */
  wasOver: boolean;
}

export class Watches {
  readonly #engine: Engine;
  readonly #byHash = new Map<number, Watch[]>();
  #count = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Keys that are watched, each session's counted. */
  get count(): number {
    return this.#count;
  }

  add(session: Session, args: Slices, index: number): void {
    const { keyspace } = this.#engine;
    const database = session.db;
    const key = slicesOf([args.copy(index)]);
    const hash = keyspace.hash(key.bytes, 0, key.lengths[0]);
    const watching = this.#byHash.get(hash) ?? [];
    const isKnown = watching.some(
      (each) => each.session === session && isOf(each, database, key.bytes, 0, key.lengths[0]),
    );
    if (isKnown) return;
    const watch = { session, database, key, hash, wasOver: database.isKeyOver(key, 0) };
    this.#byHash.set(hash, [...watching, watch]);
    session.watches.push(watch);
    session.watchBytes += watchBytes + key.lengths[0];
    this.#count++;
    keyspace.interest |= interest.watch;
  }

  /** The session watches nothing any more. */
  clear(session: Session): void {
    for (const watch of session.watches) {
      const left = (this.#byHash.get(watch.hash) ?? []).filter((each) => each !== watch);
      if (left.length === 0) this.#byHash.delete(watch.hash);
      else this.#byHash.set(watch.hash, left);
      this.#count--;
    }
    session.watches.length = 0;
    session.watchBytes = 0;
    session.isWatchBroken = false;
    if (this.#count === 0) this.#engine.keyspace.interest &= ~interest.watch;
  }

  keyChanged(database: Database, bytes: Uint8Array, offset: number, length: number): void {
    const watching = this.#byHash.get(this.#engine.keyspace.hash(bytes, offset, length));
    if (watching === undefined) return;
    for (const watch of watching) {
      if (!isOf(watch, database, bytes, offset, length)) continue;
      if (!watch.wasOver || database.peek(watch.key, 0) !== noRef)
        watch.session.isWatchBroken = true;
    }
  }

  /**
   * The keys of `database` are about to go, and those of `replacement`, if there is one, to come in
   * their place. A key that was watched when its time was over is changed only by a live one.
   */
  databaseReplaced(database: Database, replacement?: Database): void {
    for (const watching of this.#byHash.values()) {
      for (const watch of watching) {
        if (watch.database === database) replaceWatched(watch, replacement);
      }
    }
  }

  /** Whether EXEC must not run: a watched key changed, or its time has ended since. */
  isBroken(session: Session): boolean {
    if (session.isWatchBroken) return true;
    return session.watches.some(
      (watch) => !watch.wasOver && watch.database.isKeyOver(watch.key, 0),
    );
  }
}

function replaceWatched(watch: Watch, replacement: Database | undefined): void {
  const wasThere = watch.database.has(watch.key, 0);
  const comes = replacement !== undefined && replacement.has(watch.key, 0);
  if (!wasThere && !comes) return;
  const comesOver = comes && replacement.isKeyOver(watch.key, 0);
  if (watch.wasOver && !comes) watch.wasOver = false;
  else if (comesOver && (watch.wasOver || !wasThere)) watch.wasOver = true;
  else watch.session.isWatchBroken = true;
}

function isOf(
  watch: Watch,
  database: Database,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const { key } = watch;
  if (watch.database !== database || key.lengths[0] !== length) return false;
  return key.bytes.every((byte, index) => byte === bytes[offset + index]);
}

export type { Watch };

/** Ends the session's transaction, if it has one, and its watches. */
export function discardTransaction(engine: Engine, session: Session): void {
  session.transaction = undefined;
  session.gates &= ~sessionGate.multi;
  engine.watches.clear(session);
}
