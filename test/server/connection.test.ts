// Connections as clients meet them, over real sockets: pipelines, requests in any pieces, large
// arguments, silence, and the several ways in which a connection ends.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { encodeRequest } from "../support/client.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 60_000 };

describe("a pipeline", limits, () => {
  it("is answered in order, by one write", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const words = Array.from({ length: 100 }, (_, index) => `word ${index}`);
    const requests = Buffer.concat(words.map((word) => encodeRequest(["ECHO", word])));
    const pieces = client.receivedPieces;
    client.send(requests);
    assert.deepEqual(await client.take(words.length), words);
    assert.equal(client.receivedPieces - pieces, 1);
  });

  it("of two clients gives each its own replies", async () => {
    await using server = await LocalServer.start();
    const [a, b] = [await server.connect(), await server.connect()];
    const all = Array.from({ length: 3000 }, (_, index) => index);
    for (const index of all) {
      a.send(encodeRequest(["ECHO", `a${index}`]));
      b.send(encodeRequest(["ECHO", `b${index}`]));
    }
    assert.deepEqual(
      await a.take(all.length),
      all.map((index) => `a${index}`),
    );
    assert.deepEqual(
      await b.take(all.length),
      all.map((index) => `b${index}`),
    );
  });

  it("longer than a turn does not keep others waiting", async () => {
    await using server = await LocalServer.start();
    const [flood, other] = [await server.connect(), await server.connect()];
    const count = 200_000;
    flood.send(Buffer.from("PING\r\n".repeat(count)));
    // Answered long before the flood is over: its own replies are counted when ours has come.
    assert.equal(await other.run("PING"), "PONG");
    assert.ok(flood.receivedBytes < 7 * count, "the flood was served first");
    const replies = await flood.take(count);
    assert.ok(replies.every((reply) => reply === "PONG"));
  });

  it("of slow commands does not either", async () => {
    await using server = await LocalServer.start();
    const [slow, other] = [await server.connect(), await server.connect()];
    const keys = Array.from({ length: 20_000 }, (_, index) => `key:${index}:${"x".repeat(20)} 1`);
    await slow.pipeline(`MSET ${keys.join(" ")}`);
    const count = 300;
    slow.isDiscarding = true;
    const before = slow.receivedBytes;
    slow.send(Buffer.concat(Array.from({ length: count }, () => encodeRequest(["KEYS", "*"]))));
    await other.run("PING");
    const [{ length }] = (await other.pipeline("KEYS *")) as string[][];
    assert.equal(length, keys.length);
    const share = (slow.receivedBytes - before) / (count * keys.length * 30);
    assert.ok(share < 0.5, `${share} of the slow replies came before`);
  });

  it("behind a request that waits is kept, and the end of the connection is noticed", async () => {
    await using server = await LocalServer.start();
    const [waiting, gone, other] = [
      await server.connect(),
      await server.connect(),
      await server.connect(),
    ];
    const count = 100_000;
    const flood = `BLPOP list 0\r\n${"INCR n\r\n".repeat(count)}`;
    gone.send(flood);
    waiting.send(flood);
    while (!(await other.text("INFO", "clients")).includes("blocked_clients:2"));
    gone.destroy();
    await server.untilClients(other, 2);
    assert.equal(await other.run("RPUSH", "list", "x"), 1);
    const replies = await waiting.take(count + 1);
    assert.deepEqual(replies[count], count);
  });

  it("goes on after an error in the middle", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    assert.deepEqual(await client.pipeline("SET a 1", "NONSENSE", "GET", "GET a"), [
      "OK",
      new ReplyError("ERR unknown command 'NONSENSE', with args beginning with: "),
      new ReplyError("ERR wrong number of arguments for 'get' command"),
      "1",
    ]);
  });
});

describe("requests in pieces", limits, () => {
  const text =
    "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$8\r\na\r\n*1\r\nx\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n" +
    "*1\r\n$6\r\nDBSIZE\r\n";
  const replies = ["OK", "PONG", "a\r\n*1\r\nx", 1];

  it("are understood wherever they are cut", async () => {
    await using server = await LocalServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    for (let cut = 1; cut < text.length; cut++) {
      client.send(text.slice(0, cut));
      // Two turns of another client: the first piece is there when the second one is sent.
      await other.run("PING");
      await other.run("PING");
      client.send(text.slice(cut));
      assert.deepEqual(await client.take(replies.length), replies, `cut at ${cut}`);
    }
  });

  it("are understood when every byte comes alone", async () => {
    await using server = await LocalServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    for (const byte of text) {
      client.send(byte);
      await other.run("PING");
    }
    assert.deepEqual(await client.take(replies.length), replies);
  });

  it("may be inline, quoted, empty", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    client.send(`\r\n\nSET "a b" '\\'c'\r\n*0\r\n*-1\r\nGET "\\x61 b"\n`);
    assert.deepEqual(await client.take(2), ["OK", "'c"]);
  });
});

