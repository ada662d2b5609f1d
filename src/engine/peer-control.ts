// What commands may ask of other servers, which are reached from below: `Host.peers`.

/** Where a conversation broke off. */
export type PeerFailure = "connecting" | "talking";

export interface PeerRequest {
  readonly host: string;
  readonly port: number;
  /** Encoded requests, one behind the other. */
  readonly bytes: Uint8Array;
  /** How many replies they get, of one line each. */
  readonly replyCount: number;
  /** A reply has come: its line, without the line end. */
  replied(this: void, line: string): void;
  /** All replies have come, or no more will. Nothing follows. */
  ended(this: void, failure: PeerFailure | undefined): void;
}

export interface PeerControl {
  /** Connections that are kept for the next request to the same server. */
  readonly idleCount: number;
  /** Begins, and answers with what breaks it off. */
  ask(request: PeerRequest): () => void;
}
