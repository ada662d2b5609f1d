// Replicas that are real Redis, of a primary that is ours: they get everything, follow, come back
// after a cut, and disturb nobody when they are slow or die. What they have is compared by DEBUG
// DIGEST, which is the same sum on either side.
//
// REPLICATION_SEED repeats what was written.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import { parseReplies } from "../support/reply.ts";
import { RequestGenerator } from "../support/request-generator.ts";
import { ServerProcess } from "../support/server.ts";
import { valueRequests, valueTypes } from "../support/value-requests.ts";

const seed = Number(process.env["REPLICATION_SEED"] ?? Date.now() % 1_000_000);
const patienceMs = 20_000;
const megabyte = 1 << 20;

/** A primary of ours with a client, and real replicas that end with it. */
class Group implements AsyncDisposable {
  readonly primary: ServerProcess;
  readonly client: Client;
  readonly #replicas: RealRedis[] = [];

  private constructor(primary: ServerProcess, client: Client) {
    this.primary = primary;
    this.client = client;
  }

  static async start(...args: string[]): Promise<Group> {
    const primary = await ServerProcess.start([
      "--enable-debug-command",
      "yes",
      "--repl-diskless-sync-delay",
      "0",
      ...args,
    ]);
    return new Group(primary, await primary.connect());
  }

  /** A replica that has begun to ask for everything. */
  async attach(...args: string[]): Promise<RealRedis> {
    const primary = `127.0.0.1 ${this.primary.port}`.split(" ");
    const replica = await RealRedis.start({ args: ["--replicaof", ...primary, ...args] });
    this.#replicas.push(replica);
    return replica;
  }

  /** Until the primary says so of itself. */
  async until(line: string | RegExp): Promise<string> {
    return until(
      async () => {
        const info = await this.client.text("INFO");
        const isThere = typeof line === "string" ? info.includes(`${line}\r\n`) : line.test(info);
        return isThere ? info : undefined;
      },
      `INFO has no ${line}\n${this.primary.log.slice(-20).join("\n")}`,
    );
  }

  /** Until the replica has applied all that was written before, and then the same data. */
  async compare(replica: RealRedis): Promise<void> {
    await until(
      async () => {
        const offset = await this.#offset();
        const [info] = await replies(replica, ["INFO", "replication"]);
        const isUp = info.includes("master_link_status:up");
        return isUp && info.includes(`slave_repl_offset:${offset}\r\n`) ? true : undefined;
      },
      `the replica does not catch up\n${this.primary.log.slice(-20).join("\n")}`,
    );
    const [digest] = await replies(replica, ["DEBUG", "DIGEST"]);
    assert.equal(await this.client.run("DEBUG", "DIGEST"), digest, `seed ${seed}`);
    assert.notEqual(digest, "0".repeat(40));
  }

  async #offset(): Promise<number> {
    const info = await this.client.text("INFO", "replication");
    return Number(/master_repl_offset:(\d+)/.exec(info)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    for (const replica of this.#replicas) await replica.stop();
    await this.primary[Symbol.asyncDispose]();
  }
}

async function replies(server: RealRedis, request: readonly string[]): Promise<string[]> {
  return parseReplies((await server.run([request]))[0]) as string[];
}

/** What `look` finds, once it finds something. */
async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const endMs = Date.now() + patienceMs;
  while (Date.now() < endMs) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(what);
}

/** Values of every type in two databases. */
async function populate(client: Client, generator: RequestGenerator): Promise<void> {
  for (const database of [0, 7]) {
    await client.run("SELECT", database);
    for (let index = 0; index < valueTypes.length * 10; index++) {
      const type = valueTypes[index % valueTypes.length];
      for (const request of valueRequests(generator, `key:${index}`, type)) {
        await client.run(...request);
      }
    }
  }
  const numbers = Array.from({ length: 3000 }, (_, index) => index);
  await client.run("ZADD", "large", ...numbers.flatMap((each) => [each / 3, each]));
  await client.run("SELECT", 0);
}

/** Writes as fast as it is answered, until it is told to stop; how much that was. */
function writeOn(client: Client): () => Promise<number> {
  const stopping = new AbortController();
  const writing = (async () => {
    let count = 0;
    for (; !stopping.signal.aborted; count++) {
      await client.run("SET", `written:${count % 500}`, `value ${count}`);
      if (count % 5 === 0) await client.run("RPUSH", "written", count);
      if (count % 9 === 0) await client.run("ZINCRBY", "large", 1, count % 3000);
    }
    return count;
  })();
  return () => {
    stopping.abort();
    return writing;
  };
}

