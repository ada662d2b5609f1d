// The portable transport: node:net, for TCP and Unix sockets.
//
// Sockets are half-open on purpose: a peer that sends its requests and closes its side still gets
// the replies.
//
// All sockets read into one buffer, since what arrives is consumed before the next read. Node
// offers that (`onread`) to sockets that connect, not to those that a server accepts; so we take
// the accepted socket's handle and make a socket with `onread` of it. It saves an allocation of 64
// KiB a read, which cost 30 MB of resident memory and a tenth of the time of a loading client.
// Where the handle cannot be had, plain `data` events do.
import type { Server as NetServer, SocketConstructorOpts } from "node:net";
import { Socket, createServer } from "node:net";
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
  readonly #readBuffer = new Uint8Array(readBytes);

  private constructor(accept: Acceptor, keepAliveSeconds: () => number) {
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    this.#server = createServer(options, (socket) => {
      const seconds = keepAliveSeconds();
      if (seconds > 0) socket.setKeepAlive(true, seconds * 1000);
      this.#attach(socket, accept);
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
        // EMFILE and the like while accepting: the next accept may succeed, and nothing here can
        // help.
        server.on("error", () => undefined);
        resolve();
      });
    });
    return listener;
  }

  /** The TCP port; 0 for a Unix socket. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
  }

  /** Stops accepting. Connections that are there stay. */
  close(): void {
    this.#server.close();
  }

  #attach(accepted: Socket, accept: Acceptor): void {
    const reader: Reader = { handler: undefined };
    const addresses = addressesOf(accepted);
    const socket = this.#withSharedBuffer(accepted, reader);
    // Errors are followed by `close`, which says all that we need.
    socket.on("error", () => undefined);
    const handler = accept(new NetStream(socket, addresses));
    if (handler === undefined) return;
    reader.handler = handler;
    if (socket === accepted) {
      socket.on("data", (bytes: Buffer) => handler.received(bytes, bytes.length));
    }
    socket.on("end", () => handler.ended());
    socket.on("close", () => handler.closed());
    socket.resume();
  }

  /**
   * A socket over the same handle that reads into the shared buffer; the same socket where there is
   * no handle to take.
   */
  #withSharedBuffer(accepted: Socket, reader: Reader): Socket {
    const holder = accepted as unknown as { _handle: object | null };
    const handle = holder._handle;
    if (handle === null || typeof handle !== "object") return accepted;
    holder._handle = null;
    return new Socket({
      handle,
      allowHalfOpen: true,
      onread: {
        buffer: this.#readBuffer,
        callback(length: number, bytes: Uint8Array): boolean {
          reader.handler?.received(bytes, length);
          return true;
        },
      },
    } as SocketConstructorOpts);
  }
}

/** Who gets what a socket reads; known only once the connection is made. */
interface Reader {
  handler: StreamHandler | undefined;
}

interface Addresses {
  readonly kind: "tcp" | "unix";
  readonly remote: string;
  readonly local: string;
  readonly isLocal: boolean;
}

function addressesOf(socket: Socket): Addresses {
  const { remoteAddress, localAddress } = socket;
  if (remoteAddress === undefined) {
    const path = (socket as { server?: NetServer }).server?.address();
    const text = `${typeof path === "string" ? path : ""}:0`;
    return { kind: "unix", remote: text, local: text, isLocal: true };
  }
  return {
    kind: "tcp",
    remote: joinAddress(remoteAddress, socket.remotePort ?? 0),
    local: joinAddress(localAddress ?? "", socket.localPort ?? 0),
    isLocal: isLoopback(remoteAddress),
  };
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

class NetStream implements Stream {
  readonly kind: "tcp" | "unix";
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isLocal: boolean;
  readonly #socket: Socket;

  constructor(socket: Socket, addresses: Addresses) {
    this.#socket = socket;
    this.kind = addresses.kind;
    this.remoteAddress = addresses.remote;
    this.localAddress = addresses.local;
    this.isLocal = addresses.isLocal;
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
    // Node tries to write at once; when the system took everything nothing is left to refer to the
    // array.
    return socket.writableLength === 0;
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** As much as libuv reads at a time. */
const readBytes = 64 * 1024;

function joinAddress(address: string, port: number): string {
  const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}
