// Who may connect, from where, and with what: passwords, protected mode, addresses, Unix sockets.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createServer } from "../../src/index.ts";
import { Client } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 30_000 };
const directory = mkdtempSync(join(tmpdir(), "respite-access-"));
after(() => rmSync(directory, { recursive: true }));

const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
const outside = addresses.find((each) => each.family === "IPv4" && !each.internal)?.address;
const hasIpv6 = addresses.some((each) => each.address === "::1");
const isWindows = process.platform === "win32";
const noUnixSockets = isWindows && "there are no Unix sockets here";

function textOf(reply: unknown): string {
  assert.ok(reply instanceof ReplyError, String(reply));
  return reply.text;
}

describe("a password", limits, () => {
  it("is asked for before anything else", async () => {
    await using server = await LocalServer.start({ requirepass: "secret" });
    const client = await server.connectUnseen();
    assert.equal(textOf(await client.run("PING")), "NOAUTH Authentication required.");
    assert.match(textOf(await client.run("AUTH", "wrong")), /^WRONGPASS /);
    assert.match(textOf(await client.run("GET", "k")), /^NOAUTH /);
    assert.equal(await client.run("AUTH", "secret"), "OK");
    assert.equal(await client.run("PING"), "PONG");
  });

  it("is taken in the middle of a pipeline", async () => {
    await using server = await LocalServer.start({ requirepass: "secret" });
    const client = await server.connectUnseen();
    client.send("GET k\r\nAUTH secret\r\nSET k v\r\nGET k\r\n");
    const [denied, ...rest] = await client.take(4);
    assert.match(textOf(denied), /^NOAUTH/);
    assert.deepEqual(rest, ["OK", "OK", "v"]);
  });

  it("keeps those who do not know it from sending much", async () => {
    await using server = await LocalServer.start({ requirepass: "secret" });
    const many = await server.connectUnseen();
    many.send("*11\r\n");
    assert.match(textOf((await many.rest())[0]), /unauthenticated multibulk length/);
    const long = await server.connectUnseen();
    long.send("*2\r\n$4\r\nECHO\r\n$20000\r\n");
    assert.match(textOf((await long.rest())[0]), /unauthenticated bulk length/);
    const large = await server.connectUnseen();
    await large.run("AUTH", "secret");
    assert.equal((await large.text("ECHO", "x".repeat(20_000))).length, 20_000);
  });

  it("that is set later leaves those in who are in", async () => {
    await using server = await LocalServer.start();
    const early = await server.connect();
    assert.equal(await early.run("CONFIG", "SET", "requirepass", "p"), "OK");
    assert.equal(await early.run("PING"), "PONG");
    const late = await server.connectUnseen();
    assert.match(textOf(await late.run("PING")), /^NOAUTH/);
    await early.run("CONFIG", "SET", "requirepass", "");
    const open = await server.connectUnseen();
    assert.equal(await open.run("PING"), "PONG");
  });
});

describe("protected mode", limits, () => {
  const skip = outside === undefined && "this machine has no address but loopback";

  it("refuses other machines while there is no password", { skip }, async () => {
    await using server = await LocalServer.start({ host: "0.0.0.0" });
    const near = await Client.connect({ port: server.port, host: "127.0.0.1" });
    assert.equal(await near.run("PING"), "PONG");
    // An address of this machine that is not loopback looks like another machine's.
    const far = await Client.connect({ port: server.port, host: outside! });
    assert.match(textOf((await far.rest())[0]), /^DENIED Redis is running in protected mode/);
    await near.run("CONFIG", "SET", "protected-mode", "no");
    const allowed = await Client.connect({ port: server.port, host: outside! });
    assert.equal(await allowed.run("PING"), "PONG");
    for (const each of [near, allowed]) each.destroy();
  });

  it("asks for the password where there is one", { skip }, async () => {
    await using server = await LocalServer.start({ host: "0.0.0.0", requirepass: "p" });
    const far = await Client.connect({ port: server.port, host: outside! });
    assert.match(textOf(await far.run("PING")), /^NOAUTH/);
    assert.equal(await far.run("AUTH", "p"), "OK");
    far.destroy();
  });
});

describe("IPv6", limits, () => {
  it("can be listened on", { skip: !hasIpv6 && "this machine has no ::1" }, async () => {
    await using server = await LocalServer.start({ host: "::1" });
    assert.equal(server.server.url, `redis://[::1]:${server.port}`);
    const client = await server.connect();
    assert.match(await client.text("CLIENT", "INFO"), / addr=\[::1\]:\d+ laddr=\[::1\]:/);
  });
});

describe("a Unix socket", limits, () => {
  it("serves beside TCP, with the permissions asked for", { skip: noUnixSockets }, async () => {
    const path = join(directory, "a.sock");
    const server = await LocalServer.start({ unixsocket: path, unixsocketperm: 0o700 });
    const client = await Client.connect({ path });
    assert.equal(await client.run("PING"), "PONG");
    const info = await client.text("CLIENT", "INFO");
    assert.ok(info.includes(` addr=${path}:0 laddr=${path}:0 `), info);
    assert.match(info, / flags=U /);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    client.destroy();
    await server[Symbol.asyncDispose]();
    assert.equal(statSync(path, { throwIfNoEntry: false }), undefined);
  });

  it("takes the place of one that an earlier run left", { skip: noUnixSockets }, async () => {
    const path = join(directory, "b.sock");
    await using first = await LocalServer.start({ unixsocket: path });
    await using second = await LocalServer.start({ unixsocket: path });
    const client = await Client.connect({ path });
    await client.run("SET", "k", "second");
    client.destroy();
    const [a, b] = [await first.connect(), await second.connect()];
    assert.deepEqual([await a.run("DBSIZE"), await b.run("DBSIZE")], [0, 1]);
  });

  it(
    "does not take the place of a file, and leaves no listener",
    { skip: noUnixSockets },
    async () => {
      const path = join(directory, "file");
      writeFileSync(path, "precious");
      const probe = await createServer();
      const { port } = probe;
      await probe.close();
      await assert.rejects(createServer({ port, unixsocket: path }), { name: "ListenError" });
      assert.equal(readFileSync(path, "utf8"), "precious");
      await assert.rejects(Client.connect({ port, host: "127.0.0.1" }), { code: "ECONNREFUSED" });
    },
  );
});
