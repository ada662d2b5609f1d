// The library: a server inside another program, started and closed with a call, on a port of its
// own, with nothing shared and nothing on disk.
import type { Clock } from "./engine/host.ts";
import { VirtualClock } from "./server/clock.ts";
import { Config } from "./server/config/config.ts";
import type { ConfigValues } from "./server/config/parameters.ts";
import { splitArguments } from "./server/config/text.ts";
import { loadUser } from "./server/config/user-directive.ts";
import type { LogLevel } from "./server/log.ts";
import { Log, silentLog, standardOutputSink } from "./server/log.ts";
import { Server as ServerCore } from "./server/server.ts";
import type { Transport } from "./server/transport.ts";
import { openTransport } from "./server/transport.ts";

export { VirtualClock } from "./server/clock.ts";

/**
 * Any parameter of redis.conf in camelCase (`maxmemory`, `protoMaxBulkLen`...), and what only a
 * library has.
 */
export interface ServerOptions extends Omit<Partial<ConfigValues>, "bind" | "loglevel"> {
  /** TCP port on 127.0.0.1; 0, the default, is a free one. None when only `tlsPort` is given. */
  readonly port?: number;
  /**
   * Port for encrypted connections; 0 is a free one. It needs `tlsCertFile` and `tlsKeyFile`, and
   * `tlsCaCertFile` unless `tlsAuthClients` is "no".
   */
  readonly tlsPort?: number;
  /** Address to listen on; 127.0.0.1 unless said otherwise. */
  readonly host?: string;
  /** `"virtual"`: time stands still until `server.clock.advance(ms)`. */
  readonly clock?: "system" | "virtual";
  /** Where log lines go: nowhere by default, to standard output with `true`, or to a function. */
  readonly log?: boolean | ((line: string) => void);
  readonly loglevel?: LogLevel;
  /** Makes random choices repeatable. */
  readonly seed?: number;
  /** Users and their rules, as behind `user` in redis.conf: `"app on >secret ~app:* +@read"`. */
  readonly users?: readonly string[];
}

/** A running server. */
export interface Server extends AsyncDisposable {
  /** The TCP port that it listens on; the port for encrypted connections if there is no other. */
  readonly port: number;
  /** The port for encrypted connections; 0: none. */
  readonly tlsPort: number;
  readonly host: string;
  /** `redis://host:port`, as clients take it; `rediss:` if it takes encrypted connections only. */
  readonly url: string;
  /** The server's clock; `advance(ms)` only with `clock: "virtual"`. */
  readonly clock: Clock & { advance(ms: number): void };
  /** Stops listening, lets the replies go out and closes all connections. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts a server. Nothing is read from disk or written there unless `save`, `dbfilename` or
 * `appendonly` is given (and `aclfile` is read), no signal is handled and nothing is shared with
 * other servers of the process. Rejects with a RangeError when an option is not valid, with a
 * TlsError when certificates cannot be used, or with another error when the port cannot be had.
 */
export async function createServer(options: ServerOptions = {}): Promise<Server> {
  const { port = 0, host = "127.0.0.1", clock, log, loglevel, seed, users, ...values } = options;
  const config = new Config();
  for (const name of Object.keys(values)) {
    if (!(name in config.values)) throw new RangeError(`there is no option ${name}`);
  }
  const anyPort = options.port !== undefined || options.tlsPort === undefined;
  const usesFiles = ["save", "appendonly", "dbfilename"].some((name) => name in values);
  // What a primary sends goes straight to memory, and what there was stays until it is complete.
  const withoutFiles = usesFiles ? {} : ({ replDisklessLoad: "swapdb" } as const);
  const given = { save: [], ...withoutFiles, ...values };
  const reason = config.loadValues({ ...given, port, bind: [host] });
  if (reason !== undefined) throw new RangeError(reason);
  for (const each of users ?? []) {
    const wrongRule = loadUser(config, splitArguments(each) ?? []);
    if (wrongRule !== undefined) throw new RangeError(wrongRule);
  }
  if (config.warnings.length > 0) throw new RangeError(config.warnings[0]);
  const virtual = clock === "virtual" ? new VirtualClock() : undefined;
  const core = new ServerCore({
    config,
    transport: transportOf(options),
    log: logFor(log, loglevel),
    anyPort,
    anyTlsPort: options.tlsPort === 0,
    ...(virtual === undefined ? {} : { clock: virtual }),
    ...(seed === undefined ? {} : { seed }),
  });
  try {
    const [wrong] = core.userFile.loadAtStart(() => undefined);
    if (wrong !== undefined) throw new RangeError(wrong);
    await core.listen();
    if (usesFiles) await core.load();
  } catch (error) {
    await core.close();
    throw error;
  }
  core.start();
  return handleOf(core, host, virtual);
}

/** In somebody else's process nobody's event loop but Node's is used, unless it is asked for. */
function transportOf({ ioTransport = "net" }: ServerOptions): Transport {
  const opened = openTransport(ioTransport === "auto" ? "net" : ioTransport);
  if (typeof opened === "string") throw new RangeError(`no epoll transport: ${opened}`);
  return opened;
}

function handleOf(core: ServerCore, host: string, virtual: VirtualClock | undefined): Server {
  const isEncrypted = core.port === 0;
  const port = isEncrypted ? core.tlsPort : core.port;
  const shownHost = host.includes(":") ? `[${host}]` : host;
  return {
    port,
    tlsPort: core.tlsPort,
    host,
    url: `${isEncrypted ? "rediss" : "redis"}://${shownHost}:${port}`,
    clock: {
      nowMs: () => core.clock.nowMs(),
      monotonicUs: () => core.clock.monotonicUs(),
      advance(ms) {
        if (virtual === undefined) throw new Error('advance() needs the option clock: "virtual"');
        virtual.advance(ms);
      },
    },
    close: () => core.close(),
    [Symbol.asyncDispose]: () => core.close(),
  };
}

function logFor(log: ServerOptions["log"], level: LogLevel = "notice"): Log {
  if (log === undefined || log === false) return silentLog();
  const sink = log === true ? standardOutputSink : { write: (text: string) => log(text.trimEnd()) };
  return new Log({ sink, level, role: "M" });
}
