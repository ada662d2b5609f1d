// Where a server listens: TCP and TLS on each address of `bind`, and a Unix socket. Decides who may
// connect at all: `maxclients` and protected mode are checked before a session exists.
import { chmodSync, rmSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import type { Engine } from "../engine/engine.ts";
import type { Place } from "./address-listeners.ts";
import { AddressListeners, ListenError } from "./address-listeners.ts";
import type { Config } from "./config/config.ts";
import type { ConfigValues } from "./config/parameters.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHub } from "./connection-hub.ts";
import type { Log } from "./log.ts";
import type { Addresses, ListenTarget, Listener } from "./net-listener.ts";
import { isPortFree } from "./net-listener.ts";
import type { Stream, StreamHandler } from "./stream.ts";
import { TlsAcceptor } from "./tls-acceptor.ts";
import { TlsSettings } from "./tls-settings.ts";
import type { Transport } from "./transport.ts";
import { netTransport } from "./transport.ts";

const tooManyClients = Buffer.from("-ERR max number of clients reached\r\n");
const deniedByProtectedMode = Buffer.from(
  "-DENIED Redis is running in protected mode because protected mode is enabled and no password " +
    "is set for the default user. In this mode connections are only accepted from the loopback " +
    "interface. To let other machines in, set a password (CONFIG SET requirepass), or turn the " +
    "protection off (CONFIG SET protected-mode no, from this machine) once the server cannot be " +
    "reached from where it should not be.\r\n",
);

export interface ListenersOptions {
  readonly engine: Engine;
  readonly hub: ConnectionHub;
  readonly config: Config;
  readonly log: Log;
  readonly transport: Transport;
  /** Port 0 means one of the system's choice, not none. */
  readonly anyPort: boolean;
  readonly anyTlsPort: boolean;
  readonly handshakeMsMax?: number | undefined;
}

/** One transport's listeners as INFO shows them. */
export interface ListenerFacts {
  readonly name: "tcp" | "unix" | "tls";
  readonly bind: readonly string[];
  /** 0: none. */
  readonly port: number;
}

export class Listeners {
  readonly tls: TlsSettings;
  readonly #options: ListenersOptions;
  readonly #values: ConfigValues;
  readonly #acceptor: TlsAcceptor;
  readonly #tcp: AddressListeners;
  readonly #tls: AddressListeners;
  #unix: Listener | undefined;
  #unixPath = "";
  /** What CONFIG SET changes, one after the other. */
  #reopening = Promise.resolve();
  /** How much of that is still to be done. */
  #reopeningCount = 0;
  #isClosed = false;

  constructor(options: ListenersOptions) {
    this.#options = options;
    const { config, log } = options;
    this.#values = config.values;
    this.#acceptor = new TlsAcceptor({
      accept: (stream) => this.#accept(stream),
      failed: (reason, addresses) => this.#failed(reason, addresses),
      handshakesPerTurn: () => this.#values.maxNewTlsConnectionsPerCycle,
      handshakeMsMax: options.handshakeMsMax,
    });
    this.tls = new TlsSettings({
      config,
      log,
      acceptor: this.#acceptor,
      isWanted: options.anyTlsPort,
    });
    this.#tcp = new AddressListeners("tcp", (address, port) => this.#openAddress(address, port));
    this.#tls = new AddressListeners("tls", (address, port) =>
      this.#openAddress(address, port, (socket) => this.#takeEncrypted(socket)),
    );
  }

  /** The TCP port in force: the system's choice when 0 was asked for by a library user; 0: none. */
  get port(): number {
    return this.#tcp.port;
  }

  /** The same for TLS. */
  get tlsPort(): number {
    return this.#tls.port;
  }

  /** What is listened on, in Redis's order. */
  get facts(): ListenerFacts[] {
    const facts: ListenerFacts[] = [];
    if (this.#tcp.isOpen) facts.push({ name: "tcp", bind: this.#tcp.asked.bind, port: this.port });
    if (this.#unix !== undefined) facts.push({ name: "unix", bind: [this.#unixPath], port: 0 });
    const { tlsPort } = this;
    if (this.#tls.isOpen) facts.push({ name: "tls", bind: this.#tls.asked.bind, port: tlsPort });
    return facts;
  }

  /**
   * Opens everything that the configuration names. Rejects with a ListenError, or with a TlsError
   * when TLS is wanted and cannot be had; the log says why.
   */
  async open(): Promise<void> {
    const failure = this.tls.isWanted ? this.tls.configure() : undefined;
    if (failure !== undefined) throw failure;
    const { anyPort, anyTlsPort } = this.#options;
    const { port, tlsPort, bind, unixsocket } = this.#values;
    try {
      if (port !== 0 || anyPort) await this.#tcp.open({ port, bind }, port);
      if (unixsocket !== "") await this.#openUnix(unixsocket);
      if (tlsPort !== 0 || anyTlsPort) await this.#tls.open({ port: tlsPort, bind }, tlsPort);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * CONFIG SET port, tls-port or bind: the old listeners are closed at once, since they may be in
   * the way of the new ones, and those opened before the reply goes out; or the old ones again when
   * that fails.
   * Connections stay. Answers with the reason when a port cannot be had.
   */
  reopen(): string | undefined {
    const { port, tlsPort, bind } = this.#values;
    const changes = [
      { group: this.#tcp, place: { port, bind } },
      { group: this.#tls, place: { port: tlsPort, bind } },
    ].filter(({ group, place }) => !group.isIn(place));
    for (const { group } of changes) group.close();
    for (const { group, place } of changes) {
      if (place.port === 0 || place.port === group.asked.port) continue;
      if (!isPortFree(place.port)) return "Unable to listen on this port. Check server logs.";
    }
    this.#options.transport.yield();
    for (const { group, place } of changes) {
      if (place.port === 0 && group.asked.port !== 0) group.forget(place);
      else {
        this.#reopeningCount++;
        this.#reopening = this.#reopening
          .then(() => this.#reopen(group, place))
          .finally(() => this.#reopeningCount--);
      }
    }
    return undefined;
  }

  /** Whether listeners are still being opened; if so Node, which opens them, has its turn soon. */
  isReopening(): boolean {
    if (this.#reopeningCount === 0) return false;
    this.#options.transport.yield();
    return true;
  }

  async #reopen(group: AddressListeners, wanted: Place): Promise<void> {
    const before = group.asked;
    group.close();
    for (const place of [wanted, before]) {
      if (this.#isClosed) return;
      // Where any port would do, the one that clients know stays.
      const port = place.port === before.port ? group.port : place.port;
      try {
        if (port === 0) group.forget(place);
        else await group.open(place, port);
        break;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.log.warning(`Failed listening on port ${port} after CONFIG SET: ${reason}`);
      }
    }
    if (this.#isClosed) this.close();
  }

  #openAddress(address: string, port: number, take?: (socket: Socket) => void): Promise<Listener> {
    const values = this.#values;
    let host = address;
    if (address === "*") host = "0.0.0.0";
    const isV6Any = address === "::*";
    if (isV6Any) host = "::";
    return this.#listen(
      { host, port, backlog: values.tcpBacklog, ipv6Only: isV6Any || host.includes(":") },
      () => values.tcpKeepalive,
      take,
    );
  }

  async #openUnix(path: string): Promise<void> {
    const values = this.#values;
    if (isSocket(path)) rmSync(path, { force: true });
    try {
      this.#unix = await this.#listen({ path, backlog: values.tcpBacklog }, () => 0);
    } catch (error) {
      throw new ListenError(error, { port: 0, transport: "unix" });
    }
    this.#unixPath = path;
    if (values.unixsocketperm !== 0) chmodSync(path, values.unixsocketperm);
  }

  #listen(
    target: ListenTarget,
    keepAliveSeconds: () => number,
    take?: (socket: Socket) => void,
  ): Promise<Listener> {
    // Encryption is Node's, and so are the sockets below it.
    const transport = take === undefined ? this.#options.transport : netTransport;
    return transport.listen(target, {
      accept: (stream) => (this.#hasRoom ? this.#accept(stream) : this.#turnAwayFrom(stream)),
      keepAliveSeconds,
      acceptsPerTurn: () => this.#values.maxNewConnectionsPerCycle,
      failed: (error) => this.#failed(error.message),
      ...(take === undefined ? {} : { take }),
    });
  }

  #failed(reason: string, addresses?: Addresses): void {
    const ends =
      addresses === undefined ? "" : ` (addr=${addresses.remote} laddr=${addresses.local})`;
    this.#options.log.warning(`Error accepting a client connection: ${reason}${ends}`);
  }

  /** Whoever is still shaking hands counts as a client, as in Redis. */
  get #hasRoom(): boolean {
    const clients = this.#options.hub.connections.size + this.#acceptor.pendingCount;
    return clients < this.#values.maxclients;
  }

  /** Words could only be said after a handshake, which costs more than they are worth. */
  #takeEncrypted(socket: Socket): void {
    if (this.#hasRoom) this.#acceptor.take(socket);
    else {
      this.#options.engine.statistics.rejectedConnections++;
      socket.destroy();
    }
  }

  #turnAwayFrom(stream: Stream): undefined {
    this.#options.engine.beginTurn();
    return this.#turnAway(stream, tooManyClients);
  }

  #accept(stream: Stream): StreamHandler | undefined {
    const { engine, hub } = this.#options;
    engine.beginTurn();
    const isOpen = engine.access.defaultUser.needsNoPassword && this.#values.protectedMode;
    if (isOpen && !stream.isLocal) return this.#turnAway(stream, deniedByProtectedMode);
    this.#options.log.verbose(`Accepted ${stream.remoteAddress}`);
    const connection = new Connection(hub, stream);
    hub.add(connection);
    return connection;
  }

  #turnAway(stream: Stream, words: Uint8Array): undefined {
    this.#options.engine.statistics.rejectedConnections++;
    stream.send(words, 0, words.length);
    stream.end();
  }

  /** Stops accepting. Connections stay. */
  close(): void {
    this.#isClosed = true;
    this.#tcp.close();
    this.#tls.close();
    this.#acceptor.close();
    this.tls.close();
    this.#unix?.close();
    if (this.#unixPath !== "") rmSync(this.#unixPath, { force: true });
    this.#unix = undefined;
    this.#unixPath = "";
  }
}

/** Whether a stale socket of an earlier run lies there; any other file is not ours to remove. */
function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}
