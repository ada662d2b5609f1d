// A load of writes on a primary whose link to its replica is cut again and again; in the end both
// must have the same data, and each cut must have cost what was missed and no more.
import assert from "node:assert/strict";
import { Client, encodeRequest } from "./client.ts";
import { CutProxy } from "./cut-proxy.ts";
import { assertSameFacts, areLasting, readFacts } from "./data-facts.ts";
import type { FactsOptions } from "./data-facts.ts";
import { RealRedis } from "./real-redis.ts";
import { ReplyError } from "./reply.ts";
import { ServerProcess } from "./server.ts";
import { WriteMix, mixPreparation, shortLivesMs } from "./write-mix.ts";
import { seededRandom } from "../../src/bytes/random.ts";

export type Kind = "ours" | "redis";

export interface CutRunOptions {
  readonly primary: Kind;
  readonly replica: Kind;
  /** Requests in all. */
  readonly writes: number;
  readonly cuts: number;
  readonly seed: number;
}

export interface CutRunOutcome {
  readonly writes: number;
  /** Requests that were refused, by their error. */
  readonly refused: ReadonlyMap<string, number>;
  readonly writeMs: number;
  readonly keys: number;
  readonly streamBytes: number;
  readonly syncFull: number;
  readonly partialOk: number;
  readonly partialErr: number;
}

const connections = 4;
const batchUnits = 40;
/** Of the stream, for each request that follows, from when a cut is wanted until it comes. */
const bytesUntilCutMax = 10;
const patienceMs = 60_000;
const pollMs = 5;
const backlog = "128mb";

interface Peer extends AsyncDisposable {
  readonly port: number;
  readonly client: Client;
}

async function startPeer(kind: Kind, ...args: string[]): Promise<Peer> {
  const all = ["--repl-backlog-size", backlog, "--repl-diskless-sync-delay", "0", ...args];
  if (kind === "redis") {
    const server = await RealRedis.start({ args: all });
    const client = await Client.connect({ port: server.port });
    await client.run("DEBUG", "SET-ACTIVE-EXPIRE", 1);
    return peerOf(server.port, client, () => server.stop());
  }
  const server = await ServerProcess.start([...all, "--enable-debug-command", "yes"]);

  const client = await server.connect();
  return peerOf(server.port, client, () => server[Symbol.asyncDispose]());
}

function peerOf(port: number, client: Client, stop: () => Promise<void>): Peer {
  return {
    port,
    client,
    [Symbol.asyncDispose]() {
      client.destroy();
      return stop();
    },
  };
}

/** Fails when the two end up with different data, or a cut cost more than it had to. */
export async function runWithCuts(options: CutRunOptions): Promise<CutRunOutcome> {
  await using primary = await startPeer(options.primary);
  await using proxy = await CutProxy.to(primary.port);
  await using replica = await startPeer(options.replica, "--replicaof", `127.0.0.1 ${proxy.port}`);
  const run = new CutRun(options, primary, replica, proxy);
  // Not before it has ended may the servers be stopped.
  return await run.run();
}

class CutRun {
  readonly #options: CutRunOptions;
  readonly #primary: Peer;
  readonly #replica: Peer;
  readonly #proxy: CutProxy;
  readonly #refused = new Map<string, number>();
  #written = 0;
  /** The writers wait when they have come here. */
  #writableEnd = 0;
  #resume: () => void = () => {};
  #resumed = Promise.resolve();

  constructor(options: CutRunOptions, primary: Peer, replica: Peer, proxy: CutProxy) {
    this.#options = options;
    this.#primary = primary;
    this.#replica = replica;
    this.#proxy = proxy;
  }

