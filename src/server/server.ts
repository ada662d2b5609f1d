// A server: everything assembled, started, and closed again. Many can live in one process; nothing
// here is global, and nothing touches the process (signals, titles, exit), which is `main.ts`'s
// business.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { seededRandom } from "../bytes/random.ts";
import { commands } from "../commands/commands.ts";
import { Engine } from "../engine/engine.ts";
import { engineGate } from "../engine/gate.ts";
import type { Clock, Host, LogLevel, ShutdownRequest } from "../engine/host.ts";
import { Failure } from "../keyspace/failure.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { systemClock, VirtualClock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import { rewriteConfig } from "./config/rewrite.ts";
import { ConnectionHub } from "./connection-hub.ts";
import { DebugSwitches } from "./debug-switches.ts";
import { applyEncodingSettings } from "./encoding-settings.ts";
import { Housekeeping } from "./housekeeping.ts";
import type { InfoSource } from "./info.ts";
import { infoText } from "./info.ts";
import { Listeners } from "./listeners.ts";
import type { Log } from "./log.ts";
import { logReady } from "./log.ts";
import { isPortFree } from "./net-listener.ts";
import { Rates } from "./rates.ts";
import { redisVersion } from "./redis-version.ts";

export interface ServerOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock?: Clock;
  /** Port 0 means a free one, not none. */
  readonly anyPort?: boolean;
  /** Seeds random keys and the hash tables' key; from the system's entropy when absent. */
  readonly seed?: number;
  /** Called when a client or the owner has begun the shutdown and it is complete. */
  readonly onClosed?: () => void;
}

const cannotSave = new Failure("ERR Errors trying to SHUTDOWN. Check logs.");

/** Time between the last replies and the end of connections whose peers do not take them. */
const lastRepliesMs = 200;

