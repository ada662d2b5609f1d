// Bytes over TLS: large replies, peers that read slowly, end their side, reset, or never get
// through the handshake.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { describe, it } from "node:test";
import { Config } from "../../src/server/config/config.ts";
import { Log } from "../../src/server/log.ts";
import { Server } from "../../src/server/server.ts";
import type { Client } from "../support/client.ts";
import { encodeRequest } from "../support/client.ts";
import { TlsServer, makeCertificates } from "../support/tls.ts";

const limits = { timeout: 60_000 };
const mebibyte = 1024 * 1024;
/** Node's types leave out that `tls.connect` takes what `net.connect` does. */
const halfOpen = { allowHalfOpen: true } as ConnectionOptions;

describe("replies over TLS", limits, () => {
  it("arrive whole and in order, large and small ones mixed", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const sizes = [1, 16_383, 16_384, 70_000, 262_143, 262_145, 3, 1_500_000, 10];
    const values = sizes.map((size, index) => String.fromCharCode(97 + index).repeat(size));
    for (const [index, value] of values.entries()) await client.run("SET", `k${index}`, value);
    const names = values.map((_, index) => `k${index}`);
    const requests = [...names, ...names.toReversed(), ...names].map((name) => `GET ${name}`);
    const replies = await client.pipeline(...requests);
    assert.deepEqual(replies, [...values, ...values.toReversed(), ...values]);
  });

  it("of a hundred megabytes arrive, and others are served meanwhile", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const other = await server.connect();
    await client.run("SET", "k", "v".repeat(mebibyte));
    client.isDiscarding = true;
    client.receivedBytes = 0;
    client.send(Buffer.concat(Array.from({ length: 100 }, () => encodeRequest(["GET", "k"]))));
    const expected = 100 * (mebibyte + "$1048576\r\n\r\n".length);
    let answered = 0;
    while (client.receivedBytes < expected) {
      assert.equal(await other.run("PING"), "PONG");
      answered++;
    }
    assert.equal(client.receivedBytes, expected);
    assert.ok(answered > 10, `${answered} answers`);
  });

  it("are bounded for a client that does not read", async () => {
    const limit = { hardBytes: 4 * mebibyte, softBytes: 0, softSeconds: 0 };
    await using server = await TlsServer.start({
      clientOutputBufferLimit: { normal: limit, replica: limit, pubsub: limit },
    });
    const client = await server.connect();
    const other = await server.connect();
    await client.run("SET", "k", "v".repeat(mebibyte));
    client.socket.pause();
    // What the systems at both ends take between them is a few megabytes.
    for (let sent = 0; sent < 64; sent++) client.send(encodeRequest(["GET", "k"]));
    await server.local.untilClients(other, 1);
    const line = server.local.log.find((each) => each.includes("overcoming of output buffer"));
    const [, bytes] = / omem=(\d+) /.exec(line ?? "") ?? [];
    assert.ok(Number(bytes) >= 4 * mebibyte && Number(bytes) < 8 * mebibyte, String(line));
  });

  it("do not all wait encrypted for a client that reads late", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    await client.run("SET", "k", "v".repeat(mebibyte));
    client.isDiscarding = true;
    client.receivedBytes = 0;
    client.socket.pause();
    client.send(Buffer.concat(Array.from({ length: 32 }, () => encodeRequest(["GET", "k"]))));
    const other = await server.connect();
    let waiting = 0;
    // It has all been executed when nothing is left to be read, and then most of it waits.
    while (waiting < 16 * mebibyte) {
      const list = await other.text("CLIENT", "LIST");
      waiting = Math.max(...[...list.matchAll(/ omem=(\d+) /g)].map(([, bytes]) => Number(bytes)));
    }
    client.socket.resume();
    const expected = 32 * (mebibyte + "$1048576\r\n\r\n".length);
    while (client.receivedBytes < expected) await other.run("PING");
    assert.match(await other.text("CLIENT", "LIST"), / omem=0 .*\n.* omem=0 /);
  });

  it("come after the client has ended its side", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect(halfOpen);
    const value = "v".repeat(3 * mebibyte);
    client.send(encodeRequest(["SET", "k", value]));
    client.send(encodeRequest(["GET", "k"]));
    client.end();
    assert.deepEqual(await client.rest(), ["OK", value]);
  });

  it("end with QUIT's, and the end of the connection is told", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    client.send("PING\r\nQUIT\r\nPING\r\n");
    assert.deepEqual(await client.rest(), ["PONG", "OK"]);
  });

  it("come to many requests sent at once", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const value = "v".repeat(1000);
    const requests = Array.from({ length: 20_000 }, (_, index) =>
      encodeRequest(["SET", `k${index}`, value]),
    );
    client.send(Buffer.concat(requests));
    const replies = await client.take(requests.length);
    assert.ok(replies.every((reply) => reply === "OK"));
    assert.equal(await client.run("DBSIZE"), requests.length);
  });

  it("reach subscribers", async () => {
    await using server = await TlsServer.start();
    const subscriber = await server.connect();
    await subscriber.run("SUBSCRIBE", "c");
    const client = await server.connect();
    const text = "m".repeat(300_000);
    for (const each of [text, "short", text]) {
      assert.equal(await client.run("PUBLISH", "c", each), 1);
    }
    const messages = await subscriber.take(3);
    assert.deepEqual(messages, [
      ["message", "c", text],
      ["message", "c", "short"],
      ["message", "c", text],
    ]);
  });
});

