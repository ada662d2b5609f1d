// ioredis, as an application uses it: RESP3 by HELLO is its default, RESP2 the alternative.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Redis } from "ioredis";
import { LocalServer } from "../support/server.ts";

for (const protocol of [2, 3] as const) {
  describe(`ioredis over RESP${protocol}`, () => {
    let local: LocalServer;
    let redis: Redis;
    before(async () => {
      local = await LocalServer.start();
      redis = new Redis({
        port: local.port,
        protocol,
        connectionName: "tester",
        lazyConnect: true,
      });
      await redis.connect();
    });
    after(async () => {
      redis.disconnect();
      await local[Symbol.asyncDispose]();
    });

    it("names itself and its library", async () => {
      const info = String(await redis.client("INFO"));
      assert.match(info, / name=tester /);
      assert.match(info, / lib-name=ioredis/);
    });

    it("sets, reads, counts and expires", async () => {
      assert.equal(await redis.set("k", "v", "EX", 60), "OK");
      assert.equal(await redis.get("k"), "v");
      assert.equal(await redis.incrby("n", 7), 7);
      assert.equal(await redis.ttl("k"), 60);
      assert.deepEqual(await redis.mget("k", "none"), ["v", null]);
    });

    it("keeps bytes that are no text", async () => {
      const bytes = Buffer.from([0, 255, 13, 10, 128]);
      await redis.set("bytes", bytes);
      assert.deepEqual(await redis.getBuffer("bytes"), bytes);
    });

    it("reads hashes as objects and sorted sets with scores", async () => {
      await redis.hset("h", { a: "1", b: "2" });
      assert.deepEqual(await redis.hgetall("h"), { a: "1", b: "2" });
      await redis.zadd("z", 1, "one", 2.5, "more");
      assert.equal(Number(await redis.zscore("z", "more")), 2.5);
    });

    it("pipelines and runs transactions", async () => {
      const replies = await redis.pipeline().set("p", "1").incr("p").get("p").exec();
      assert.deepEqual(replies, [
        [null, "OK"],
        [null, 2],
        [null, "2"],
      ]);
      const done = await redis.multi().incr("p").incr("p").exec();
      assert.deepEqual(done, [
        [null, 3],
        [null, 4],
      ]);
    });

    it("sends a thousand requests at once and gets each its own reply", async () => {
      const sent = Array.from({ length: 1000 }, (_, index) => redis.set(`many:${index}`, index));
      await Promise.all(sent);
      const read = await Promise.all(sent.map((_, index) => redis.get(`many:${index}`)));
      assert.deepEqual(
        read,
        sent.map((_, index) => String(index)),
      );
    });

    it("scans with an iterator", async () => {
      const found = new Set<string>();
      for await (const keys of redis.scanStream({ match: "many:*", count: 100 })) {
        for (const key of keys as string[]) found.add(key);
      }
      assert.equal(found.size, 1000);
    });

    it("waits for a list and is told of messages", async () => {
      const waiting = redis.duplicate();
      const listening = redis.duplicate();
      const message = new Promise((resolve) => {
        listening.on("message", (channel, text) => resolve([channel, text]));
      });
      await listening.subscribe("news");
      const popped = waiting.blpop("queue", 0);
      await redis.rpush("queue", "job");
      assert.deepEqual(await popped, ["queue", "job"]);
      assert.equal(await redis.publish("news", "hello"), 1);
      assert.deepEqual(await message, ["news", "hello"]);
      waiting.disconnect();
      listening.disconnect();
    });

    it("gets Redis's words for a mistake", async () => {
      await redis.lpush("list", "x");
      await assert.rejects(redis.incr("list"), {
        message: "WRONGTYPE Operation against a key holding the wrong kind of value",
      });
    });
  });
}
