// What one client may take: replies that it does not read, requests that never end, connections,
// idle time. Each limit closes the one that passes it and disturbs nobody else.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ServerOptions } from "../../src/index.ts";
import type { Client } from "../support/client.ts";
import { encodeRequest } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer, ServerProcess } from "../support/server.ts";

const limits = { timeout: 60_000 };
const mebibyte = 1024 * 1024;
const notLinux = process.platform === "linux" ? false : "other systems set limits otherwise";

function outputLimit(hardBytes: number, softBytes: number, softSeconds: number): ServerOptions {
  const none = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
  const normal = { hardBytes, softBytes, softSeconds };
  return { clientOutputBufferLimit: { normal, replica: none, pubsub: none } };
}

/** Bytes that wait for the client to read them. */
async function outputBytes(asker: Client, id: string): Promise<number> {
  const line = await asker.text("CLIENT", "LIST", "ID", id);
  return Number(/ omem=(\d+)/.exec(line)?.[1] ?? -1);
}

async function statistic(asker: Client, name: string): Promise<number> {
  const info = await asker.text("INFO", "stats");
  return Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]);
}

describe("a client that does not read its replies", limits, () => {
  it("is closed at the hard limit, and others are answered meanwhile", async () => {
    await using server = await LocalServer.start(outputLimit(8 * mebibyte, 0, 0));
    const [slow, other] = [await server.connect(), await server.connect()];
    await other.run("SET", "k", Buffer.alloc(mebibyte));
    slow.socket.pause();
    slow.send(Buffer.from("GET k\r\n".repeat(100)));
    let worstMs = 0;
    while ((await statistic(other, "client_output_buffer_limit_disconnections")) === 0) {
      const start = performance.now();
      await other.run("PING");
      worstMs = Math.max(worstMs, performance.now() - start);
    }
    assert.ok(worstMs < 500, `another client waited ${worstMs} ms`);
    await server.untilClients(other, 1);
    slow.socket.resume();
    await slow.closed;
    assert.ok(slow.receivedBytes < 100 * mebibyte, `${slow.receivedBytes} bytes came`);
    assert.ok(server.log.some((line) => line.includes("overcoming of output buffer limits")));
  });

  it("cannot draw random elements beyond its limit, and nobody beyond 256 MB", async () => {
    await using server = await LocalServer.start(outputLimit(8 * mebibyte, 0, 0));
    const other = await server.connect();
    const text = "x".repeat(100_000);
    await other.run("SADD", "s", text);
    await other.run("HSET", "h", text, "value");
    await other.run("ZADD", "z", 1, text);
    for (const request of ["SRANDMEMBER s -1000", "HRANDFIELD h -1000", "ZRANDMEMBER z -1000"]) {
      const greedy = await server.connect();
      greedy.send(`${request}\r\n`);
      assert.deepEqual(await greedy.rest(), []);
    }
    const announced = await server.connect();
    announced.send("HRANDFIELD h -999999999\r\n");
    assert.deepEqual(await announced.rest(), []);
    assert.equal(await statistic(other, "client_output_buffer_limit_disconnections"), 4);
    await other.run("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0");
    const refused = new ReplyError("ERR the reply would be longer than 256 MB, ask for less");
    for (const request of [
      ["SRANDMEMBER", "s", -3000],
      ["SRANDMEMBER", "s", -45_000_000],
      ["HRANDFIELD", "h", -9_000_000_000_000],
      ["ZRANDMEMBER", "z", "-9223372036854775807"],
    ] as const) {
      assert.deepEqual(await other.run(...request), refused);
    }
    assert.equal(((await other.run("SRANDMEMBER", "s", -100)) as unknown[]).length, 100);
  });

  it("executes nothing more once it is closed", async () => {
    await using server = await LocalServer.start(outputLimit(2 * mebibyte, 0, 0));
    const [slow, other] = [await server.connect(), await server.connect()];
    await other.run("SET", "k", Buffer.alloc(4 * mebibyte));
    slow.send("GET k\r\nINCR after\r\nINCR after\r\n");
    await slow.closed;
    assert.equal(await other.run("EXISTS", "after"), 0);
  });

  it("is closed when it stays above the soft limit for its time", async () => {
    await using server = await LocalServer.start({
      ...outputLimit(0, 4 * mebibyte, 10),
      clock: "virtual",
    });
    const [slow, other] = [await server.connect(), await server.connect()];
    const id = await slow.text("CLIENT", "ID");
    await other.run("SET", "k", Buffer.alloc(mebibyte));
    slow.socket.pause();
    slow.send(Buffer.from("GET k\r\n".repeat(20)));
    while ((await outputBytes(other, id)) < 4 * mebibyte);
    server.advance(9000);
    assert.ok((await outputBytes(other, id)) > 0);
    server.advance(2000);
    assert.equal(await outputBytes(other, id), -1);
  });

  it("stays when it reads again in time", async () => {
    await using server = await LocalServer.start({
      ...outputLimit(0, 4 * mebibyte, 10),
      clock: "virtual",
    });
    const [slow, other] = [await server.connect(), await server.connect()];
    const id = await slow.text("CLIENT", "ID");
    await other.run("SET", "k", Buffer.alloc(mebibyte));
    slow.socket.pause();
    slow.send(Buffer.from("GET k\r\n".repeat(20)));
    while ((await outputBytes(other, id)) < 4 * mebibyte);
    server.advance(9000);
    slow.socket.resume();
    assert.equal((await slow.take(20)).length, 20);
    while ((await outputBytes(other, id)) > 0);
    server.advance(9000);
    assert.equal(await slow.run("PING"), "PONG");
  });
});

