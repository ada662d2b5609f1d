// redis-cli and redis-benchmark, as they come with Redis: the first programs that anybody tries.
// Where they are not installed these tests are skipped; with CI set that is a failure.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { encodeRequest } from "../support/client.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import { LocalServer, ServerProcess } from "../support/server.ts";

const limits = { timeout: 60_000 };
const skip = reasonToSkip();

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a program against the port; `input` is what it reads. */
async function run(
  program: string,
  port: number,
  args: readonly string[],
  input: string | Uint8Array = "",
): Promise<Ran> {
  const child = spawn(program, ["-p", String(port), ...args]);
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number>((resolve) => {
    child.on("close", (code) => resolve(code ?? -1));
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, output, errors };
}

describe("redis-cli", { ...limits, skip }, () => {
  it("runs a command, and lines of input", async () => {
    await using server = await LocalServer.start();
    const set = await run("redis-cli", server.port, ["SET", "k", "v"]);
    assert.deepEqual(set, { code: 0, output: "OK\n", errors: "" });
    const lines = "GET k\nINCR n\nLPUSH l a b\nLRANGE l 0 -1\nNONSENSE\nGET none\n";
    const { output } = await run("redis-cli", server.port, ["--no-raw"], lines);
    const expected = [
      '"v"',
      "(integer) 1",
      "(integer) 2",
      '1) "b"',
      '2) "a"',
      "(error) ERR unknown command 'NONSENSE', with args beginning with: ",
      "(nil)",
      "",
    ];
    const shown = output
      .split("\n")
      .filter((line, index, all) => line !== "" || index === all.length - 1);
    assert.deepEqual(shown, expected);
  });

  it("speaks RESP3", async () => {
    await using server = await LocalServer.start();
    const lines = "HSET h f v\nHGETALL h\nZADD z 1.5 a\nZSCORE z a\nHELLO\n";
    const { output } = await run("redis-cli", server.port, ["-3", "--no-raw"], lines);
    assert.match(output, /1# "f" => "v"/);
    assert.match(output, /\(double\) 1\.5/);
    assert.match(output, /"proto" => \(integer\) 3/);
  });

  it("loads in bulk with --pipe", async () => {
    await using server = await LocalServer.start();
    const count = 50_000;
    const requests = Array.from({ length: count }, (_, index) =>
      encodeRequest(["SET", `key:${index}`, `value:${index}`]),
    );
    const { code, output } = await run(
      "redis-cli",
      server.port,
      ["--pipe"],
      Buffer.concat(requests),
    );
    assert.match(output, new RegExp(`errors: 0, replies: ${count}`));
    assert.equal(code, 0);
    const size = await run("redis-cli", server.port, ["DBSIZE"]);
    assert.equal(size.output, `${count}\n`);
  });

  it("scans, and looks for big keys", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const keys = Array.from({ length: 1000 }, (_, index) => `key:${index}`);
    await client.pipeline(...keys.map((key) => `SET ${key} v`), "RPUSH list a b c");
    const { output } = await run("redis-cli", server.port, ["--scan", "--pattern", "key:*"]);
    assert.deepEqual(output.trimEnd().split("\n").toSorted(), keys.toSorted());
    const big = await run("redis-cli", server.port, ["--bigkeys"]);
    assert.match(big.output, /Biggest\s+list found .*list.* has 3 items/);
    const memory = await run("redis-cli", server.port, ["--memkeys"]);
    assert.match(memory.output, /Sampled 1001 keys in the keyspace!/);
  });

  it("gives up its password on the command line as well as on the wire", async () => {
    await using server = await LocalServer.start({ requirepass: "secret" });
    const denied = await run("redis-cli", server.port, ["PING"]);
    assert.match(denied.output + denied.errors, /NOAUTH/);
    const args = ["-a", "secret", "--no-auth-warning", "PING"];
    assert.equal((await run("redis-cli", server.port, args)).output, "PONG\n");
  });
});

describe("redis-benchmark", { ...limits, skip }, () => {
  it("runs its tests, pipelined and not", async () => {
    await using server = await ServerProcess.start();
    const tests = ["-t", "ping,set,get,incr,mset,lpush,rpop,sadd,hset,zadd,lrange_100"];
    for (const pipeline of ["1", "16"]) {
      const args = [...tests, "-n", "5000", "-P", pipeline, "-r", "1000", "-q"];
      const { code, output, errors } = await run("redis-benchmark", server.port, args);
      assert.equal(code, 0, errors);
      for (const name of ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"]) {
        assert.ok(output.includes(`${name}: `), `${name} is missing in\n${output}`);
      }
      assert.doesNotMatch(output + errors, /error/i);
    }
    const client = await server.connect();
    assert.match(await client.text("INFO", "errorstats"), /^# Errorstats\r\n$/);
    client.destroy();
  });
});
