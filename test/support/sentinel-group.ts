// A primary and two replicas under three real Sentinels, all processes of their own. The primary is
// killed while clients write through ioredis's Sentinel mode; what one of them was told to be on a
// replica must still be there when another server has taken over.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Client } from "./client.ts";
import type { Kind } from "./cut-run.ts";

const groupName = "group";
const sentinelCount = 3;
const quorum = 2;
/**
 * More than the second after which a Sentinel sends its first PING to a primary that it has just
 * come to know: with no more than that it takes each new primary for dead once.
 */
const downAfterMsUsual = 1500;
const failoverTimeoutMs = 5000;
const patienceMs = 40_000;
const writerCount = 4;
const waitMs = 500;
/** Sentinels that get no time of the processor take those who live for dead. */
const betweenWritesMs = 3;
const pollMs = 30;
const verifiedAtOnce = 5000;
const main = join(import.meta.dirname, "..", "..", "src", "main.ts");

/** A process that listens on a port and can be killed and started again where it was. */
class Member {
  readonly kind: Kind | "sentinel";
  readonly port: number;
  readonly directory: string;
  #child: ChildProcess | undefined;

  constructor(kind: Kind | "sentinel", port: number, directory: string) {
    this.kind = kind;
    this.port = port;
    this.directory = directory;
  }

  /** Resolves when it answers. */
  async start(...args: string[]): Promise<void> {
    mkdirSync(this.directory, { recursive: true });
    const log = openSync(join(this.directory, "log"), "a");
    const [file, ...rest] = this.#command(args);
    this.#child = spawn(file, rest, { stdio: ["ignore", log, log], cwd: this.directory });
    closeSync(log);
    await until(`port ${this.port} answers`, async () => {
      assert.equal(this.#child?.exitCode, null, this.log);
      return (await this.ask("PING").catch(() => "")) === "PONG";
    });
  }

  #command(args: readonly string[]): string[] {
    if (this.kind === "sentinel") return ["redis-server", ...args, "--sentinel"];
    const place = ["--port", String(this.port), "--dir", this.directory, "--save", "", ...args];
    const delay = ["--repl-diskless-sync-delay", "0"];
    const program = this.kind === "redis" ? ["redis-server"] : [process.execPath, main];
    return [...program, ...place, ...delay];
  }

  async ask(...request: string[]): Promise<unknown> {
    const client = await Client.connect({ port: this.port });
    try {
      return await client.run(...request);
    } finally {
      client.destroy();
    }
  }

  get wholeLog(): string {
    return readFileSync(join(this.directory, "log"), "utf8");
  }

  /** The last of it. */
  get log(): string {
    return this.wholeLog.split("\n").slice(-20).join("\n");
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
}

export interface FailoverOutcome {
  /** From the primary's death to the first write that its successor has confirmed, in ms. */
  readonly failoverMs: readonly number[];
  /** Writes that WAIT said to be on a replica, and how many of them were lost. */
  readonly confirmed: number;
  readonly lost: number;
  /** How often a Sentinel began to replace a primary; more than the kills: one that was alive. */
  readonly begun: number;
}

export interface FailoverOptions {
  /** The servers, the first primary first. */
  readonly kinds: readonly Kind[];
  readonly failovers: number;
  /** Sentinel's `down-after-milliseconds`. */
  readonly downAfterMs?: number;
  /** Called after each, with the time that it took. */
  onFailover?(ms: number): void;
}

/** Kills the primary so many times. Fails when nobody takes over in time. */
export async function runFailovers(options: FailoverOptions): Promise<FailoverOutcome> {
  const { kinds, failovers, downAfterMs = downAfterMsUsual } = options;
  await using group = await SentinelGroup.start(kinds, downAfterMs);
  try {
    return await group.run(failovers, (ms) => options.onFailover?.(ms));
  } catch (error) {
    throw new Error(await group.describe(), { cause: error });
  }
}

class SentinelGroup implements AsyncDisposable {
  readonly #directory: string;
  readonly #servers: readonly Member[];
  readonly #sentinels: readonly Member[];
  readonly #downAfterMs: number;
  readonly #clients: Redis[] = [];
  #primary: Member;
  #killed: Member | undefined;
  #confirmed = 0;
  #lastConfirmedMs = 0;
  #hasEnded = false;

