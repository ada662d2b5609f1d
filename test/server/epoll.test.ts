// Our own event loop beside Node's, in one process: neither keeps the other waiting, whoever has
// more to do. The other tests of the server run over it too: `RESPITE_TEST_TRANSPORT=epoll`.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, get } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer } from "../../src/index.ts";
import { seededRandom } from "../../src/bytes/random.ts";
import { Client } from "../support/client.ts";
import { LocalServer, ServerProcess } from "../support/server.ts";
import { TlsServer } from "../support/tls.ts";

const limits = {
  timeout: 60_000,
  skip: process.platform === "linux" ? false : "our own event loop is for Linux",
};
const epoll = { ioTransport: "epoll" } as const;

/** CPU time of a second without work that is let pass; it is 4 to 5 ms on a calm machine. */
const idleMsMax = 15;

/** Sends pipelines, and takes the replies, until it is told to stop; how many there were. */
class Load {
  replies = 0;
  #isStopped = false;
  readonly #done: Promise<void>;

  constructor(client: Client) {
    this.#done = this.#run(client);
  }

  async #run(client: Client): Promise<void> {
    const requests = Buffer.from("SET k some-value\r\nGET k\r\n".repeat(500));
    while (!this.#isStopped) {
      client.send(requests);
      await client.take(1000);
      this.replies += 1000;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }
}

describe("under full load", limits, () => {
  it("timers, files, HTTP, TLS clients and signals of the same process go on", async () => {
    await using server = await TlsServer.start({ ...epoll, port: 0 });
    const encrypted = await server.connect();
    const load = new Load(await server.local.connect());
    const directory = mkdtempSync(join(tmpdir(), "respite-epoll-"));
    const http = createHttpServer((_request, response) => response.end("hello"));
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    try {
      const before = load.replies;
      const start = performance.now();
      for (let round = 1; round <= 20; round++) {
        await sleep(1);
        const file = join(directory, `file ${round}`);
        await writeFile(file, `round ${round}`);
        assert.equal(await readFile(file, "utf8"), `round ${round}`);
        const [response] = (await once(get({ port, agent: false }), "response")) as [
          IncomingMessage,
        ];
        assert.equal((await response.toArray()).join(""), "hello");
        assert.equal(await encrypted.run("GET", "k"), "some-value");
        const signal = once(process, "SIGWINCH");
        process.kill(process.pid, "SIGWINCH");
        await signal;
      }
      const perRoundMs = (performance.now() - start) / 20;
      assert.ok(perRoundMs < 500, `a round took ${perRoundMs} ms`);
      assert.ok(load.replies > before, "the server's client was kept waiting");
    } finally {
      await load.stop();
      http.close();
      rmSync(directory, { recursive: true });
    }
  });
});

describe("an idle server", limits, () => {
  it("takes next to no CPU time", async () => {
    await using server = await ServerProcess.start(["--io-transport", "epoll"]);
    const client = await server.connect();
    await client.run("SET", "k", "v");
    // Other work on the machine makes every wakeup dearer, and the program has just started: one
    // calm second in ten is enough to show that nothing runs all the time.
    const seconds: number[] = [];
    while (seconds.length < 10 && !seconds.some((each) => each < idleMsMax)) {
      const before = await cpuMs(client);
      await sleep(1000);
      seconds.push((await cpuMs(client)) - before);
    }
    assert.ok(Math.min(...seconds) < idleMsMax, `${seconds.join(", ")} ms of CPU time a second`);
  });
});

describe("memory that is not needed any more", limits, () => {
  it("goes back to the system as it is freed, which happens in slices", async () => {
    const transport = ["--io-transport", "epoll"];
    await using server = await ServerProcess.start([...transport, "--enable-debug-command", "yes"]);
    const client = await server.connect();
    const empty = await residentMiB(client);
    assert.equal(await client.run("DEBUG", "POPULATE", "200000", "key", "300"), "OK");
    const full = await residentMiB(client);
    assert.ok(full > empty + 60, `${empty} and then ${full} MiB`);
    await client.run("FLUSHALL");
    const end = performance.now() + 20_000;
    let flushed = full;
    while (flushed > full - 50 && performance.now() < end) flushed = await residentMiB(client);
    assert.ok(flushed <= full - 50, `${full} and then ${flushed} MiB`);
    await client.run("MEMORY", "PURGE");
    assert.equal(await client.run("SET", "k", "v"), "OK");
  });
});

/** Memory of the server that is not its program's own text. */
async function residentMiB(client: Client): Promise<number> {
  const [, pid] = /process_id:(\d+)/.exec(await client.text("INFO", "server")) ?? [];
  const [, kiB] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
  return Number(kiB) / 1024;
}

