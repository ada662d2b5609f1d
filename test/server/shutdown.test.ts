// The end of the real process: by signal, by SHUTDOWN, in the middle of everything. What a client
// was promised, it gets; the exit code says whether all went well.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ServerProcess } from "../support/server.ts";

const limits = { timeout: 30_000 };
const skip = process.platform === "win32" && "signals end a process at once here";

describe("SIGTERM", limits, () => {
  it("lets every request that has arrived be answered", { skip }, async () => {
    await using server = await ServerProcess.start();
    const clients = [await server.connect(), await server.connect(), await server.connect()];
    for (const each of clients) await each.run("PING");
    const count = 100_000;
    for (const each of clients) each.send("INCR n\r\n".repeat(count));
    // All is written when the last byte is: from then on the requests are the server's.
    await Promise.all(
      clients.map((each) => new Promise<void>((resolve) => each.socket.write("", () => resolve()))),
    );
    server.child.kill("SIGTERM");
    const replies = await Promise.all(clients.map((each) => each.rest()));
    assert.deepEqual(
      replies.map((each) => each.length),
      clients.map(() => count),
    );
    assert.ok(replies.some((each) => each.at(-1) === clients.length * count));
    assert.equal(await server.ended, 0);
  });

  it("gives the last replies to a peer that is slow", { skip }, async () => {
    await using server = await ServerProcess.start();
    const client = await server.connect();
    const size = 4 * 1024 * 1024;
    await client.run("SET", "k", Buffer.alloc(size));
    client.socket.pause();
    client.isDiscarding = true;
    client.send("GET k\r\n".repeat(10));
    const asker = await server.connect();
    while (!(await asker.text("CLIENT", "LIST")).includes("events=rw"));
    const before = client.receivedBytes;
    server.child.kill("SIGTERM");
    await asker.rest();
    client.socket.resume();
    await client.closed;
    assert.equal(client.receivedBytes - before, 10 * (size + `$${size}\r\n\r\n`.length));
    assert.equal(await server.ended, 0);
  });

  it("does not wait for a peer that takes nothing", { skip }, async () => {
    await using server = await ServerProcess.start();
    const client = await server.connect();
    await client.run("SET", "k", Buffer.alloc(16 * 1024 * 1024));
    client.socket.pause();
    client.send("GET k\r\nGET k\r\n");
    const asker = await server.connect();
    while (!(await asker.text("CLIENT", "LIST")).includes("events=rw"));
    const start = performance.now();
    server.child.kill("SIGTERM");
    assert.equal(await server.ended, 0);
    assert.ok(performance.now() - start < 5000, `${performance.now() - start} ms`);
    client.destroy();
  });

  it(
    "does not wait for those who wait themselves, or who send half a request",
    { skip },
    async () => {
      await using server = await ServerProcess.start();
      const [blocked, half, idle] = [
        await server.connect(),
        await server.connect(),
        await server.connect(),
      ];
      blocked.send("BLPOP l 0\r\n");
      half.send("*2\r\n$3\r\nGET\r\n$100\r\nabc");
      while (!(await idle.text("INFO", "clients")).includes("blocked_clients:1"));
      server.child.kill("SIGINT");
      assert.equal(await server.ended, 0);
      for (const each of [blocked, half, idle]) assert.deepEqual(await each.rest(), []);
    },
  );

  it("twice ends it at once, with another code", { skip }, async () => {
    await using server = await ServerProcess.start();
    const client = await server.connect();
    await client.run("SET", "k", Buffer.alloc(16 * 1024 * 1024));
    client.socket.pause();
    client.send("GET k\r\nGET k\r\n");
    const asker = await server.connect();
    while (!(await asker.text("CLIENT", "LIST")).includes("events=rw"));
    server.child.kill("SIGTERM");
    // The first one has been seen when the listener is gone.
    while (await isListening(server.port));
    server.child.kill("SIGTERM");
    assert.equal(await server.ended, 1);
    client.destroy();
  });

  it("removes what the process has written: the pid file", { skip }, async () => {
    await using server = await ServerProcess.start(["--pidfile", "respite.pid"]);
    const file = join(server.directory, "respite.pid");
    assert.equal(readFileSync(file, "utf8"), `${server.child.pid}\n`);
    server.child.kill("SIGTERM");
    assert.equal(await server.ended, 0);
    assert.equal(existsSync(file), false);
    assert.deepEqual(readdirSync(server.directory), []);
  });
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

describe("SHUTDOWN", limits, () => {
  for (const words of ["SHUTDOWN", "SHUTDOWN NOSAVE", "SHUTDOWN NOW FORCE"]) {
    it(`ends the process: ${words}`, async () => {
      await using server = await ServerProcess.start();
      const client = await server.connect();
      client.send(`${words}\r\n`);
      assert.deepEqual(await client.rest(), []);
      assert.equal(await server.ended, 0);
    });
  }

  it("answers what came before it and executes nothing behind it", async () => {
    await using server = await ServerProcess.start();
    const client = await server.connect();
    client.send("SET a 1\r\nINCR a\r\nSHUTDOWN\r\nINCR a\r\nINCR a\r\n");
    assert.deepEqual(await client.rest(), ["OK", 2]);
    assert.equal(await server.ended, 0);
  });

  it("is refused when its words contradict each other, or there is none to abort", async () => {
    await using server = await ServerProcess.start();
    const client = await server.connect();
    const errors = await client.pipeline("SHUTDOWN SAVE NOSAVE", "SHUTDOWN ABORT", "SHUTDOWN X");
    assert.deepEqual(
      errors.map((each) => (each as { text: string }).text),
      ["ERR syntax error", "ERR No shutdown in progress.", "ERR syntax error"],
    );
    assert.equal(await client.run("PING"), "PONG");
  });
});
