// Our server as a replica: of real Redis and of ours, chained, cut off at every byte of what is
// said, promoted. What it has is compared with the primary by DEBUG DIGEST, which is the same sum
// on either side; how it got it, by the primary's counts of full and partial resynchronizations.
//
// REPLICATION_SEED repeats what was written.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ServerOptions } from "../../src/index.ts";
import { Client } from "../support/client.ts";
import { CutProxy } from "../support/cut-proxy.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import { RequestGenerator } from "../support/request-generator.ts";
import { LocalServer } from "../support/server.ts";
import { valueRequests, valueTypes } from "../support/value-requests.ts";

const seed = Number(process.env["REPLICATION_SEED"] ?? Date.now() % 1_000_000);
const patienceMs = 30_000;
/** Of every so many places one is tried with real Redis, which forks for each. */
const realStep = 11;

/** A server with a client: which kind it is does not matter. */
interface Peer extends AsyncDisposable {
  readonly port: number;
  readonly client: Client;
}

async function realPeer(...args: string[]): Promise<Peer> {
  const server = await RealRedis.start({ args: ["--repl-diskless-sync-delay", "0", ...args] });
  const client = await Client.connect({ port: server.port });
  return {
    port: server.port,
    client,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.stop();
    },
  };
}

interface OwnPeer extends Peer {
  readonly server: LocalServer;
}