/** CPU time of the server so far. */
async function cpuMs(client: Client): Promise<number> {
  const info = await client.text("INFO", "cpu");
  const seconds = [...info.matchAll(/used_cpu_(?:sys|user):([\d.]+)/g)].map((each) => +each[1]);
  return seconds.reduce((sum, each) => sum + each, 0) * 1000;
}

describe("connections over our own loop", limits, () => {
  it("listen on IPv6, on names and on Unix sockets", async () => {
    const directory = mkdtempSync(join(tmpdir(), "respite-epoll-"));
    const path = join(directory, "socket");
    const server = await createServer({ ...epoll, host: "localhost", unixsocket: path });
    try {
      for (const target of [{ port: server.port, host: "localhost" }, { path }]) {
        const client = await Client.connect(target);
        assert.equal(await client.run("PING"), "PONG");
        const list = await client.text("CLIENT", "LIST");
        assert.match(list, "path" in target ? / flags=U / : / addr=\S+:\d+ laddr=\S+:\d+ /);
        client.destroy();
      }
    } finally {
      await server.close();
      rmSync(directory, { recursive: true });
    }
  });

  it("say like Node why they cannot be listened for", async () => {
    await using server = await LocalServer.start(epoll);
    await assert.rejects(createServer({ ...epoll, port: server.port }), /EADDRINUSE/);
    await assert.rejects(createServer({ ...epoll, host: "192.0.2.1" }), /EADDRNOTAVAIL/);
    const unixsocket = join(tmpdir(), "x".repeat(120));
    await assert.rejects(createServer({ ...epoll, unixsocket }), /ENAMETOOLONG/);
  });

  it("that a peer resets are gone, also while nothing is read from them", async () => {
    await using server = await LocalServer.start(epoll);
    const asker = await server.connect();
    const reset = await server.connect();
    reset.send("BLPOP nothing 0\r\n");
    await asker.run("PING");
    reset.socket.resetAndDestroy();
    await server.untilClients(asker, 1);
    const paused = await server.connect();
    // More than is held back for one who has not had its turn.
    paused.send(Buffer.from("DEBUG SLEEP 0.001\r\n".repeat(20_000)));
    await asker.run("PING");
    paused.socket.resetAndDestroy();
    await server.untilClients(asker, 1);
  });

  it("take large arguments in any pieces, and what comes behind them", async () => {
    await using server = await LocalServer.start(epoll);
    const random = seededRandom(7);
    for (const size of [65_535, 65_536, 200_000, 1_048_576, 5_000_000]) {
      const client = await server.connect();
      const value = Buffer.alloc(size);
      for (let at = 0; at < size; at += 1000) value.writeUInt8(random.below(256), at);
      const head = `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${size}\r\n`;
      const tail = "\r\nECHO behind\r\nSTRLEN k\r\n";
      const bytes = Buffer.concat([Buffer.from(head), value, Buffer.from(tail)]);
      for (let at = 0; at < bytes.length;) {
        const end = Math.min(bytes.length, at + 1 + random.below(300_000));
        client.send(bytes.subarray(at, end));
        at = end;
        if (random.below(3) === 0) await sleep(1);
      }
      assert.deepEqual(await client.take(3), ["OK", "behind", size]);
      // Half an argument, and then the peer is gone: nothing is left of it.
      const leaving = await server.connect();
      leaving.send(bytes.subarray(0, size >> 1));
      await sleep(2);
      leaving.destroy();
      assert.equal(await client.run("GET", "k"), value.toString("latin1"));
      client.destroy();
    }
  });

  it("carry replies that are larger than what the system takes at once", async () => {
    await using server = await LocalServer.start(epoll);
    const client = await server.connect();
    const value = Buffer.alloc(8 * 1024 * 1024, "respite ");
    await client.run("SET", "k", value);
    client.socket.pause();
    client.send("GET k\r\n".repeat(4));
    const other = await server.connect();
    while (!/ omem=\d{8} /.test(await other.text("CLIENT", "LIST")));
    client.socket.resume();
    for (const reply of await client.take(4)) assert.equal(reply, value.toString("latin1"));
    client.send("GET k\r\nPING\r\n");
    assert.equal((await client.take(2))[1], "PONG");
  });

  it("end when both sides have said all that they have to say", async () => {
    await using server = await LocalServer.start(epoll);
    const client = await server.connect();
    client.send("SET k v\r\nGET k\r\n");
    client.end();
    assert.deepEqual(await client.rest(), ["OK", "v"]);
    const quitting = await server.connect();
    quitting.send("QUIT\r\nPING\r\n");
    assert.deepEqual(await quitting.rest(), ["OK"]);
  });
});
