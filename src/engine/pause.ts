// CLIENT PAUSE: holds back requests of all clients, or only those that write, until a time or
// CLIENT UNPAUSE.
//
// A request that is held back stays with its connection, unexecuted; when the pause is over all
// such sessions are resumed in the order in which they came. While paused no key expires: nothing
// changes the data, but one that is over its time is not found.
import type { Engine } from "./engine.ts";
import { engineGate } from "./gate.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import { commandBit } from "./registered-command.ts";
import type { Session } from "./session.ts";

export type PauseMode = "all" | "write";

export class Pause {
  readonly #engine: Engine;
  #mode: PauseMode = "write";
  #endMs = 0;
  readonly #held = new Set<Session>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get isActive(): boolean {
    return (this.#engine.gates & engineGate.paused) !== 0;
  }

  get mode(): PauseMode {
    return this.#mode;
  }

  /** Milliseconds since 1970; meaningful while active. */
  get endMs(): number {
    return this.#endMs;
  }

  /** Begins a pause, or makes the present one longer and stricter; never shorter or laxer. */
  begin(mode: PauseMode, endMs: number): void {
    const wasActive = this.isActive;
    if (!wasActive || mode === "all") this.#mode = mode;
    if (!wasActive || endMs > this.#endMs) this.#endMs = endMs;
    this.#engine.gates |= engineGate.paused;
    this.#engine.keyspace.expires = false;
    this.#engine.keyspace.hidesExpired = true;
  }

  end(): void {
    this.#engine.gates &= ~engineGate.paused;
    this.#engine.keyspace.expires = true;
    this.#engine.keyspace.hidesExpired = false;
    const held = [...this.#held];
    this.#held.clear();
    for (const session of held) {
      session.isPostponed = false;
      session.link.resume();
    }
  }

  /** Ends the pause when its time is over. */
  check(nowMs: number): void {
    if (this.isActive && nowMs >= this.#endMs) this.end();
  }

  /** Whether the session's request must wait; if so the session is remembered. */
  holds(session: Session, command: RegisteredCommand): boolean {
    const bits = command.bits | (session.transaction?.bits ?? 0);
    const isWrite = (bits & (commandBit.write | commandBit.mayReplicate)) !== 0;
    if (this.#mode === "write" && !isWrite) return false;
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
