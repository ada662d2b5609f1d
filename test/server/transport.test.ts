// Which event loop a program gets, that its log says so in one line and nothing is written on
// standard error; and what both loops owe every client when one of them asks for too much.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../support/client.ts";
import { ServerProcess } from "../support/server.ts";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
const limits = { timeout: 60_000 };
const linuxOnly = process.platform === "linux" ? false : "our own event loop is for Linux";
const transports = process.platform === "linux" ? ["epoll", "net"] : ["net"];

interface Started {
  readonly log: readonly string[];
  readonly errors: string;
  readonly exitCode: number | null;
}

/** Starts the program with flags for Node, and stops it once it is ready, unless it ends before. */
async function start(flags: readonly string[], args: readonly string[]): Promise<Started> {
  const own = ["--port", "0", "--save", "", "--dir", import.meta.dirname];
  const child = spawn(process.execPath, [...flags, main, ...own, ...args], { stdio: "pipe" });
  const ended = once(child, "exit");
  const errors = text(child.stderr);
  const log: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    log.push(line);
    if (line.includes("Ready to accept connections")) child.kill("SIGTERM");
  }
  const [exitCode] = (await ended) as [number | null];
  return { log, errors: await errors, exitCode };
}

/** What the log says of the event loop. */
function loopLines({ log }: Started): string[] {
  return log.flatMap((line) => /Event loop: .*/.exec(line) ?? []);
}

describe("the event loop of a program", limits, () => {
  it("is our own on Linux, without a warning", { skip: linuxOnly }, async () => {
    const started = await start([], []);
    assert.deepEqual(loopLines(started), ["Event loop: epoll"]);
    assert.equal(started.errors, "");
    assert.equal(started.exitCode, 0);
  });

  it("is Node's when that is wanted", async () => {
    const started = await start([], ["--io-transport", "net"]);
    assert.deepEqual(loopLines(started), ["Event loop: node:net"]);
    assert.equal(started.errors, "");
  });

  it("is Node's where there is no node:ffi, with the reason", { skip: linuxOnly }, async () => {
    const started = await start(["--no-experimental-ffi"], []);
    assert.deepEqual(loopLines(started), [
      "Event loop: node:net, not epoll: this Node.js has no node:ffi",
    ]);
    assert.equal(started.errors, "");
    assert.equal(started.exitCode, 0);
  });

  it("is Node's where node:ffi is forbidden, with the reason", { skip: linuxOnly }, async () => {
    const allowed = ["--allow-fs-read=*", "--allow-fs-write=*", "--allow-net"];
    const started = await start(["--no-warnings", "--permission", ...allowed], []);
    assert.match(loopLines(started).join(), /^Event loop: node:net, not epoll: .*--allow-ffi/);
    assert.equal(started.errors, "");
    assert.equal(started.exitCode, 0);
  });

  it("is missed where only our own would do", { skip: linuxOnly }, async () => {
    const started = await start(["--no-experimental-ffi"], ["--io-transport", "epoll"]);
    const reason = / # io-transport epoll cannot be had: this Node\.js has no node:ffi$/;
    assert.match(started.log.at(-1) ?? "", reason);
    assert.equal(started.exitCode, 1);
  });
});

/** Milliseconds that the middle one of some PINGs took. */
async function usualPingMs(client: Client): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < 21; round++) {
    const startMs = performance.now();
    assert.equal(await client.run("PING"), "PONG");
    taken.push(performance.now() - startMs);
  }
  return taken.toSorted((left, right) => left - right)[10];
}

describe("a client that pipelines without end", limits, () => {
  for (const transport of transports) {
    it(`does not keep another waiting, over ${transport}`, async () => {
      await using server = await ServerProcess.start(["--io-transport", transport]);
      const [flood, other] = [await server.connect(), await server.connect()];
      await other.run("RPUSH", "list", ...Array.from({ length: 300 }, () => "element"));
      flood.isDiscarding = true;
      // Ten times what is read of one client in a turn; to execute that takes half a second.
      const requests = Buffer.from("LPOS list missing MAXLEN 0\r\n".repeat(40_000));
      const flooded = (async () => {
        while (!flood.socket.destroyed) {
          if (flood.socket.write(requests)) continue;
          await Promise.race([once(flood.socket, "drain"), flood.closed]);
        }
      })();
      while (flood.receivedBytes === 0) await sleep(1);
      const pingMs = await usualPingMs(other);
      flood.destroy();
      await flooded;
      assert.ok(pingMs < 50, `a PING took ${pingMs} ms`);
    });
  }
});

/** CPU time of the server so far. */
async function cpuMs(client: Client): Promise<number> {
  const info = await client.text("INFO", "cpu");
  const seconds = [...info.matchAll(/used_cpu_(?:sys|user):([\d.]+)/g)].map((each) => +each[1]);
  return seconds.reduce((sum, each) => sum + each, 0) * 1000;
}

describe("a server without descriptors", { ...limits, skip: linuxOnly }, () => {
  for (const transport of transports) {
    it(`serves those it has, at rest, over ${transport}`, async () => {
      await using server = await ServerProcess.start(["--io-transport", transport]);
      server.limitDescriptors(64);
      const first = await server.connect();
      assert.equal(await first.run("SET", "k", "v"), "OK");
      const clients = await Promise.all(Array.from({ length: 100 }, () => server.connect()));
      const isRefused = (line: string): boolean => line.includes("Error accepting a client");
      // Node turns clients away without a word, and then the peer is closed.
      const closed = clients.map((client) => client.closed.then(() => "closed"));
      assert.equal(await Promise.race(closed), "closed");
      if (transport === "epoll") while (!server.log.some(isRefused)) await sleep(1);
      const beforeMs = await cpuMs(first);
      await sleep(1000);
      const spentMs = (await cpuMs(first)) - beforeMs;
      assert.ok(spentMs < 300, `${spentMs} ms of CPU time in a second`);
      assert.equal(await first.run("GET", "k"), "v");
      for (const client of clients) client.destroy();
      await server.untilClients(first, 1);
      const late = await server.connect();
      assert.equal(await late.run("GET", "k"), "v");
    });
  }
});
