// `maxmemory-clients`: who holds most is closed first, whatever it holds the memory with, and only
// until the others are within the limit.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 60_000 };
const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

async function memoryOf(asker: Client, name: string): Promise<number> {
  const list = await asker.text("CLIENT", "LIST");
  const line = list.split("\n").find((each) => each.includes(` name=${name} `));
  return line === undefined ? 0 : Number(/ tot-mem=(\d+)/.exec(line)?.[1]);
}

async function evictedClients(asker: Client): Promise<number> {
  return Number(/evicted_clients:(\d+)/.exec(await asker.text("INFO", "stats"))?.[1]);
}

/** A client that has sent so much of a request that never ends. */
async function holder(server: LocalServer, name: string, bytes: number): Promise<Client> {
  const client = await server.connect();
  await client.run("CLIENT", "SETNAME", name);
  client.send(`*1\r\n$${2 * bytes}\r\n`);
  client.send(Buffer.alloc(bytes));
  return client;
}

async function untilHeld(asker: Client, name: string, bytes: number): Promise<void> {
  while ((await memoryOf(asker, name)) < bytes);
}

describe("clients that hold too much together", limits, () => {
  it("are closed from the largest on, until the rest fits", async () => {
    await using server = await LocalServer.start();
    const asker = await server.connect();
    const sizes = { small: 200 * kibibyte, middle: mebibyte, large: 4 * mebibyte };
    const holders = new Map<string, Client>();
    for (const [name, bytes] of Object.entries(sizes)) {
      holders.set(name, await holder(server, name, bytes));
      await untilHeld(asker, name, bytes);
    }
    await asker.run("CONFIG", "SET", "maxmemory-clients", 3 * mebibyte);
    await holders.get("large")!.closed;
    assert.equal(await memoryOf(asker, "large"), 0);
    assert.ok((await memoryOf(asker, "middle")) > mebibyte);
    await asker.run("CONFIG", "SET", "maxmemory-clients", 600 * kibibyte);
    await holders.get("middle")!.closed;
    assert.ok((await memoryOf(asker, "small")) > 200 * kibibyte);
    assert.equal(await evictedClients(asker), 2);
    assert.equal(server.log.filter((line) => line.includes("Evicting client: id=")).length, 2);
    for (const each of holders.values()) each.destroy();
  });

  it("are not charged with what is left of the buffer of another", async () => {
    await using server = await LocalServer.start({ maxmemoryClients: 3 * mebibyte });
    const asker = await server.connect();
    assert.equal(await asker.run("SET", "k", Buffer.alloc(2.5 * mebibyte)), "OK");
    const second = await holder(server, "second", 700 * kibibyte);
    await untilHeld(asker, "second", 700 * kibibyte);
    assert.ok((await memoryOf(asker, "second")) < 1.5 * mebibyte);
    second.destroy();
  });

  it("are counted, and not closed, after CLIENT NO-EVICT", async () => {
    await using server = await LocalServer.start();
    const asker = await server.connect();
    const kept = await server.connect();
    await kept.run("CLIENT", "NO-EVICT", "ON");
    await kept.run("CLIENT", "SETNAME", "kept");
    kept.send(`*1\r\n$${8 * mebibyte}\r\n`);
    kept.send(Buffer.alloc(2 * mebibyte));
    await untilHeld(asker, "kept", 2 * mebibyte);
    const other = await holder(server, "other", mebibyte);
    await untilHeld(asker, "other", mebibyte);
    await asker.run("CLIENT", "NO-EVICT", "ON");
    await asker.run("CONFIG", "SET", "maxmemory-clients", mebibyte);
    await other.closed;
    assert.ok((await memoryOf(asker, "kept")) > 2 * mebibyte);
    kept.destroy();
  });

  it("may be given a share of maxmemory", async () => {
    await using server = await LocalServer.start();
    const asker = await server.connect();
    await asker.run("CONFIG", "SET", "maxmemory", 80 * mebibyte, "maxmemory-clients", "10%");
    assert.deepEqual(await asker.run("CONFIG", "GET", "maxmemory-clients"), [
      "maxmemory-clients",
      "10%",
    ]);
    const first = await holder(server, "first", 3 * mebibyte);
    await untilHeld(asker, "first", 3 * mebibyte);
    await asker.run("CONFIG", "SET", "maxmemory", 20 * mebibyte);
    await first.closed;
    assert.equal(await evictedClients(asker), 1);
  });
});

describe("what counts as held", limits, () => {
  /** Sends requests until the server closes the connection. */
  async function untilEvicted(
    server: LocalServer,
    requestOf: (index: number) => readonly (string | number | Uint8Array)[],
  ): Promise<void> {
    const client = await server.connect();
    for (let index = 0; index < 20_000; index++) {
      try {
        await client.run(...requestOf(index));
      } catch {
        await client.closed;
        return;
      }
    }
    assert.fail("the client was never closed");
  }

  for (const [what, requestOf] of [
    ["watched keys", (index) => ["WATCH", `key ${index}`]],
    ["channels", (index) => ["SUBSCRIBE", `channel ${index}`]],
    ["patterns", (index) => ["PSUBSCRIBE", `pattern ${index}`]],
    ["shard channels", (index) => ["SSUBSCRIBE", `channel ${index}`]],
    ["prefixes", (index) => ["CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", `${index} `]],
    ["queued requests", (index) => (index === 0 ? ["MULTI"] : ["SET", "k", "v".repeat(1000)])],
  ] as const satisfies [string, (index: number) => (string | number)[]][]) {
    it(`is also ${what}`, async () => {
      await using server = await LocalServer.start();
      const asker = await server.connect();
      await asker.run("CONFIG", "SET", "maxmemory-clients", 200 * kibibyte);
      await untilEvicted(server, requestOf);
      assert.equal(await evictedClients(asker), 1);
    });
  }

  it("is a request that is complete and about to be run", async () => {
    await using server = await LocalServer.start();
    const asker = await server.connect();
    await asker.run("CONFIG", "SET", "maxmemory-clients", 3 * mebibyte);
    const client = await server.connect();
    client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n");
    client.send(`$${3 * mebibyte}\r\n${"v".repeat(3 * mebibyte)}\r\n`);
    await client.closed;
    assert.equal(await asker.run("EXISTS", "k"), 0);
  });
});
