// The portable transport: node:net, for TCP and Unix sockets.
//
// Sockets are half-open on purpose: a peer that sends its requests and closes its side still gets the replies.
import type { AddressInfo, Server as NetServer, Socket } from "node:net";
import { createServer } from "node:net";
import type { Stream, StreamHandler } from "./stream.ts";

/** Makes the connection for a new stream; undefined when the stream was turned away and closed. */
export type Acceptor = (stream: Stream) => StreamHandler | undefined;

export interface ListenTarget {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly ipv6Only?: boolean;
  readonly backlog: number;
}

export class NetListener {
  readonly #server: NetServer;
  readonly #sockets = new Set<Socket>();

  private constructor(accept: Acceptor, keepAliveSeconds: () => number) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      const seconds = keepAliveSeconds();
      if (seconds > 0) socket.setKeepAlive(true, seconds * 1000);
      attach(socket, accept);
    });
  }

  /** Listens; rejects with the system's error when that fails. */
  static async listen(
    target: ListenTarget,
    accept: Acceptor,
    keepAliveSeconds: () => number,
  ): Promise<NetListener> {
    const listener = new NetListener(accept, keepAliveSeconds);
    const server = listener.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(target, () => {
        server.off("error", reject);
        // EMFILE and the like while accepting: the next accept may succeed, and nothing here can help.
        server.on("error", () => undefined);
        resolve();
      });
    });
    return listener;
  }

  /** The TCP port; 0 for a Unix socket. */
  get port(): number {
    const address = this.#server.address() as AddressInfo | string | null;
    return address === null || typeof address === "string" ? 0 : address.port;
  }

  /** Stops accepting. Connections that are there stay. */
  close(): void {
    this.#server.close();
  }

  /** Whether listening alone keeps the process alive. */
  unref(): void {
    this.#server.unref();
  }
}

/** Whether a TCP port can be listened on, found out by doing so for a moment. */
export function isPortFree(port: number): boolean {
  const probe = createServer();
  probe.on("error", () => undefined);
  // Without a host nothing is looked up, so that Node binds before it returns.
  probe.listen({ port, exclusive: true });
  const isFree = probe.listening;
  probe.close();
  return isFree;
}

function attach(socket: Socket, accept: Acceptor): void {
  const stream = new NetStream(socket);
  // Errors are followed by `close`, which says all that we need.
  socket.on("error", () => undefined);
  const handler = accept(stream);
  if (handler === undefined) return;
  socket.on("data", (bytes: Buffer) => handler.received(bytes, bytes.length));
  socket.on("end", () => handler.ended());
  socket.on("close", () => handler.closed());
}

class NetStream implements Stream {
  readonly kind: "tcp" | "unix";
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { remoteAddress, localAddress } = socket;
    this.kind = remoteAddress === undefined ? "unix" : "tcp";
    const path = (socket as { server?: NetServer }).server?.address();
    const unixAddress = `${typeof path === "string" ? path : ""}:0`;
    this.remoteAddress =
      remoteAddress === undefined
        ? unixAddress
        : joinAddress(remoteAddress, socket.remotePort ?? 0);
    this.localAddress =
      localAddress === undefined ? unixAddress : joinAddress(localAddress, socket.localPort ?? 0);
    this.isLocal = remoteAddress === undefined || isLoopback(remoteAddress);
  }

  get descriptor(): number {
    const handle = (this.#socket as { _handle?: { fd?: number } | null })._handle;
    return handle?.fd ?? -1;
  }

  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    const socket = this.#socket;
    if (socket.destroyed) return true;
    socket.write(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
    // Node tries to write at once; when the system took everything nothing is left to refer to the array.
    return socket.writableLength === 0;
  }

  end(): void {
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function joinAddress(address: string, port: number): string {
  const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}
