// Servers inside another program: many at once, nothing on disk, nothing global, nothing that keeps
// the program alive once they are closed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { createServer } from "../../src/index.ts";
import { Client } from "../support/client.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 30_000 };
const entry = pathToFileURL(join(import.meta.dirname, "..", "..", "src", "index.ts")).href;

interface Ran {
  readonly status: number | null;
  readonly output: string;
  readonly files: readonly string[];
}

/** Runs a program that uses the library, in an empty folder; it may collect garbage. */
function runProgram(body: string): Ran {
  const directory = mkdtempSync(join(tmpdir(), "respite-library-"));
  const text = `import { createServer } from ${JSON.stringify(entry)};
    import { connect } from "node:net";
    import { once } from "node:events";
    const ask = async (port, request, isKept) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(request);
      const [answer] = await once(socket, "data");
      if (!isKept) socket.destroy();
      return String(answer);
    };
    ${body}`;
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--expose-gc", "--input-type=module", "--eval", text],
      { cwd: directory, encoding: "utf8", timeout: 60_000 },
    );
    return { status, output: stdout + stderr, files: readdirSync(directory) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("a program that uses the library", limits, () => {
  it("ends by itself after close, whatever the server was doing", () => {
    const { status, output, files } = runProgram(`
      const server = await createServer();
      let text = "";
      for (let n = 0; n < 1000; n++) text += "SET k" + n + " v PX " + (n + 1) + "\\r\\n";
      await ask(server.port, text + "CLIENT PAUSE 60000 WRITE\\r\\n", true);
      void ask(server.port, "BLPOP list 1000\\r\\n", true);
      await ask(server.port, "FLUSHALL ASYNC\\r\\nPING\\r\\n", true);
      await server.close();
      await server.close();
      console.log("closed");
    `);
    assert.deepEqual({ status, output, files }, { status: 0, output: "closed\n", files: [] });
  });

  it("is not kept alive by a server that failed to start", () => {
    const { status, output } = runProgram(`
      const first = await createServer();
      await createServer({ port: first.port }).catch((error) => console.log(error.name));
      await createServer({ maxclients: 0 }).catch((error) => console.log(error.name));
      await first.close();
    `);
    assert.deepEqual({ status, output }, { status: 0, output: "ListenError\nRangeError\n" });
  });

  it("keeps its signals, its title, its folder and its exit code", () => {
    const { status, output } = runProgram(`
      const before = [process.title, process.cwd()].join();
      const signals = () => ["SIGTERM", "SIGINT", "SIGHUP", "uncaughtException"]
        .map((name) => process.listenerCount(name)).join();
      const server = await createServer();
      console.log(signals(), [process.title, process.cwd()].join() === before);
      await ask(server.port, "SET k v\\r\\n");
      // A client's SHUTDOWN closes the server, not the program.
      const socket = connect(server.port, "127.0.0.1", () => socket.write("SHUTDOWN\\r\\n"));
      await once(socket, "close");
      await server.close();
      console.log("still here");
      process.exitCode = 7;
    `);
    assert.deepEqual({ status, output }, { status: 7, output: "0,0,0,0 true\nstill here\n" });
  });
});

describe("5,000 connections", limits, () => {
  it("open and close without a trace", (t) => {
    // Each leaves a request unfinished, which takes a buffer and a parser.
    const { status, output } = runProgram(`
      const server = await createServer();
      const request = "PING\\r\\n*1\\r\\n$4\\r\\nPI";
      const asker = connect(server.port, "127.0.0.1");
      const info = async () => {
        asker.write("INFO\\r\\n");
        return String((await once(asker, "data"))[0]);
      };
      const openAll = async () => {
        const sockets = Array.from({ length: 5000 }, () => connect(server.port, "127.0.0.1"));
        await Promise.all(sockets.map(async (socket) => {
          socket.write(request);
          await once(socket, "data");
        }));
        const text = await info();
        if (!text.includes("connected_clients:5001\\r")) throw new Error(text);
        for (const socket of sockets) socket.destroy();
        let left = "";
        while (!left.includes("connected_clients:1\\r")) left = await info();
        gc();
        const memory = Number(/used_memory:(\\d+)/.exec(left)[1]);
        return { memory, heap: process.memoryUsage().heapUsed };
      };
      const before = await openAll();
      const after = await openAll();
      asker.destroy();
      await server.close();
      console.log(JSON.stringify([after.memory - before.memory, after.heap - before.heap]));
    `);
    assert.equal(status, 0, output);
    const [memory, heap] = JSON.parse(output) as [number, number];
    t.diagnostic(`${heap} bytes of the heap stayed`);
    assert.equal(memory, 0);
    // What the engine itself keeps (compiled code, feedback) varies by some hundred KiB; a leak of
    // 200 bytes a connection would show.
    assert.ok(heap < 1_000_000, `${heap} bytes of the heap stayed, 5,000 connections later`);
  });
});

describe("servers in one process", limits, () => {
  it("share nothing", async () => {
    const servers = await Promise.all(Array.from({ length: 20 }, () => createServer()));
    assert.equal(new Set(servers.map((each) => each.port)).size, servers.length);
    const clients = await Promise.all(
      servers.map(({ port, host }) => Client.connect({ port, host })),
    );
    for (const [index, client] of clients.entries()) {
      await client.pipeline(`SET k ${index}`, `CONFIG SET timeout ${index}`);
    }
    for (const [index, client] of clients.entries()) {
      const replies = await client.pipeline("GET k", "DBSIZE", "CONFIG GET timeout", "CLIENT ID");
      assert.deepEqual(replies, [String(index), 1, ["timeout", String(index)], 1]);
    }
    await Promise.all(servers.map((each) => each.close()));
    for (const client of clients) assert.deepEqual(await client.rest(), []);
  });

  it("are closed at the end of the block with `await using`", async () => {
    let port = 0;
    {
      await using server = await createServer();
      ({ port } = server);
      const client = await Client.connect({ port });
      assert.equal(await client.run("PING"), "PONG");
      client.destroy();
    }
    await assert.rejects(Client.connect({ port, host: "127.0.0.1" }), { code: "ECONNREFUSED" });
  });

  it("give their port back at once", async () => {
    const first = await createServer();
    const { port } = first;
    for (let round = 0; round < 10; round++) {
      if (round === 0) await first.close();
      const next = await createServer({ port });
      assert.equal(next.url, `redis://127.0.0.1:${port}`);
      await next.close();
    }
  });

  it("repeat themselves with a seed and a virtual clock", async () => {
    const run = async (): Promise<unknown[]> => {
      await using server = await LocalServer.start({ seed: 42, clock: "virtual" });
      const client = await server.connect();
      const keys = Array.from({ length: 100 }, (_, index) => `key${index} v`);
      await client.pipeline(`MSET ${keys.join(" ")}`);
      return await client.pipeline("RANDOMKEY", "RANDOMKEY", "SCAN 0", "KEYS *");
    };
    assert.deepEqual(await run(), await run());
  });
});

describe("createServer", limits, () => {
  it("names the option that is wrong", async () => {
    const wrong = [
      [{ maxclients: 0 }, /maxclients/],
      [{ maxmemoryPolicy: "whatever" }, /maxmemory-policy/],
      [{ prot: 6379 }, /prot/],
      [{ port: 70_000 }, /port/],
    ] as const;
    for (const [options, name] of wrong) {
      const refused = createServer(options as unknown as Record<string, never>);
      await assert.rejects(refused, (error: Error) => {
        return error instanceof RangeError && name.test(error.message);
      });
    }
  });

  it("has a clock that only a virtual one can be moved", async () => {
    await using server = await createServer();
    assert.throws(() => server.clock.advance(1), /virtual/);
    await using other = await createServer({ clock: "virtual" });
    const before = other.clock.nowMs();
    other.clock.advance(10);
    assert.equal(other.clock.nowMs() - before, 10);
    assert.throws(() => other.clock.advance(-1), RangeError);
  });
});
