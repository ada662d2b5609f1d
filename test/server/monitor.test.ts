// MONITOR: what watching clients see of others and of themselves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 30_000 };

/** The next lines, without time and address. */
async function seen(monitor: Client, count: number): Promise<string[]> {
  const lines = (await monitor.take(count)) as string[];
  return lines.map((line) => {
    assert.match(line, /^\d+\.\d{6} \[\d+ \S+\] "/);
    return line.slice(line.indexOf("] ") + 2);
  });
}

describe("MONITOR", limits, () => {
  it("shows time, database, address and the words, escaped", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const [monitor, client] = [await server.connect(), await server.connect()];
    assert.equal(await monitor.run("MONITOR"), "OK");
    await client.run("SELECT", 3);
    await client.run("set", "a\\b", Buffer.from('\x00\x07\x08\t\n\r"\x7f\xff', "latin1"));
    await seen(monitor, 1);
    const [line] = await monitor.take(1);
    const seconds = (server.server.clock.nowMs() / 1000).toFixed(3);
    const source = `${seconds}000 [3 127.0.0.1:${client.socket.localPort}]`;
    assert.equal(line, `${source} "set" "a\\\\b" "\\x00\\a\\b\\t\\n\\r\\"\\x7f\\xff"`);
  });

  it("shows what EXEC runs before it, nothing that was refused, no administration", async () => {
    await using server = await LocalServer.start();
    const [monitor, client] = [await server.connect(), await server.connect()];
    await monitor.run("MONITOR");
    await client.pipeline("MULTI", "SET a 1", "EXEC");
    await client.run("NOSUCH");
    await client.run("GET");
    await client.run("CONFIG", "GET", "maxmemory");
    await client.run("AUTH", "user", "secret");
    await client.run("PING");
    assert.deepEqual(await seen(monitor, 5), [
      '"MULTI"',
      '"SET" "a" "1"',
      '"EXEC"',
      '"AUTH" "(redacted)" "(redacted)"',
      '"PING"',
    ]);
  });

  it("shows a command that waits once, when it begins to", async () => {
    await using server = await LocalServer.start();
    const [monitor, waiting] = [await server.connect(), await server.connect()];
    const client = await server.connect();
    await monitor.run("MONITOR");
    waiting.send("BLPOP l 0\r\n");
    assert.deepEqual(await seen(monitor, 1), ['"BLPOP" "l" "0"']);
    await client.run("RPUSH", "l", "v");
    await waiting.next();
    await client.run("PING");
    assert.deepEqual(await seen(monitor, 2), ['"RPUSH" "l" "v"', '"PING"']);
  });

  it("is left by RESET, QUIT and the end of the connection", async () => {
    await using server = await LocalServer.start();
    const clients = [await server.connect(), await server.connect(), await server.connect()];
    const client = await server.connect();
    for (const each of clients) await each.run("MONITOR");
    const flags = async (): Promise<number> =>
      (await client.text("CLIENT", "LIST")).split(" flags=O ").length - 1;
    assert.equal(await flags(), 3);
    assert.equal(await clients[0].run("RESET"), "RESET");
    assert.equal(await flags(), 2);
    await clients[1].run("QUIT");
    await clients[1].closed;
    clients[2].destroy();
    await server.untilClients(client, 2);
    assert.equal(await flags(), 0);
    assert.equal(await clients[0].run("SET", "k", "v"), "OK");
  });

  it("lets the one who watches see itself, but not touch keys", async () => {
    await using server = await LocalServer.start();
    const monitor = await server.connect();
    await monitor.run("MONITOR");
    const refusal = new ReplyError("ERR Replica can't interact with the keyspace");
    assert.deepEqual(await monitor.run("GET", "k"), refusal);
    assert.deepEqual(await monitor.run("PUBLISH", "c", "m"), refusal);
    assert.equal(await monitor.run("PING"), "PONG");
    assert.deepEqual(await seen(monitor, 1), ['"PING"']);
    monitor.send("MONITOR\r\nPING\r\n");
    assert.equal(await monitor.next(), "PONG");
  });

  it("is refused in a transaction", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const replies = await client.pipeline("MULTI", "MONITOR", "EXEC");
    const denied = new ReplyError("ERR MONITOR isn't allowed for DENY BLOCKING client");
    assert.deepEqual(replies[2], [denied]);
  });

  it("delays nobody when it is slow, and ends at its output limit", async () => {
    await using server = await LocalServer.start();
    const [monitor, client] = [await server.connect(), await server.connect()];
    await client.run("CONFIG", "SET", "client-output-buffer-limit", "normal 1mb 0 0");
    await monitor.run("MONITOR");
    monitor.socket.pause();
    const value = Buffer.alloc(1024 * 1024, "x");
    while ((await client.text("CLIENT", "LIST")).includes(" flags=O ")) {
      assert.equal(await client.run("SET", "k", value), "OK");
    }
    monitor.socket.resume();
    await monitor.closed;
  });
});