describe("a subscriber that does not read its messages", limits, () => {
  it("is closed at its own limit, and the publisher goes on", async () => {
    const none = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
    const pubsub = { hardBytes: 8 * mebibyte, softBytes: 0, softSeconds: 0 };
    const clientOutputBufferLimit = { normal: none, replica: none, pubsub };
    await using server = await LocalServer.start({ clientOutputBufferLimit });
    const [slow, publisher] = [await server.connect(), await server.connect()];
    const quick = await server.connect();
    quick.isDiscarding = true;
    quick.send("SUBSCRIBE news\r\n");
    await slow.run("SUBSCRIBE", "news");
    slow.socket.pause();
    const message = Buffer.alloc(mebibyte);
    let sent = 0;
    while ((await publisher.run("PUBLISH", "news", message)) === 2) sent++;
    assert.ok(sent >= 8 && sent < 60, `${sent} messages were sent to both`);
    assert.equal(await publisher.run("PUBLISH", "news", "last"), 1);
    assert.equal(await statistic(publisher, "client_output_buffer_limit_disconnections"), 1);
    slow.destroy();
  });
});

describe("a request that does not end", limits, () => {
  it("closes the client at the query buffer limit", async () => {
    await using server = await LocalServer.start({ clientQueryBufferLimit: mebibyte });
    const [client, other] = [await server.connect(), await server.connect()];
    client.send("*2\r\n$4\r\nECHO\r\n$3000000\r\n");
    client.send(Buffer.alloc(2 * mebibyte));
    await client.closed;
    assert.equal(await statistic(other, "client_query_buffer_limit_disconnections"), 1);
    await server.untilClients(other, 1);
  });

  it("holds no more memory than has arrived", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const other = await server.connect();
    const id = await client.text("CLIENT", "ID");
    client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\n");
    client.send(Buffer.alloc(100_000));
    let line = "";
    while (!/ qbuf=100\d\d\d /.test(line)) line = await other.text("CLIENT", "LIST");
    const found = line.split("\n").find((each) => each.startsWith(`id=${id} `));
    assert.ok(Number(/ tot-mem=(\d+)/.exec(found!)?.[1]) < 5 * mebibyte, found!);
  });
});

