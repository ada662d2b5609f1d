// Persistence as clients and operators meet it: what survives a restart, what a server that loads
// or saves answers meanwhile.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createServer } from "../../src/index.ts";
import type { Client } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

const root = mkdtempSync(join(tmpdir(), "respite-persistence-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

function folder(): string {
  const path = join(root, String(folders++));
  mkdirSync(path);
  return path;
}

async function errorOf(client: Client, ...request: (string | number)[]): Promise<string> {
  const reply = await client.run(...request);
  assert.ok(reply instanceof ReplyError, `${request.join(" ")}: ${JSON.stringify(reply)}`);
  return reply.text;
}

/** Asks until the server says so. */
async function waitFor(client: Client, line: string): Promise<void> {
  while (!(await client.text("INFO", "persistence")).includes(line));
}

describe("after a restart", () => {
  it("an append-only file has everything", async () => {
    const dir = folder();
    {
      await using server = await LocalServer.start({ dir, appendonly: true });
      const client = await server.connect();
      await client.run("SET", "k", "v", "EX", 1000);
      await client.run("SELECT", 5);
      await client.run("RPUSH", "list", "a", "b");
    }
    await using server = await LocalServer.start({ dir, appendonly: true });
    const client = await server.connect();
    assert.equal(await client.text("GET", "k"), "v");
    assert.ok(Number(await client.text("TTL", "k")) > 990);
    await client.run("SELECT", 5);
    assert.deepEqual(await client.run("LRANGE", "list", 0, -1), ["a", "b"]);
  });

  it("a snapshot that was saved at the end has everything", async () => {
    const dir = folder();
    const save = [{ seconds: 3600, changes: 1 }];
    {
      await using server = await LocalServer.start({ dir, save });
      await (await server.connect()).run("SET", "k", "v");
    }
    await using server = await LocalServer.start({ dir, save });
    assert.equal(await (await server.connect()).text("GET", "k"), "v");
  });

  it("nothing is there and nothing was written where nobody asked for files", async () => {
    const dir = folder();
    {
      await using server = await LocalServer.start({ dir });
      await (await server.connect()).run("SET", "k", "v");
    }
    assert.equal(existsSync(join(dir, "dump.rdb")), false);
    assert.equal(existsSync(join(dir, "appendonlydir")), false);
  });

  it("a damaged file is refused, and stays as it is", async () => {
    const dir = folder();
    writeFileSync(join(dir, "dump.rdb"), "REDIS0010 this is not a snapshot");
    await assert.rejects(createServer({ dir, dbfilename: "dump.rdb" }), /offset/);
    assert.equal(existsSync(join(dir, "dump.rdb")), true);
  });
});

describe("while a large value is saved", () => {
  it("who changes it waits, and nobody else; the file has it as it was", async () => {
    const dir = folder();
    const count = 200_000;
    await using server = await LocalServer.start({ dir, dbfilename: "dump.rdb" });
    const [writer, other] = [await server.connect(), await server.connect()];
    for (let start = 0; start < count; start += 10_000) {
      const members = Array.from({ length: 10_000 }, (_, index) => start + index);
      await writer.run("ZADD", "large", ...members.flatMap((each) => [each, `member${each}`]));
    }
    await writer.run("SET", "small", "before");
    await writer.run("BGSAVE");
    const state = { isDone: false };
    const change = writer.run("ZADD", "large", 1, "new").then((reply) => {
      state.isDone = true;
      return reply;
    });
    let answeredMeanwhile = 0;
    while (!state.isDone) {
      await other.run("SET", "small", `after${answeredMeanwhile++}`);
    }
    assert.equal(await change, 1);
    assert.ok(answeredMeanwhile > 3, `${answeredMeanwhile} requests were answered meanwhile`);
    await waitFor(other, "rdb_bgsave_in_progress:0");
    await using copy = await LocalServer.start({ dir, dbfilename: "dump.rdb" });
    const reader = await copy.connect();
    assert.equal(await reader.run("ZCARD", "large"), count);
    assert.equal(await reader.text("GET", "small"), "before");
  });

  it("it can be deleted and flushed at once, even if the snapshot does not get on", async () => {
    const dir = folder();
    await using server = await LocalServer.start({ dir, dbfilename: "dump.rdb" });
    const client = await server.connect();
    const fields = Array.from({ length: 5000 }, (_, index) => [`field${index}`, index]);
    await client.run("HSET", "large", ...fields.flat());
    await client.run("HSET", "other", ...fields.flat());
    const replies = await client.pipeline(
      "CONFIG SET rdb-key-save-delay 10000000",
      "SET first small",
      "BGSAVE",
      "DEL large",
      "FLUSHDB",
      "INFO persistence",
      "CONFIG SET rdb-key-save-delay 0",
    );
    assert.deepEqual(replies.slice(3, 5), [1, "OK"]);
    assert.match(String(replies[5]), /rdb_bgsave_in_progress:1\r\n/);
    await waitFor(client, "rdb_bgsave_in_progress:0");
    await using copy = await LocalServer.start({ dir, dbfilename: "dump.rdb" });
    const reader = await copy.connect();
    assert.equal(await reader.run("HLEN", "large"), 5000);
    assert.equal(await reader.run("HLEN", "other"), 5000);
  });
});

describe("when files cannot be written", () => {
  it("a failed snapshot stops writes until one succeeds", async () => {
    const dir = folder();
    await using server = await LocalServer.start({ dir, save: [{ seconds: 3600, changes: 1 }] });
    const client = await server.connect();
    await client.run("SET", "k", "v");
    // A folder of that name: the new file cannot take its place.
    mkdirSync(join(dir, "dump.rdb"));
    await client.run("BGSAVE");
    await waitFor(client, "rdb_last_bgsave_status:err");
    assert.match(await errorOf(client, "SET", "k", "w"), /^MISCONF Redis is configured to save/);
    assert.match(await errorOf(client, "PING"), /^MISCONF/);
    assert.equal(await client.text("GET", "k"), "v");
    rmSync(join(dir, "dump.rdb"), { recursive: true });
    await client.run("BGSAVE");
    await waitFor(client, "rdb_last_bgsave_status:ok");
    assert.equal(await client.run("SET", "k", "w"), "OK");
  });

  it("the append-only file is not turned on", async () => {
    const dir = folder();
    writeFileSync(join(dir, "appendonlydir"), "not a folder");
    await using server = await LocalServer.start({ dir, dbfilename: "dump.rdb" });
    const client = await server.connect();
    const error = await errorOf(client, "CONFIG", "SET", "appendonly", "yes");
    assert.match(error, /Unable to turn on AOF\. Check server logs\./);
    assert.deepEqual(await client.run("CONFIG", "GET", "appendonly"), ["appendonly", "no"]);
    assert.equal(await client.run("SET", "k", "v"), "OK");
  });
});

describe("WAITAOF", () => {
  it("replies once the client's writes are safe", async () => {
    await using server = await LocalServer.start({ dir: folder(), appendonly: true });
    const client = await server.connect();
    await client.run("SET", "k", "v");
    assert.deepEqual(await client.run("WAITAOF", 1, 0, 0), [1, 0]);
    assert.match(await errorOf(client, "WAITAOF", 2, 0, 0), /value is out of range/);
    assert.deepEqual(await client.run("WAITAOF", 0, 1, 20), [1, 0]);
  });

  it("needs an append-only file", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    assert.match(await errorOf(client, "WAITAOF", 1, 0, 0), /when numlocal is set but appendonly/);
    assert.deepEqual(await client.run("WAITAOF", 0, 0, 0), [0, 0]);
  });
});

describe("BGSAVE and BGREWRITEAOF", () => {
  it("go one after the other", async () => {
    await using server = await LocalServer.start({ dir: folder(), appendonly: true });
    const client = await server.connect();
    await waitFor(client, "aof_rewrite_in_progress:0");
    const replies = await client.pipeline(
      "CONFIG SET rdb-key-save-delay 1000000",
      "SET k v",
      "BGREWRITEAOF",
      "BGREWRITEAOF",
      "BGSAVE",
      "BGSAVE SCHEDULE",
      "CONFIG SET rdb-key-save-delay 0",
    );
    const [, , rewriting, again, saving, scheduled] = replies.map((each) => {
      return each instanceof ReplyError ? each.text : String(each);
    });
    assert.equal(rewriting, "Background append only file rewriting started");
    assert.match(again, /Background append only file rewriting already in progress/);
    assert.match(saving, /Another child process is active \(AOF\?\): can't BGSAVE right now/);
    assert.equal(scheduled, "Background saving scheduled");
    await waitFor(client, "rdb_last_bgsave_status:ok\r\nrdb_last_bgsave_time_sec:0");
  });
});
