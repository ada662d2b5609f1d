// `maxmemory` with a policy: what goes, what clients and files hear of it, and what is refused when
// nothing helps.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ServerOptions } from "../../src/index.ts";
import type { Client } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer, ServerProcess } from "../support/server.ts";

const limits = { timeout: 60_000 };
const mebibyte = 1024 * 1024;
const outOfMemory = new ReplyError("OOM command not allowed when used memory > 'maxmemory'.");
const value = "x".repeat(1000);

async function field(client: Client, name: string): Promise<number> {
  const info = await client.text("INFO", "everything");
  return Number(new RegExp(`\\b${name}:(\\d+)`).exec(info)?.[1] ?? Number.NaN);
}

/** Writes `count` keys of a kilobyte each; how many of them were refused. */
async function fill(client: Client, count: number, ...options: string[]): Promise<number> {
  let refused = 0;
  for (let index = 0; index < count; index++) {
    const reply = await client.run("SET", `key:${index}`, value, ...options);
    if (reply instanceof ReplyError) {
      assert.deepEqual(reply, outOfMemory);
      refused++;
    }
  }
  return refused;
}

function limited(maxmemoryPolicy: ServerOptions["maxmemoryPolicy"]): ServerOptions {
  return { maxmemory: 2 * mebibyte, ...(maxmemoryPolicy === undefined ? {} : { maxmemoryPolicy }) };
}

describe("a limit of memory", limits, () => {
  for (const policy of ["allkeys-lru", "allkeys-lfu", "allkeys-random"] as const) {
    it(`keeps the data below it, under ${policy}`, async () => {
      await using server = await LocalServer.start(limited(policy));
      const client = await server.connect();
      assert.equal(await fill(client, 4000), 0);
      assert.ok((await field(client, "used_memory")) <= 2 * mebibyte);
      const evicted = await field(client, "evicted_keys");
      assert.equal(await client.run("DBSIZE"), 4000 - evicted);
      assert.ok(evicted > 1000 && evicted < 3500, `${evicted} were evicted`);
      await client.run("CONFIG", "RESETSTAT");
      assert.equal(await field(client, "evicted_keys"), 0);
    });
  }

  for (const policy of [
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
  ] as const) {
    it(`evicts only keys that expire, under ${policy}`, async () => {
      await using server = await LocalServer.start(limited(policy));
      const client = await server.connect();
      await client.run("SET", "kept", "v");
      assert.equal(await fill(client, 4000, "EX", "1000"), 0);
      assert.equal(await client.run("EXISTS", "kept"), 1);
      assert.ok((await field(client, "evicted_keys")) > 1000);
      const without = await fill(client, 4000);
      assert.ok(without > 1000, `${without} were refused`);
      assert.equal(await client.run("EXISTS", "kept"), 1);
      assert.equal(await client.run("GET", "key:0"), value);
    });
  }

  it("refuses what needs more when nothing may go, in a transaction too", async () => {
    await using server = await LocalServer.start(limited("noeviction"));
    const [client, other] = [await server.connect(), await server.connect()];
    await other.run("MULTI");
    await other.run("SET", "k", "v");
    const reading = await server.connect();
    await reading.run("MULTI");
    await reading.run("GET", "key:1");
    assert.ok((await fill(client, 4000)) > 1000);
    const reason = `EXECABORT Transaction discarded because of: ${outOfMemory.text}`;
    assert.deepEqual(await other.run("EXEC"), new ReplyError(reason));
    assert.deepEqual(await other.run("EXEC"), new ReplyError("ERR EXEC without MULTI"));
    assert.deepEqual(await reading.run("EXEC"), [value]);
    await other.run("MULTI");
    assert.deepEqual(await other.run("SET", "k", "v"), outOfMemory);
    assert.equal(await other.run("DISCARD"), "OK");
    assert.equal(await client.run("GET", "key:1"), value);
    assert.equal(await client.run("DEL", "key:1", "key:2", "key:3"), 3);
    assert.ok((await field(client, "total_eviction_exceeded_time")) >= 0);
    assert.equal(await client.run("SET", "k", "v"), "OK");
  });

  it("frees a large value that was evicted before it evicts another key", async () => {
    await using server = await LocalServer.start({
      ...limited("allkeys-lru"),
      maxmemory: 0,
      maxmemorySamples: 64,
      clock: "virtual",
    });
    const client = await server.connect();
    const members = Array.from({ length: 20_000 }, (_, index) => `member:${index}`);
    await client.run("SADD", "large", ...members);
    server.advance(10_000);
    for (let index = 0; index < 10; index++) await client.run("SET", `small:${index}`, "v");
    const used = await field(client, "used_memory");
    await client.run("CONFIG", "SET", "maxmemory-eviction-tenacity", "100");
    await client.run("CONFIG", "SET", "maxmemory", used - 100_000);
    assert.equal(await client.run("DBSIZE"), 10);
    assert.equal(await field(client, "evicted_keys"), 1);
    assert.ok(server.log.some((line) => line.includes("WARNING: the new maxmemory value set")));
  });

  it("is reached in the background when it is lowered by much", async () => {
    await using server = await ServerProcess.start(["--maxmemory-policy", "allkeys-random"]);
    const client = await server.connect();
    for (let index = 0; index < 100; index++) {
      const pairs = Array.from({ length: 500 }, (_, key) => [`key:${index}:${key}`, "value"]);
      await client.run("MSET", ...pairs.flat());
    }
    const limit = Math.floor((await field(client, "used_memory")) / 2);
    await client.run("CONFIG", "SET", "maxmemory", limit);
    for (;;) {
      const [used, exceeded] = [
        await field(client, "used_memory"),
        await field(client, "current_eviction_exceeded_time"),
      ];
      if (used <= limit && exceeded === 0) break;
    }
    const evicted = await field(client, "evicted_keys");
    assert.equal(await client.run("DBSIZE"), 50_000 - evicted);
  });

  it("evicts nothing while clients are paused", async () => {
    await using server = await LocalServer.start({ maxmemoryPolicy: "allkeys-lru" });
    const client = await server.connect();
    await fill(client, 100);
    // Each round goes on until it is done.
    await client.run("CONFIG", "SET", "maxmemory-eviction-tenacity", 100);
    await client.run("CLIENT", "PAUSE", 1000, "WRITE");
    await client.run("CONFIG", "SET", "maxmemory", 1);
    assert.equal(await client.run("DBSIZE"), 100);
    await client.run("CLIENT", "UNPAUSE");
    assert.deepEqual(await client.run("SET", "k", "v"), outOfMemory);
    assert.equal(await client.run("DBSIZE"), 0);
  });

  it("tells of each key that was evicted, and counts no change", async () => {
    await using server = await LocalServer.start({ maxmemoryPolicy: "allkeys-lru" });
    const [client, listener] = [await server.connect(), await server.connect()];
    await client.run("CONFIG", "SET", "notify-keyspace-events", "Ee");
    await client.run("SET", "k", "v");
    await client.run("WATCH", "k");
    await listener.run("SUBSCRIBE", "__keyevent@0__:evicted");
    const changes = await field(client, "rdb_changes_since_last_save");
    await client.run("CONFIG", "SET", "maxmemory", 1);
    const message = ["message", "__keyevent@0__:evicted", "k"];
    assert.deepEqual(await listener.next(), message);
    assert.equal(await field(client, "rdb_changes_since_last_save"), changes);
    await client.run("CONFIG", "SET", "maxmemory", 0);
    await client.run("MULTI");
    assert.equal(await client.run("EXEC"), null);
  });

  it("is not passed by a table that grows", async () => {
    await using server = await LocalServer.start({
      maxmemoryPolicy: "allkeys-random",
      enableDebugCommand: "yes",
    });
    const client = await server.connect();
    await client.run("DEBUG", "POPULATE", 4095, "key", 1);
    const limit = (await field(client, "used_memory")) + 10 * 1024;
    await client.run("CONFIG", "SET", "maxmemory", limit);
    for (const key of ["a", "b", "c"]) assert.equal(await client.run("SET", key, "v"), "OK");
    assert.equal(await client.run("DBSIZE"), 4098);
    await client.run("CONFIG", "SET", "maxmemory", 0);
    await client.run("SET", "d", "v");
    const stats = (await client.run("MEMORY", "STATS")) as unknown[];
    assert.ok(Number(stats[stats.indexOf("overhead.db.hashtable.rehashing") + 1]) > 0);
  });
});

