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
import { Socket, createServer, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { viewedBytes } from "../bytes/viewed.ts";
import type { Stream, StreamHandler } from "./stream.ts";

/** What a listener needs of its owner. */
export interface ListenerOptions {
  /** Makes the connection for a new stream; undefined when it was turned away and closed. */
  accept(stream: Stream): StreamHandler | undefined;
  /** Silence after which TCP probes the peer; 0: never. */
  keepAliveSeconds(): number;
  /** How many are accepted before those that are there have their turn; Node sees to it itself. */
  acceptsPerTurn(): number;
  /** Takes an accepted connection that is not to be read from here: it is encrypted. */
  take?(socket: Socket): void;
  /** A client could not be accepted, for want of descriptors for example; the next one may be. */
  failed(error: Error): void;
}

/** Something that accepts clients. */
export interface Listener {
  /** The TCP port; 0 for a Unix socket. */
  readonly port: number;
  /** Stops accepting. Connections that are there stay. */
  close(): void;
}

export interface ListenTarget {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly ipv6Only?: boolean;
  readonly backlog: number;
}

export class NetListener implements Listener {
  readonly #server: NetServer;
  readonly #readBuffer = viewedBytes(readBytes);

  private constructor(options: ListenerOptions) {
    const accepting = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    this.#server = createServer(accepting, (socket) => {
      const seconds = options.keepAliveSeconds();
      if (seconds > 0) socket.setKeepAlive(true, seconds * 1000);
      if (options.take === undefined) this.#attach(socket, options);
      else options.take(socket);
    });
  }

  /** Listens; rejects with the system's error when that fails. */
  static async listen(target: ListenTarget, options: ListenerOptions): Promise<NetListener> {
    const listener = new NetListener(options);
    const server = listener.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(target, () => {
        server.off("error", reject);
        server.on("error", (error) => options.failed(error));
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

  #attach(accepted: Socket, options: ListenerOptions): void {
    const reader: Reader = { handler: undefined };
    const addresses = addressesOf(accepted);
    const socket = this.#withSharedBuffer(accepted, reader);
    // Errors are followed by `close`, which says all that we need.
    socket.on("error", () => undefined);
    const handler = options.accept(new NetStream(socket, addresses));
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

/** Both ends of a connection as clients are shown them. */
export interface Addresses {
  readonly kind: "tcp" | "unix";
  readonly remote: string;
  readonly local: string;
  readonly isLocal: boolean;
}

/** Of a socket that is connected. */
export function addressesOf(socket: Socket): Addresses {
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

/**
 * Whether an entry of `bind` may be listened on: whether an address is one of this machine's. Of
 * names, and of entries that may be missing, only listening itself can tell.
 */
export function mayBeBound(entry: string): boolean {
  if (entry.startsWith("-") || entry.includes("*")) return true;
  // A number and dots would be looked up as a name and not be found.
  if (isIP(entry) === 0) return !/^[\d.]*$/.test(entry);
  if (isIP(entry) === 4 && (entry.startsWith("127.") || entry === "0.0.0.0")) return true;
  if (entry === "::") return true;
  const [address] = entry.split("%");
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((each) => each.address === address),
  );
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

  whenSent(done: () => void): void {
    // What is written last is done when all before it is.
    this.#socket.write(noBytes, () => done());
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

const noBytes = new Uint8Array(0);
/** As much as libuv reads at a time. */
const readBytes = 64 * 1024;

/** As clients are shown an address. */
export function joinAddress(address: string, port: number): string {
  const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** Whether the address is of this machine only. */
export function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.");
}
