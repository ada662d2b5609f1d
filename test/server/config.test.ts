// CONFIG over the wire: what CONFIG SET changes in a running server, and that CONFIG REWRITE writes
// a file that the next start reads.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { Client } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer, ServerProcess } from "../support/server.ts";

const limits = { timeout: 30_000 };
const directory = mkdtempSync(join(tmpdir(), "respite-config-"));
after(() => rmSync(directory, { recursive: true }));

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Connects at once: whoever was told of the port may rely on it. */
function connectTo(port: number, host = "127.0.0.1"): Promise<Client> {
  return Client.connect({ port, host });
}

/** Resolves when nobody listens any more. */
async function untilRefused(port: number, host = "127.0.0.1"): Promise<void> {
  for (;;) {
    const client = await Client.connect({ port, host }).catch(() => undefined);
    if (client === undefined) return;
    client.destroy();
  }
}

describe("CONFIG SET port", limits, () => {
  it("moves the listener and keeps the connections", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const old = server.port;
    const port = await freePort();
    assert.equal(await client.run("CONFIG", "SET", "port", port), "OK");
    const moved = await connectTo(port);
    await untilRefused(old);
    assert.equal(await moved.run("PING"), "PONG");
    assert.equal(await client.run("PING"), "PONG");
    assert.match(await client.text("INFO", "server"), new RegExp(`tcp_port:${port}\r\n`));
    moved.destroy();
  });

  it("refuses a port that is taken, and goes on as before", async () => {
    await using server = await LocalServer.start();
    await using other = await LocalServer.start();
    const client = await server.connect();
    const reply = await client.run("CONFIG", "SET", "port", other.port);
    const text =
      "ERR CONFIG SET failed (possibly related to argument 'port') - " +
      "Unable to listen on this port. Check server logs.";
    assert.deepEqual(reply, new ReplyError(text));
    assert.deepEqual(await client.run("CONFIG", "GET", "port"), ["port", "0"]);
    await server.connect();
  });

  it("twice at once ends with the last one, and leaves nobody on the first", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const old = server.port;
    const [a, b] = [await freePort(), await freePort()];
    await client.pipeline(`CONFIG SET port ${a}`, `CONFIG SET port ${b}`);
    (await connectTo(b)).destroy();
    await untilRefused(a);
    await untilRefused(old);
  });

  it("at the moment of closing leaves no listener", async () => {
    const server = await LocalServer.start();
    const client = await server.connect();
    const port = await freePort();
    await client.run("CONFIG", "SET", "port", port);
    await server[Symbol.asyncDispose]();
    await untilRefused(port);
  });
});

describe("CONFIG SET bind", limits, () => {
  it("moves to another address of the machine", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    assert.equal(await client.run("CONFIG", "SET", "bind", "127.0.0.2"), "OK");
    const moved = await connectTo(server.port, "127.0.0.2");
    await untilRefused(server.port);
    assert.equal(await client.run("CONFIG", "SET", "bind", "127.0.0.2 127.0.0.1"), "OK");
    (await connectTo(server.port)).destroy();
    assert.equal(await moved.run("PING"), "PONG");
    moved.destroy();
  });

  it("refuses an address that the machine has not, and goes on as before", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    for (const address of ["999.999.999.999", "203.0.113.7", "2001:db8::77"]) {
      const reply = (await client.run("CONFIG", "SET", "bind", address)) as ReplyError;
      assert.match(reply.text, /'bind'\) - Failed to bind to specified addresses\.$/);
    }
    assert.deepEqual(await client.run("CONFIG", "GET", "bind"), ["bind", "127.0.0.1"]);
    await server.connect();
  });

  it("falls back when a name turns out not to be found", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    assert.equal(await client.run("CONFIG", "SET", "bind", "no-such-host.invalid"), "OK");
    while (!server.log.some((line) => line.includes("after CONFIG SET"))) await client.run("PING");
    (await connectTo(server.port)).destroy();
  });
});