describe("maxclients", limits, () => {
  it("turns the next one away, with the reason", async () => {
    await using server = await LocalServer.start({ maxclients: 2 });
    const [a, b] = [await server.connect(), await server.connect()];
    const refused = await server.connectUnseen();
    const words = [new ReplyError("ERR max number of clients reached")];
    assert.deepEqual(await refused.rest(), words);
    assert.equal(await statistic(a, "rejected_connections"), 1);
    b.destroy();
    await server.untilClients(a, 1);
    await server.connect();
    assert.equal(await a.run("CONFIG", "SET", "maxclients", 3), "OK");
    await server.connect();
  });

  it("is no more than there are descriptors for", { skip: notLinux }, async () => {
    const wrapper = ["sh", "-c", 'ulimit -n 64 && exec "$@"', "sh"];
    await using server = await ServerProcess.start([], { wrapper });
    const clients = await Promise.all(Array.from({ length: 32 }, () => server.connect()));
    for (const each of clients) assert.equal(await each.run("PING"), "PONG");
    const words = new ReplyError("ERR max number of clients reached");
    assert.deepEqual(await (await server.connect()).rest(), [words]);
    const refusal = (await clients[0].run("CONFIG", "SET", "maxclients", 33)) as ReplyError;
    assert.match(refusal.text, /not able to handle the specified number of clients, try with 32$/);
    for (const each of clients) each.destroy();
  });

  it("is not needed to survive a lack of descriptors", { skip: notLinux }, async () => {
    await using server = await ServerProcess.start();
    server.limitDescriptors(64);
    const clients = await Promise.all(Array.from({ length: 100 }, () => server.connect()));
    const answers = await Promise.all(
      clients.map((each) => each.run("PING").catch(() => "closed")),
    );
    const served = answers.filter((each) => each === "PONG").length;
    assert.ok(served > 10 && served < 100, `${served} were served`);
    for (const each of clients) each.destroy();
    // The descriptors are free again as soon as the server has seen those go.
    for (;;) {
      const client = await server.connect();
      const answer = await client.run("PING").catch(() => "closed");
      client.destroy();
      if (answer === "PONG") break;
    }
  });
});

describe("timeout", limits, () => {
  it("closes who has been idle for longer", async () => {
    await using server = await LocalServer.start({ timeout: 10, clock: "virtual" });
    const [idle, busy] = [await server.connect(), await server.connect()];
    server.advance(6000);
    await busy.run("PING");
    server.advance(6000);
    await idle.closed;
    assert.equal(await busy.run("PING"), "PONG");
  });

  it("can be set while clients are connected", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const [idle, busy] = [await server.connect(), await server.connect()];
    server.advance(60_000);
    await busy.run("CONFIG", "SET", "timeout", 30);
    server.advance(1);
    await idle.closed;
    assert.equal(await busy.run("PING"), "PONG");
  });

  it("does not close subscribers", async () => {
    await using server = await LocalServer.start({ timeout: 10, clock: "virtual" });
    const subscriber = await server.connect();
    await subscriber.run("SUBSCRIBE", "news");
    server.advance(60_000);
    const publisher = await server.connect();
    assert.equal(await publisher.run("PUBLISH", "news", "late"), 1);
    assert.deepEqual(await subscriber.next(), ["message", "news", "late"]);
  });

  it("does not close who waits for the end of a pause", async () => {
    await using server = await LocalServer.start({ timeout: 10, clock: "virtual" });
    const [paused, other] = [await server.connect(), await server.connect()];
    await other.run("CLIENT", "PAUSE", 60_000, "WRITE");
    paused.send(encodeRequest(["SET", "k", "v"]));
    while (!(await other.text("CLIENT", "LIST")).includes("flags=b"));
    server.advance(30_000);
    assert.equal((await server.connect()).socket.destroyed, false);
    server.advance(30_000);
    assert.equal(await paused.next(), "OK");
  });
});