async function ownPeer(options: ServerOptions = {}): Promise<OwnPeer> {
  const server = await LocalServer.start({
    clock: "virtual",
    enableDebugCommand: "yes",
    replDisklessSyncDelay: 0,
    // Time goes by faster for those whose clock is virtual than for others.
    replTimeout: 1_000_000,
    ...options,
  });
  const client = await server.connect();
  return {
    server,
    port: server.port,
    client,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const peers: [string, (...args: string[]) => Promise<Peer>][] = [
  ["real Redis", realPeer],
  ["ours", () => ownPeer()],
];

function infoOf({ client }: Peer, section = "replication"): Promise<string> {
  return client.text("INFO", section);
}

function fieldOf(info: string, name: string): string {
  return new RegExp(`^${name}:(.*)\\r$`, "m").exec(info)?.[1] ?? "";
}

/** Time goes by for those whose clock is ours, until it is so. */
async function until(own: readonly OwnPeer[], isSo: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + patienceMs;
  for (;;) {
    if (await isSo()) return;
    if (Date.now() > endMs) {
      assert.fail(own.map(({ server }) => server.log.slice(-15).join("\n")).join("\n---\n"));
    }
    for (const { server } of own) server.advance(110);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function isUp(replica: Peer): Promise<boolean> {
  return fieldOf(await infoOf(replica), "master_link_status") === "up";
}

/** Until the replica has applied all that was written before, and then the same data. */
async function converge(primary: Peer, replica: OwnPeer, others: OwnPeer[] = []): Promise<void> {
  await until([replica, ...others], async () => {
    const [theirs, ours] = [await infoOf(primary), await infoOf(replica)];
    const offset = fieldOf(theirs, "master_repl_offset");
    return (await isUp(replica)) && fieldOf(ours, "slave_repl_offset") === offset;
  });
  const digest = await primary.client.run("DEBUG", "DIGEST");
  assert.equal(await replica.client.run("DEBUG", "DIGEST"), digest, `seed ${seed}`);
}

function follow(replica: Peer, port: number): Promise<unknown> {
  return replica.client.run("REPLICAOF", "127.0.0.1", port);
}

/** Values of every type in two databases. */
async function populate({ client }: Peer, generator: RequestGenerator): Promise<void> {
  for (const database of [0, 7]) {
    await client.run("SELECT", database);
    for (let index = 0; index < valueTypes.length * 8; index++) {
      const type = valueTypes[index % valueTypes.length];
      for (const request of valueRequests(generator, `key:${index}`, type)) {
        await client.run(...request);
      }
    }
    await client.run("SET", "mortal", "value", "EX", 100_000);
  }
  await client.run("SELECT", 0);
}

/** Writes of several kinds, among them transactions that keep two keys equal. */
async function write({ client }: Peer, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    await client.pipeline(
      "MULTI",
      "INCR twin:a",
      "INCR twin:b",
      "EXEC",
      `SELECT ${round % 3}`,
      `SET written:${round % 50} ${"x".repeat(round % 70)}`,
      `RPUSH list ${round}`,
      `EXPIRE written:${round % 7} 1000`,
      "SELECT 0",
    );
  }
}

for (const [name, startPrimary] of peers) {
  const skip = name === "ours" ? false : reasonToSkip();
  describe(`a replica of ${name}, seed ${seed}`, { skip }, () => {
    for (const replDisklessLoad of ["disabled", "on-empty-db", "swapdb"] as const) {
      it(`gets everything and follows, repl-diskless-load ${replDisklessLoad}`, async () => {
        for (const disklessSync of ["yes", "no"]) {
          await using primary = await startPrimary();
          await primary.client.run("CONFIG", "SET", "repl-diskless-sync", disklessSync);
          await populate(primary, new RequestGenerator(seed));
          await using replica = await ownPeer({ replDisklessLoad, rdbDelSyncFiles: true });
          await follow(replica, primary.port);
          await converge(primary, replica);
          await write(primary, 50);
          await converge(primary, replica);
          const info = await infoOf(primary, "stats");
          assert.equal(fieldOf(info, "sync_full"), "1");
        }
      });
    }

    it("converges after a cut at any byte that the primary has said", async () => {
      await using primary = await startPrimary();
      await primary.client.run("RPUSH", "list", "a", "b", "c");
      await using proxy = await CutProxy.to(primary.port);
      await using replica = await ownPeer();
      await follow(replica, proxy.port);
      await converge(primary, replica);
      const length = proxy.passed.primary;
      for (let place = 0; place < length; place += name === "ours" ? 1 : realStep) {
        await detach(replica);
        const cut = proxy.cutAfter(place, "primary");
        await follow(replica, proxy.port);
        await until([replica], async () => proxy.cuts > 0);
        await cut;
        proxy.cuts = 0;
        await converge(primary, replica);
      }
    });

    it("converges after a cut at any byte that it has said", async () => {
      await using primary = await startPrimary();
      await primary.client.run("RPUSH", "list", "a", "b", "c");
      await using proxy = await CutProxy.to(primary.port);
      await using replica = await ownPeer();
      await follow(replica, proxy.port);
      await converge(primary, replica);
      for (let place = 0; place < 230; place += name === "ours" ? 1 : realStep) {
        await detach(replica);
        const cut = proxy.cutAfter(place, "replica");
        await follow(replica, proxy.port);
        await until([replica], async () => proxy.cuts > 0);
        await cut;
        proxy.cuts = 0;
        await converge(primary, replica);
      }
    });

    it("goes on after cuts of the stream, and never sees half a transaction", async () => {
      await using primary = await startPrimary();
      await using proxy = await CutProxy.to(primary.port);
      await using replica = await ownPeer();
      await populate(primary, new RequestGenerator(seed));
      await follow(replica, proxy.port);
      await converge(primary, replica);
      const { random } = new RequestGenerator(seed);
      const cuts = 25;
      for (let count = 0; count < cuts; count++) {
        await until([replica], () => isUp(replica));
        const cut = proxy.cutAfter(1 + random.below(4000), "primary");
        await write(primary, 30);
        await until([replica], async () => {
          const twins = await replica.client.run("MGET", "twin:a", "twin:b");
          assert.ok(Array.isArray(twins) && twins[0] === twins[1], String(twins));
          return proxy.cuts > count;
        });
        await cut;
      }
      await converge(primary, replica);
      const info = await infoOf(primary, "stats");
      assert.equal(fieldOf(info, "sync_full"), "1");
      assert.equal(fieldOf(info, "sync_partial_ok"), String(cuts));
    });

    it("finds nothing that is over its time, and waits for the primary to delete it", async () => {
      await using primary = await startPrimary();
      await primary.client.run("DEBUG", "SET-ACTIVE-EXPIRE", 0);
      await using replica = await ownPeer();
      await primary.client.run("SET", "early", "value", "PX", 1_000_000);
      await follow(replica, primary.port);
      await converge(primary, replica);
      await primary.client.run("SET", "late", "value", "PX", 1_000_000);
      await converge(primary, replica);
      replica.server.advance(2_000_000);
      assert.deepEqual(await replica.client.run("MGET", "early", "late"), [null, null]);
      assert.equal(await replica.client.run("EXISTS", "early"), 0);
      assert.equal(await replica.client.run("DBSIZE"), 2);
      await primary.client.run("DEL", "early", "late");
      await until([replica], async () => (await replica.client.run("DBSIZE")) === 0);
    });

    it("hands its data on to replicas of its own, which go on when it is promoted", async () => {
      await using primary = await startPrimary();
      await populate(primary, new RequestGenerator(seed));
      await using middle = await ownPeer();
      await using last = await ownPeer();
      await follow(middle, primary.port);
      await converge(primary, middle);
      await follow(last, middle.port);
      await converge(middle, last, [middle]);
      await write(primary, 20);
      await converge(primary, last, [middle]);
      const id = fieldOf(await infoOf(primary), "master_replid");
      assert.equal(fieldOf(await infoOf(last), "master_replid"), id);
      assert.equal(await middle.client.run("REPLICAOF", "NO", "ONE"), "OK");
      await write(middle, 20);
      await converge(middle, last, [middle]);
      const info = await infoOf(middle, "stats");
      assert.equal(fieldOf(info, "sync_full"), "1");
      assert.equal(fieldOf(await infoOf(middle), "master_replid2"), id);
      // The former primary comes as a replica, and has nothing that the new one has not.
      await follow(primary, middle.port);
      await until([middle], async () => isUp(primary));
      assert.equal(fieldOf(await infoOf(middle, "stats"), "sync_full"), "1");
      await write(middle, 5);
      await until([middle, last], async () => {
        const offset = fieldOf(await infoOf(middle), "master_repl_offset");
        return fieldOf(await infoOf(primary), "slave_repl_offset") === offset;
      });
      const digest = await middle.client.run("DEBUG", "DIGEST");
      assert.equal(await primary.client.run("DEBUG", "DIGEST"), digest);
    });

    it("takes the role over by FAILOVER", async () => {
      await using primary = await startPrimary();
      await using replica = await ownPeer();
      await primary.client.run("SET", "k", "v");
      await follow(replica, primary.port);
      await converge(primary, replica);
      const own = "server" in primary ? [primary as OwnPeer, replica] : [replica];
      await until(own, async () => {
        const info = await infoOf(primary);
        return info.includes("state=online");
      });
      assert.equal(await primary.client.run("FAILOVER"), "OK");
      await until(own, async () => fieldOf(await infoOf(replica), "role") === "master");
      await until(own, async () => isUp(primary));
      assert.equal(fieldOf(await infoOf(primary), "master_failover_state"), "no-failover");
      assert.equal(fieldOf(await infoOf(replica, "stats"), "sync_full"), "0");
      assert.equal(await replica.client.run("SET", "k", "new"), "OK");
      await until(own, async () => (await primary.client.run("GET", "k")) === "new");
    });
  });
}

/** What it has now is of no history that the primary knows. */
async function detach({ client }: Peer): Promise<void> {
  assert.equal(await client.run("REPLICAOF", "NO", "ONE"), "OK");
  await client.run("SET", "junk", "of its own");
}

describe("a replica of ours", () => {
  it("that takes writes goes on when it has what the primary tells it to make", async () => {
    await using primary = await ownPeer();
    await using replica = await ownPeer({
      replicaReadOnly: false,
      propagationErrorBehavior: "panic",
    });
    await follow(replica, primary.port);
    await converge(primary, replica, [primary]);
    const library = "#!lua name=lib\nredis.register_function('f', function() return 1 end)";
    for (const { client } of [replica, primary]) {
      assert.equal(await client.run("FUNCTION", "LOAD", library), "lib");
    }
    await primary.client.run("SET", "k", "v");
    await converge(primary, replica, [primary]);
    assert.match(replica.server.log.join("\n"), /to its master: 'ERR Library 'lib' already/);
  });

  it("is not asked for what a WAIT wanted before there was one", async () => {
    await using primary = await ownPeer();
    await using replica = await ownPeer();
    let isOver = false;
    const wait = primary.client.run("WAIT", 1, 1).finally(() => (isOver = true));
    await until([primary], () => Promise.resolve(isOver));
    assert.equal(await wait, 0);
    await follow(replica, primary.port);
    await until([replica, primary], () => isUp(replica));
    assert.equal(fieldOf(await infoOf(primary), "master_repl_offset"), "0");
  });
});

describe("real Redis as a replica of our replica", { skip: reasonToSkip() }, () => {
  it("gets the stream of the first primary, and goes on from it directly", async () => {
    await using first = await realPeer();
    await using middle = await ownPeer();
    await using last = await realPeer();
    await populate(first, new RequestGenerator(seed));
    await follow(middle, first.port);
    await converge(first, middle);
    await follow(last, middle.port);
    await until([middle], () => isUp(last));
    await write(first, 30);
    await follow(last, first.port);
    await until([middle], () => isUp(last));
    assert.equal(fieldOf(await infoOf(first, "stats"), "sync_partial_ok"), "1");
    await converge(first, middle);
    await until([middle], async () => {
      const offset = fieldOf(await infoOf(first), "master_repl_offset");
      return fieldOf(await infoOf(last), "slave_repl_offset") === offset;
    });
    const digest = await first.client.run("DEBUG", "DIGEST");
    assert.equal(await last.client.run("DEBUG", "DIGEST"), digest);
  });

  it("shows the same fields in INFO and ROLE as ours", async () => {
    await using primary = await realPeer();
    await using theirs = await realPeer();
    await using ours = await ownPeer();
    for (const each of [theirs, ours]) await follow(each, primary.port);
    await until([ours], async () => (await isUp(theirs)) && (await isUp(ours)));
    const namesOf = async (peer: Peer): Promise<string[]> =>
      (await infoOf(peer)).split("\r\n").map((line) => line.split(":")[0]);
    assert.deepEqual(await namesOf(ours), await namesOf(theirs));
    await until([ours], async () => {
      const [a, b] = [await ours.client.run("ROLE"), await theirs.client.run("ROLE")];
      return JSON.stringify(a) === JSON.stringify(b);
    });
  });
});
