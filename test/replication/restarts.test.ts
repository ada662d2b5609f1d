// Primaries and replicas that end and come back: killed at any moment they lose nothing that the
// other side has; ended in order a replica goes on where it was.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { ServerProcess } from "../support/server.ts";

const patienceMs = 30_000;
const common = ["--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0"];

/** A server process with a client, which can be ended and started again where it was. */
class Restartable implements AsyncDisposable {
  process: ServerProcess;
  client: Client;
  readonly #args: readonly string[];
  readonly #ended: ServerProcess[] = [];

  private constructor(started: ServerProcess, client: Client, args: readonly string[]) {
    this.process = started;
    this.client = client;
    this.#args = args;
  }

  static async start(...args: string[]): Promise<Restartable> {
    const started = await ServerProcess.start([...common, ...args]);
    return new Restartable(started, await started.connect(), args);
  }

  async kill(): Promise<void> {
    this.process.child.kill("SIGKILL");
    await this.process.ended;
  }

  /** Saves, as its configuration says, and ends. */
  async end(): Promise<void> {
    this.process.child.kill("SIGTERM");
    await this.process.ended;
  }

  async startAgain(): Promise<void> {
    this.client.destroy();
    this.#ended.push(this.process);
    const { port, directory } = this.process;
    const place = ["--port", String(port), "--dir", directory];
    this.process = await ServerProcess.start([...common, ...this.#args, ...place]);
    this.client = await this.process.connect();
  }

  async field(section: string, name: string): Promise<string> {
    const info = await this.client.text("INFO", section);
    return new RegExp(`^${name}:(.*)\\r$`, "m").exec(info)?.[1] ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    await this.process[Symbol.asyncDispose]();
    for (const each of this.#ended) await each[Symbol.asyncDispose]();
  }
}

async function converge(primary: Restartable, replica: Restartable): Promise<void> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    const isUp = (await replica.field("replication", "master_link_status")) === "up";
    const theirs = await primary.field("replication", "master_repl_offset");
    if (isUp && (await replica.field("replication", "slave_repl_offset")) === theirs) break;
    assert.ok(Date.now() < endMs, replica.process.log.slice(-20).join("\n"));
  }
  const digest = await primary.client.run("DEBUG", "DIGEST");
  assert.notEqual(digest, "0".repeat(40));
  assert.equal(await replica.client.run("DEBUG", "DIGEST"), digest);
}

function replicaOf({ process: { port } }: Restartable, ...args: string[]): Promise<Restartable> {
  return Restartable.start("--replicaof", `127.0.0.1 ${port}`, ...args);
}

async function write({ client }: Restartable, from: number, count: number): Promise<void> {
  const requests: string[] = [];
  for (let each = from; each < from + count; each++) {
    requests.push(`SET key:${each % 300} ${each}`, `RPUSH list:${each % 5} ${each}`);
  }
  await client.pipeline(...requests);
}

describe("restarts", () => {
  it("a replica that is killed comes back and has everything", async () => {
    await using primary = await Restartable.start();
    await using replica = await replicaOf(primary, "--appendonly", "yes");
    for (let round = 0; round < 3; round++) {
      await write(primary, round * 1000, 500);
      await replica.kill();
      await write(primary, round * 1000 + 500, 500);
      await replica.startAgain();
      await converge(primary, replica);
    }
  });

  it("a replica that is ended in order goes on where it was", async () => {
    await using primary = await Restartable.start();
    await write(primary, 0, 500);
    await using replica = await replicaOf(primary, "--save", "3600 1");
    await converge(primary, replica);
    await write(primary, 500, 500);
    await converge(primary, replica);
    await replica.end();
    await write(primary, 1000, 500);
    await replica.startAgain();
    await converge(primary, replica);
    assert.equal(await primary.field("stats", "sync_full"), "1");
    assert.equal(await primary.field("stats", "sync_partial_ok"), "1");
  });

  it("a primary that is killed comes back with what it had promised, replicas too", async () => {
    const files = ["--appendonly", "yes", "--appendfsync", "always"];
    await using primary = await Restartable.start(...files);
    await using middle = await replicaOf(primary);
    await using last = await replicaOf(middle);
    await write(primary, 0, 500);
    await converge(primary, last);
    await write(primary, 500, 500);
    await primary.kill();
    await primary.startAgain();
    assert.equal(await primary.client.run("LLEN", "list:0"), 200);
    await converge(primary, middle);
    await converge(primary, last);
  });

  it("a replica that is killed while it loads leaves no half of a file behind", async () => {
    await using primary = await Restartable.start("--rdb-key-save-delay", "200");
    await primary.client.run("DEBUG", "POPULATE", 20_000, "key", 100);
    await using replica = await replicaOf(primary, "--key-load-delay", "50");
    const { directory } = replica.process;
    const received = `temp-received-${replica.process.child.pid}.rdb`;
    const endMs = Date.now() + patienceMs;
    while (!readdirSync(directory).includes(received)) {
      await replica.client.run("PING");
      assert.ok(Date.now() < endMs);
    }
    await replica.kill();
    assert.ok(readdirSync(directory).includes(received));
    await primary.client.run("CONFIG", "SET", "rdb-key-save-delay", 0);
    await replica.startAgain();
    assert.ok(!readdirSync(directory).includes(received));
    await replica.client.run("CONFIG", "SET", "key-load-delay", 0);
    await converge(primary, replica);
  });
});