  private constructor(
    directory: string,
    servers: Member[],
    sentinels: Member[],
    downAfterMs: number,
  ) {
    this.#downAfterMs = downAfterMs;
    this.#directory = directory;
    this.#servers = servers;
    this.#sentinels = sentinels;
    this.#primary = servers[0];
  }

  static async start(kinds: readonly Kind[], downAfterMs: number): Promise<SentinelGroup> {
    const directory = mkdtempSync(join(tmpdir(), "sentinel-group-"));
    const ports = await freePorts(kinds.length + sentinelCount);
    const folder = (port: number): string => join(directory, String(port));
    const servers = kinds.map(
      (kind, index) => new Member(kind, ports[index], folder(ports[index])),
    );
    const sentinels = ports
      .slice(kinds.length)
      .map((port) => new Member("sentinel", port, folder(port)));
    const group = new SentinelGroup(directory, servers, sentinels, downAfterMs);
    await group.#startAll();
    return group;
  }

  async #startAll(): Promise<void> {
    const [first, ...others] = this.#servers;
    const following = ["--replicaof", "127.0.0.1", String(first.port)];
    await Promise.all([first.start(), ...others.map((each) => each.start(...following))]);
    // Sentinels ask who the replicas are at once, and then not before ten seconds are over.
    await this.#untilAllFollow();
    for (const each of this.#sentinels) {
      mkdirSync(each.directory);
      const file = join(each.directory, "sentinel.conf");
      writeFileSync(
        file,
        `port ${each.port}\ndir ${each.directory}\nbind 127.0.0.1\n` +
          `sentinel monitor ${groupName} 127.0.0.1 ${first.port} ${quorum}\n` +
          `sentinel down-after-milliseconds ${groupName} ${this.#downAfterMs}\n` +
          `sentinel failover-timeout ${groupName} ${failoverTimeoutMs}\n`,
      );
      await each.start(file);
    }
    await this.#untilWhole();
  }

  async #untilAllFollow(): Promise<void> {
    await until("all follow the primary", async () => {
      const info = String(await this.#primary.ask("INFO", "replication"));
      return (info.match(/state=online/g) ?? []).length === this.#servers.length - 1;
    });
  }

  async run(failovers: number, onFailover: (ms: number) => void): Promise<FailoverOutcome> {
    const writing = Array.from({ length: writerCount }, (_, index) => this.#write(index));
    const failoverMs: number[] = [];
    await until("something is confirmed", async () => this.#confirmed > 0);
    for (let count = 0; count < failovers; count++) {
      if (count > 0) await this.#bringBack();
      const ms = await this.#failOver();
      onFailover(ms);
      failoverMs.push(ms);
    }
    this.#hasEnded = true;
    const written = await Promise.all(writing);
    const lost = await this.#lostOf(written.flat());
    return { failoverMs, confirmed: this.#confirmed, lost, begun: this.#begun() };
  }

  /** Writes, one after the other; the keys that a replica has confirmed. */
  async #write(index: number): Promise<string[]> {
    const client = new Redis({
      name: groupName,
      sentinels: this.#sentinels.map(({ port }) => ({ host: "127.0.0.1", port })),
      sentinelRetryStrategy: () => 50,
      retryStrategy: () => 50,
      // Nothing is sent twice: a WAIT without its write would confirm nothing.
      maxRetriesPerRequest: 0,
    });
    client.on("error", () => undefined);
    this.#clients.push(client);
    const confirmed: string[] = [];
    for (let count = 0; !this.#hasEnded; count++) {
      const key = `confirmed:${index}:${count}`;
      const sentMs = performance.now();
      const replies = await client
        .pipeline()
        .set(key, key)
        .call("WAIT", 1, waitMs)
        .exec()
        .catch(() => null);
      if (replies?.[0]?.[1] !== "OK" || Number(replies[1]?.[1] ?? 0) < 1) continue;
      confirmed.push(key);
      this.#confirmed++;
      this.#lastConfirmedMs = Math.max(this.#lastConfirmedMs, sentMs);
      await pause(betweenWritesMs);
    }
    return confirmed;
  }

  /** Kills the primary; how long nothing was confirmed, in ms. */
  async #failOver(): Promise<number> {
    const killed = this.#primary;
    await killed.kill();
    const killedMs = performance.now();
    await until("another one is the primary", async () => {
      const port = await this.#primaryPort();
      return port !== killed.port;
    });
    await until("a write is confirmed by the new one", async () => {
      return this.#lastConfirmedMs > killedMs;
    });
    const takenMs = performance.now() - killedMs;
    const port = await this.#primaryPort();
    this.#primary = this.#memberAt(port);
    this.#killed = killed;
    return takenMs;
  }

  /** Of failovers, all Sentinels together: one of them is elected for each. */
  #begun(): number {
    const logs = this.#sentinels.map((each) => each.wholeLog);
    return logs.join("").match(/\+failover-state-select-slave/g)?.length ?? 0;
  }

