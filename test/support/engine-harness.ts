// An engine without a server: no socket, no file, a clock that only tests move, random numbers from
// a seed. What runs in it runs the same way each time, which is what simulations and generated
// tests need.
import { createHash } from "node:crypto";
import { latin1 } from "../../src/bytes/ascii.ts";
import { seededRandom } from "../../src/bytes/random.ts";
import { slicesOf } from "../../src/bytes/slices.ts";
import type { CommandDeclaration } from "../../src/engine/command.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Host, PersistenceControl, Settings } from "../../src/engine/host.ts";
import { noFollowing } from "../../src/engine/following-control.ts";
import type { PeerControl } from "../../src/engine/peer-control.ts";
import { noReplication } from "../../src/engine/replication-control.ts";
import type { Session, SessionLink } from "../../src/engine/session.ts";
import { readSnapshot, snapshotBytes } from "./memory-snapshot.ts";
import { Keyspace, interest } from "../../src/keyspace/keyspace.ts";
import type { KeyspaceObserver } from "../../src/keyspace/keyspace.ts";
import type { Reply } from "./reply.ts";
import { parseReplies } from "./reply.ts";

/** An argument of a request: numbers are written in decimal, strings as Latin-1. */
export type Argument = string | number | bigint | Uint8Array;

export interface HarnessOptions {
  readonly seed?: number;
  readonly databases?: number;
  readonly nowMs?: number;
  readonly settings?: Partial<Settings>;
  /** Made when the engine is there; without it there are no files. */
  readonly persistence?: (engine: Engine) => PersistenceControl;
}

const link: SessionLink = {
  kind: "none",
  remoteAddress: "",
  localAddress: "",
  descriptor: -1,
  queryBytes: 0,
  queryFreeBytes: 0,
  outputBytes: 0,
  hasReplies: false,
  direct: { unsentBytes: 0, send: () => undefined, whenSent: () => undefined },
  outputBuffers: 0,
  memoryBytes: 0,
  isLocal: true,
  push: () => undefined,
  pushLast: () => undefined,
  write: (fill: () => void) => fill(),
  closeAfterReply: () => undefined,
  close: () => undefined,
  resume: () => undefined,
};

/** No other server can be reached. */
const noPeers: PeerControl = {
  idleCount: 0,
  ask({ ended }) {
    ended("connecting");
    return () => undefined;
  },
};
export class EngineHarness {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly settings: Settings;
  /** The session that `run` uses. */
  session: Session;
  /** Lines that the engine logged. */
  readonly logged: string[] = [];
  nowMs: number;
  #persistence: PersistenceControl = this.#noFiles();

  constructor(commands: readonly CommandDeclaration[], options: HarnessOptions = {}) {
    this.nowMs = options.nowMs ?? 1_700_000_000_000;
    const databases = options.databases ?? 16;
    this.settings = {
      activeExpireEffort: 1,
      busyReplyThreshold: 5000,
      clientOutputBufferLimit: { normal: { hardBytes: 0 }, pubsub: { hardBytes: 0 } },
      databases,
      enableDebugCommand: "no",
      lazyfreeLazyUserFlush: false,
      maxmemory: 0,
      maxmemoryPolicy: "noeviction",
      protoMaxBulkLen: 512 * 1024 * 1024,
      rdbcompression: true,
      requirepass: "",
      replicaIgnoreMaxmemory: true,
      ...options.settings,
    };
    this.keyspace = new Keyspace({ databases, random: seededRandom(options.seed ?? 1) });
    this.engine = new Engine(this.keyspace, this.#host(), commands);
    this.engine.beginTurn();
    if (options.persistence !== undefined) this.#persistence = options.persistence(this.engine);
    this.session = this.engine.createSession(link);
  }

  #host(): Host {
    const persistence = (): PersistenceControl => this.#persistence;
    return {
      clock: { nowMs: () => this.nowMs, monotonicUs: () => this.nowMs * 1000 },
      configuration: {
        get: () => [],
        set: () => undefined,
        isSensitive: () => false,
        rewrite: () => undefined,
      },
      get persistence() {
        return persistence();
      },
      replication: noReplication,
      following: noFollowing,
      peers: noPeers,
      settings: this.settings,
      log: (level, text) => this.logged.push(`${level}: ${text}`),
      info: () => "",
      resetStatistics: () => undefined,
      shutdown: () => undefined,
      shutdownOutcome: undefined,
      abortShutdown: () => false,
      debug: () => false,
      overheadBytes: 0,
      unlimitedBytes: 0,
      redisVersion: "7.4.0",
      hashSecret: (secret) => createHash("sha256").update(secret).digest("hex"),
      serveMeanwhile: () => undefined,
      isHeapShort: () => false,
      randomHex: (digits) => "0".repeat(digits),
      userFile: { isConfigured: false, load: () => undefined, save: () => true },
    };
  }

  #noFiles(): PersistenceControl {
    return {
      lastSaveSeconds: 0,
      hasAof: false,
      syncedOffset: 0,
      refusal: undefined,
      save: () => undefined,
      saveInBackground: () => "started",
      rewriteInBackground: () => "started",
      flushed: () => undefined,
      reload: (request) => this.#reload(request),
      reloadAof: () => false,
    };
  }

  /** By a snapshot in memory: there are no files. */
  #reload(request: { saves: boolean; flushes: boolean; merges: boolean }): boolean {
    const { keyspace, settings } = this;
    const { maxmemoryPolicy: policy, rdbcompression: compresses } = settings;
    const options = { compresses, policy, hasChecksum: true, facts: [] };
    if (!request.saves) return false;
    const snapshot = snapshotBytes(keyspace, options);
    if (request.flushes) keyspace.flushAll(true);
    else if (!request.merges) return false;
    readSnapshot(keyspace, snapshot, { policy, duplicates: "replaced" });
    return true;
  }

  /** A further client. */
  connect(): Session {
    return this.engine.createSession(link);
  }

  /** Lets time pass. Nothing happens by itself: keys that are over go when they are looked at. */
  advance(ms: number): void {
    this.nowMs += ms;
    this.engine.beginTurn();
  }

  /**
   * What `work` reports of keys, in order: `event key`, with the database's number in front when it
   * is not 0.
   */
  eventsOf(work: () => void): string[] {
    const events: string[] = [];
    const note: KeyspaceObserver["keyEvent"] = (database, bytes, offset, length, event) => {
      const key = latin1(bytes, offset, offset + length);
      events.push(`${database.index === 0 ? "" : `${database.index}: `}${event.name} ${key}`);
    };
    this.keyspace.interest |= interest.notifications;
    this.keyspace.observer = {
      keyChanged: note,
      keyEvent: note,
      keyExpired: () => undefined,
      databaseReplaced: () => undefined,
    };
    work();
    this.keyspace.observer = undefined;
    this.keyspace.interest &= ~interest.notifications;
    return events;
  }

  /** Runs a request and returns its reply. */
  run(...request: Argument[]): Reply {
    const replies = parseReplies(this.runBytes(...request));
    if (replies.length !== 1) throw new Error(`${replies.length} replies to ${request.join(" ")}`);
    return replies[0];
  }

  /** Runs a request and returns the bytes of its reply. Whatever the engine logged is an error. */
  runBytes(...request: Argument[]): Uint8Array {
    const args = slicesOf(
      request.map((each) => (each instanceof Uint8Array ? each : String(each))),
    );
    const { reply } = this.engine;
    reply.position = 0;
    this.engine.execute(this.session, args);
    if (this.logged.length > 0) throw new Error(this.logged.join("\n"));
    return reply.buffer.slice(0, reply.position);
  }
}
