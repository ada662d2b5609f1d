// Client-side caching: who is told of which change, in which form, and when.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

async function errorOf(client: Client, ...request: (string | number)[]): Promise<string> {
  const reply = await client.run(...request);
  assert.ok(reply instanceof ReplyError, JSON.stringify(reply));
  return reply.text;
}

/** A client that speaks RESP3 and is tracked. */
async function tracked(server: LocalServer, ...options: string[]): Promise<Client> {
  const client = await server.connect();
  await client.run("HELLO", 3);
  assert.equal(await client.run("CLIENT", "TRACKING", "ON", ...options), "OK");
  return client;
}

describe("CLIENT TRACKING", () => {
  it("tells once of a key that was read, whoever changes it and in whatever way", async () => {
    await using server = await LocalServer.start();
    const [reader, writer] = [await tracked(server), await server.connect()];
    for (const change of [
      ["SET", "k", 1],
      ["DEL", "k"],
      ["RPUSH", "k", 1],
      ["RENAME", "k", "l"],
    ]) {
      await reader.run("EXISTS", "k");
      await writer.run(...change);
      assert.deepEqual(await reader.nextPush(), ["invalidate", ["k"]]);
    }
    // Not read again: nothing is told of this one.
    await writer.run("SET", "k", 1);
    await reader.run("GET", "other");
    await writer.run("SET", "other", 1);
    assert.deepEqual(await reader.nextPush(), ["invalidate", ["other"]]);
  });

  it("tells of keys that a script has read, not of those that it was given", async () => {
    await using server = await LocalServer.start();
    const [reader, writer] = [await tracked(server), await server.connect()];
    for (const script of ["EVAL", "EVAL_RO"]) {
      await reader.run(script, "return redis.call('get', KEYS[2])", 2, "given", "read");
      await writer.run("MSET", "given", 1, "read", 1);
      assert.deepEqual(await reader.nextPush(), ["invalidate", ["read"]]);
    }
  });

  it("tells the client of its own changes behind the reply, unless NOLOOP", async () => {
    await using server = await LocalServer.start();
    const client = await tracked(server);
    await client.run("GET", "k");
    assert.equal(await client.run("SET", "k", 1), "OK");
    assert.deepEqual(await client.nextPush(), ["invalidate", ["k"]]);
    const quiet = await tracked(server, "NOLOOP");
    await quiet.run("GET", "k");
    await quiet.run("SET", "k", 2);
    await quiet.run("GET", "l");
    await client.run("SET", "l", 1);
    assert.deepEqual(await quiet.nextPush(), ["invalidate", ["l"]]);
  });

  it("broadcasts what changes below prefixes at the end of the turn", async () => {
    await using server = await LocalServer.start();
    const reader = await tracked(server, "BCAST", "PREFIX", "a:", "PREFIX", "b:");
    const writer = await server.connect();
    await writer.pipeline("SET a:1 x", "SET c:1 x", "SET b:1 x", "SET a:2 x", "SET a:1 y");
    assert.deepEqual(await reader.nextPush(), ["invalidate", ["a:1", "a:2"]]);
    assert.deepEqual(await reader.nextPush(), ["invalidate", ["b:1"]]);
    assert.match(
      await errorOf(reader, "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "a:x"),
      /Prefix 'a:x' overlaps with an existing prefix 'a:'/,
    );
  });

  it("remembers only what OPTIN allows, and all but what OPTOUT excepts", async () => {
    await using server = await LocalServer.start();
    const [optIn, optOut] = [await tracked(server, "OPTIN"), await tracked(server, "OPTOUT")];
    const writer = await server.connect();
    await optIn.run("GET", "a");
    await optIn.run("CLIENT", "CACHING", "YES");
    await optIn.run("GET", "b");
    await optIn.run("GET", "c");
    await optOut.run("CLIENT", "CACHING", "NO");
    await optOut.run("GET", "a");
    await optOut.run("GET", "b");
    await writer.pipeline("SET a 1", "SET b 1", "SET c 1");
    assert.deepEqual(await optIn.nextPush(), ["invalidate", ["b"]]);
    assert.deepEqual(await optOut.nextPush(), ["invalidate", ["b"]]);
    assert.match(await errorOf(optOut, "CLIENT", "CACHING", "YES"), /only valid .* OPTIN mode/);
  });

  it("sends to another connection, and says so when that is gone", async () => {
    await using server = await LocalServer.start();
    const [receiver, writer] = [await server.connect(), await server.connect()];
    const id = await receiver.text("CLIENT", "ID");
    await receiver.run("SUBSCRIBE", "__redis__:invalidate");
    const reader = await tracked(server, "REDIRECT", id);
    await reader.run("GET", "k");
    await writer.run("SET", "k", 1);
    assert.deepEqual(await receiver.next(), ["message", "__redis__:invalidate", ["k"]]);
    receiver.destroy();
    await server.untilClients(writer, 2);
    await reader.run("GET", "k");
    await writer.run("SET", "k", 2);
    assert.deepEqual(await reader.nextPush(), ["tracking-redir-broken", Number(id)]);
  });

  it("tells that everything is gone, of FLUSHALL once for all databases", async () => {
    await using server = await LocalServer.start();
    const [reader, writer] = [await tracked(server), await server.connect()];
    await writer.pipeline("SET k 1", "SELECT 1", "SET k 1");
    await reader.run("GET", "k");
    await writer.run("FLUSHALL");
    assert.deepEqual(await reader.nextPush(), ["invalidate", null]);
    await reader.run("GET", "k");
    await writer.run("SET", "k", 1);
    assert.deepEqual(await reader.nextPush(), ["invalidate", ["k"]]);
  });

  it("forgets the oldest beyond tracking-table-max-keys, and tells of it", async () => {
    await using server = await LocalServer.start({ trackingTableMaxKeys: 2 });
    const reader = await tracked(server);
    for (const key of ["a", "b", "c"]) await reader.run("GET", key);
    assert.deepEqual(await reader.nextPush(), ["invalidate", ["a"]]);
    assert.match(await reader.text("INFO", "stats"), /tracking_total_keys:2\r\n/);
    await reader.run("CLIENT", "TRACKING", "OFF");
    assert.match(await reader.text("INFO", "stats"), /tracking_total_keys:0\r\n/);
  });
});
