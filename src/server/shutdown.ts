// How a server comes to its end when a client or a signal asks: replicas get time to catch up
// (`shutdown-timeout`), meanwhile nothing is written and SHUTDOWN ABORT can call it off; then the
// data set is saved, and the server closes. When saving fails it goes on, unless it was forced.
import type { Engine } from "../engine/engine.ts";
import type { LogLevel, ShutdownRequest } from "../engine/host.ts";
import { Failure } from "../keyspace/failure.ts";
import type { Persistence } from "../persistence/persistence.ts";
import type { Primary } from "../replication/primary.ts";

/** What a signal asks for. */
export interface Termination extends Pick<ShutdownRequest, "save" | "force"> {
  refused(this: void): void;
}

export interface ShutdownOptions {
  readonly engine: Engine;
  readonly persistence: Persistence;
  readonly primary: Primary;
  /** Seconds for replicas to catch up. */
  timeoutSeconds(): number;
  log(this: void, level: LogLevel, text: string): void;
  /**
   * Everything is saved, as far as it is to be: closes the server, in a later turn. `isFinal`:
   * nothing can change until then.
   */
  close(save: ShutdownRequest["save"], options: { readonly isFinal: boolean }): void;
}

const cannotSave = new Failure("ERR Errors trying to SHUTDOWN. Check logs.");

export class Shutdown {
  readonly #options: ShutdownOptions;
  /** A signal's wish, until the next tick. */
  #termination: Termination | undefined;
  /** What is under way, while replicas catch up. */
  #waiting: { request: ShutdownRequest; deadlineMs: number; refused?: () => void } | undefined;
  #isClosing = false;

  constructor(options: ShutdownOptions) {
    this.#options = options;
  }

  /** Whether the end has begun or is about to. */
  get isBegun(): boolean {
    return this.#isClosing || this.#waiting !== undefined || this.#termination !== undefined;
  }

  /** How long replicas still have to catch up; undefined while nobody waits for them. */
  get leftMs(): number | undefined {
    const { engine } = this.#options;
    return this.#waiting && this.#waiting.deadlineMs - engine.keyspace.nowMs;
  }

  /** SHUTDOWN: a failure, or whether it has to wait for replicas. */
  request(request: ShutdownRequest): Failure | "waiting" | undefined {
    if (this.#waiting !== undefined && !request.now) return "waiting";
    this.#waiting = undefined;
    this.#options.log("warning", "User requested shutdown...");
    if (this.#mustWait(request)) return "waiting";
    return this.#finish(request, "client") ? undefined : cannotSave;
  }

  /** What those get whose SHUTDOWN has waited: undefined while it goes on. */
  get outcome(): Failure | undefined {
    return this.isBegun ? undefined : cannotSave;
  }

  #mustWait(request: ShutdownRequest, refused?: () => void): boolean {
    const { engine, primary, log } = this.#options;
    const timeoutMs = this.#options.timeoutSeconds() * 1000;
    if (request.now || timeoutMs === 0 || primary.areAllCaughtUp) return false;
    const { pause, keyspace } = engine;
    if (!pause.isActive) primary.requestAcks();
    this.#waiting = {
      request,
      deadlineMs: keyspace.nowMs + timeoutMs,
      ...(refused !== undefined && { refused }),
    };
    primary.flush();
    pause.begin("write", Infinity, "shutdown_in_progress");
    log("notice", "Waiting for replicas before shutting down.");
    return true;
  }

  /** A signal asks for the end, which begins at the next tick. */
  terminate(request: Termination): void {
    this.#termination = request;
  }

  /** Called several times a second. */
  tick(): void {
    const { engine, primary } = this.#options;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      if (engine.keyspace.nowMs < waiting.deadlineMs && !primary.areAllCaughtUp) return;
      const by = waiting.refused === undefined ? "client" : "signal";
      if (!this.#finish(waiting.request, by)) waiting.refused?.();
      return;
    }
    const termination = this.#termination;
    if (termination === undefined) return;
    this.#termination = undefined;
    const { save, force, refused } = termination;
    const request: ShutdownRequest = { save, force, now: false };
    if (this.#mustWait(request, refused)) return;
    if (!this.#finish(request, "signal")) refused();
  }

  #finish(request: ShutdownRequest, by: "client" | "signal"): boolean {
    const { engine, primary } = this.#options;
    primary.logLagging();
    if (!this.saveForExit(request)) {
      this.#options.log(
        "warning",
        "Errors trying to shut down the server. Check the logs for more information.",
      );
      this.#cancel();
      return false;
    }
    this.#isClosing = true;
    // Nothing is executed behind a client's request, whoever sent it; what was, is answered. What
    // arrives before a signal does still is.
    if (by === "client") engine.pause.begin("all", Infinity, "shutdown_in_progress");
    this.#options.close(request.save, { isFinal: by === "client" });
    return true;
  }

  /** Whether the data set is saved, or need not be. */
  saveForExit(request: Pick<ShutdownRequest, "save" | "force">): boolean {
    const { persistence, log } = this.#options;
    if (persistence.prepareToExit(request)) return true;
    if (!request.force) {
      log("warning", "Error trying to save the DB, can't exit.");
      return false;
    }
    log("warning", "Error trying to save the DB. Forced shutdown, so exiting anyway.");
    return true;
  }

  #cancel(): void {
    const { engine } = this.#options;
    this.#waiting = undefined;
    this.#termination = undefined;
    engine.pause.end("shutdown_in_progress");
    engine.blocking.keylessReady();
  }

  /** SHUTDOWN ABORT: whether there was something to call off. */
  abort(): boolean {
    if (this.#isClosing || !this.isBegun) return false;
    this.#cancel();
    this.#options.log("notice", "Shutdown manually aborted.");
    return true;
  }
}
