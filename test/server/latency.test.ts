// LATENCY and what INFO tells of running times.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import type { Client } from "../support/client.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer, ServerProcess } from "../support/server.ts";

const limits = { timeout: 30_000 };

const options = { enableDebugCommand: "yes" } as const;

/** A client that has held its server up for 20 ms, and anything that long is noted. */
async function holdUp(server: LocalServer): Promise<Client> {
  const client = await server.connect();
  await client.run("CONFIG", "SET", "latency-monitor-threshold", 20);
  await client.run("DEBUG", "SLEEP", "0.02");
  return client;
}

/** Pairs of a flat RESP2 map. */
function pairs(reply: Reply): Map<string, Reply> {
  const flat = reply as Reply[];
  return new Map(
    flat.flatMap((each, index) => (index % 2 === 0 ? [[String(each), flat[index + 1]]] : [])),
  );
}

describe("LATENCY", limits, () => {
  it("tells events by LATEST and HISTORY, forgets them by RESET", async () => {
    await using server = await LocalServer.start(options);
    const client = await holdUp(server);
    const [[event, seconds, ms, maxMs]] = (await client.run("LATENCY", "LATEST")) as Reply[][];
    assert.equal(event, "command");
    assert.ok(Number(ms) >= 20 && ms === maxMs);
    assert.deepEqual(await client.run("LATENCY", "HISTORY", "command"), [[seconds, ms]]);
    assert.deepEqual(await client.run("LATENCY", "HISTORY", "other"), []);
    assert.equal(await client.run("LATENCY", "RESET", "other", "COMMAND"), 1);
    assert.deepEqual(await client.run("LATENCY", "LATEST"), []);
    assert.equal(await client.run("LATENCY", "RESET"), 0);
  });

  it("draws and explains", async () => {
    await using server = await LocalServer.start(options);
    const client = await holdUp(server);
    const graph = await client.text("LATENCY", "GRAPH", "command");
    assert.match(graph, /^command - high (\d+) ms, low \1 ms \(all time high \1 ms\)\n-{80}\n/);
    const none = new ReplyError("ERR No samples available for event 'other'");
    assert.deepEqual(await client.run("LATENCY", "GRAPH", "other"), none);
    const report = await client.text("LATENCY", "DOCTOR");
    assert.match(report, /1\. command: 1 latency spikes \(average \d+ms, mean deviation 0ms/);
    await client.run("CONFIG", "SET", "latency-monitor-threshold", 0);
    await client.run("LATENCY", "RESET");
    assert.match(await client.text("LATENCY", "DOCTOR"), /disabled/);
  });

  it("counts the calls of commands and subcommands by their time", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("CONFIG", "RESETSTAT");
    const atFirst = pairs(await client.run("LATENCY", "HISTOGRAM"));
    assert.deepEqual([...atFirst.keys()], ["config|resetstat"]);
    await client.pipeline("SET a b", "SET c d", "CLIENT ID", "CLIENT GETNAME");
    const set = pairs(pairs(await client.run("LATENCY", "HISTOGRAM", "set", "no")).get("set")!);
    assert.equal(set.get("calls"), 2);
    const times = [...pairs(set.get("histogram_usec")!).values()];
    assert.equal(times.at(-1), 2);
    const ofClient = pairs(await client.run("LATENCY", "HISTOGRAM", "client"));
    assert.deepEqual([...ofClient.keys()].toSorted(), ["client|getname", "client|id"]);
    assert.equal(pairs(await client.run("LATENCY", "HISTOGRAM", "client|id")).size, 1);
  });

  it("counts all calls though not all are timed", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.pipeline(...Array.from({ length: 1000 }, () => "GET k"));
    const get = pairs(pairs(await client.run("LATENCY", "HISTOGRAM", "get")).get("get")!);
    assert.equal(get.get("calls"), 1000);
    assert.equal([...pairs(get.get("histogram_usec")!).values()].at(-1), 1000);
  });
});

describe("an event of LATENCY", limits, () => {
  it("is a write to the append-only file that took long", async () => {
    const args = ["--appendonly", "yes", "--appendfsync", "no", "--enable-debug-command", "yes"];
    await using server = await ServerProcess.start(args);
    const client = await server.connect();
    await client.run("CONFIG", "SET", "latency-monitor-threshold", 10);
    await client.run("DEBUG", "AOF-FLUSH-SLEEP", 20_000);
    await client.run("SET", "k", "v");
    await client.run("DEBUG", "AOF-FLUSH-SLEEP", 0);
    const events = (await client.run("LATENCY", "LATEST")) as Reply[][];
    const found = new Map(events.map(([event, , ms]) => [String(event), Number(ms)]));
    assert.ok(found.get("aof-write-alone")! >= 20);
    assert.equal(found.get("aof-write"), found.get("aof-write-alone"));
    client.destroy();
  });

  it("is a round of eviction that took long", () => {
    const harness = new EngineHarness(commands, { settings: { maxmemory: 1 } });
    const { engine } = harness;
    harness.run("SET", "k", "v");
    engine.timing.latency.thresholdMs = 5;
    engine.memoryLimit.eviction.policy = "allkeys-random";
    // Each look at the clock is 5 ms after the one before.
    let nowUs = 0;
    engine.host.clock.monotonicUs = () => (nowUs += 5000);
    engine.memoryLimit.makeRoom();
    assert.equal(engine.timing.latency.find("eviction-cycle")?.maxMs, 5);
  });
});

describe("INFO", limits, () => {
  it("counts a wait that ends with an error as a call that failed", async () => {
    await using server = await LocalServer.start();
    const [client, waiting] = [await server.connect(), await server.connect()];
    const id = await waiting.text("CLIENT", "ID");
    waiting.send("BLPOP l 0\r\n");
    while (!(await client.text("INFO", "clients")).includes("blocked_clients:1\r\n"));
    await client.run("CLIENT", "UNBLOCK", id, "ERROR");
    await waiting.next();
    const text = await client.text("INFO", "commandstats");
    assert.match(text, /cmdstat_blpop:calls=1,.*,rejected_calls=0,failed_calls=1\r\n/);
  });

  it("tells what commands and turns take", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const text = await client.text("INFO", "stats");
    assert.match(text, /eventloop_duration_cmd_sum:[1-9]\d*\r\n/);
    assert.match(text, /instantaneous_eventloop_cycles_per_sec:\d+\r\n/);
    assert.match(text, /instantaneous_eventloop_duration_usec:\d+\r\n/);
  });
});

describe("INFO latencystats", limits, () => {
  it("shows the percentiles that are asked for", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("SET", "k", "v");
    const line = /latency_percentiles_usec_set:p50=\d+\.\d{3},p99=\d+\.\d{3},p99\.9=\d+\.\d{3}\r\n/;
    assert.match(await client.text("INFO", "latencystats"), line);
    assert.match(await client.text("INFO", "all"), line);
    assert.ok(!(await client.text("INFO")).includes("latency_percentiles"));
    await client.run("CONFIG", "SET", "latency-tracking-info-percentiles", "0 99.99 100");
    const changed = /usec_set:p0=\d+\.\d{3},p99\.99=\d+\.\d{3},p100=\d+\.\d{3}\r\n/;
    assert.match(await client.text("INFO", "latencystats"), changed);
    await client.run("CONFIG", "SET", "latency-tracking", "no");
    assert.equal(await client.text("INFO", "latencystats"), "# Latencystats\r\n");
  });
});