describe(`real replicas, seed ${seed}`, { skip: reasonToSkip() }, () => {
  for (const diskless of ["yes", "no"]) {
    it(`get everything and follow, repl-diskless-sync ${diskless}`, async () => {
      await using group = await Group.start("--repl-diskless-sync", diskless);
      await populate(group.client, new RequestGenerator(seed));
      const replicas = [await group.attach(), await group.attach()];
      const writer = await group.primary.connect();
      const stop = writeOn(writer);
      await group.until("connected_slaves:2");
      await group.until(/slave0:.*state=online[^]*slave1:.*state=online/);
      assert.ok((await stop()) > 0);
      assert.equal(await writer.run("WAIT", 2, patienceMs), 2);
      for (const replica of replicas) await group.compare(replica);
      writer.destroy();
    });
  }

  it("while everything changes under the snapshot", async () => {
    await using group = await Group.start("--rdb-key-save-delay", "300");
    await populate(group.client, new RequestGenerator(seed));
    await group.client.run("DEBUG", "POPULATE", 3000, "ballast", 100);
    const replica = await group.attach();
    await group.until("rdb_bgsave_in_progress:1");
    await group.client.run("FLUSHDB");
    await group.client.run("SWAPDB", 0, 7);
    const stop = writeOn(await group.primary.connect());
    await group.until("rdb_bgsave_in_progress:0");
    await stop();
    await group.compare(replica);
  });

  it("come back after a cut for what they lack, or all if that is not kept", async () => {
    await using group = await Group.start("--repl-backlog-size", "100kb");
    await populate(group.client, new RequestGenerator(seed));
    const replica = await group.attach();
    await group.compare(replica);
    const [id] = /master_replid:\w+/.exec(await group.client.text("INFO", "replication")) ?? [];
    assert.ok((await group.client.run("CLIENT", "KILL", "TYPE", "replica")) === 1);
    await group.client.run("SET", "written", "during the cut");
    await group.until("sync_partial_ok:1");
    await group.compare(replica);
    await replica.run([
      ["DEBUG", "SLEEP", "0"],
      ["REPLICAOF", "127.0.0.1", "1"],
    ]);
    await group.until("connected_slaves:0");
    for (let count = 0; count < 40; count++) await group.client.run("SET", count, "x".repeat(9000));
    await replica.run([["REPLICAOF", "127.0.0.1", String(group.primary.port)]]);
    const info = await group.until("sync_full:2");
    assert.ok(info.includes("sync_partial_err:1"));
    assert.ok(id !== undefined && info.includes(id));
    await group.compare(replica);
  });

  it("are not known by their history after DEBUG CHANGE-REPL-ID", async () => {
    await using group = await Group.start();
    await populate(group.client, new RequestGenerator(seed));
    const replica = await group.attach();
    await group.compare(replica);
    await group.client.run("DEBUG", "CHANGE-REPL-ID");
    await group.client.run("CLIENT", "KILL", "TYPE", "slave");
    await group.until("sync_full:2");
    await group.compare(replica);
  });

  it("go on after a restart of the primary, which has saved where it was", async () => {
    await using group = await Group.start();
    const { client, primary } = group;
    await populate(client, new RequestGenerator(seed));
    const replica = await group.attach();
    await group.compare(replica);
    await client.run("SET", "gone", "soon", "PX", 1);
    await group.compare(replica).catch(() => undefined);
    await client.run("SAVE");
    const sameFiles = ["--port", String(primary.port), "--dir", primary.directory];
    primary.child.kill("SIGKILL");
    await primary.ended;
    await using again = await ServerProcess.start([...sameFiles, "--enable-debug-command", "yes"]);
    const second = await again.connect();
    await until(
      async () => {
        const info = await second.text("INFO");
        return info.includes("sync_partial_ok:1\r\n") ? true : undefined;
      },
      `no partial resynchronization\n${again.log.join("\n")}`,
    );
    assert.equal(await second.run("WAIT", 1, patienceMs), 1);
    const [digest] = await replies(replica, ["DEBUG", "DIGEST"]);
    assert.equal(await second.run("DEBUG", "DIGEST"), digest);
    second.destroy();
  });

  it("that are killed in the middle of everything end only their own part", async () => {
    await using group = await Group.start("--rdb-key-save-delay", "200");
    await group.client.run("DEBUG", "POPULATE", 5000, "key", 100);
    const doomed = await group.attach();
    const other = await group.attach();
    await group.until("connected_slaves:2");
    doomed.kill();
    await group.until("connected_slaves:1");
    await group.until(/slave0:.*state=online/);
    await group.compare(other);
  });

  it("that read nothing hold up nobody, and are let go beyond the limit", async () => {
    await using group = await Group.start(
      "--client-output-buffer-limit",
      "replica 4mb 0 0",
      "--repl-timeout",
      "600",
    );
    const { client, primary } = group;
    const replica = await group.attach();
    await group.until("connected_slaves:1");
    const deaf = connect(primary.port, "127.0.0.1");
    deaf.pause();
    deaf.write("SYNC\r\n");
    await group.until("connected_slaves:2");
    const value = "x".repeat(megabyte / 4);
    for (let count = 0; count < 200; count++) {
      await client.run("SET", `large:${count % 10}`, value);
      const info = await client.text("INFO", "replication");
      if (info.includes("connected_slaves:1\r\n")) break;
    }
    await group.until("connected_slaves:1");
    await group.until("client_output_buffer_limit_disconnections:1");
    await group.compare(replica);
    assert.equal(await client.run("WAIT", 1, patienceMs), 1);
    deaf.destroy();
  });

  it("count for min-replicas-to-write", async () => {
    await using group = await Group.start("--min-replicas-to-write", "1");
    const { client } = group;
    assert.match(await client.text("INFO", "replication"), /min_slaves_good_slaves:0/);
    await assert.rejects(client.text("SET", "k", "v"), /NOREPLICAS Not enough good replicas/);
    const replica = await group.attach();
    await group.until("min_slaves_good_slaves:1");
    assert.equal(await client.run("SET", "k", "v"), "OK");
    await group.compare(replica);
  });

  it("are shown by ROLE, CLIENT LIST and INFO", async () => {
    await using group = await Group.start();
    const replica = await group.attach();
    await group.client.run("SET", "k", "v");
    await group.compare(replica);
    assert.equal(await group.client.run("WAIT", 1, patienceMs), 1);
    const role = await group.client.run("ROLE");
    const offset = (role as [string, number])[1];
    assert.deepEqual(role, [
      "master",
      offset,
      [["127.0.0.1", String(replica.port), String(offset)]],
    ]);
    assert.match(await group.client.text("CLIENT", "LIST", "TYPE", "replica"), / flags=S .*\n$/);
    await group.until(
      `slave0:ip=127.0.0.1,port=${replica.port},state=online,offset=${offset},lag=0,type=replica`,
    );
  });
});
