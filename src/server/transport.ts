// What carries connections that are not encrypted: our own epoll loop where it can be had, else
// node:net, which works everywhere.
import { performance } from "node:perf_hooks";
import { EpollListener } from "./epoll/epoll-listener.ts";
import { EpollLoop } from "./epoll/epoll-loop.ts";
import { openLibc } from "./epoll/libc.ts";
import { releasePages } from "./epoll/release-pages.ts";
import { SocketIo } from "./epoll/socket-io.ts";
import type { ListenTarget, Listener, ListenerOptions } from "./net-listener.ts";
import { NetListener } from "./net-listener.ts";

export interface Transport {
  /** As INFO shows it. */
  readonly name: "epoll" | "node:net";
  /** Listens; rejects with the system's error when that fails. */
  listen(target: ListenTarget, options: ListenerOptions): Promise<Listener>;
  /** Calls `end` when everything that is ready now has been delivered. */
  schedule(end: () => void): void;
  /**
   * Delivers what is ready now in the middle of a turn, but not to that descriptor; false where
   * that cannot be done.
   */
  poll(exceptDescriptor: number): boolean;
  /** Promises that were begun in this turn go on right after it. */
  yield(): void;
  /** How long it waits for more clients when few of many have asked, in microseconds; 0: not. */
  gatherFor(us: number): void;
  /** Gives the memory under an array back to the system; undefined where that cannot be done. */
  readonly releasePages: ((bytes: Uint8Array) => void) | undefined;
  /** When all listeners and connections are closed. */
  close(): void;
}

export const netTransport: Transport = {
  name: "node:net",
  listen: (target, options) => NetListener.listen(target, options),
  schedule: (end) => void setImmediate(end),
  poll: () => false,
  yield: () => undefined,
  gatherFor: () => undefined,
  releasePages: undefined,
  close: () => undefined,
};

/** The one that `io-transport` names, or why it cannot be had; `auto` is answered like `epoll`. */
export function openTransport(wanted: "auto" | "epoll" | "net"): Transport | string {
  return wanted === "net" ? netTransport : openEpollTransport();
}

/** Our own loop; or the reason, as words for the log, why it cannot be had here. */
function openEpollTransport(): Transport | string {
  const libc = openLibc();
  if (typeof libc === "string") return libc;
  try {
    const loop = new EpollLoop(libc, () => performance.now());
    const io = new SocketIo(libc);
    return {
      name: "epoll",
      listen: (target, options) => EpollListener.listen(loop, io, target, options),
      schedule: (end) => loop.schedule(end),
      poll: (exceptDescriptor) => {
        io.swapInput();
        try {
          return loop.poll(exceptDescriptor);
        } finally {
          io.swapInput();
        }
      },
      yield: () => loop.yield(),
      gatherFor: (us) => loop.gatherFor(us),
      releasePages: (bytes) => releasePages(libc, bytes),
      close: () => loop.close(),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
