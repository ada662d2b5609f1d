// From an accepted TCP connection to an encrypted stream.
//
// Handshakes are begun a few in each round of the event loop, since each costs as much as hundreds
// of commands; who has to wait is not read from. A handshake that takes too long is given up. For
// every connection the server's context of that moment is used and kept, so that a new certificate
// concerns new connections only.
import { setImmediate } from "node:timers";
import type { Socket } from "node:net";
import type { Server as TlsServer, TLSSocket, TlsOptions } from "node:tls";
import { createServer } from "node:tls";
import type { Addresses } from "./net-listener.ts";
import { addressesOf } from "./net-listener.ts";
import type { Stream, StreamHandler } from "./stream.ts";
import { tlsReason } from "./tls-context.ts";
import type { TlsSessionCache } from "./tls-session-cache.ts";
import { TlsStream } from "./tls-stream.ts";

/** What a handshake may take unless said otherwise. */
const handshakeMsDefault = 30_000;

/** What an acceptor needs of its owner. */
export interface TlsAcceptorOptions {
  /** Makes the connection for a new stream; undefined when it was turned away and closed. */
  accept(stream: Stream): StreamHandler | undefined;
  /** A peer did not get through the handshake. */
  failed(reason: string, addresses: Addresses | undefined): void;
  /** How many handshakes may begin in one round of the event loop. */
  handshakesPerTurn(): number;
  readonly handshakeMsMax?: number | undefined;
}

export class TlsAcceptor {
  readonly #options: TlsAcceptorOptions;
  /** Takes connections for the present context; it does not listen. */
  #server: TlsServer | undefined;
  /** Connections that are open without being clients yet, by their addresses. */
  readonly #pending = new Map<string, Socket>();
  /** Those of them whose handshake has not begun. */
  #waiting: Socket[] = [];
  #isStarting = false;

  constructor(options: TlsAcceptorOptions) {
    this.#options = options;
  }

  /** How many connections are open without being clients yet. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Uses this context from now on. Throws when node:tls does not take it. */
  use(context: TlsOptions, cache: TlsSessionCache | undefined): void {
    const handshakeTimeout = this.#options.handshakeMsMax ?? handshakeMsDefault;
    const isChecked = context.requestCert === true;
    const server = createServer({ ...context, handshakeTimeout });
    cache?.serve(server);
    server.on("secureConnection", (socket) => {
      const refusal = isChecked ? refusalOf(socket) : undefined;
      if (refusal === undefined) this.#attach(socket);
      else {
        this.#options.failed(refusal, lastAddressesOf(socket));
        socket.destroy();
      }
    });
    server.on("tlsClientError", (error, socket) => {
      const refusal = socket.authorizationError as string | Error | null;
      const reason = refusal === null ? tlsReason(error) : certificateReason(refusal);
      this.#options.failed(reason, lastAddressesOf(socket));
      // Node leaves it to us to close those whose handshake took too long.
      socket.destroy();
    });
    this.#server = server;
  }

  /** Takes a connection that has just been accepted. */
  take(socket: Socket): void {
    // The error is told of by the encrypted socket; this one only must not go unheard.
    socket.on("error", () => undefined);
    // Who ends its side before the handshake is complete has nothing more to say.
    socket.allowHalfOpen = false;
    const key = keyOf(addressesOf(socket));
    socket.on("close", () => {
      if (this.#pending.get(key) === socket) this.#pending.delete(key);
    });
    this.#pending.set(key, socket);
    this.#waiting.push(socket);
    if (this.#isStarting) return;
    this.#isStarting = true;
    this.#start();
  }

  /** Begins this round's share of handshakes. */
  #start(): void {
    let left = this.#options.handshakesPerTurn();
    while (left > 0 && this.#waiting.length > 0) {
      const socket = this.#waiting.shift();
      if (socket === undefined || socket.destroyed) continue;
      left--;
      this.#server?.emit("connection", socket);
    }
    this.#isStarting = left === 0;
    if (this.#isStarting) setImmediate(() => this.#start());
  }

  #attach(socket: TLSSocket): void {
    // Errors are followed by `close`, which says all that we need.
    socket.on("error", () => undefined);
    socket.allowHalfOpen = true;
    const addresses = addressesOf(socket);
    this.#pending.delete(keyOf(addresses));
    const handler = this.#options.accept(new TlsStream(socket, addresses));
    if (handler === undefined) return;
    socket.on("data", (bytes: Buffer) => handler.received(bytes, bytes.length));
    socket.on("end", () => handler.ended());
    socket.on("close", () => handler.closed());
  }

  /** Closes whoever has not got through the handshake. Clients stay. */
  close(): void {
    for (const socket of this.#pending.values()) socket.destroy();
    this.#waiting = [];
  }
}

function keyOf({ remote, local }: Addresses): string {
  return `${remote} ${local}`;
}

/** An encrypted socket that has failed cannot tell any more, the one below it can. */
function lastAddressesOf(socket: TLSSocket): Addresses | undefined {
  const { _parent: parent } = socket as unknown as { _parent?: Socket };
  return parent?.remoteAddress === undefined ? undefined : addressesOf(parent);
}

/**
 * Why a client is refused that shows a certificate where none is demanded: one that nobody vouches
 * for is worse than none, as in Redis.
 */
function refusalOf(socket: TLSSocket): string | undefined {
  if (socket.authorized || socket.getPeerX509Certificate() === undefined) return undefined;
  return certificateReason(socket.authorizationError);
}

function certificateReason(code: string | Error): string {
  return `certificate verify failed: ${typeof code === "string" ? code : code.message}`;
}
