// The session in which the commands of the primary's stream run: the link, with a client's face to
// it. CLIENT LIST shows it, and CLIENT KILL ends it.
import type { Engine } from "../engine/engine.ts";
import type { DirectLink, Session, SessionLink } from "../engine/session.ts";
import type { Link } from "./link.ts";
import type { ReplicationHistory } from "./replication-history.ts";
import type { ReplicationContext } from "./replication-settings.ts";
import { StreamApplier } from "./stream-applier.ts";

/** How often the log tells that commands cannot be kept. */
const unsafeLogMs = 10_000;

const noDirectLink: DirectLink = {
  unsentBytes: 0,
  send: () => undefined,
  whenSent: () => undefined,
};

export interface FollowedSessionOptions {
  readonly engine: Engine;
  readonly history: ReplicationHistory;
  readonly context: ReplicationContext;
  readonly link: Link;
  /** The database that the stream has selected. */
  readonly database: number;
  /** Somebody has ended the session. */
  closed(this: void): void;
  /** What comes is no stream, so nothing can be gone on from. */
  corrupt(): void;
}

export class FollowedSession {
  readonly session: Session;
  readonly applier: StreamApplier;
  readonly #options: FollowedSessionOptions;
  #nextUnsafeLogMs = 0;

  constructor(options: FollowedSessionOptions) {
    this.#options = options;
    const { engine, history, context } = options;
    const session = engine.createSession(this.#makeLink());
    session.isReplay = true;
    session.isPrimary = true;
    session.isAuthenticated = true;
    session.db = engine.keyspace.databases[options.database];
    this.session = session;
    this.applier = new StreamApplier({
      engine,
      session,
      history,
      failed: (reason) => {
        context.log("warning", `Protocol error (${reason}) from the primary: closing the link`);
        options.corrupt();
      },
      mayRunUnsafely: () => this.#mayRunUnsafely(),
      disagreed: (error, command) => this.#disagreed(error, command),
    });
  }

  #makeLink(): SessionLink {
    const { link, context, closed } = this.#options;
    const { addresses } = link;
    const pending = (): number => this.applier.pendingBytes;
    return {
      ...addresses,
      get queryBytes() {
        return pending();
      },
      queryFreeBytes: 0,
      outputBytes: 0,
      outputBuffers: 0,
      get memoryBytes() {
        return pending();
      },
      isLocal: false,
      hasReplies: false,
      direct: noDirectLink,
      closeAfterReply: closed,
      close: closed,
      write: () => undefined,
      push: () => undefined,
      pushLast: () => undefined,
      resume: () => context.later(() => this.#resume()),
    };
  }

  #resume(): void {
    const { link, engine } = this.#options;
    if (this.session.isClosing) return;
    this.applier.resume();
    if (!this.applier.isHeld && !this.session.isClosing) link.resumeReading();
    if (engine.memoryLimit.isUnfinished) engine.memoryLimit.makeRoom();
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    const { engine, link } = this.#options;
    const { session } = this;
    session.inputBytes += end - start;
    session.act(engine.keyspace.nowMs);
    this.applier.received(bytes, start, end);
    if (this.applier.isHeld) link.pauseReading();
  }

  /** `replica-ignore-disk-write-errors`: whether to go on with what cannot be kept. */
  #mayRunUnsafely(): boolean {
    const { context, engine } = this.#options;
    if (!context.settings.replicaIgnoreDiskWriteErrors) {
      context.log("warning", "Replica was unable to write command to disk.");
      this.applier.stop();
      context.onFatal();
      return false;
    }
    const { nowMs } = engine.keyspace;
    if (nowMs >= this.#nextUnsafeLogMs) {
      this.#nextUnsafeLogMs = nowMs + unsafeLogMs;
      const text = "Replica is applying a command it is unable to write to disk.";
      context.log("warning", text);
    }
    return true;
  }

  #disagreed(error: string, command: string): void {
    const { context } = this.#options;
    context.log(
      "warning",
      `== CRITICAL == This replica is sending an error to its master: '${error}' after ` +
        `processing the command '${command}'`,
    );
    const { propagationErrorBehavior, replicaReadOnly } = context.settings;
    // A replica that takes writes may well have what the primary has not.
    if (propagationErrorBehavior === "ignore" || !replicaReadOnly) return;
    context.log("warning", "The configuration asks to end the server when that happens");
    context.onFatal();
  }

  /** The link is gone. */
  stop(): void {
    this.applier.stop();
    this.#options.engine.removeSession(this.session);
  }
}