describe("CONFIG SET", limits, () => {
  it("changes all or nothing", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const reply = await client.run("CONFIG", "SET", "timeout", 7, "maxclients", "many");
    assert.ok(reply instanceof ReplyError);
    assert.deepEqual(await client.run("CONFIG", "GET", "timeout"), ["timeout", "0"]);
    assert.equal(await client.run("CONFIG", "SET", "timeout", 7, "maxclients", 77), "OK");
    const values = await client.run("CONFIG", "GET", "timeout", "maxclients");
    assert.deepEqual(values, ["timeout", "7", "maxclients", "77"]);
  });

  it("limits the length of arguments from the next request on", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("CONFIG", "SET", "proto-max-bulk-len", "1mb");
    client.send("*2\r\n$4\r\nECHO\r\n$1048577\r\n");
    const [error] = await client.rest();
    assert.deepEqual(error, new ReplyError("ERR Protocol error: invalid bulk length"));
  });

  it("puts maxmemory into effect", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    assert.equal(await client.run("CONFIG", "SET", "maxmemory", "1mb"), "OK");
    const reply = await client.run("SET", "k", Buffer.alloc(2 * 1024 * 1024));
    const text = "OOM command not allowed when used memory > 'maxmemory'.";
    const second = reply === "OK" ? await client.run("SET", "l", "v") : reply;
    assert.deepEqual(second, new ReplyError(text));
  });
});

describe("CONFIG SET oom-score-adj", { skip: process.platform !== "linux", ...limits }, () => {
  it("tells the kernel, and takes it back when another parameter is refused", async () => {
    await using server = await ServerProcess.start();
    const client = await server.connect();
    const score = (): number => Number(readFileSync(`/proc/${server.child.pid}/oom_score_adj`));
    const before = score();
    const scores = ["oom-score-adj", "yes", "oom-score-adj-values", "3 4 5"];
    const refused = await client.run("CONFIG", "SET", ...scores, "bind", "203.0.113.7");
    assert.ok(refused instanceof ReplyError);
    assert.equal(score(), before);
    assert.equal(await client.run("CONFIG", "SET", ...scores), "OK");
    assert.equal(score(), before + 3);
    assert.equal(await client.run("CONFIG", "SET", "oom-score-adj", "no"), "OK");
    assert.equal(score(), before);
  });
});

describe("CONFIG REWRITE", limits, () => {
  it("writes every parameter when DEBUG asks for it, and the next start reads them", async () => {
    const file = join(directory, "all.conf");
    writeFileSync(file, "enable-debug-command yes\nhz 20\n");
    {
      await using server = await ServerProcess.start([file, "--dir", directory]);
      const client = await server.connect();
      assert.equal(await client.run("DEBUG", "CONFIG-REWRITE-FORCE-ALL"), "OK");
      client.destroy();
    }
    assert.match(readFileSync(file, "utf8"), /^hz 20\n[^]*^maxclients 10000$/m);
    await using server = await ServerProcess.start([file, "--dir", directory]);
    const client = await server.connect();
    assert.deepEqual(await client.run("CONFIG", "GET", "hz"), ["hz", "20"]);
  });

  it("keeps the file's comments, and the next start has the values", async () => {
    const file = join(directory, "respite.conf");
    writeFileSync(file, "# mine\nmaxclients 500\n# the end\n");
    {
      await using server = await ServerProcess.start([file, "--dir", directory]);
      const client = await server.connect();
      assert.deepEqual(await client.run("CONFIG", "GET", "maxclients"), ["maxclients", "500"]);
      await client.run("CONFIG", "SET", "maxclients", 321, "requirepass", "a b");
      await client.run("CONFIG", "SET", "client-output-buffer-limit", "normal 1mb 2mb 3");
      assert.equal(await client.run("CONFIG", "REWRITE"), "OK");
      client.destroy();
    }
    const text = readFileSync(file, "utf8");
    assert.match(text, /^# mine\nmaxclients 321\n# the end\n/);
    await using server = await ServerProcess.start([file, "--dir", directory]);
    const client = await server.connect();
    assert.equal(await client.run("AUTH", "a b"), "OK");
    assert.deepEqual(await client.run("CONFIG", "GET", "maxclients"), ["maxclients", "321"]);
    const [, limit] = (await client.run("CONFIG", "GET", "client-output*")) as string[];
    assert.match(limit, /^normal 1048576 2097152 3 /);
    client.destroy();
  });

  it("says so when there is no file", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const text = "ERR The server is running without a config file";
    assert.deepEqual(await client.run("CONFIG", "REWRITE"), new ReplyError(text));
  });
});
