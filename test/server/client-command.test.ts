// CLIENT: what it tells of connections and does to them, with several real ones.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { encodeRequest } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 30_000 };

async function lines(client: Client): Promise<string[]> {
  return (await client.text("CLIENT", "LIST")).trimEnd().split("\n");
}

/** Waits until a line of CLIENT LIST has the text. */
async function untilListed(client: Client, text: string): Promise<void> {
  while (!(await lines(client)).some((line) => line.includes(text)));
}

async function localAddress(client: Client): Promise<string> {
  return / addr=(\S+)/.exec(await client.text("CLIENT", "INFO"))![1];
}

describe("CLIENT LIST and INFO", limits, () => {
  it("show who is connected, as the client itself sees it", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const [a, b] = [await server.connect(), await server.connect()];
    await a.run("CLIENT", "SETNAME", "first");
    await a.run("CLIENT", "SETINFO", "LIB-NAME", "lib");
    await a.run("CLIENT", "SETINFO", "lib-ver", "1.2");
    await a.run("CLIENT", "NO-EVICT", "ON");
    await a.run("CLIENT", "NO-TOUCH", "ON");
    await a.run("SELECT", 2);
    server.advance(5000);
    const id = await a.text("CLIENT", "ID");
    const { localPort } = a.socket;
    const info = await a.text("CLIENT", "INFO");
    const start = `id=${id} addr=127.0.0.1:${localPort} laddr=127.0.0.1:${server.port} `;
    assert.ok(info.startsWith(start), info);
    const rest =
      / name=first age=5 idle=0 flags=eT db=2 .* cmd=client\|info user=default .* resp=2 /;
    assert.match(info, rest);
    assert.match(info, / lib-name=lib lib-ver=1.2/);
    const list = await lines(b);
    assert.equal(list.length, 2);
    assert.ok(list[0].startsWith(start) && list[0].includes(" cmd=client|info "));
    const byId = await b.text("CLIENT", "LIST", "ID", id, "99999");
    assert.equal(byId.trimEnd().split("\n").length, 1);
  });
});

describe("CLIENT KILL", limits, () => {
  it("closes by address, by id, by filters, and counts", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const old = [await server.connect(), await server.connect(), await server.connect()];
    server.advance(60_000);
    const [me, young] = [await server.connect(), await server.connect()];
    const id = await old[0].text("CLIENT", "ID");
    assert.equal(await me.run("CLIENT", "KILL", "ID", id), 1);
    await old[0].closed;
    assert.equal(await me.run("CLIENT", "KILL", "ID", id), 0);
    assert.equal(await me.run("CLIENT", "KILL", await localAddress(old[1])), "OK");
    await old[1].closed;
    const missing = await me.run("CLIENT", "KILL", "1.2.3.4:5");
    assert.deepEqual(missing, new ReplyError("ERR No such client"));
    assert.equal(await me.run("CLIENT", "KILL", "MAXAGE", 30), 1);
    await old[2].closed;
    const laddr = `127.0.0.1:${server.port}`;
    assert.equal(await me.run("CLIENT", "KILL", "LADDR", laddr, "TYPE", "normal"), 1);
    await young.closed;
    assert.equal(await me.run("PING"), "PONG");
  });

  it("of oneself comes with a reply, also when the request came in pieces", async () => {
    await using server = await LocalServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    const bytes = encodeRequest(["CLIENT", "KILL", "TYPE", "NORMAL", "SKIPME", "NO"]);
    client.send(bytes.subarray(0, 40));
    await other.run("PING");
    await other.run("PING");
    client.send(bytes.subarray(40));
    assert.deepEqual(await client.rest(), [2]);
    await other.closed;
  });

  it("loses the killed client's replies and stops its requests", async () => {
    await using server = await LocalServer.start();
    const [victim, killer] = [await server.connect(), await server.connect()];
    const id = await victim.text("CLIENT", "ID");
    await killer.run("SET", "k", Buffer.alloc(8 * 1024 * 1024));
    victim.socket.pause();
    victim.send("GET k\r\n".repeat(10));
    await untilListed(killer, "events=rw");
    assert.equal(await killer.run("CLIENT", "KILL", "ID", id), 1);
    assert.equal((await lines(killer)).length, 1);
    victim.socket.resume();
    await victim.closed;
  });
});

