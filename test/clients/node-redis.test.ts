// node-redis as its users use it, in RESP2 and RESP3: connecting, its own pipelining, transactions,
// iterators, blocking in a pool, subscribing, pushes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createClient } from "redis";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 30_000 };

for (const version of [2, 3] as const) {
  const open = async (server: LocalServer, url = server.server.url) => {
    const client = createClient({ url, RESP: version });
    client.on("error", () => undefined);
    return client.connect();
  };

  describe(`node-redis in RESP${version}`, limits, () => {
    it("says who it is", async () => {
      await using server = await LocalServer.start({ requirepass: "secret" });
      const client = await open(server, `redis://default:secret@127.0.0.1:${server.port}/2`);
      await client.clientSetName("me");
      const info = await client.clientInfo();
      assert.deepEqual([info.name, info.db, info.resp], ["me", 2, version]);
      assert.match(JSON.stringify(info), /node-redis/);
      await client.close();
    });

    it("gets strings, numbers, nothing, lists and maps", async () => {
      await using server = await LocalServer.start();
      const client = await open(server);
      assert.equal(await client.set("k", "v"), "OK");
      assert.equal(await client.get("k"), "v");
      assert.equal(await client.get("none"), null);
      assert.equal(await client.incrBy("n", 7), 7);
      assert.deepEqual(await client.mGet(["k", "none", "n"]), ["v", null, "7"]);
      assert.equal(await client.hSet("h", { a: "1", b: "2" }), 2);
      assert.deepEqual({ ...(await client.hGetAll("h")) }, { a: "1", b: "2" });
      await client.zAdd("z", [
        { score: 1.5, value: "a" },
        { score: Infinity, value: "b" },
      ]);
      assert.equal(await client.zScore("z", "a"), 1.5);
      assert.deepEqual(await client.zRangeWithScores("z", 0, -1), [
        { value: "a", score: 1.5 },
        { value: "b", score: Infinity },
      ]);
      await assert.rejects(client.incr("k"), /ERR value is not an integer or out of range/);
      assert.equal((await client.configGet("maxclients"))["maxclients"], "10000");
      await client.close();
    });

    it("pipelines what is asked in one turn", async () => {
      await using server = await LocalServer.start();
      const client = await open(server);
      const numbers = Array.from({ length: 10_000 }, (_, index) => index);
      const replies = await Promise.all(numbers.map(() => client.incr("n")));
      assert.deepEqual(
        replies,
        numbers.map((index) => index + 1),
      );
      await client.close();
    });

    it("runs transactions", async () => {
      await using server = await LocalServer.start();
      const client = await open(server);
      const replies = await client.multi().set("a", "1").incr("a").get("a").exec();
      assert.deepEqual(replies, ["OK", 2, "2"]);
      await client.watch("a");
      await client.set("a", "5");
      await assert.rejects(client.multi().incr("a").exec(), { name: "Error" });
      await client.close();
    });

    it("iterates over keys, hashes and sets", async () => {
      await using server = await LocalServer.start();
      const client = await open(server);
      const names = Array.from({ length: 1000 }, (_, index) => `name:${index}`);
      await Promise.all(names.map((name) => client.set(name, "v")));
      const keys = new Set<string>();
      for await (const page of client.scanIterator({ MATCH: "name:*", COUNT: 50 })) {
        for (const key of page) keys.add(key);
      }
      assert.deepEqual([...keys].toSorted(), names.toSorted());
      await client.sAdd("set", names);
      const members = new Set<string>();
      for await (const page of client.sScanIterator("set")) {
        for (const member of page) members.add(member);
      }
      assert.equal(members.size, names.length);
      await client.close();
    });

    it("sees keys expire", async () => {
      await using server = await LocalServer.start({ clock: "virtual" });
      const client = await open(server);
      await client.set("k", "v", { expiration: { type: "EX", value: 10 } });
      assert.equal(await client.ttl("k"), 10);
      server.advance(10_001);
      assert.deepEqual([await client.get("k"), await client.dbSize()], [null, 0]);
      await client.close();
    });

    it("subscribes, and is told of messages", async () => {
      await using server = await LocalServer.start();
      const [subscriber, publisher] = [await open(server), await open(server)];
      let got: (text: string) => void = () => undefined;
      const message = new Promise<string>((resolve) => {
        got = resolve;
      });
      await subscriber.subscribe("news", (text) => got(text));
      assert.equal(await publisher.publish("news", "hello"), 1);
      assert.equal(await message, "hello");
      await subscriber.unsubscribe("news");
      await Promise.all([subscriber.close(), publisher.close()]);
    });

    it("waits for a list", async () => {
      await using server = await LocalServer.start();
      const [waiting, pushing] = [await open(server), await open(server)];
      const popped = waiting.blPop("l", 0);
      while (!(await pushing.info("clients")).includes("blocked_clients:1"));
      await pushing.rPush("l", "v");
      assert.deepEqual({ ...(await popped) }, { key: "l", element: "v" });
      await Promise.all([waiting.close(), pushing.close()]);
    });
  });
}
