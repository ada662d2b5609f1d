// Connections that do nothing: thousands of them take little memory, and none of what they once
// needed for a request.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { LocalServer, ServerProcess } from "../support/server.ts";

const limits = { timeout: 60_000 };
const connections = 2000;
/** As many connect at a time, so that none waits long to be accepted. */
const atOnce = 100;
/** Less than half of what the same connections take in Redis. */
const bytesMax = 8 * 1024;

async function connectMany(server: ServerProcess, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - clients.length) }, async () => {
      const client = await server.connect();
      // As client libraries introduce themselves, and half of a request in a piece of its own.
      await client.run("CLIENT", "SETINFO", "LIB-NAME", "some-library");
      client.send("*1\r\n$4\r\nPI");
      client.send("NG\r\n");
      assert.equal(await client.next(), "PONG");
      return client;
    });
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

async function usedBytes(client: Client): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.text("INFO", "memory"))?.[1]);
}

const skip = process.platform === "linux" ? false : "memory is read in /proc";

describe("idle connections", limits, () => {
  for (const transport of ["epoll", "net"]) {
    it(`take less than 8 KiB each over ${transport}`, { skip }, async () => {
      await using server = await ServerProcess.start(["--io-transport", transport]);
      const asker = await server.connect();
      // What the program takes to warm up is none of theirs.
      for (const each of await connectMany(server, 300)) each.destroy();
      await server.untilClients(asker, 1);
      const before = { used: await usedBytes(asker), resident: residentBytes(server.child.pid!) };
      const clients = await connectMany(server, connections);
      const used = ((await usedBytes(asker)) - before.used) / connections;
      const resident = (residentBytes(server.child.pid!) - before.resident) / connections;
      assert.ok(used > 100 && used < bytesMax, `${used} bytes of used_memory each`);
      assert.ok(resident < bytesMax, `${resident} resident bytes each`);
      for (const each of clients) each.destroy();
    });
  }

  it("give the buffer of a request back that came in pieces", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const [idle, asker] = [await server.connect(), await server.connect()];
    const id = await idle.text("CLIENT", "ID");
    const room = async (): Promise<number> => {
      const line = await asker.text("CLIENT", "LIST", "ID", id);
      return Number(/ qbuf-free=(\d+) /.exec(line)?.[1]);
    };
    const value = "v".repeat(10_000);
    idle.send(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10000\r\n${value.slice(0, 9000)}`);
    while ((await room()) === 0);
    idle.send(`${value.slice(9000)}\r\n`);
    assert.equal(await idle.next(), "OK");
    server.advance(1000);
    assert.ok((await room()) >= 10_000);
    server.advance(5000);
    assert.equal(await room(), 0);
    assert.equal(await idle.run("GET", "k"), value);
  });
});
