// SLOWLOG: what gets into it, and how it is shown.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 30_000 };

type Entry = [id: number, seconds: number, us: number, words: string[], ...client: string[]];

async function entries(client: Client): Promise<Entry[]> {
  return (await client.run("SLOWLOG", "GET", -1)) as Entry[];
}

/** The words of all entries but the CONFIG SET that made all commands slow, the oldest first. */
async function logged(client: Client): Promise<string[]> {
  await client.run("CONFIG", "SET", "slowlog-log-slower-than", -1);
  const texts = (await entries(client)).map(([, , , words]) => words.join(" ")).toReversed();
  return texts.slice(texts.findLastIndex((text) => text.endsWith("slower-than 0")) + 1);
}

describe("SLOWLOG", limits, () => {
  it("tells number, time, duration, words, address and name, the latest first", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const client = await server.connect();
    await client.run("CLIENT", "SETNAME", "me");
    await client.run("CONFIG", "SET", "slowlog-log-slower-than", 0);
    await client.run("SET", "k", "v");
    const found = await entries(client);
    const address = `127.0.0.1:${client.socket.localPort}`;
    const seconds = Math.floor(server.server.clock.nowMs() / 1000);
    assert.deepEqual(found[0], [1, seconds, 0, ["SET", "k", "v"], address, "me"]);
    assert.deepEqual(found[1][3], ["CONFIG", "SET", "slowlog-log-slower-than", "0"]);
    assert.deepEqual([await client.run("SLOWLOG", "LEN"), found.length], [3, 2]);
    assert.equal(((await client.run("SLOWLOG", "GET", 1)) as Reply[]).length, 1);
    assert.equal(((await client.run("SLOWLOG", "GET", 0)) as Reply[]).length, 0);
    const wrong = new ReplyError("ERR count should be greater than or equal to -1");
    assert.deepEqual(await client.run("SLOWLOG", "GET", -2), wrong);
    assert.equal(await client.run("SLOWLOG", "RESET"), "OK");
    assert.deepEqual(await logged(client), ["SLOWLOG RESET"]);
  });

  it("remembers slowlog-max-len commands", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("CONFIG", "SET", "slowlog-log-slower-than", 0, "slowlog-max-len", 3);
    for (let count = 0; count < 10; count++) await client.run("PING", count);
    assert.deepEqual(await logged(client), ["PING 7", "PING 8", "PING 9"]);
    await client.run("CONFIG", "SET", "slowlog-max-len", 1);
    assert.equal(await client.run("SLOWLOG", "LEN"), 1);
  });

  it("cuts many arguments and long ones", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("CONFIG", "SET", "slowlog-log-slower-than", 0);
    const members = Array.from({ length: 31 }, (_, index) => index);
    await client.run("SADD", "s", ...members);
    await client.run("SADD", "s", ...members.slice(1));
    await client.run("ECHO", "A".repeat(129));
    const [many, most, long] = await logged(client);
    assert.equal(many, `SADD s ${members.slice(0, 29).join(" ")} ... (2 more arguments)`);
    assert.equal(most, `SADD s ${members.slice(1).join(" ")}`);
    assert.equal(long, `ECHO ${"A".repeat(128)}... (1 more bytes)`);
  });

  it("keeps secrets", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("CONFIG", "SET", "slowlog-log-slower-than", 0);
    await client.run("AUTH", "user", "secret");
    await client.run("HELLO", 2, "SETNAME", "auth", "AUTH", "user", "secret");
    await client.run("CONFIG", "SET", "maxmemory-samples", 5, "masterauth", "secret");
    assert.deepEqual(await logged(client), [
      "AUTH (redacted) (redacted)",
      "HELLO 2 SETNAME auth AUTH (redacted) (redacted)",
      "CONFIG SET maxmemory-samples 5 masterauth (redacted)",
    ]);
  });

  it("has what EXEC runs, not EXEC, and who waited only once served", async () => {
    await using server = await LocalServer.start();
    const [client, waiting] = [await server.connect(), await server.connect()];
    await client.run("CONFIG", "SET", "slowlog-log-slower-than", 0);
    waiting.send("BLPOP l 0\r\n");
    while (!(await client.text("INFO", "clients")).includes("blocked_clients:1\r\n"));
    await client.run("SLOWLOG", "RESET");
    await client.pipeline("MULTI", "RPUSH l v", "GET k", "EXEC");
    await waiting.next();
    const texts = await logged(client);
    assert.deepEqual(texts, ["SLOWLOG RESET", "MULTI", "RPUSH l v", "GET k", "BLPOP l 0"]);
  });

  it("finds a cheap command that had much to do, though few of them are timed", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("CONFIG", "SET", "slowlog-log-slower-than", 1500);
    for (let round = 0; round < 20; round++) {
      await client.pipeline(...Array.from({ length: 10 }, () => "GET k"));
    }
    await client.run("SLOWLOG", "RESET");
    await client.run("SET", "k", Buffer.alloc(64 * 1024 * 1024));
    assert.equal((await entries(client))[0][3][0], "SET");
  });
});
