// Where a server listens: TCP on each address of `bind`, and a Unix socket. Decides who may connect
// at all: `maxclients` and protected mode are checked before a session exists.
import { chmodSync, rmSync, statSync } from "node:fs";
import type { Engine } from "../engine/engine.ts";
import type { ConfigValues } from "./config/parameters.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHub } from "./connection-hub.ts";
import type { Log } from "./log.ts";
import type { ListenTarget } from "./net-listener.ts";
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
  /** What was asked for when the present ones were opened. */
  #asked: { readonly port: number; readonly bind: readonly string[] } = { port: 0, bind: [] };
  #unix: NetListener | undefined;
  #unixPath = "";
  /** What CONFIG SET changes, one after the other. */
  #reopening = Promise.resolve();
  #isClosed = false;
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
    if (values.port !== 0 || options.anyPort) {
      this.#tcp = await this.#openTcp(values.port, values.bind);
    }
    this.port = this.#tcp[0]?.port ?? 0;
    this.#asked = { port: values.port, bind: values.bind };
    try {
      if (values.unixsocket !== "") await this.#openUnix(values.unixsocket);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * CONFIG SET port or bind: the old ones are closed, since they may overlap, then the new ones
   * opened; or the old ones again when that fails. Connections stay.
   */
  reopenTcp(): void {
    this.#reopening = this.#reopening.then(() => this.#reopenTcp());
  }

  async #reopenTcp(): Promise<void> {
    const { values, log } = this.#options;
    const before = this.#asked;
    const portBefore = this.port;
    for (const each of this.#tcp) each.close();
    this.#tcp = [];
    for (const { port, bind } of [{ port: values.port, bind: values.bind }, before]) {
      if (this.#isClosed) return;
      // Where any port would do, the one that clients know stays.
      const wantedPort = port === before.port ? portBefore : port;
      try {
        this.#tcp = wantedPort === 0 ? [] : await this.#openTcp(wantedPort, bind);
        this.port = this.#tcp[0]?.port ?? 0;
        this.#asked = { port, bind };
        break;
      } catch (error) {
        log.warning(`Failed listening on port ${wantedPort} after CONFIG SET: ${describe(error)}`);
      }
    }
    if (this.#isClosed) this.close();
  }

  async #openTcp(port: number, bind: readonly string[]): Promise<NetListener[]> {
    const opened: NetListener[] = [];
    let chosenPort = port;
    for (const entry of bind) {
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
    return this.#listen(
      { host, port, backlog: values.tcpBacklog, ipv6Only: isV6Any || host.includes(":") },
      () => values.tcpKeepalive,
    );
  }

  async #openUnix(path: string): Promise<void> {
    const { values } = this.#options;
    if (isSocket(path)) rmSync(path, { force: true });
    try {
      this.#unix = await this.#listen({ path, backlog: values.tcpBacklog }, () => 0);
    } catch (error) {
      throw new ListenError(describe(error), { cause: error });
    }
    this.#unixPath = path;
    if (values.unixsocketperm !== 0) chmodSync(path, values.unixsocketperm);
  }

  #listen(target: ListenTarget, keepAliveSeconds: () => number): Promise<NetListener> {
    const { log } = this.#options;
    return NetListener.listen(target, {
      accept: (stream) => this.#accept(stream),
      keepAliveSeconds,
      failed: (error) => log.warning(`Error accepting a client connection: ${error.message}`),
    });
  }

  #accept(stream: Stream): StreamHandler | undefined {
    const { engine, hub, values } = this.#options;
    engine.beginTurn();
    if (hub.connections.size >= values.maxclients) return this.#turnAway(stream, tooManyClients);
    const isOpen = engine.access.defaultUser.needsNoPassword && values.protectedMode;
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
