// All connections of a server, and its turns.
//
// A turn begins with the first bytes that arrive and ends when Node has delivered all that was
// ready: then requests that were held back go on, replies are sent, and background work gets its
// share. So replies of one turn leave in one write a connection.
import type { Engine } from "../engine/engine.ts";
import type { LogLevel } from "../engine/host.ts";
import { RequestBatch } from "../resp/request-batch.ts";
import { RequestParser } from "../resp/request-parser.ts";
import type { RequestLimits } from "../resp/request-parser.ts";
import type { Connection } from "./connection.ts";

/** A buffer that grew beyond this is not kept for the next turn. */
const replyBytesKept = 1024 * 1024;
const replyBytesInitial = 64 * 1024;
const sparesMax = 64;

export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

/** What the hub needs of its server. */
export interface HubOptions {
  readonly engine: Engine;
  readonly limits: RequestLimits;
  log(level: LogLevel, text: string): void;
  /** Limit of a normal client's replies; 0 bytes: none. */
  outputLimit(): OutputLimit;
  /** Calls `end` when everything that is ready now has been delivered. */
  schedule(end: () => void): void;
  /** Work between turns: expiry, rehashing, freeing. Called at the end of each. */
  background(): void;
}

export class ConnectionHub {
  readonly engine: Engine;
  readonly connections = new Set<Connection>();
  queryBytesMax = 1024 * 1024 * 1024;
  /** The parser of whoever parses now; one that has begun a request goes with its connection. */
  parser: RequestParser;
  /** Where a connection's requests stand between parsing and execution. */
  readonly batch = new RequestBatch();
  readonly #options: HubOptions;
  readonly #spareParsers: RequestParser[] = [];
  #dirty: Connection[] = [];
  #continuing: Connection[] = [];
  #isInTurn = false;
  #turnStartUs = 0;
  readonly #endTurn: () => void;

  constructor(options: HubOptions) {
    this.#options = options;
    this.engine = options.engine;
    this.parser = new RequestParser(options.limits);
    this.#endTurn = () => this.endTurn();
  }

  log(level: LogLevel, text: string): void {
    this.#options.log(level, text);
  }

  add(connection: Connection): void {
    this.connections.add(connection);
  }

  forget(connection: Connection): void {
    this.connections.delete(connection);
  }

  /** Bytes of all connections' buffers. */
  get memoryBytes(): number {
    let sum = 0;
    for (const connection of this.connections) sum += connection.memoryBytes;
    return sum;
  }

  beginTurn(): void {
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    this.#turnStartUs = this.engine.host.clock.monotonicUs();
    this.engine.beginTurn();
    this.#options.schedule(this.#endTurn);
  }

  endTurn(): void {
    this.#isInTurn = false;
    const continuing = this.#continuing;
    if (continuing.length > 0) {
      this.#continuing = [];
      this.beginTurn();
      for (const connection of continuing) connection.continue();
    }
    this.engine.pause.check(this.engine.keyspace.nowMs);
    this.engine.blocking.expire(this.engine.keyspace.nowMs);
    if (this.engine.blocking.hasReady) this.engine.blocking.serve();
    this.flush();
    const { statistics, host } = this.engine;
    const turnUs = host.clock.monotonicUs() - this.#turnStartUs;
    statistics.turns++;
    statistics.turnUs += turnUs;
    if (turnUs > statistics.turnUsMax) statistics.turnUsMax = turnUs;
    this.#options.background();
  }

  /** Sends all replies that wait for the end of the turn. */
  flush(): void {
    const dirty = this.#dirty;
    const { reply } = this.engine;
    let isReusable = true;
    for (let index = 0; index < dirty.length; index++) {
      if (!dirty[index].flush()) isReusable = false;
    }
    dirty.length = 0;
    reply.position = 0;
    if (!isReusable || reply.buffer.length > replyBytesKept) {
      reply.buffer = new Uint8Array(replyBytesInitial);
    }
  }

  markDirty(connection: Connection): void {
    if (connection.isDirty) return;
    connection.isDirty = true;
    this.#dirty.push(connection);
    // Outside a turn (a client killed by the cron) somebody must end one, or the last words would
    // not be sent.
    this.beginTurn();
  }

  /**
   * The connection goes on with its held requests at the end of this turn, or of one that begins
   * now.
   */
  continueLater(connection: Connection): void {
    this.#continuing.push(connection);
    this.beginTurn();
  }

  /** The present parser goes with a connection; another takes its place. */
  lendParser(): void {
    this.parser = this.#spareParsers.pop() ?? new RequestParser(this.#options.limits);
  }

  returnParser(parser: RequestParser): void {
    parser.args.trim();
    if (this.#spareParsers.length < sparesMax) this.#spareParsers.push(parser);
  }

  /** Closes a connection whose replies pile up beyond what the configuration allows. */
  checkOutputLimit(connection: Connection): void {
    const { hardBytes, softBytes, softSeconds } = this.#options.outputLimit();
    const bytes = connection.outputBytes;
    const { nowMs } = this.engine.keyspace;
    if (softBytes > 0 && bytes >= softBytes) {
      if (connection.softLimitSinceMs === 0) connection.softLimitSinceMs = nowMs;
    } else {
      connection.softLimitSinceMs = 0;
    }
    const since = connection.softLimitSinceMs;
    const isSoftOver = since > 0 && nowMs - since > softSeconds * 1000;
    if (!isSoftOver && !(hardBytes > 0 && bytes >= hardBytes)) return;
    this.engine.statistics.outputBufferLimitDisconnections++;
    this.log(
      "warning",
      `Client id=${connection.session.id} addr=${connection.remoteAddress} ` +
        `omem=${bytes} closed for overcoming of output buffer limits.`,
    );
    connection.close();
  }
}
