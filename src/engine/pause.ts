// Requests of all clients are held back, or only those that write: for CLIENT PAUSE until a time or
// CLIENT UNPAUSE, and by the server while it waits for replicas before it ends.
//
// A request that is held back stays with its connection, unexecuted; when the last pause is over
// all such sessions are resumed in the order in which they came. While paused no key expires:
// nothing changes the data, but one that is over its time is not found.
import type { Slices } from "../bytes/slices.ts";
import type { Engine } from "./engine.ts";
import { engineGate } from "./gate.ts";
import { expiryHold } from "../keyspace/keyspace.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import { commandBit } from "./registered-command.ts";
import type { Session } from "./session.ts";

export type PauseMode = "all" | "write";
/** On whose behalf; INFO shows it like that. */
export type PauseReason =
  | "client_pause"
  | "shutdown_in_progress"
  | "failover_in_progress"
  | "migrate";

interface Present {
  mode: PauseMode;
  /** Milliseconds since 1970. */
  endMs: number;
}

export class Pause {
  readonly #engine: Engine;
  readonly #present = new Map<PauseReason, Present>();
  readonly #held = new Set<Session>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get isActive(): boolean {
    return (this.#engine.gates & engineGate.paused) !== 0;
  }

  /** The strictest of all. */
  get mode(): PauseMode {
    for (const { mode } of this.#present.values()) if (mode === "all") return "all";
    return "write";
  }

  /** Milliseconds since 1970; meaningful while active. */
  get endMs(): number {
    let latestMs = 0;
    for (const { endMs } of this.#present.values()) latestMs = Math.max(latestMs, endMs);
    return latestMs;
  }

  /** Of the one that lasts longest. */
  get reason(): PauseReason | "none" {
    const { endMs: latestMs } = this;
    for (const [reason, { endMs }] of this.#present) if (endMs === latestMs) return reason;
    return "none";
  }

  /** Begins a pause, or makes the present one longer and stricter; never shorter or laxer. */
  begin(mode: PauseMode, endMs: number, reason: PauseReason = "client_pause"): void {
    const present = this.#present.get(reason);
    if (present === undefined) {
      this.#present.set(reason, { mode, endMs });
    } else {
      if (mode === "all") present.mode = mode;
      if (endMs > present.endMs) present.endMs = endMs;
    }
    this.#engine.gates |= engineGate.paused;
    this.#engine.keyspace.holdExpiry(expiryHold.paused, true);
  }

  /** Ends the pause for that reason. */
  end(reason: PauseReason = "client_pause"): void {
    this.#present.delete(reason);
    if (this.#present.size > 0 || !this.isActive) return;
    this.#engine.gates &= ~engineGate.paused;
    this.#engine.keyspace.holdExpiry(expiryHold.paused, false);
    const held = [...this.#held];
    this.#held.clear();
    for (const session of held) {
      session.isPostponed = false;
      session.link.resume();
    }
  }

  /** Ends the pauses whose time is over. */
  check(nowMs: number): void {
    if (!this.isActive) return;
    for (const [reason, { endMs }] of this.#present) if (nowMs >= endMs) this.end(reason);
  }

  /** Whether the session's request must wait; if so the session is remembered. */
  holds(session: Session, command: RegisteredCommand, args: Slices): boolean {
    const bits = command.bitsFor(args, this.#engine) | (session.transaction?.bits ?? 0);
    const isWrite = (bits & (commandBit.write | commandBit.mayReplicate)) !== 0;
    if (!isWrite && this.mode === "write") return false;
    // What a replica has to say is no request.
    if (session.replica !== undefined) return false;
    session.isPostponed = true;
    this.#held.add(session);
    return true;
  }

  forget(session: Session): void {
    this.#held.delete(session);
  }

  get heldCount(): number {
    return this.#held.size;
  }
}
