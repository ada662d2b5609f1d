// Files that our server writes, loaded by real Redis: it must find the same data, and its own tools
// must find nothing wrong.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import { parseReplies } from "../support/reply.ts";
import { RequestGenerator } from "../support/request-generator.ts";
import { ServerProcess } from "../support/server.ts";
import { valueRequests, valueTypes } from "../support/value-requests.ts";

const seed = Number(process.env["FILES_SEED"] ?? Date.now() % 1_000_000);
const keysOfEachType = 30;
const farMs = 4_102_444_800_000;

/** Values of every type in two databases, some of which expire one day, and a large one of each. */
async function populate(client: Client, from: RequestGenerator, prefix: string): Promise<void> {
  for (const database of [0, 7]) {
    await client.run("SELECT", database);
    for (let index = 0; index < valueTypes.length * keysOfEachType; index++) {
      const key = `${prefix}:${index}`;
      const requests = valueRequests(from, key, valueTypes[index % valueTypes.length]);
      for (const request of requests) await client.run(...request);
      if (from.oneIn(4)) await client.run("PEXPIREAT", key, farMs + index);
    }
  }
  const numbers = Array.from({ length: 1500 }, (_, index) => index);
  await client.run("SADD", `${prefix}:large set`, ...numbers.map((each) => `member ${each}`));
  await client.run("ZADD", `${prefix}:large zset`, ...numbers.flatMap((each) => [each / 3, each]));
  await client.run("HSET", `${prefix}:large hash`, ...numbers.flatMap((each) => [each, -each]));
  const long = "x".repeat(400);
  await client.run("RPUSH", `${prefix}:large list`, ...numbers.map((each) => `${each}${long}`));
  await client.run("SETRANGE", `${prefix}:large string`, 2 << 20, "end");
}

function check(tool: string, file: string): void {
  const { status, stdout } = spawnSync(tool, [file], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
}

async function digestOfReal(directory: string, ...args: string[]): Promise<unknown> {
  const redis = await RealRedis.start({ directory, args });
  try {
    return parseReplies((await redis.run([["DEBUG", "DIGEST"]]))[0])[0];
  } finally {
    await redis.stop();
  }
}

/** Asks until the server has done it. */
async function waitFor(client: Client, line: string): Promise<void> {
  while (!(await client.text("INFO", "persistence")).includes(line));
}

describe(`files for real Redis, seed ${seed}`, { skip: reasonToSkip() }, () => {
  it("an RDB file, of SAVE and of BGSAVE", async () => {
    await using server = await ServerProcess.start(["--enable-debug-command", "yes"]);
    const client = await server.connect();
    const from = new RequestGenerator(seed);
    for (const save of ["SAVE", "BGSAVE"]) {
      await populate(client, from, save);
      const digest = await client.text("DEBUG", "DIGEST");
      await client.run(save);
      await waitFor(client, "rdb_bgsave_in_progress:0");
      check("redis-check-rdb", join(server.directory, "dump.rdb"));
      assert.equal(await digestOfReal(server.directory), digest);
    }
  });

  for (const preamble of ["yes", "no"]) {
    it(`an append-only file, aof-use-rdb-preamble ${preamble}`, async () => {
      const flags = ["--appendonly", "yes", "--aof-use-rdb-preamble", preamble];
      await using server = await ServerProcess.start([...flags, "--enable-debug-command", "yes"]);
      const client = await server.connect();
      const from = new RequestGenerator(seed + 1);
      await populate(client, from, "base");
      await client.run("BGREWRITEAOF");
      await waitFor(client, "aof_rewrite_in_progress:0");
      await populate(client, from, "incr");
      const digest = await client.text("DEBUG", "DIGEST");
      const folder = join(server.directory, "appendonlydir");
      const manifest = readdirSync(folder).find((name) => name.endsWith(".manifest")) ?? "";
      check("redis-check-aof", join(folder, manifest));
      assert.equal(await digestOfReal(server.directory, "--appendonly", "yes"), digest);
    });
  }
});
