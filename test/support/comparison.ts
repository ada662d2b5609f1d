// Runs the same requests against real Redis and against our engine and compares the replies, byte
// for byte unless the command's reply cannot be the same: what depends on the time of day may
// differ a little, what has no order is sorted first.
import assert from "node:assert/strict";
import type { CommandDeclaration } from "../../src/engine/command.ts";
import type { Argument } from "./engine-harness.ts";
import { EngineHarness } from "./engine-harness.ts";
import { RealRedis } from "./real-redis.ts";
import type { Reply } from "./reply.ts";
import { parseReplies } from "./reply.ts";
import { RequestGenerator } from "./request-generator.ts";

export type Request = readonly Argument[];

/**
 * Generated requests a test, and the seed that they come from. A failure prints the seed; give it
 * here to see it again.
 */
export const comparedCommands = Number(process.env["COMPARED_COMMANDS"] ?? 20_000);
export const comparedSeed = Number(
  process.env["COMPARED_SEED"] ?? Math.floor(Math.random() * 2 ** 32),
);

/** After so many requests both start from nothing again. */
const roundSize = 2000;
/** Requests that are sent together, and the most that a failure shows of what led to it. */
const batchSize = 400;
const shownHistory = 40;
/** How far two readings of the clock may be apart. */
const toleranceMs = 20_000;

type Rule = (real: Uint8Array, ours: Uint8Array) => boolean;

const ruleOfCommand: Record<string, Rule> = {
  KEYS: sameWhenSorted,
  SCAN: sameWhenSorted,
  HGETALL: sameWhenSorted,
  HKEYS: sameWhenSorted,
  HSCAN: sameWhenSorted,
  HVALS: sameWhenSorted,
  SDIFF: sameWhenSorted,
  SINTER: sameWhenSorted,
  SMEMBERS: sameWhenSorted,
  SPOP: sameWhenSorted,
  SRANDMEMBER: sameWhenSorted,
  SSCAN: sameWhenSorted,
  SUNION: sameWhenSorted,
  TTL: nearly(toleranceMs / 1000),
  EXPIRETIME: nearly(toleranceMs / 1000),
  PTTL: nearly(toleranceMs),
  PEXPIRETIME: nearly(toleranceMs),
  RANDOMKEY: bothNullOrNeither,
  LCS: sameOrBothRefused,
  RESTORE: sameOrBothRefused,
  OBJECT: nearly(toleranceMs / 1000),
};

export class Comparison {
  readonly #real: RealRedis;
  readonly #ours: EngineHarness;
  readonly #history: Request[] = [];

  private constructor(real: RealRedis, ours: EngineHarness) {
    this.#real = real;
    this.#ours = ours;
  }

  static async start(commands: readonly CommandDeclaration[]): Promise<Comparison> {
    return new Comparison(await RealRedis.start(), new EngineHarness(commands));
  }

  async stop(): Promise<void> {
    await this.#real.stop();
  }

  /** Empties both and sets the protocol of both. */
  async reset(protocol: 2 | 3): Promise<void> {
    await this.#real.run([["FLUSHALL"], ["SELECT", 0], ["HELLO", protocol]]);
    this.#ours.keyspace.flushAll(true);
    this.#ours.keyspace.reclaimer.reclaimAll();
    this.#ours.session.db = this.#ours.keyspace.databases[0];
    this.#ours.session.protocol = protocol;
    this.#history.length = 0;
  }

  /** Runs `comparedCommands` requests that `make` makes, in both protocols. */
  async runGenerated(make: (from: RequestGenerator) => Request): Promise<void> {
    const from = new RequestGenerator(comparedSeed);
    for (let done = 0; done < comparedCommands; done += roundSize) {
      await this.reset(from.oneIn(2) ? 2 : 3);
      const requests = Array.from({ length: roundSize }, () => make(from));
      await this.run(requests, `seed ${comparedSeed}, round ${done / roundSize}:`);
    }
  }

