// The one way into the data: `execute(session, request)`. Clients enter by it, and so will the
// append-only file's replay, a primary's stream, EXEC and scripts.
//
// A request is matched to its command, its number of arguments is checked, then who may run it and
// when, then the handler runs and writes its reply. What a handler does wrong (an exception that is
// no Failure) closes one connection and is logged; the server goes on. The engine knows no command
// by name: the table is handed to it.
import type { Slices } from "../bytes/slices.ts";
import { Failure } from "../keyspace/failure.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { ReplyWriter } from "../resp/reply-writer.ts";
import { AccessControl } from "./access/access-control.ts";
import type { Wait, Waiter } from "./blocking.ts";
import { Blocking } from "./blocking.ts";
import { ChangeObserver } from "./change-observer.ts";
import type { CommandDeclaration, Context } from "./command.ts";
import { CommandTable } from "./command-table.ts";
import { CommandTiming, cheapReplyBytesMax } from "./command-timing.ts";
import {
  internalError,
  transactionDiscarded,
  unknownCommand,
  unknownSubcommand,
} from "./failures.ts";
import { engineGate, sessionGate } from "./gate.ts";
import type { Host } from "./host.ts";
import { MemoryLimit } from "./memory-limit.ts";
import { Monitors } from "./monitors.ts";
import { Notifications } from "./notifications.ts";
import { Pause } from "./pause.ts";
import { Propagation } from "./propagation.ts";
import { PubSub } from "./pubsub.ts";
import { refusalOf, tellMisuse } from "./refusal.ts";
import { RegisteredCommand, commandBit } from "./registered-command.ts";
import { Scripting } from "./scripting/scripting.ts";
import type { SessionLink } from "./session.ts";
import { Session } from "./session.ts";
import { SnapshotHold } from "./snapshot-hold.ts";
import type { Transaction } from "./transaction.ts";
import { TransactionPool, Watches, discardTransaction } from "./transaction.ts";
import { Tracking } from "./tracking.ts";
import { noteTooManyCodes, Statistics } from "./statistics.ts";

/** What became of a request. */
export const executed = {
  done: 0,
  /** It waits (CLIENT PAUSE): the caller keeps it and comes again when the session is resumed. */
  postponed: 1,
} as const;

export class Engine {
  readonly keyspace: Keyspace;
  readonly host: Host;
  readonly reply = new ReplyWriter();
  readonly statistics = new Statistics((codes) => noteTooManyCodes(this, codes));
  readonly sessions = new Map<number, Session>();
  readonly pause: Pause;
  readonly snapshotHold = new SnapshotHold();
  readonly blocking: Blocking;
  readonly pubsub: PubSub;
  readonly notifications: Notifications;
  readonly propagation: Propagation;
  readonly watches: Watches;
  readonly transactions = new TransactionPool();
  readonly tracking: Tracking;
  readonly memoryLimit: MemoryLimit;
  readonly monitors: Monitors;
  readonly timing: CommandTiming;
  readonly access: AccessControl;
  readonly scripting: Scripting;
  readonly commands: CommandTable;
  /** Every command and subcommand, by its `id`. */
  readonly registered: readonly RegisteredCommand[];
  gates = 0;
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION turns it off: RESTORE takes what is damaged. */
  checksChecksums = true;
  /** The command that runs, for those who need to know on whose behalf they are called. */
  current: RegisteredCommand | undefined;

  readonly #context: Context;
  #nextSessionId = 1;
  #isInTransaction = false;
  #ownMessages: Uint8Array[] = [];

