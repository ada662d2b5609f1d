// Both loops against a server that answers at once but stalls in between: the open loop must tell
// of every request that fell into the stall, which the closed one, waiting with the server, cannot.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { seededRandom } from "../../src/bytes/random.ts";
import { runClosedLoop } from "../../src/benchmark/closed-loop.ts";
import { Histogram } from "../../src/benchmark/histogram.ts";
import type { LoadRun, LoadSeen } from "../../src/benchmark/load.ts";
import { LoadConnection } from "../../src/benchmark/load-connection.ts";
import { runOpenLoop } from "../../src/benchmark/open-loop.ts";
import { RequestPool } from "../../src/benchmark/request-pool.ts";

const requestBytes = "*1\r\n$4\r\nPING\r\n".length;
const measureMs = 600;
const stall = { startMs: 200, endMs: 400 };
const perSecond = 500;

/** Answers each PING, but between these times after the first one, all at the end. */
class StallingServer implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#accept(socket));
  #firstMs: number | undefined;
  /** The end is the timer's and not the clock's: a timer may come a fraction of one ms early. */
  #isReleased = false;
  #held: (() => void)[] = [];

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  #accept(socket: Socket): void {
    let bytes = 0;
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      const count = Math.floor(bytes / requestBytes);
      bytes -= count * requestBytes;
      this.#answer(() => void socket.write("+PONG\r\n".repeat(count)));
    });
  }

  #answer(answer: () => void): void {
    const nowMs = performance.now();
    if (this.#firstMs === undefined) {
      this.#firstMs = nowMs;
      setTimeout(() => this.#release(), stall.endMs);
    }
    if (this.#isReleased || nowMs - this.#firstMs < stall.startMs) answer();
    else this.#held.push(answer);
  }

  #release(): void {
    this.#isReleased = true;
    for (const answer of this.#held) answer();
    this.#held = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
  }
}

async function runAgainstStall(
  load: (run: LoadRun) => Promise<LoadSeen>,
  changes: Partial<LoadRun> = {},
): Promise<LoadSeen> {
  await using server = new StallingServer();
  const port = await server.listen();
  const pool = RequestPool.draw({
    units: [{ commands: [["PING"]] }],
    keys: 1,
    distribution: "uniform",
    valueBytes: 1,
    random: seededRandom(1),
  });
  const connections = [await LoadConnection.open(port), await LoadConnection.open(port)];
  const progress = (): void => undefined;
  try {
    const times = { warmUpMs: 0, measureMs, patienceMs: 10_000 };
    return await load({
      pool,
      connections,
      serverPid: process.pid,
      ...times,
      progress,
      ...changes,
    });
  } finally {
    for (const connection of connections) connection.close();
  }
}

describe("a stall of 200 ms in 600", () => {
  it("is felt by every request that was due in it, in the open loop", async () => {
    const seen = await runAgainstStall((run) => runOpenLoop(run, perSecond));
    const latency = Histogram.from(seen.latency);
    assert.equal(latency.total, (perSecond * measureMs) / 1000);
    assert.equal(seen.commands, latency.total);
    assert.equal(seen.unanswered, 0);
    // A third fell into it and waited 100 ms on the average, so a tenth waited more than 140.
    assert.ok(latency.percentileUs(90) > 100_000, `p90 ${latency.percentileUs(90)} us`);
  });

  it("is felt by one request of each connection in the closed loop, which waits", async () => {
    const seen = await runAgainstStall((run) => runClosedLoop(run, 1));
    const latency = Histogram.from(seen.latency);
    assert.ok(latency.percentileUs(90) < 100_000, `p90 ${latency.percentileUs(90)} us`);
    assert.ok(latency.maxUs > 150_000, `the longest took ${latency.maxUs} us`);
  });

  it("is too long for a closed loop that has less patience", async () => {
    const run = runAgainstStall((each) => runClosedLoop(each, 1), { patienceMs: 100 });
    await assert.rejects(run, { message: "the server has not answered for 0.1 s" });
  });
});
