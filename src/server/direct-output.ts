// The way to a client past its replies, for those who have bytes that stay as they are: replication
// sends from its backlog like that, without a copy.
import type { DirectLink, Session } from "../engine/session.ts";
import type { ConnectionHub } from "./connection-hub.ts";
import type { Stream } from "./stream.ts";

export class DirectOutput implements DirectLink {
  readonly #hub: ConnectionHub;
  readonly #stream: Stream;
  readonly #session: Session;

  constructor(hub: ConnectionHub, stream: Stream, session: Session) {
    this.#hub = hub;
    this.#stream = stream;
    this.#session = session;
  }

  get unsentBytes(): number {
    return this.#stream.pendingBytes;
  }

  send(bytes: Uint8Array, start: number, end: number): void {
    this.#hub.countSent(this.#session, end - start);
    this.#stream.send(bytes, start, end);
  }

  whenSent(done: () => void): void {
    this.#stream.whenSent(() => {
      if (this.#session.isClosing) return;
      // The turn's time must be read before anybody asks for it.
      this.#hub.beginTurn();
      done();
    });
  }
}
