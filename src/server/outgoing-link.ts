// Connections that the server makes itself, over node:net or node:tls: a replica's to its primary.
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { connect as connectTls } from "node:tls";
import type { Link, LinkHandler } from "../replication/link.ts";
import { addressesOf } from "./net-listener.ts";

export interface OutgoingLinkOptions {
  /** Where it starts from; "": wherever the system likes. */
  readonly localAddress: string;
  /** Small packets may wait for more. */
  readonly isDelaying: boolean;
  /** Undefined: the connection is not encrypted. */
  readonly tls: ConnectionOptions | undefined;
  /** Reads the time for what follows. */
  beginTurn(this: void): void;
}

const readBytes = 64 * 1024;
const nowhere = { kind: "tcp", remoteAddress: "?:0", localAddress: "?:0", descriptor: -1 } as const;

export class OutgoingLink implements Link {
  readonly #socket: Socket;
  #isOver = false;
  #error: Error | undefined;

  /** Begins to connect. */
  constructor(
    { host, port }: { readonly host: string; readonly port: number },
    handler: LinkHandler,
    options: OutgoingLinkOptions,
  ) {
    const { localAddress, isDelaying, tls, beginTurn } = options;
    const target = { host, port, ...(localAddress !== "" && { localAddress }) };
    const received = (bytes: Uint8Array, length: number): void => {
      if (this.#isOver) return;
      beginTurn();
      handler.received(bytes, length);
    };
    // What arrives is consumed before the next read: one buffer is enough.
    const onread = {
      buffer: new Uint8Array(readBytes),
      callback(length: number, bytes: Uint8Array): boolean {
        received(bytes, length);
        return true;
      },
    };
    const socket =
      tls === undefined
        ? connect({ ...target, noDelay: !isDelaying, onread })
        : connectTls({ ...target, ...tls });
    this.#socket = socket;
    if (tls !== undefined) {
      socket.setNoDelay(!isDelaying);
      socket.on("data", (bytes: Buffer) => received(bytes, bytes.length));
    }
    const unlessOver = (tell: () => void) => () => {
      if (this.#isOver) return;
      beginTurn();
      tell();
    };
    socket.on(
      tls === undefined ? "connect" : "secureConnect",
      unlessOver(() => handler.connected()),
    );
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on(
      "close",
      unlessOver(() => {
        this.#isOver = true;
        handler.closed(this.#error?.message);
      }),
    );
  }

  get addresses(): Link["addresses"] {
    const socket = this.#socket;
    if (socket.remoteAddress === undefined) return nowhere;
    const { kind, remote, local } = addressesOf(socket);
    const handle = (socket as { _handle?: { fd?: number } | null })._handle;
    return {
      kind,
      remoteAddress: remote,
      localAddress: local,
      descriptor: handle?.fd ?? -1,
    };
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOver && this.#socket.writable) this.#socket.write(bytes);
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    if (!this.#isOver) this.#socket.resume();
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }
}
