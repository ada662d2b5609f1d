// Sessions of TLS 1.2 and earlier that the server remembers for clients without tickets. Those
// with tickets, and all of TLS 1.3, carry their session themselves.
//
// A map in the order of age; the oldest gives way when it is full.
import type { Server as TlsServer } from "node:tls";

export interface TlsSessionLimits {
  /** 0: no limit. */
  readonly sessionsMax: number;
  readonly lifetimeSeconds: number;
  /** A clock that only goes forward. */
  nowMs(): number;
}

interface RememberedSession {
  readonly session: Buffer;
  readonly endMs: number;
}

export class TlsSessionCache {
  readonly #limits: TlsSessionLimits;
  readonly #sessions = new Map<string, RememberedSession>();

  constructor(limits: TlsSessionLimits) {
    this.#limits = limits;
  }

  /** Remembers and gives back the sessions of a server. */
  serve(server: TlsServer): void {
    server.on("newSession", (id: Buffer, session: Buffer, done: () => void) => {
      this.add(id, session);
      done();
    });
    server.on(
      "resumeSession",
      (id: Buffer, done: (error: Error | null, session: Buffer | null) => void) => {
        done(null, this.find(id) ?? null);
      },
    );
  }

  add(id: Buffer, session: Buffer): void {
    const { sessionsMax, lifetimeSeconds } = this.#limits;
    const endMs = this.#limits.nowMs() + lifetimeSeconds * 1000;
    const key = id.toString("latin1");
    this.#sessions.delete(key);
    this.#sessions.set(key, { session, endMs });
    if (sessionsMax === 0 || this.#sessions.size <= sessionsMax) return;
    for (const oldest of this.#sessions.keys()) {
      this.#sessions.delete(oldest);
      break;
    }
  }

  find(id: Buffer): Buffer | undefined {
    const key = id.toString("latin1");
    const found = this.#sessions.get(key);
    if (found === undefined) return undefined;
    if (this.#limits.nowMs() < found.endMs) return found.session;
    this.#sessions.delete(key);
    return undefined;
  }
}