  async run(): Promise<CutRunOutcome> {
    const { seed } = this.#options;
    for (const request of mixPreparation) await this.#primary.client.run(...request);
    await this.#untilUp();
    const startMs = Date.now();
    const cutting = this.#cut();
    const waiter = await Client.connect({ port: this.#primary.port });
    const waiting = this.#takeAsOneWhoWaits(waiter);
    await Promise.all(
      Array.from({ length: connections }, (_, index) => this.#write(seed * connections + index)),
    );
    await cutting;
    const writeMs = Date.now() - startMs;
    await this.#primary.client.run("SET", "ended", "yes");
    await waiting;
    waiter.destroy();
    const keys = await this.#compare();
    return { ...(await this.#counts()), keys, writeMs };
  }

  /** One connection's share, a batch after the other. */
  async #write(seed: number): Promise<void> {
    const knows = this.#isOld ? "7.0" : "all";
    const mix = new WriteMix(seed, knows);
    const client = await Client.connect({ port: this.#primary.port });
    while (this.#written < this.#options.writes) {
      while (this.#written >= this.#writableEnd) await this.#resumed;
      const requests = Array.from({ length: batchUnits }, () => mix.next()).flat();
      this.#written += requests.length;
      client.send(Buffer.concat(requests.map((each) => encodeRequest(each))));
      for (const reply of await client.take(requests.length)) {
        if (reply instanceof ReplyError) this.#countRefused(reply.text);
      }
    }
    client.destroy();
  }

  get #isOld(): boolean {
    return this.#options.primary === "redis" || this.#options.replica === "redis";
  }

  #countRefused(text: string): void {
    const short = text.replace(/'.*/, "").slice(0, 60);
    this.#refused.set(short, (this.#refused.get(short) ?? 0) + 1);
  }

  /** Takes what others add, now and then having to wait for it. */
  async #takeAsOneWhoWaits(client: Client): Promise<void> {
    const random = seededRandom(this.#options.seed);
    while ((await client.run("EXISTS", "ended")) === 0) {
      const key = String(random.below(120));
      await client.run("BLPOP", `l:${key}`, "0.01");
      await client.run("BZPOPMAX", `z:${key}`, "0.01");
      await client.run("BLMOVE", `l:${key}`, `l:${random.below(120)}`, "LEFT", "LEFT", "0.01");
    }
  }

  /** Cuts the link in each part of the load; the next part begins when the link is up again. */
  async #cut(): Promise<void> {
    const { cuts, writes, seed } = this.#options;
    const random = seededRandom(seed);
    for (let count = 1; count <= cuts + 1; count++) {
      const bytes = 1 + random.below((bytesUntilCutMax * writes) / (cuts + 1));
      const cut = count > cuts ? undefined : this.#proxy.cutAfter(bytes, "primary");
      this.#writableEnd = Math.ceil((writes * count) / (cuts + 1));
      this.#resume();
      this.#resumed = new Promise((resolve) => {
        this.#resume = resolve;
      });
      if (cut === undefined) return;
      await cut;
      await this.#untilUp();
    }
  }

  async #untilUp(): Promise<void> {
    await until("the link is up", async () => {
      const info = await this.#replica.client.text("INFO", "replication");
      return info.includes("master_link_status:up");
    });
  }

  /** Compares all data; how many keys there are. */
  async #compare(): Promise<number> {
    const { client } = this.#primary;
    const facts: FactsOptions = {
      isOld: this.#isOld,
      hasEntriesRead: this.#options.primary === "ours",
    };
    // What lives shortly goes first: it must not go in the middle of the comparison.
    await until("what lives shortly is gone", async () => {
      return areLasting(await readFacts(client, facts), Date.now() + shortLivesMs);
    });
    const expected = await readFacts(client, facts);
    const offset = await fieldOf(client, "replication", "master_repl_offset");
    await until("the replica has all", async () => {
      const applied = await fieldOf(this.#replica.client, "replication", "slave_repl_offset");
      return Number(applied) >= Number(offset);
    });
    const actual = await readFacts(this.#replica.client, facts);
    const { primary, replica, seed } = this.#options;
    assertSameFacts(actual, expected, `${primary} -> ${replica}, seed ${seed}`);
    return expected.size;
  }

  async #counts(): Promise<Omit<CutRunOutcome, "keys" | "writeMs">> {
    const { client } = this.#primary;
    const count = async (name: string): Promise<number> =>
      Number(await fieldOf(client, "stats", name));
    return {
      writes: this.#written,
      refused: this.#refused,
      streamBytes: Number(await fieldOf(client, "replication", "master_repl_offset")),
      syncFull: await count("sync_full"),
      partialOk: await count("sync_partial_ok"),
      partialErr: await count("sync_partial_err"),
    };
  }
}

async function fieldOf(client: Client, section: string, name: string): Promise<string> {
  const info = await client.text("INFO", section);
  return new RegExp(`^${name}:(.*)\\r$`, "m").exec(info)?.[1] ?? "";
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isSo())) {
    assert.ok(Date.now() < endMs, `never: ${what}`);
    // The servers need the processor for it to become so.
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
