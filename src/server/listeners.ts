// Where a server listens: TCP on each address of `bind`, and a Unix socket. Decides who may connect
// at all: `maxclients` and protected mode are checked before a session exists.
import { chmodSync, rmSync, statSync } from "node:fs";
import type { Engine } from "../engine/engine.ts";
import type { ConfigValues } from "./config/parameters.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHub } from "./connection-hub.ts";
import type { Log } from "./log.ts";
import { NetListener } from "./net-listener.ts";
import type { Stream, StreamHandler } from "./stream.ts";

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
  readonly values: ConfigValues;
  readonly log: Log;
}

/** A listener could not be opened. */
export class ListenError extends Error {
  override name = "ListenError";
}

export class Listeners {
  readonly #options: ListenersOptions;
  #tcp: NetListener[] = [];
  #unix: NetListener | undefined;
  #unixPath = "";
  /** The port in force: the system's choice when 0 was asked for by a library user. */
  port = 0;

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  get hasUnix(): boolean {
    return this.#unix !== undefined;
  }

  get hasTcp(): boolean {
    return this.#tcp.length > 0;
  }

  /**
   * Opens everything that the configuration names. `anyPort`: port 0 means one of the system's
   * choice, not none.
   */
  async open(options: { readonly anyPort: boolean }): Promise<void> {
    const { values } = this.#options;
    if (values.port !== 0 || options.anyPort) this.#tcp = await this.#openTcp(values.port);
    this.port = this.#tcp[0]?.port ?? 0;
    if (values.unixsocket !== "") await this.#openUnix(values.unixsocket);
  }

  /**
   * CONFIG SET port or bind: the new ones are opened, then the old ones closed; connections stay.
   */
  async reopenTcp(): Promise<void> {
    const old = this.#tcp;
    const { values } = this.#options;
    for (const each of old) each.close();
    this.#tcp = values.port === 0 ? [] : await this.#openTcp(values.port);
    this.port = this.#tcp[0]?.port ?? 0;
  }

  async #openTcp(port: number): Promise<NetListener[]> {
    const opened: NetListener[] = [];
    let chosenPort = port;
    for (const entry of this.#options.values.bind) {
      const isOptional = entry.startsWith("-");
      const listener = await this.#openAddress(
        isOptional ? entry.slice(1) : entry,
        chosenPort,
      ).catch((error: unknown) => {
        if (isOptional && isMissingAddress(error)) return undefined;
        for (const each of opened) each.close();
        throw new ListenError(describe(error));
      });
      if (listener === undefined) continue;
      opened.push(listener);
      chosenPort = listener.port;
    }
    return opened;
  }

  async #openAddress(address: string, port: number): Promise<NetListener> {
    const { values } = this.#options;
    let host = address;
    if (address === "*") host = "0.0.0.0";
    const isV6Any = address === "::*";
    if (isV6Any) host = "::";
    return NetListener.listen(
      { host, port, backlog: values.tcpBacklog, ipv6Only: isV6Any || host.includes(":") },
      (stream) => this.#accept(stream),
      () => values.tcpKeepalive,
    );
  }

  async #openUnix(path: string): Promise<void> {
    const { values } = this.#options;
    if (isSocket(path)) rmSync(path, { force: true });
    try {
      this.#unix = await NetListener.listen(
        { path, backlog: values.tcpBacklog },
        (stream) => this.#accept(stream),
        () => 0,
      );
    } catch (error) {
      throw new ListenError(describe(error), { cause: error });
    }
    this.#unixPath = path;
    if (values.unixsocketperm !== 0) chmodSync(path, values.unixsocketperm);
  }

  #accept(stream: Stream): StreamHandler | undefined {
    const { engine, hub, values } = this.#options;
    engine.beginTurn();
    if (hub.connections.size >= values.maxclients) return this.#turnAway(stream, tooManyClients);
    const isOpen = values.requirepass === "" && values.protectedMode;
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
    for (const each of this.#tcp) each.close();
    this.#unix?.close();
    if (this.#unixPath !== "") rmSync(this.#unixPath, { force: true });
    this.#tcp = [];
    this.#unix = undefined;
    this.#unixPath = "";
  }
}

/** Whether a stale socket of an earlier run lies there; any other file is not ours to remove. */
function isSocket(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

function isMissingAddress(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EPROTONOSUPPORT", "ENOTFOUND"].includes(code);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