describe("CLIENT PAUSE", limits, () => {
  it("holds writes back, in order, until UNPAUSE", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const [a, b] = [await server.connect(), await server.connect()];
    await b.run("CLIENT", "PAUSE", 100_000, "WRITE");
    a.send("GET k\r\nSET k 1\r\nINCR k\r\n");
    assert.equal(await a.next(), null);
    await untilListed(b, "flags=b");
    assert.equal(await b.run("GET", "k"), null);
    assert.equal(await b.run("CLIENT", "UNPAUSE"), "OK");
    assert.deepEqual(await a.take(2), ["OK", 2]);
  });

  it("ends with its time, and with the server", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const [a, b] = [await server.connect(), await server.connect()];
    await b.run("CLIENT", "PAUSE", 5000, "ALL");
    a.send("PING\r\n");
    b.send("PING\r\n");
    server.advance(4999);
    server.advance(1);
    assert.deepEqual([await a.next(), await b.next()], ["PONG", "PONG"]);
    await b.run("CLIENT", "PAUSE", 5000, "WRITE");
    a.send("SET k v\r\n");
    await untilListed(b, "flags=b");
    await server.server.close();
    assert.deepEqual([await a.rest(), await b.rest()], [[], []]);
  });

  it("is left by a client that goes away", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const [a, b] = [await server.connect(), await server.connect()];
    await b.run("CLIENT", "PAUSE", 5000, "WRITE");
    a.send("SET k v\r\n");
    await untilListed(b, "flags=b");
    a.destroy();
    await server.untilClients(b, 1);
    await b.run("CLIENT", "UNPAUSE");
    assert.equal(await b.run("EXISTS", "k"), 0);
  });
});

describe("a blocked client", limits, () => {
  it("gets its replies in the order of its requests", async () => {
    await using server = await LocalServer.start();
    const [a, b] = [await server.connect(), await server.connect()];
    a.send(encodeRequest(["BLPOP", "l", 0]));
    await untilListed(b, "flags=b");
    a.send("PING\r\nECHO x\r\n");
    await untilListed(b, "qbuf=14 ");
    await b.run("RPUSH", "l", "v");
    assert.deepEqual(await a.take(3), [["l", "v"], "PONG", "x"]);
  });

  it("goes on with what came behind a request in pieces", async () => {
    await using server = await LocalServer.start();
    const [a, b] = [await server.connect(), await server.connect()];
    const blpop = encodeRequest(["BLPOP", "a-long-name-of-a-list", 0]);
    a.send(blpop.subarray(0, 30));
    await b.run("PING");
    await b.run("PING");
    a.send(Buffer.concat([blpop.subarray(30), Buffer.from("PING\r\n")]));
    await untilListed(b, "flags=b");
    await b.run("RPUSH", "a-long-name-of-a-list", "v");
    assert.deepEqual(await a.take(2), [["a-long-name-of-a-list", "v"], "PONG"]);
  });

  it("is woken by UNBLOCK, as if in vain or with an error", async () => {
    await using server = await LocalServer.start();
    const [a, b] = [await server.connect(), await server.connect()];
    const id = await a.text("CLIENT", "ID");
    a.send("BLPOP l 0\r\n");
    await untilListed(b, "flags=b");
    assert.equal(await b.run("CLIENT", "UNBLOCK", id), 1);
    assert.equal(await a.next(), null);
    a.send("BLPOP l 0\r\n");
    await untilListed(b, "flags=b");
    assert.equal(await b.run("CLIENT", "UNBLOCK", id, "ERROR"), 1);
    const unblocked = new ReplyError("UNBLOCKED client unblocked via CLIENT UNBLOCK");
    assert.deepEqual(await a.next(), unblocked);
    assert.equal(await b.run("CLIENT", "UNBLOCK", id), 0);
  });

  it("that closes its side leaves the queue: nothing is taken for it", async () => {
    await using server = await LocalServer.start();
    const [a, b] = [await server.connect(), await server.connect()];
    a.send("BLPOP l 0\r\nSET after 1\r\n");
    await untilListed(b, "flags=b");
    a.end();
    assert.deepEqual(await a.rest(), []);
    await server.untilClients(b, 1);
    await b.run("RPUSH", "l", "v");
    assert.deepEqual([await b.run("LLEN", "l"), await b.run("EXISTS", "after")], [1, 0]);
    assert.match(await b.text("INFO", "clients"), /blocked_clients:0\r\n/);
  });

  it("is not idle, and has not been when it is served", async () => {
    await using server = await LocalServer.start({ timeout: 10, clock: "virtual" });
    const [a, b] = [await server.connect(), await server.connect()];
    a.send("BLPOP l 20\r\n");
    await untilListed(b, "flags=b");
    server.advance(9000);
    await b.run("PING");
    server.advance(9000);
    await b.run("PING");
    server.advance(3000);
    assert.equal(await a.next(), null);
    server.advance(9000);
    assert.equal(await a.run("PING"), "PONG");
  });

  it("does not keep the server from closing", async () => {
    await using server = await LocalServer.start();
    const [a, b] = [await server.connect(), await server.connect()];
    a.send("BLPOP l 0\r\n");
    await untilListed(b, "flags=b");
    await server.server.close();
    assert.deepEqual([await a.rest(), await b.rest()], [[], []]);
  });
});