describe("OBJECT FREQ and IDLETIME", limits, () => {
  it("tell of uses as the policy counts them", async () => {
    await using server = await LocalServer.start({
      maxmemoryPolicy: "allkeys-lfu",
      clock: "virtual",
    });
    const client = await server.connect();
    await client.run("CONFIG", "SET", "lfu-log-factor", 0);
    await client.run("SET", "k", "v");
    assert.equal(await client.run("OBJECT", "FREQ", "k"), 5);
    for (let use = 0; use < 10; use++) await client.run("GET", "k");
    assert.equal(await client.run("OBJECT", "FREQ", "k"), 15);
    // A longer value needs another record, which is the same key still.
    await client.run("SET", "k", value);
    assert.equal(await client.run("OBJECT", "FREQ", "k"), 16);
    await client.run("EXPIRE", "k", 1000);
    assert.equal(await client.run("OBJECT", "FREQ", "k"), 17);
    await client.run("RENAME", "k", "l");
    assert.ok(Number(await client.run("OBJECT", "FREQ", "l")) >= 17);
    server.advance(3 * 60_000);
    const rested = Number(await client.run("OBJECT", "FREQ", "l"));
    assert.ok(rested >= 14 && rested <= 15, String(rested));
    await client.run("CLIENT", "NO-TOUCH", "ON");
    await client.run("GET", "l");
    assert.equal(await client.run("OBJECT", "FREQ", "l"), rested);
    await client.run("RESTORE", "m", 0, await client.text("DUMP", "l"), "FREQ", 100);
    assert.equal(await client.run("OBJECT", "FREQ", "m"), 100);
    await client.run("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    assert.ok((await client.run("OBJECT", "FREQ", "l")) instanceof ReplyError);
    await client.run("SET", "n", "v");
    server.advance(5000);
    assert.equal(await client.run("OBJECT", "IDLETIME", "n"), 5);
  });
});