  /** The same for the events that each request causes instead of its reply. */
  async compareEvents(make: (from: RequestGenerator) => Request): Promise<void> {
    const from = new RequestGenerator(comparedSeed);
    await this.#real.listen();
    for (let done = 0; done < comparedCommands; done += batchSize) {
      if (done % roundSize === 0) await this.reset(2);
      const requests = Array.from({ length: batchSize }, () => make(from));
      this.#ours.nowMs = Date.now();
      this.#ours.advance(0);
      const real = await this.#real.eventsOf(requests);
      for (const [index, request] of requests.entries()) {
        const ours = this.#ours.eventsOf(() => this.#runOurs(request));
        this.#remember(request);
        assert.deepEqual(ours, real[index], `seed ${comparedSeed}, after\n${this.#told()}`);
      }
    }
  }

  /** Runs the requests on both; a difference fails with the requests that led to it. */
  async run(requests: readonly Request[], note = ""): Promise<void> {
    for (let start = 0; start < requests.length; start += batchSize) {
      const batch = requests.slice(start, start + batchSize);
      this.#ours.nowMs = Date.now();
      this.#ours.advance(0);
      const replies = await this.#real.run(batch);
      for (const [index, request] of batch.entries()) this.#compare(request, replies[index], note);
    }
  }

  #compare(request: Request, real: Uint8Array, note: string): void {
    this.#remember(request);
    const ours = this.#runOurs(request);
    const rule = ruleOfCommand[String(request[0]).toUpperCase()] ?? sameBytes;
    if (rule(real, ours)) return;
    const difference = `Redis: ${shown(real)}\nwe: ${shown(ours)}`;
    assert.fail(`${note} Redis and we differ after\n${this.#told()}\n${difference}`);
  }

  #remember(request: Request): void {
    this.#history.push(request);
    if (this.#history.length > shownHistory) this.#history.shift();
  }

  #told(): string {
    return this.#history.map((each) => each.map((part) => shown(part)).join(" ")).join("\n");
  }

  #runOurs(request: Request): Uint8Array {
    if (request[0] !== "SELECT") return this.#ours.runBytes(...request);
    this.#ours.session.db = this.#ours.keyspace.databases[Number(request[1])];
    return Buffer.from("+OK\r\n");
  }
}

function shown(part: Argument): string {
  const text = part instanceof Uint8Array ? Buffer.from(part).toString("latin1") : String(part);
  const short = text.length <= 80 ? text : `${text.slice(0, 60)}... (${text.length} bytes)`;
  return JSON.stringify(short);
}

function sameBytes(real: Uint8Array, ours: Uint8Array): boolean {
  return Buffer.compare(real, ours) === 0;
}

/**
 * We parse options before anything else, so of two mistakes in one request we may name the other
 * one.
 */
function sameOrBothRefused(real: Uint8Array, ours: Uint8Array): boolean {
  const errorByte = 0x2d;
  return sameBytes(real, ours) || (real[0] === errorByte && ours[0] === errorByte);
}

function sameWhenSorted(real: Uint8Array, ours: Uint8Array): boolean {
  return sameOrBothRefused(real, ours) || sorted(parseReplies(real)) === sorted(parseReplies(ours));
}

function sorted(reply: Reply): string {
  if (reply instanceof Map) return sorted([...reply]);
  if (!Array.isArray(reply)) return JSON.stringify(reply);
  return JSON.stringify(reply.map((each) => sorted(each)).sort());
}

function nearly(tolerance: number): Rule {
  return (real, ours) => {
    if (sameBytes(real, ours)) return true;
    const [a] = parseReplies(real);
    const [b] = parseReplies(ours);
    if (typeof a !== "number" || typeof b !== "number") return false;
    return a >= 0 && b >= 0 && Math.abs(a - b) <= tolerance;
  };
}

function bothNullOrNeither(real: Uint8Array, ours: Uint8Array): boolean {
  return (parseReplies(real)[0] === null) === (parseReplies(ours)[0] === null);
}
