// Redis's own programs against our server: redis-cli and redis-benchmark.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { reasonToSkip } from "../support/real-redis.ts";
import { LocalServer } from "../support/server.ts";

/** The first lines of a program's output; its input is `input`. */
async function run(program: string, args: readonly string[], input = ""): Promise<string> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("latin1")));
  child.stdin.end(input);
  await once(child, "close");
  return output;
}

describe("Redis's own programs", { skip: reasonToSkip() }, () => {
  let local: LocalServer;
  let port: string;
  before(async () => {
    local = await LocalServer.start();
    port = String(local.port);
    assert.equal(spawnSync("redis-cli", ["--version"]).status, 0);
  });
  after(() => local[Symbol.asyncDispose]());

  it("redis-cli runs one command, over RESP2 and RESP3", async () => {
    assert.equal(await run("redis-cli", ["-p", port, "SET", "k", "v"]), "OK\n");
    assert.equal(await run("redis-cli", ["-3", "-p", port, "GET", "k"]), "v\n");
  });

  it("redis-cli runs many commands from its input", async () => {
    const output = await run("redis-cli", ["-p", port], "SET a 1\nINCR a\nGET a\nNOSUCH\n");
    assert.match(output, /^OK\n2\n2\nERR unknown command 'NOSUCH'/);
  });

  it("redis-cli --pipe loads a stream of requests", async () => {
    const requests = Array.from({ length: 10_000 }, (_, index) => `SET pipe:${index} ${index}\r\n`);
    const output = await run("redis-cli", ["-p", port, "--pipe"], requests.join(""));
    assert.match(output, /errors: 0, replies: 10000/);
  });

  it("redis-cli --scan lists the keys of a pattern", async () => {
    const output = await run("redis-cli", ["-p", port, "--scan", "--pattern", "pipe:99*"]);
    assert.equal(output.trim().split("\n").length, 111);
  });

  it("redis-benchmark runs its tests", async () => {
    const tests = "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange,mset";
    const flags = ["-p", port, "-t", tests, "-n", "2000", "-P", "16", "-q", "--csv"];
    const output = await run("redis-benchmark", flags);
    assert.doesNotMatch(output, /error/i);
    for (const name of ["PING_INLINE", "SET", "ZPOPMIN", "LRANGE_600", "MSET"]) {
      assert.match(output, new RegExp(`"${name}`), name);
    }
  });
});