  /** What each has to say, for a failure. */
  async describe(): Promise<string> {
    const parts: string[] = [];
    for (const each of [...this.#servers, ...this.#sentinels]) {
      const section = each.kind === "sentinel" ? "sentinel" : "replication";
      const info = await each.ask("INFO", section).catch(() => "it is not there");
      parts.push(`${each.kind} ${each.port}: ${String(info)}\n${each.log}`);
    }
    return parts.join("\n---\n");
  }

  /** The one that was killed comes back as a replica. */
  async #bringBack(): Promise<void> {
    // All must know the new one first: else a Sentinel that is late sees a group of two halves. It
    // may be another one meanwhile, when the first was taken for dead though it was not.
    await until("all Sentinels know the new primary", async () => {
      const seen: Map<string, string>[] = [];
      for (const each of this.#sentinels) seen.push(fieldsOf(await this.#seenBy(each)));
      const port = Number(seen[0].get("port"));
      const isAgreed = seen.every(
        (each) => Number(each.get("port")) === port && each.get("flags") === "master",
      );
      if (isAgreed) this.#primary = this.#memberAt(port);
      return isAgreed && this.#primary !== this.#killed;
    });
    await this.#killed?.start("--replicaof", "127.0.0.1", String(this.#primary.port));
    await this.#untilWhole();
  }

  #memberAt(port: number): Member {
    return this.#servers.find((each) => each.port === port)!;
  }

  async #primaryPort(): Promise<number> {
    const reply = await this.#sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", groupName);
    return Number((reply as string[])[1]);
  }

  /** All replicas follow the primary, and all Sentinels know that. */
  async #untilWhole(): Promise<void> {
    await this.#untilAllFollow();
    for (const sentinel of this.#sentinels) {
      await until("a Sentinel sees all of it", async () => {
        const primary = fieldsOf(await this.#seenBy(sentinel));
        const isHealthy = primary.get("flags") === "master";
        const others = Number(primary.get("num-other-sentinels")) === sentinelCount - 1;
        const port = Number(primary.get("port")) === this.#primary.port;
        return isHealthy && others && port && (await this.#seesReplicas(sentinel));
      });
    }
  }

  async #seenBy(sentinel: Member): Promise<string[]> {
    return (await sentinel.ask("SENTINEL", "MASTER", groupName)) as string[];
  }

  async #seesReplicas(sentinel: Member): Promise<boolean> {
    const replicas = (await sentinel.ask("SENTINEL", "REPLICAS", groupName)) as string[][];
    const seen = replicas.map((each) => fieldsOf(each));
    const good = seen.filter((each) => {
      return each.get("flags") === "slave" && each.get("master-link-status") === "ok";
    });
    return good.length === this.#servers.length - 1;
  }

  async #lostOf(keys: readonly string[]): Promise<number> {
    const client = await Client.connect({ port: this.#primary.port });
    let lost = 0;
    for (let start = 0; start < keys.length; start += verifiedAtOnce) {
      const some = keys.slice(start, start + verifiedAtOnce);
      const found = (await client.run("MGET", ...some)) as unknown[];
      lost += found.filter((each, index) => each !== some[index]).length;
    }
    client.destroy();
    return lost;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    for (const client of this.#clients) client.disconnect();
    for (const each of [...this.#sentinels, ...this.#servers]) await each.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function fieldsOf(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (let index = 0; index < lines.length; index += 2) fields.set(lines[index], lines[index + 1]);
  return fields;
}

/** Ports that were free at the same time. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((each) => once(each, "listening")));
  const ports = servers.map((each) => (each.address() as AddressInfo).port);
  for (const each of servers) {
    each.close();
    await once(each, "close");
  }
  return ports;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isSo())) {
    assert.ok(Date.now() < endMs, `never: ${what}`);
    // Others need the processor for it to become so.
    await pause(pollMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