export class Server implements Host {
  readonly redisVersion = redisVersion;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly config: Config;
  readonly hub: ConnectionHub;
  readonly housekeeping: Housekeeping;
  readonly runId = randomBytes(20).toString("hex");
  readonly #options: ServerOptions;
  readonly #log: Log;
  readonly #listeners: Listeners;
  readonly #rates: Rates;
  readonly #debug: DebugSwitches;
  readonly #startMs: number;
  #stopWatching: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#log = options.log;
    this.config = options.config;
    this.clock = options.clock ?? systemClock;
    const { values } = options.config;
    const keyspace = new Keyspace({
      databases: values.databases,
      random: seededRandom(options.seed ?? randomBytes(4).readUInt32LE()),
    });
    this.engine = new Engine(keyspace, this, commands);
    this.engine.beginTurn();
    this.#startMs = keyspace.nowMs;
    const limits = { argumentBytesMax: values.protoMaxBulkLen };
    this.hub = new ConnectionHub({
      engine: this.engine,
      limits,
      log: (level, text) => this.log(level, text),
      outputLimit: () => values.clientOutputBufferLimit.normal,
      schedule: (end) => void setImmediate(end),
      background: () => this.housekeeping.afterTurn(),
    });
    this.housekeeping = new Housekeeping({
      engine: this.engine,
      hub: this.hub,
      settings: () => ({
        hz: values.hz,
        timeoutSeconds: values.timeout,
        isRehashing: values.activerehashing,
      }),
    });
    this.#rates = new Rates(this.engine.statistics);
    this.#debug = new DebugSwitches({ engine: this.engine, housekeeping: this.housekeeping });
    this.#listeners = new Listeners({
      engine: this.engine,
      hub: this.hub,
      values,
      log: options.log,
    });
    this.#applySettings(limits);
  }

  /** The TCP port that the server listens on; 0 when it does not. */
  get port(): number {
    return this.#listeners.port;
  }

  get settings(): Host["settings"] {
    return this.config.values;
  }

  get configuration(): Host["configuration"] {
    return {
      get: (patterns) => this.config.get(patterns),
      set: (pairs, caller) => this.config.set(pairs, caller),
      rewrite: () => rewriteConfig(this.config),
    };
  }

  get overheadBytes(): number {
    return this.hub.memoryBytes;
  }

  /** Takes away or renames a command, as `rename-command` says. Only before `start`. */
  renameCommand(from: string, to: string): string | undefined {
    return this.engine.renameCommand(from, to);
  }

  /** Opens the listeners. Rejects with a ListenError when it cannot. */
  async listen(): Promise<void> {
    await this.#listeners.open({ anyPort: this.#options.anyPort === true });
  }

  /** Begins the work between requests, and says that clients may come. */
  start(): void {
    if (this.clock instanceof VirtualClock) {
      this.#stopWatching = this.clock.onAdvance(() => {
        this.housekeeping.runAll();
        this.hub.flush();
      });
    } else {
      this.housekeeping.start();
      this.#rates.start();
    }
    if (this.#listeners.hasTcp) logReady(this.#log, "tcp");
    if (this.#listeners.hasUnix) logReady(this.#log, "unix");
  }

  /** What CONFIG SET changes beyond the value itself. */
  #applySettings(limits: { argumentBytesMax: number }): void {
    const { config, engine } = this;
    const { values } = config;
    const apply = (): undefined => {
      limits.argumentBytesMax = values.protoMaxBulkLen;
      engine.keyspace.stringBytesMax = values.protoMaxBulkLen;
      this.hub.queryBytesMax = values.clientQueryBufferLimit;
      engine.setGate(engineGate.memoryLimit, values.maxmemory > 0);
    };
    apply();
    config.onChange("proto-max-bulk-len", apply);
    config.onChange("client-query-buffer-limit", apply);
    config.onChange("maxmemory", apply);
    applyEncodingSettings(config, engine.keyspace.limits);
    config.onChange("loglevel", () => {
      this.#log.level = values.loglevel;
      return undefined;
    });
    config.onChange("requirepass", () => undefined);
    config.onChange("port", () => this.#reopen());
    config.onChange("bind", () => this.#reopen());
  }

  /**
   * Whether the port is free is known at once; the listeners change after the reply has gone out.
   */
  #reopen(): string | undefined {
    const { port } = this.config.values;
    if (port !== 0 && port !== this.port && !isPortFree(port)) {
      return "Unable to listen on this port. Check server logs.";
    }
    this.#listeners.reopenTcp().catch((error: unknown) => {
      this.#log.warning(`Failed listening after CONFIG SET: ${String(error)}`);
    });
    return undefined;
  }

  log(level: LogLevel, text: string): void {
    this.#log[level](text);
  }

  info(sections: readonly string[]): string {
    const source: InfoSource = {
      engine: this.engine,
      values: this.config.values,
      startMs: this.#startMs,
      port: this.port,
      configFile: this.config.file ?? "",
      runId: this.runId,
      connectionBytes: this.hub.memoryBytes,
      rates: this.#rates.latest,
      transport: "node:net",
    };
    return infoText(source, sections);
  }

  isSameSecret(a: Uint8Array, b: Uint8Array): boolean {
    return timingSafeEqual(digest(a), digest(b));
  }

  resetStatistics(): void {
    this.#rates.reset();
  }

  debug(subcommand: string, words: readonly string[]): boolean {
    return this.#debug.set(subcommand, words);
  }

  shutdown(request: ShutdownRequest): Failure | undefined {
    if (request.save === "save" && !request.force) {
      this.#log.warning("SHUTDOWN SAVE: there are no snapshots yet, so nothing can be saved.");
      return cannotSave;
    }
    this.#log.warning("User requested shutdown...");
    void this.close();
    return undefined;
  }

  abortShutdown(): boolean {
    return false;
  }

  /**
   * Stops accepting, lets the replies of finished requests go out, closes everything. Resolves when
   * all is closed.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#listeners.close();
    this.housekeeping.stop();
    this.#rates.stop();
    this.#stopWatching?.();
    this.hub.flush();
    const { connections } = this.hub;
    for (const connection of connections) connection.closeAfterReply();
    this.hub.flush();
    await this.#waitForConnections();
    for (const connection of connections) connection.close();
    this.#log.warning("Respite is now ready to exit, bye bye...");
    this.#options.onClosed?.();
  }

  /**
   * Waits until all peers have taken their replies, at most `shutdown-timeout`; idle ones are gone
   * at once.
   */
  async #waitForConnections(): Promise<void> {
    const { connections } = this.hub;
    const limitMs = Math.max(this.config.values.shutdownTimeout * 1000, lastRepliesMs);
    const endUs = systemClock.monotonicUs() + limitMs * 1000;
    while (systemClock.monotonicUs() < endUs) {
      const isWaiting = [...connections].some((each) => each.outputBytes > 0);
      if (!isWaiting) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Equal lengths, so that the comparison takes the same time for all. */
function digest(secret: Uint8Array): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
