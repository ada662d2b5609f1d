// Where encoded bytes go and where bytes to decode come from: all that the RDB codec knows of
// files, sockets and buffers (the idea of Redis's src/rio.h).
//
// Both sides work on a window of bytes in memory and call these interfaces only when the window is
// full or used up, so the codec's inner loops never leave it. Without a sink or source the window
// is everything there is: DUMP and RESTORE work that way.

/** Takes what a writer has encoded, in order. */
export interface ByteSink {
  /** The bytes are good only during the call. */
  write(bytes: Uint8Array, offset: number, length: number): void;
}

/** The bytes that a reader has before it: `bytes` from `position` to `end`. */
export interface ByteWindow {
  bytes: Uint8Array;
  position: number;
  end: number;
}

/** Supplies a reader with bytes. */
export interface ByteSource {
  /** Bytes that are not in the window yet, where that is known. */
  readonly bytesLeft?: number;
  /**
   * What is not there yet may still come: it is not asked for, and the reader throws
   * `notThereYet` instead, having changed nothing.
   */
  readonly isComing?: boolean;
  /**
   * Brings at least `count` unread bytes into the window, those that are there first; it may put
   * the window elsewhere. False when the source ends before that. `count` comes from the data and
   * is not to be trusted: memory is taken only as bytes arrive.
   */
  fill(window: ByteWindow, count: number): boolean;
}
