// node-redis, as an application uses it, over both versions of the protocol.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient } from "redis";
import { LocalServer } from "../support/server.ts";

for (const RESP of [2, 3] as const) {
  describe(`node-redis over RESP${RESP}`, () => {
    let local: LocalServer;
    const connect = () => createClient({ url: local.server.url, RESP, name: "tester" });
    let client: ReturnType<typeof connect>;
    before(async () => {
      local = await LocalServer.start();
      client = connect();
      await client.connect();
    });
    after(async () => {
      client.destroy();
      await local[Symbol.asyncDispose]();
    });

    it("names itself and its library", async () => {
      const info = await client.clientInfo();
      assert.equal(info.name, "tester");
      assert.match(String(info.libName), /node-redis/);
    });

    it("sets, reads, counts and expires", async () => {
      assert.equal(await client.set("k", "v", { expiration: { type: "EX", value: 60 } }), "OK");
      assert.equal(await client.get("k"), "v");
      assert.equal(await client.incrBy("n", 7), 7);
      assert.equal(await client.ttl("k"), 60);
      assert.deepEqual(await client.mGet(["k", "none"]), ["v", null]);
    });

    it("reads hashes as objects and sorted sets with scores", async () => {
      await client.hSet("h", { a: "1", b: "2" });
      assert.deepEqual({ ...(await client.hGetAll("h")) }, { a: "1", b: "2" });
      await client.zAdd("z", [{ score: 2.5, value: "more" }]);
      assert.deepEqual(await client.zRangeWithScores("z", 0, -1), [{ value: "more", score: 2.5 }]);
    });

    it("runs transactions and pipelines what is sent at once", async () => {
      const done = await client.multi().set("p", "1").incr("p").exec();
      assert.deepEqual(done, ["OK", 2]);
      const sent = Array.from({ length: 1000 }, (_, index) => client.set(`m:${index}`, `${index}`));
      await Promise.all(sent);
      assert.equal(await client.get("m:999"), "999");
    });

    it("scans with an iterator", async () => {
      let count = 0;
      for await (const keys of client.scanIterator({ MATCH: "m:*", COUNT: 100 })) {
        count += keys.length;
      }
      assert.ok(count >= 1000);
    });

    it("waits for a list and is told of messages", async () => {
      const waiting = await client.duplicate().connect();
      const listening = await client.duplicate().connect();
      const message = new Promise((resolve) => {
        void listening.subscribe("news", (text, channel) => resolve([channel, text]));
      });
      const popped = waiting.blPop("queue", 0);
      await client.rPush("queue", "job");
      assert.deepEqual({ ...(await popped) }, { key: "queue", element: "job" });
      while ((await client.publish("news", "hello")) === 0) continue;
      assert.deepEqual(await message, ["news", "hello"]);
      waiting.destroy();
      listening.destroy();
    });
  });
}
