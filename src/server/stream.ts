// A byte stream to one peer, as a connection needs it: over `node:net` (`net-listener.ts`), TLS or
// our own event loop. The engine knows none of them.

/** What a connection does with its stream. */
export interface Stream {
  readonly kind: "tcp" | "unix";
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly descriptor: number;
  readonly isLocal: boolean;
  /** Bytes given to `send` that the system has not taken yet. */
  readonly pendingBytes: number;
  /**
   * Sends `bytes[start..end)` after all that was sent before. False when the stream still needs the
   * array: the caller must not write to it again.
   */
  send(bytes: Uint8Array, start: number, end: number): boolean;
  /** Calls `done`, once and in a later turn, when `pendingBytes` has come down to 0. */
  whenSent(done: () => void): void;
  /**
   * Delivers nothing more until `resumeReading`; the peer's bytes wait in the system, and then at
   * the peer.
   */
  pauseReading(): void;
  resumeReading(): void;
  /** Closes after everything sent has gone out. */
  end(): void;
  /** Closes at once; what was not sent is lost. */
  destroy(): void;
}

/** `bytes[end..end + free)`: an array of its own outside V8's heap, which stays where it is. */
export interface InputRoom {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly free: number;
}

/** What a stream tells its connection. */
export interface StreamHandler {
  /** `length` bytes arrived; the array is the stream's own and is reused after the call. */
  received(bytes: Uint8Array, length: number): void;
  /** Where the rest of a large argument may be read to, or undefined when none is waited for. */
  room(): InputRoom | undefined;
  /** `length` bytes have been read to where `room` was. */
  filled(length: number): void;
  /** The peer sends nothing more. */
  ended(): void;
  /** The stream is gone, for whatever reason; called once. */
  closed(): void;
}