  constructor(keyspace: Keyspace, host: Host, declarations: readonly CommandDeclaration[]) {
    this.keyspace = keyspace;
    this.host = host;
    const commands = declarations.map((each) => new RegisteredCommand(each));
    this.commands = new CommandTable(commands);
    this.registered = commands.flatMap((each) => [each].concat(each.subcommands));
    for (const [id, each] of this.registered.entries()) each.id = id;
    this.pause = new Pause(this);
    this.blocking = new Blocking(this);
    this.pubsub = new PubSub(this);
    this.notifications = new Notifications(this);
    this.propagation = new Propagation(keyspace);
    this.watches = new Watches(this);
    this.tracking = new Tracking(this);
    this.memoryLimit = new MemoryLimit(this);
    this.monitors = new Monitors(this);
    this.timing = new CommandTiming(this);
    this.access = new AccessControl(this);
    this.scripting = new Scripting(this);
    keyspace.observer = new ChangeObserver(this);
    this.#context = {
      args: undefined as unknown as Slices,
      options: {},
      db: keyspace.databases[0],
      reply: this.reply,
      session: undefined as unknown as Session,
      engine: this,
    };
  }

  /** Registers a client; it must authenticate first when the default user has a password. */
  createSession(link: SessionLink): Session {
    const id = this.#nextSessionId++;
    const { keyspace, access } = this;
    const session = new Session(
      id,
      link,
      access.defaultUser,
      keyspace.databases[0],
      keyspace.nowMs,
    );
    access.begin(session);
    this.sessions.set(id, session);
    this.statistics.connections++;
    return session;
  }

  removeSession(session: Session): void {
    session.isClosing = true;
    this.sessions.delete(session.id);
    this.pause.forget(session);
    this.snapshotHold.forget(session);
    this.pubsub.forget(session);
    this.watches.clear(session);
    this.tracking.disable(session);
    this.monitors.forget(session);
    this.host.replication.forget(session);
    if (session.waiter !== undefined) this.blocking.forget(session.waiter);
  }

  setGate(bit: number, isOn: boolean): void {
    if (isOn) this.gates |= bit;
    else this.gates &= ~bit;
  }

  /**
   * The arity error of the command that runs, for those that allow fewer arguments than their arity
   * tells.
   */
  wrongArity(): Failure {
    return this.current?.wrongArity ?? internalError;
  }

  /** The session whose command runs. */
  get currentSession(): Session | undefined {
    return this.current === undefined ? undefined : this.#context.session;
  }

  /** Reads the clock for all that happens until the next call. */
  beginTurn(): void {
    this.keyspace.setTime(this.host.clock.nowMs());
  }

  /** Memory that data, connections and logs take. */
  get usedBytes(): number {
    return this.keyspace.usedBytes + this.host.overheadBytes;
  }

  /** What of it `maxmemory` limits. */
  get limitedBytes(): number {
    return this.usedBytes - this.host.unlimitedBytes;
  }

  /** The command that a request names, through its container; undefined when there is none. */
  find(args: Slices): RegisteredCommand | undefined {
    const found = this.commands.find(args.bytes, args.offsets[0], args.lengths[0]);
    if (found === undefined || found.subcommands.length === 0 || args.count < 2) return found;
    return this.#subcommand(found, args);
  }

  #subcommand(container: RegisteredCommand, args: Slices): RegisteredCommand | undefined {
    return container.subtable.find(args.bytes, args.offsets[1], args.lengths[1]);
  }

  /**
   * Brings what the requests' keys need into the cache, all of them at once: first the buckets,
   * then the records. A request's first argument is taken for its key; where it is none, nothing is
   * lost but the time.
   */
  prefetch(session: Session, requests: readonly Slices[], count: number): void {
    const { db } = session;
    const { prefetch } = this.keyspace;
    prefetch.begin();
    for (let index = 0; index < count; index++) {
      const args = requests[index];
      if (args.count > 1) prefetch.add(db, args, 1);
    }
    prefetch.endWithMembers(db);
  }

  /** Runs one request and writes its reply at `reply.position`. */
  execute(session: Session, args: Slices): number {
    const { reply } = this;
    const mark = reply.position;
    reply.protocol = session.protocol;
    let command = this.commands.find(args.bytes, args.offsets[0], args.lengths[0]);
    if (command === undefined) return this.#reject(session, undefined, unknownCommand(args));
    if (command.subcommands.length > 0 && args.count > 1) {
      const sub = this.#subcommand(command, args);
      if (sub === undefined)
        return this.#reject(session, undefined, unknownSubcommand(args, command));
      command = sub;
    }
    if (!command.acceptsCount(args.count))
      return this.#reject(session, command, command.wrongArity);
    if ((session.gates | this.gates) !== 0) {
      const refusal = refusalOf(this, session, command, args);
      if (refusal !== undefined) return this.#reject(session, command, refusal);
      if ((this.gates & engineGate.paused) !== 0 && this.pause.holds(session, command, args)) {
        return executed.postponed;
      }
      const { snapshot } = this.keyspace;
      if (snapshot !== undefined && this.snapshotHold.holds(snapshot, session, command, args)) {
        return executed.postponed;
      }
      if (session.transaction !== undefined && command.declaration.isNeverQueued !== true) {
        session.transaction.add(command, args, command.bitsFor(args, this));
        reply.queued();
        return executed.done;
      }
    }
    if ((this.gates & engineGate.following) === 0) this.#run(session, command, args, mark);
    else this.#runOnReplica(session, command, args, mark);
    if (this.propagation.isOn) this.propagation.endUnit(session);
    if (session.replyMode !== "on") {
      this.#muteReply(session, command.declaration.isMessaging === true ? reply.position : mark);
    }
    return executed.done;
  }

  /**
   * What a client writes to a replica that takes writes is its own business: keys whose time is
   * over are in the way, and those that get a time no primary will delete.
   */
  #runOnReplica(session: Session, command: RegisteredCommand, args: Slices, mark: number): void {
    const { transaction } = session;
    const bits = command.bits | (transaction?.bits ?? 0);
    if (session.isReplay || (bits & commandBit.write) === 0) {
      this.#run(session, command, args, mark);
      return;
    }
    const { db } = session;
    this.keyspace.expires = true;
    this.#run(session, command, args, mark);
    this.keyspace.settleExpiry();
    this.host.following.wroteLocally(db, command, args);
    if (transaction === undefined) return;
    for (const each of transaction.queue) {
      this.host.following.wroteLocally(db, each.command, each.args);
    }
  }

  #run(session: Session, command: RegisteredCommand, args: Slices, mark: number): void {
    const context = this.#context;
    context.args = args;
    // To compare is cheaper than to store a reference, of which V8's collector must be told.
    if (context.session !== session) context.session = session;
    if (context.db !== session.db) context.db = session.db;
    this.current = command;
    if (session.lastCommand !== command) session.lastCommand = command;
    session.commandCount++;
    this.statistics.commands++;
    this.keyspace.touches = !session.noTouch;
    const { propagation, timing } = this;
    const isPropagating = propagation.isOn;
    if (isPropagating) {
      // It may look at what has been handed on, or change who gets it.
      if ((command.bits & commandBit.write) === 0) propagation.endRun();
      propagation.enter();
    }
    const weight = timing.weightOf(command, args);
    const startUs = weight === 0 ? 0 : timing.start();
    try {
      const options =
        command.optionsAt !== 0 && args.count > command.optionsAt
          ? command.options.parse(args, command.optionsAt)
          : command.options.none();
      if (context.options !== options) context.options = options;
      command.run(context);
    } catch (error) {
      this.#fail(session, command, error, mark);
    }
    if (isPropagating) propagation.leave(context.db, args);
    const { tracking } = session;
    if (tracking !== undefined) this.tracking.commandRan(session, tracking, command, args);
    if (this.tracking.isFlushed && !this.isInTransaction) this.tracking.endUnit();
    if (weight !== 0) {
      timing.ran(session, command, args, startUs, weight);
    } else if (this.reply.position - mark > cheapReplyBytesMax) {
      timing.ranUntimed(session, command, args);
    }
    // The call of a client that waits counts when it ends.
    if (session.waiter === undefined) command.calls++;
    if ((this.gates & engineGate.monitored) !== 0) this.monitors.show(session, command, args);
    this.current = undefined;
  }

  /**
   * Called by a handler that found nothing and whose client is ready to wait. Where waiting is not
   * possible the reply is that of a wait in vain.
   */
  block(context: Context, wait: Wait): void {
    const { current } = this;
    if (current === undefined) throw new Error("only a running command can block");
    if (this.isInTransaction || context.session.isReplay) {
      wait.timedOut(this.reply);
      return;
    }
    this.blocking.add(context.session, current, context.args, wait);
  }

  /** Runs a waiter's command again; true when it has replied, an error included. */
  retry(waiter: Waiter): boolean {
    const { propagation } = this;
    const denied = this.#denialOf(waiter);
    if (denied !== undefined) {
      waiter.command.rejectedCalls++;
      this.#turnDown(denied);
      return true;
    }
    const isPropagating = propagation.isOn;
    if (isPropagating) propagation.enter();
    const startUs = this.timing.start();
    const isDone = this.#retry(waiter);
    if (isDone) this.timing.served(waiter, this.timing.start() - startUs);
    if (isPropagating) {
      propagation.leave(waiter.session.db, waiter.args);
      propagation.endUnit(waiter.session);
    }
    return isDone;
  }

  /** What the client asked for when it began to wait it may not be allowed any more. */
  #denialOf({ session, command, args }: Waiter): Failure | undefined {
    if ((session.gates & sessionGate.restricted) === 0) return undefined;
    return this.access.refusal(session, command, args);
  }

  #retry(waiter: Waiter): boolean {
    const context = this.#context;
    const { session } = waiter;
    const mark = this.reply.position;
    context.args = waiter.args;
    context.session = session;
    context.db = session.db;
    this.current = waiter.command;
    try {
      return waiter.wait.retry(context);
    } catch (error) {
      this.#fail(session, waiter.command, error, mark);
      return true;
    } finally {
      this.current = undefined;
    }
  }

  /** Runs what a transaction has queued: an array of the replies. */
  runTransaction(session: Session, transaction: Transaction): void {
    this.reply.array(transaction.queue.length);
    this.#isInTransaction = true;
    const { current } = this;
    const ownArgs = this.#context.args;
    for (const { command, args } of transaction.queue) {
      const denied = this.access.lateRefusal(session, command, args);
      if (denied === undefined) this.#run(session, command, args, this.reply.position);
      else this.#turnDown(denied);
    }
    this.#isInTransaction = false;
    this.current = current;
    this.#context.args = ownArgs;
  }

  /** Runs a command of a script for the session whose command runs the script. */
  runWithin(session: Session, command: RegisteredCommand, args: Slices): void {
    const { current } = this;
    const ownArgs = this.#context.args;
    this.#run(session, command, args, this.reply.position);
    this.current = current;
    this.#context.args = ownArgs;
  }

  /** Lets other sessions run commands in the middle of the one that runs. */
  serveMeanwhile(serve: () => void): void {
    const context = this.#context;
    const { current } = this;
    const { args, db, options, session } = context;
    const { protocol } = this.reply;
    this.current = undefined;
    this.setGate(engineGate.busy, true);
    try {
      serve();
    } finally {
      this.setGate(engineGate.busy, false);
      this.current = current;
      this.reply.protocol = protocol;
      Object.assign(context, { args, db, options, session });
    }
  }

  /** Sends a message to a session; to the one whose command runs, after that command's reply. */
  push(session: Session, message: Uint8Array): void {
    if (this.currentSession === session) this.#ownMessages.push(message);
    else session.link.push(message);
  }

  /** Whether the running command is one of a transaction or of a script. */
  get isInTransaction(): boolean {
    return this.#isInTransaction || this.scripting.isRunning;
  }

  /** Whether messages wait for the end of the command that caused them. */
  get hasOwnMessages(): boolean {
    return this.#ownMessages.length > 0;
  }

  /** Sends what the session's own command has published to it. */
  pushOwnMessages(session: Session): void {
    const messages = this.#ownMessages;
    this.#ownMessages = [];
    for (const message of messages) session.link.push(message);
  }

  /**
   * A Failure is the client's and becomes the reply; anything else is ours: it is logged and the
   * connection closed.
   */
  #fail(session: Session, command: RegisteredCommand, error: unknown, mark: number): void {
    this.reply.position = mark;
    command.failedCalls++;
    if (error instanceof Failure) {
      this.reply.failure(error);
      this.statistics.countError(error);
      return;
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.host.log(
      "warning",
      `Internal error in '${command.fullName}', closing the connection: ${text}`,
    );
    this.statistics.unexpectedErrors++;
    this.reply.failure(internalError);
    this.statistics.countError(internalError);
    session.link.closeAfterReply();
  }

  #reject(session: Session, command: RegisteredCommand | undefined, reason: Failure): number {
    const mark = this.reply.position;
    let failure = reason;
    if (command !== undefined) command.rejectedCalls++;
    if (session.transaction !== undefined) {
      session.transaction.isSpoilt = true;
      if (command?.declaration.runsTransaction === true) {
        discardTransaction(this, session);
        failure = transactionDiscarded(reason);
      }
    }
    this.#turnDown(failure);
    if (session.replica !== undefined) tellMisuse(this, session, command, failure);
    if (session.replyMode !== "on") this.#muteReply(session, mark);
    return executed.done;
  }

  #turnDown(failure: Failure): void {
    this.statistics.countError(failure);
    this.reply.failure(failure);
  }

  /**
   * CLIENT REPLY OFF and SKIP: the reply is taken back. SKIP silences the CLIENT command itself and
   * the next one.
   */
  #muteReply(session: Session, mark: number): void {
    this.reply.position = mark;
    if (session.replyMode === "skip-next") session.replyMode = "skip";
    else if (session.replyMode === "skip") session.replyMode = "on";
  }
}