describe("a large argument", limits, () => {
  /** User time alone: what the system takes to find 100 MB of memory is not our doing. */
  async function setMicroseconds(client: Client, mebibytes: number): Promise<number> {
    const value = Buffer.alloc(mebibytes * 1024 * 1024, "v");
    const { user } = process.cpuUsage();
    assert.equal(await client.run("SET", "k", value), "OK");
    return process.cpuUsage().user - user;
  }

  it("of 100 MB takes a time in proportion", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const taken = Math.min(await setMicroseconds(client, 100), await setMicroseconds(client, 100));
    // It takes .1 to .2 s. Copying it again at each piece would move 80 GB, which takes 8 s.
    assert.ok(taken < 1_000_000, `${taken} us`);
    assert.equal(await client.run("STRLEN", "k"), 100 * 1024 * 1024);
    assert.equal(await client.run("GETRANGE", "k", -3, -1), "vvv");
  });

  it("comes back whole, and leaves no buffer behind", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const value = Buffer.alloc(10 * 1024 * 1024, "0123456789abcdef");
    await client.run("SET", "k", value);
    assert.equal(await client.run("GET", "k"), value.toString("latin1"));
    const info = await client.text("CLIENT", "INFO");
    const memory = Number(/ tot-mem=(\d+)/.exec(info)?.[1]);
    assert.ok(memory < 100_000, info);
  });
});

describe("CLIENT REPLY", limits, () => {
  it("OFF silences all, errors too, until ON", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    client.send("CLIENT REPLY OFF\r\nPING\r\nNONSENSE\r\nSET k v\r\n");
    client.send("CLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\nGET k\r\n");
    assert.deepEqual(await client.take(2), ["OK", "v"]);
  });

  it("SKIP silences the next one", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    client.send("CLIENT REPLY SKIP\r\nECHO a\r\nECHO b\r\nCLIENT REPLY SKIP\r\nNO\r\nECHO c\r\n");
    assert.deepEqual(await client.take(2), ["b", "c"]);
  });
});

describe("the end of a connection", limits, () => {
  it("from the client's side: what it asked before is answered", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    client.send("SET k v\r\nGET k\r\n");
    client.end();
    assert.deepEqual(await client.rest(), ["OK", "v"]);
  });

  it("from the client's side: however much it was", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    const count = 100_000;
    client.send(Buffer.from("INCR n\r\n".repeat(count)));
    client.end();
    const replies = await client.rest();
    assert.equal(replies.length, count);
    assert.equal(replies.at(-1), count);
  });

  it("by QUIT: with a reply, and nothing after it is executed", async () => {
    await using server = await LocalServer.start();
    const [client, other] = [await server.connect(), await server.connect()];
    client.send("SET a 1\r\nQUIT\r\nSET b 1\r\n");
    assert.deepEqual(await client.rest(), ["OK", "OK"]);
    assert.equal(await other.run("EXISTS", "a", "b"), 1);
  });

  it("by an error of protocol: earlier replies, the error, the end", async () => {
    const cases: [sent: string, error: string][] = [
      ["*x\r\n", "invalid multibulk length"],
      ["*1\r\n$-1\r\n", "invalid bulk length"],
      ["*1\r\n$999999999999\r\n", "invalid bulk length"],
      ["*1\r\n:3\r\n", "expected '$', got ':'"],
      ["SET 'a\r\n", "unbalanced quotes in request"],
      [`*${"1".repeat(70_000)}`, "too big mbulk count string"],
      ["P".repeat(70_000), "too big inline request"],
    ];
    await using server = await LocalServer.start();
    for (const [sent, error] of cases) {
      const client = await server.connect();
      client.send(`PING\r\n${sent}`);
      if (sent.endsWith("\n")) client.send("SET after 1\r\n");
      const expected = ["PONG", new ReplyError(`ERR Protocol error: ${error}`)];
      assert.deepEqual(await client.rest(), expected, error);
    }
    const client = await server.connect();
    assert.equal(await client.run("EXISTS", "after"), 0);
    const info = await client.text("INFO", "clients");
    assert.match(info, /connected_clients:1\r\n/);
  });

  it("by a reset in the middle of replies harms nobody", async () => {
    await using server = await LocalServer.start();
    const other = await server.connect();
    await other.run("SET", "k", Buffer.alloc(1024 * 1024));
    for (let round = 0; round < 20; round++) {
      const client = await server.connectUnseen();
      client.send("GET k\r\n".repeat(20));
      await other.run("PING");
      client.socket.resetAndDestroy();
    }
    await server.untilClients(other, 1);
  });
});

describe("HELLO and RESET", limits, () => {
  it("choose the protocol, the name and the user", async () => {
    await using server = await LocalServer.start({ requirepass: "secret" });
    const client = await server.connectUnseen();
    const denied = (await client.run("HELLO", 3)) as ReplyError;
    assert.match(denied.text, /^NOAUTH HELLO must be called/);
    const wrong = await client.run("HELLO", 3, "AUTH", "default", "no");
    assert.match((wrong as ReplyError).text, /^WRONGPASS /);
    const greeting = await client.run("HELLO", 3, "AUTH", "default", "secret", "SETNAME", "me");
    assert.ok(greeting instanceof Map);
    assert.equal(greeting.get("proto"), 3);
    assert.equal(await client.run("CLIENT", "GETNAME"), "me");
    assert.equal(await client.run("GET", "none"), null);
    const array = (await client.run("HELLO", 2)) as unknown[];
    assert.equal(array[array.indexOf("proto") + 1], 2);
    assert.match(((await client.run("HELLO", 4)) as ReplyError).text, /^NOPROTO/);
  });

  it("RESET forgets all of it", async () => {
    await using server = await LocalServer.start({ requirepass: "secret" });
    const client = await server.connectUnseen();
    await client.run("HELLO", 3, "AUTH", "default", "secret", "SETNAME", "me");
    await client.run("SELECT", 3);
    assert.equal(await client.run("RESET"), "RESET");
    assert.match(((await client.run("PING")) as ReplyError).text, /^NOAUTH/);
    await client.run("AUTH", "secret");
    const info = await client.text("CLIENT", "INFO");
    assert.match(info, / name= .* db=0 .* resp=2 /);
  });
});