describe("a handshake", limits, () => {
  it("that takes too long is given up", async () => {
    await using server = await impatientServer(50);
    const silent = await connected(server.core.tlsPort);
    await once(silent, "close");
    const half = await connected(server.core.tlsPort);
    // The beginning of a handshake record, and no more of it.
    half.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    await once(half, "close");
    const lines = server.log.filter((line) =>
      /client connection: TLS handshake timeout/.test(line),
    );
    assert.equal(lines.length, 2);
  });

  // Much less than the time that a handshake may take: it is given up when the peer has ended.
  it("that is cut off or nonsense harms nobody", { timeout: 10_000 }, async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const closings: Promise<unknown>[] = [];
    for (let index = 0; index < 60; index++) {
      const socket = await connected(server.port);
      closings.push(new Promise((resolve) => socket.on("close", resolve)));
      if (index % 3 === 0) socket.resetAndDestroy();
      else if (index % 3 === 1) socket.end(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]));
      else socket.write(Buffer.alloc(100_000, index));
    }
    await Promise.all(closings);
    assert.equal(await client.run("PING"), "PONG");
    await server.connect();
  });

  it("is made with everybody of a crowd, while clients are served", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const joined: Client[] = [];
    const crowd = Promise.all(
      Array.from({ length: 100 }, async () => joined.push(await server.connect())),
    );
    while (joined.length < 100) assert.equal(await client.run("PING"), "PONG");
    await crowd;
    assert.match(await client.text("INFO", "clients"), /connected_clients:101\r\n/);
  });

  it("that is under way does not hold up the end", async () => {
    const server = await impatientServer(60_000);
    const socket = await connected(server.core.tlsPort);
    const closed = once(socket, "close");
    await server[Symbol.asyncDispose]();
    await closed;
  });
});

/** A server that gives up handshakes after so long. */
async function impatientServer(handshakeMsMax: number): Promise<
  AsyncDisposable & {
    core: Server;
    log: string[];
  }
> {
  const { options, folder } = makeCertificates();
  const config = new Config();
  assert.equal(
    config.loadValues({ ...options, port: 0, bind: ["127.0.0.1"], save: [] }),
    undefined,
  );
  const log: string[] = [];
  const sink = { write: (line: string) => void log.push(line) };
  const core = new Server({ config, log: new Log({ sink }), anyTlsPort: true, handshakeMsMax });
  await core.listen();
  core.start();
  return {
    core,
    log,
    async [Symbol.asyncDispose]() {
      await core.close();
      folder[Symbol.dispose]();
    },
  };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  socket.resume();
  await once(socket, "connect");
  return socket;
}
