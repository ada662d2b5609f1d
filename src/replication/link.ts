// A connection that the server makes to its primary. `server/` supplies it over sockets, tests one
// that they control.
import type { SessionLink } from "../engine/session.ts";

/** Told of what happens on a connection. */
export interface LinkHandler {
  /** It is there. */
  connected(): void;
  /** Bytes have come, good during the call. */
  received(bytes: Uint8Array, length: number): void;
  /** The connection is gone, or could not be made: why, if that is known. Nothing follows. */
  closed(reason: string | undefined): void;
}

export interface Link {
  /** The link as the session that runs the stream has it. */
  readonly addresses: Pick<SessionLink, "kind" | "remoteAddress" | "localAddress" | "descriptor">;
  /** Sends bytes, which must not change. */
  send(bytes: Uint8Array): void;
  /** What comes stays with the system, and then with the peer. */
  pauseReading(): void;
  resumeReading(): void;
  /** Ends it; the handler hears nothing more. */
  close(): void;
}

/** Begins to connect. */
export type Dial = (target: { host: string; port: number }, handler: LinkHandler) => Link;
