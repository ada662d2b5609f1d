// A server: everything assembled, started, and closed again. Many can live in one process; nothing
// here is global, and nothing touches the process (signals, titles, exit), which is `main.ts`'s
// business.
import { seededRandom } from "../bytes/random.ts";
import { commands } from "../commands/commands.ts";
import { Engine } from "../engine/engine.ts";
import type { Clock, Host, LogLevel, ShutdownRequest } from "../engine/host.ts";
import type { Session } from "../engine/session.ts";
import type { Failure } from "../keyspace/failure.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { Persistence } from "../persistence/persistence.ts";
import { Replication } from "../replication/replication.ts";
import { applyAccessSettings } from "./access-settings.ts";
import { AclFile } from "./acl-file.ts";
import { systemClock, VirtualClock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import { rewriteConfig } from "./config/rewrite.ts";
import type { Connection } from "./connection.ts";
import { clientBytesMax } from "./client-eviction.ts";
import { ConnectionHub } from "./connection-hub.ts";
import { DebugSwitches } from "./debug-switches.ts";
import { applyEncodingSettings } from "./encoding-settings.ts";
import { applyEvictionSettings } from "./eviction-settings.ts";
import { Housekeeping } from "./housekeeping.ts";
import type { InfoSource } from "./info.ts";
import { infoText } from "./info.ts";
import { Listeners } from "./listeners.ts";
import { LoadPace, loadAll } from "./load-pace.ts";
import type { Log } from "./log.ts";
import { logReady } from "./log.ts";
import { mayBeBound } from "./net-listener.ts";
import type { Transport } from "./transport.ts";
import { netTransport } from "./transport.ts";
import { NodeDisk } from "./node-disk.ts";
import { isProcessRunning } from "./running-process.ts";
import { applyPropagationSettings } from "./propagation-settings.ts";
import { Rates } from "./rates.ts";
import { redisVersion } from "./redis-version.ts";
import { replicationContext } from "./replication-context.ts";
import { applyReplicationSettings } from "./replication-configuration.ts";
import type { Termination } from "./shutdown.ts";
import { isHeapShort } from "./script-heap.ts";
import { hashSecret, randomHex } from "./secrets.ts";
import { Shutdown } from "./shutdown.ts";
import { applyTimingSettings } from "./timing-settings.ts";
import type { TlsSettings } from "./tls-settings.ts";

export interface ServerOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock?: Clock;
  /** What carries connections; node:net when absent. */
  readonly transport?: Transport;
  /** Port 0 means a free one, not none. */
  readonly anyPort?: boolean;
  /** The same for `tls-port`. */
  readonly anyTlsPort?: boolean;
  /** How long a TLS handshake may take. */
  readonly handshakeMsMax?: number | undefined;
  /** Seeds random keys and the hash tables' key; from the system's entropy when absent. */
  readonly seed?: number;
  /** Called when the server must not go on: it cannot keep what it would promise. */
  readonly onFatal?: () => void;
  /** Called when the server has become a primary or a replica. */
  readonly onRole?: () => void;
  /** Called when a client or the owner has begun the shutdown and it is complete. */
  readonly onClosed?: () => void;
}

/** How long clients that keep sending are still answered once the server is to close. */
const lastRequestsMs = 1000;
/** A peer that takes nothing of its last replies for so long does not get them. */
const lastRepliesMs = 1000;
/** Offsets of the buffers' arguments are 32-bit numbers. */
const queryBytesMax = 2 ** 31 - 1;

