// MIGRATE between two servers: what arrives, what stays, and what a client is told when the other
// side refuses, is silent or is not there.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 30_000 };
const host = "127.0.0.1";

function refused(reason: string): ReplyError {
  return new ReplyError(`ERR Target instance replied with error: ${reason}`);
}

describe("keys that move to another server", limits, () => {
  it("are there and no longer here, with their times to live", async () => {
    await using from = await LocalServer.start();
    await using to = await LocalServer.start();
    const [source, target] = [await from.connect(), await to.connect()];
    await source.run("RPUSH", "list", "a", "b");
    await source.run("SET", "volatile", "v", "EX", 100);
    await source.run("SET", "other", "o");
    const { port } = to;
    assert.equal(await source.run("MIGRATE", host, port, "list", 3, 1000), "OK");
    const keys = ["volatile", "other", "missing"];
    assert.equal(await source.run("MIGRATE", host, port, "", 3, 1000, "KEYS", ...keys), "OK");
    assert.equal(await source.run("DBSIZE"), 0);
    await target.run("SELECT", 3);
    assert.deepEqual(await target.run("LRANGE", "list", 0, -1), ["a", "b"]);
    assert.equal(await target.run("GET", "other"), "o");
    const ttl = Number(await target.run("TTL", "volatile"));
    assert.ok(ttl > 90 && ttl <= 100, `${ttl}`);
    assert.match(await source.text("INFO", "stats"), /migrate_cached_sockets:1/);
    assert.equal(await source.run("MIGRATE", host, port, "list", 3, 1000), "NOKEY");
  });

  it("stay when the other side does not take them, or when they are to be copied", async () => {
    await using from = await LocalServer.start();
    await using to = await LocalServer.start({ requirepass: "secret" });
    const [source, target] = [await from.connect(), await to.connectUnseen()];
    await target.run("AUTH", "secret");
    await source.run("MSET", "a", 1, "b", 2);
    await target.run("SET", "a", "taken");
    const request = ["MIGRATE", host, to.port, "", 0, 1000];
    const both = ["KEYS", "a", "b"];
    const denied = refused("NOAUTH Authentication required.");
    assert.deepEqual(await source.run(...request, ...both), denied);
    const auth = ["AUTH", "secret"];
    const taken = refused("BUSYKEY Target key name already exists.");
    assert.deepEqual(await source.run(...request, ...auth, ...both), taken);
    assert.deepEqual(await source.run("MGET", "a", "b"), ["1", null]);
    const auth2 = ["AUTH2", "default", "secret"];
    assert.equal(await source.run(...request, "COPY", "REPLACE", ...auth2, "KEYS", "a"), "OK");
    assert.deepEqual(await source.run("MGET", "a"), ["1"]);
    assert.deepEqual(await target.run("MGET", "a", "b"), ["1", "2"]);
  });

  it("are told of to replicas and files as deleted", async () => {
    await using from = await LocalServer.start();
    await using to = await LocalServer.start();
    const [source, events] = [await from.connect(), await from.connect()];
    await source.run("CONFIG", "SET", "notify-keyspace-events", "KA");
    await events.run("SUBSCRIBE", "__keyspace@0__:a");
    await source.run("SET", "a", 1);
    await events.next();
    await source.run("MIGRATE", host, to.port, "a", 0, 1000);
    assert.deepEqual(await events.next(), ["message", "__keyspace@0__:a", "del"]);
  });
});

describe("a server that does not answer", limits, () => {
  it("is given up when the time is over, and others wait so long", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    silent.listen(0, host);
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    await using from = await LocalServer.start();
    const [source, other] = [await from.connect(), await from.connect()];
    await source.run("SET", "a", 1);
    source.send(`MIGRATE ${host} ${port} a 0 100\r\n`);
    await once(silent, "connection");
    const written = other.run("SET", "a", 2);
    const reason = "IOERR error or timeout connecting to the client";
    assert.deepEqual(await source.next(), new ReplyError(reason));
    assert.equal(await written, "OK");
    assert.equal(await source.run("GET", "a"), "2");
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it("because it is not there is an error at once", async () => {
    await using from = await LocalServer.start();
    const source = await from.connect();
    const closed = createServer();
    closed.listen(0, host);
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, "close");
    await source.run("SET", "a", 1);
    const reason = "IOERR error or timeout connecting to the client";
    assert.deepEqual(await source.run("MIGRATE", host, port, "a", 0, 5000), new ReplyError(reason));
    assert.equal(await source.run("EXISTS", "a"), 1);
  });
});

describe("a MIGRATE that is wrong", limits, () => {
  it("says what is", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("SET", "a", 1);
    const start = ["MIGRATE", host, 1, "a", 0, 10];
    for (const [request, reason] of [
      [[...start, "NOSUCH"], "ERR syntax error"],
      [[...start, "AUTH"], "ERR syntax error"],
      [
        [...start, "KEYS", "a"],
        "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
      ],
      [["MIGRATE", host, 1, "a", "x", 10], "ERR value is not an integer or out of range"],
    ] as const) {
      assert.deepEqual(await client.run(...request), new ReplyError(reason));
    }
    await client.run("MULTI");
    await client.run(...start);
    const reason = "ERR MIGRATE cannot be part of a transaction or a script here";
    assert.deepEqual(await client.run("EXEC"), [new ReplyError(reason)]);
  });
});