export class Server implements Host {
  readonly redisVersion = redisVersion;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly config: Config;
  readonly hub: ConnectionHub;
  readonly housekeeping: Housekeeping;
  readonly persistence: Persistence;
  readonly userFile: AclFile;
  readonly replicating: Replication;
  readonly isHeapShort = isHeapShort;
  readonly hashSecret = hashSecret;
  readonly randomHex = randomHex;
  readonly runId = randomHex(40);
  readonly #options: ServerOptions;
  readonly #log: Log;
  readonly #transport: Transport;
  readonly #listeners: Listeners;
  readonly #rates: Rates;
  readonly #debug: DebugSwitches;
  readonly #startMs: number;
  readonly #loadPace: LoadPace;
  #stopWatching: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  /** Nothing has been executed since the data set was saved. */
  #isSaved = false;
  readonly #shutdown: Shutdown;
  #lastSave: ShutdownRequest["save"] = "default";

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#transport = options.transport ?? netTransport;
    this.config = options.config;
    this.clock = options.clock ?? systemClock;
    const { values } = options.config;
    const keyspace = new Keyspace({
      databases: values.databases,
      random: seededRandom(options.seed ?? parseInt(randomHex(8), 16)),
    });
    keyspace.arena.releasePages = this.#transport.releasePages;
    this.engine = new Engine(keyspace, this, commands);
    this.engine.beginTurn();
    this.#startMs = keyspace.nowMs;
    this.#loadPace = new LoadPace(this.engine, () => values.keyLoadDelay);
    this.userFile = new AclFile(this.config, this.engine.access, (text) =>
      this.log("warning", text),
    );
    this.persistence = new Persistence(this.engine, new NodeDisk(), {
      settings: values,
      redisVersion,
      processId: process.pid,
      isRunning: isProcessRunning,
      log: (level, text) => this.log(level, text),
      onFatal: () => this.#giveUp(),
    });
    this.replicating = this.#makeReplication();
    const limits = { argumentBytesMax: values.protoMaxBulkLen };
    this.hub = this.#makeHub(limits);
    this.housekeeping = new Housekeeping({
      engine: this.engine,
      hub: this.hub,
      persistence: this.persistence,
      replication: this.replicating,
      afterTick: () => {
        this.#rates.sample(this.engine.host.clock.monotonicUs());
        this.#shutdown.tick();
      },
      settings: () => ({
        hz: values.hz,
        timeoutSeconds: values.timeout,
        isRehashing: values.activerehashing,
      }),
    });
    this.#shutdown = this.#makeShutdown();
    this.#rates = new Rates(this.engine.statistics);
    this.#debug = new DebugSwitches({
      engine: this.engine,
      housekeeping: this.housekeeping,
      persistence: this.persistence,
    });
    this.#listeners = new Listeners({
      engine: this.engine,
      hub: this.hub,
      config: options.config,
      log: options.log,
      transport: this.#transport,
      anyPort: options.anyPort === true,
      anyTlsPort: options.anyTlsPort === true,
      handshakeMsMax: options.handshakeMsMax,
    });
    this.#applySettings(limits);
    if (values.replicaof !== null) this.replicating.follower.begin(values.replicaof);
  }

  #makeReplication(): Replication {
    return new Replication(this.engine, this.persistence, {
      ...replicationContext({
        config: this.config,
        beginTurn: () => this.hub.beginTurn(),
        ports: () => ({ plain: this.port, tls: this.tlsPort }),
        tls: () => this.tls,
        loadDelay: () => this.#loadPace.keyDelay(),
        isClosing: () => this.#closing !== undefined,
        roleChanged: (isReplica) => {
          this.#log.role = isReplica ? "S" : "M";
          this.#options.onRole?.();
        },
      }),
      onFatal: () => this.#giveUp(),
      log: (level, text) => this.log(level, text),
    });
  }

  #makeShutdown(): Shutdown {
    return new Shutdown({
      engine: this.engine,
      persistence: this.persistence,
      primary: this.replication,
      timeoutSeconds: () => this.config.values.shutdownTimeout,
      log: (level, text) => this.log(level, text),
      close: (save, { isFinal }) => {
        this.#isSaved = isFinal;
        this.#lastSave = save;
        setImmediate(() => void this.close());
      },
    });
  }

  #makeHub(limits: { argumentBytesMax: number }): ConnectionHub {
    const { values } = this.config;
    return new ConnectionHub({
      engine: this.engine,
      limits,
      log: (level, text) => this.log(level, text),
      outputLimits: () => values.clientOutputBufferLimit,
      clientBytesMax: () => clientBytesMax(values),
      schedule: (end) => this.#transport.schedule(end),
      isCommitCostly: () =>
        values.appendfsync === "always" && this.persistence.aof.writer.bufferedBytes > 0,
      isPreparing: () => this.#listeners.isReopening(),
      beforeReplies: () => {
        this.persistence.beforeReplies();
        this.replication.flush();
      },
      background: (turnUs) => this.housekeeping.afterTurn(turnUs),
    });
  }

  /** The TCP port that the server listens on; 0 when it does not. */
  get port(): number {
    return this.#listeners.port;
  }

  /** The port for encrypted connections; 0 when there is none. */
  get tlsPort(): number {
    return this.#listeners.tlsPort;
  }

  /** The TLS context in force, for connections that the server itself makes. */
  get tls(): TlsSettings {
    return this.#listeners.tls;
  }

  get settings(): Host["settings"] {
    return this.config.values;
  }

  get configuration(): Host["configuration"] {
    return {
      get: (patterns) => this.config.get(patterns),
      set: (pairs, caller) =>
        this.config.set(pairs, { ...caller, isLoading: this.persistence.loading !== undefined }),
      isSensitive: (name) => this.config.isSensitive(name),
      // Users are in the one file or in the other.
      rewrite: (options) =>
        rewriteConfig(this.config, {
          ...options,
          users: this.userFile.isConfigured ? [] : this.userFile.configLines,
        }),
    };
  }

  get replication(): Replication["asPrimary"] {
    return this.replicating.asPrimary;
  }

  get following(): Replication {
    return this.replicating;
  }

  get peers(): Replication["peers"] {
    return this.replicating.peers;
  }

  get overheadBytes(): number {
    return this.hub.memoryBytes + this.replicating.history.memoryBytes;
  }

  get unlimitedBytes(): number {
    return this.replication.excessBytes + this.persistence.aof.writer.bufferedBytes;
  }

  /** Opens the listeners. Rejects with a ListenError or a TlsError when it cannot. */
  async listen(): Promise<void> {
    await this.#listeners.open();
  }

  /**
   * Loads what the files have, while clients that come are told to wait. Rejects when they cannot
   * be loaded: the server must not go on then.
   */
  async load(): Promise<void> {
    const { persistence } = this;
    persistence.beginLoading();
    await loadAll(persistence, this.#loadPace);
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
    }
    for (const { name } of this.#listeners.facts) logReady(this.#log, name);
  }

  /** What CONFIG SET changes beyond the value itself. */
  #applySettings(limits: { argumentBytesMax: number }): void {
    const { config, engine } = this;
    const { values } = config;
    const apply = (): undefined => {
      engine.tracking.keysMax = values.trackingTableMaxKeys;
      this.persistence.jobs.keyDelayUs = values.rdbKeySaveDelay;
      limits.argumentBytesMax = values.protoMaxBulkLen;
      engine.keyspace.stringBytesMax = values.protoMaxBulkLen;
      this.hub.queryBytesMax = Math.min(values.clientQueryBufferLimit, queryBytesMax);
      this.#transport.gatherFor(values.ioGatheringUs);
      engine.notifications.flags = values.notifyKeyspaceEvents;
    };
    apply();
    config.onChange("notify-keyspace-events", apply);
    config.onChange("proto-max-bulk-len", apply);
    config.onChange("client-query-buffer-limit", apply);
    config.onChange("rdb-key-save-delay", apply);
    config.onChange("io-gathering-us", apply);
    config.onChange("tracking-table-max-keys", apply);
    config.onChange("appendonly", () => this.persistence.switchAof(values.appendonly));
    applyEncodingSettings(config, engine.keyspace.limits);
    applyPropagationSettings(config, engine.propagation);
    applyReplicationSettings(config, this.replicating);
    applyEvictionSettings(config, engine);
    applyTimingSettings(config, engine);
    applyAccessSettings(config, engine.access);
    config.onChange("loglevel", () => {
      this.#log.level = values.loglevel;
      return undefined;
    });
    const reopen = (): string | undefined => this.#reopen();
    config.onChange("port", reopen);
    config.onChange("bind", reopen);
    config.onChange("tls-port", () => this.#reopenTls());
  }

  /**
   * Whether ports and addresses can be had is known at once; new listeners are opened before the
   * reply goes out.
   */
  #reopen(): string | undefined {
    if (!this.config.values.bind.every((address) => mayBeBound(address))) {
      return "Failed to bind to specified addresses.";
    }
    return this.#listeners.reopen();
  }

  #reopenTls(): string | undefined {
    return (this.config.values.tlsPort === 0 ? undefined : this.tls.ensure()) ?? this.#reopen();
  }

  log(level: LogLevel, text: string): void {
    this.#log[level](text);
  }

  info(sections: readonly string[]): string {
    const source: InfoSource = {
      engine: this.engine,
      values: this.config.values,
      startMs: this.#startMs,
      listeners: this.#listeners.facts,
      configFile: this.config.file ?? "",
      runId: this.runId,
      connectionBytes: this.hub.memoryBytes,
      rates: this.#rates.latest,
      transport: this.#transport.name,
      persistence: this.persistence,
      replication: this.replicating,
      shutdownLeftMs: this.#shutdown.leftMs,
    };
    return infoText(source, sections);
  }

  serveMeanwhile({ link }: Session): void {
    this.hub.serveMeanwhile(link, () => this.#transport.poll(link.descriptor));
  }

  resetStatistics(): void {
    this.#rates.reset();
    this.persistence.jobs.startedCount = 0;
    this.replication.resetStatistics();
  }

  debug(subcommand: string, words: readonly string[]): boolean {
    return this.#debug.set(subcommand, words);
  }

  shutdown(request: ShutdownRequest): Failure | "waiting" | undefined {
    return this.#shutdown.request(request);
  }

  get shutdownOutcome(): Failure | undefined {
    return this.#shutdown.outcome;
  }

  /** A signal asks for the end; `refused` is called when the data set could not be saved. */
  terminate(request: Termination): void {
    this.#shutdown.terminate(request);
  }

  /** Whether the end has begun or is about to. */
  get isEnding(): boolean {
    return this.#shutdown.isBegun || this.#closing !== undefined;
  }

  abortShutdown(): boolean {
    return this.#shutdown.abort();
  }

  /** What was done cannot be kept: nobody gets a reply that would promise it. */
  #giveUp(): void {
    this.#options.onFatal?.();
    for (const connection of this.hub.connections) connection.close();
    void this.close();
  }

  /**
   * Stops accepting, answers the requests that have arrived, closes everything. Resolves when all
   * is closed.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#listeners.close();
    this.#stopWatching?.();
    await this.#answerLastRequests();
    // Requests that were on their way have changed something since the save.
    const isUnsaved = !this.#isSaved && this.engine.keyspace.dirty > 0;
    if (isUnsaved && this.#lastSave !== "nosave") {
      this.#shutdown.saveForExit({ save: this.#lastSave, force: true });
    }
    this.housekeeping.stop();
    this.replicating.follower.close();
    await this.#waitForPeers();
    for (const connection of this.hub.connections) connection.close();
    this.persistence.close();
    this.peers.close();
    this.#transport.close();
    this.#log.warning("Respite is now ready to exit, bye bye...");
    this.#options.onClosed?.();
  }

  /**
   * Ends each connection, once its peer has sent nothing during a round of the event loop and all
   * that it sent before is executed; whoever goes on sending, when the time is over.
   */
  async #answerLastRequests(): Promise<void> {
    const { connections } = this.hub;
    const received = new Map<Connection, number>();
    const endUs = systemClock.monotonicUs() + lastRequestsMs * 1000;
    for (;;) {
      const isOver = systemClock.monotonicUs() >= endUs;
      let isAnyOpen = false;
      for (const connection of connections) {
        if (connection.isEnding) continue;
        const { inputBytes } = connection.session;
        const isQuiet = received.get(connection) === inputBytes && !connection.isBusy;
        // One that was busy may not have been read from: it is looked at for another round.
        received.set(connection, connection.isBusy ? -1 : inputBytes);
        if (isQuiet || isOver) connection.closeAfterReply();
        else isAnyOpen = true;
      }
      this.hub.flush();
      if (!isAnyOpen) return;
      // A timer, unlike setImmediate, does not come before all sockets have been looked at.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Waits while peers take their last replies. */
  async #waitForPeers(): Promise<void> {
    const { connections } = this.hub;
    let leftBytes = Infinity;
    let progressUs = systemClock.monotonicUs();
    while (systemClock.monotonicUs() - progressUs < lastRepliesMs * 1000) {
      let bytes = 0;
      for (const { outputBytes, session } of connections) {
        // Replicas have had their time.
        if (session.replica === undefined) bytes += outputBytes;
      }
      if (bytes === 0) return;
      if (bytes < leftBytes) progressUs = systemClock.monotonicUs();
      leftBytes = bytes;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
