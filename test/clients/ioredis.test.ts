// ioredis as its users use it, in RESP3, which is its default, and RESP2: connecting with a name, a
// password and a database, pipelines by hand and by itself, transactions, scanning, blocking,
// subscribing.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Redis } from "ioredis";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 30_000 };

interface Options {
  readonly password?: string;
  readonly connectionName?: string;
  readonly db?: number;
  readonly enableAutoPipelining?: boolean;
}

for (const protocol of [2, 3] as const) {
  const open = (server: LocalServer, options: Options = {}): Redis =>
    new Redis({ ...options, port: server.port, host: "127.0.0.1", protocol });

  describe(`ioredis in RESP${protocol}`, limits, () => {
    it("connects with a password, a name and a database", async () => {
      await using server = await LocalServer.start({ requirepass: "secret" });
      const redis = open(server, { password: "secret", connectionName: "me", db: 3 });
      await redis.set("k", "v");
      const info = await redis.client("INFO");
      assert.match(info, new RegExp(` name=me .* db=3 .* resp=${protocol} `));
      assert.match(info, / lib-name=\S*ioredis\S* lib-ver=\d/);
      await redis.quit();
    });

    it("gets the replies of pipelines, errors in their places", async () => {
      await using server = await LocalServer.start();
      const redis = open(server);
      const results = await redis.pipeline().set("k", "text").incr("k").get("k").exec();
      assert.deepEqual(
        results?.map(([error, value]) => error?.message ?? value),
        ["OK", "ERR value is not an integer or out of range", "text"],
      );
      const many = redis.pipeline();
      for (let index = 0; index < 10_000; index++) many.set(`key:${index}`, String(index));
      assert.equal((await many.exec())?.length, 10_000);
      assert.equal(await redis.get("key:9999"), "9999");
      await redis.quit();
    });

    it("pipelines by itself", async () => {
      await using server = await LocalServer.start();
      const redis = open(server, { enableAutoPipelining: true });
      const replies = await Promise.all(
        Array.from({ length: 1000 }, (_, index) => redis.incrby("n", index)),
      );
      assert.equal(replies.at(-1), (999 * 1000) / 2);
      await redis.quit();
    });

    it("gets maps, scores and errors as its users expect them", async () => {
      await using server = await LocalServer.start();
      const redis = open(server);
      await redis.hset("h", { a: "1", b: "2" });
      assert.deepEqual(await redis.hgetall("h"), { a: "1", b: "2" });
      await redis.zadd("z", 1, "one", 2.5, "more");
      assert.equal(Number(await redis.zscore("z", "more")), 2.5);
      await assert.rejects(redis.incr("h"), {
        message: "WRONGTYPE Operation against a key holding the wrong kind of value",
      });
      await redis.quit();
    });

    it("runs transactions", async () => {
      await using server = await LocalServer.start();
      const redis = open(server);
      assert.deepEqual(await redis.multi().set("a", 1).incr("a").exec(), [
        [null, "OK"],
        [null, 2],
      ]);
      await redis.watch("a");
      await redis.set("a", 5);
      assert.equal(await redis.multi().incr("a").exec(), null);
      await redis.quit();
    });

    it("scans all keys with its stream", async () => {
      await using server = await LocalServer.start();
      const redis = open(server);
      const keys = Array.from({ length: 2000 }, (_, index) => `key:${index}`);
      await redis.mset(keys.flatMap((key) => [key, "v"]));
      await redis.set("other", "v");
      const found = new Set<string>();
      for await (const page of redis.scanStream({ match: "key:*", count: 100 })) {
        for (const key of page as string[]) found.add(key);
      }
      assert.deepEqual([...found].toSorted(), keys.toSorted());
      await redis.quit();
    });

    it("keeps bytes as they are, also in its Buffer commands", async () => {
      await using server = await LocalServer.start();
      const redis = open(server);
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      await redis.set("bytes", bytes);
      assert.deepEqual(await redis.getBuffer("bytes"), bytes);
      await redis.set("text", "na\u00efve \u{1f600}");
      assert.equal(await redis.get("text"), "na\u00efve \u{1f600}");
      await redis.quit();
    });

    it("sees keys expire", async () => {
      await using server = await LocalServer.start({ clock: "virtual" });
      const redis = open(server);
      await redis.set("k", "v", "EX", 10);
      assert.equal(await redis.ttl("k"), 10);
      await redis.expire("k", 100, "GT");
      server.advance(100_001);
      assert.equal(await redis.get("k"), null);
      await redis.quit();
    });

    it("waits for a list, and gets what another client pushes", async () => {
      await using server = await LocalServer.start();
      const [waiting, pushing] = [open(server), open(server)];
      const popped = waiting.blpop("l", 0);
      while (!(await pushing.info("clients")).includes("blocked_clients:1"));
      await pushing.rpush("l", "v");
      assert.deepEqual(await popped, ["l", "v"]);
      await Promise.all([waiting.quit(), pushing.quit()]);
    });

    it("subscribes", async () => {
      await using server = await LocalServer.start();
      const [subscriber, publisher] = [open(server), open(server)];
      const message = new Promise((resolve) => {
        subscriber.on("message", (channel, text) => resolve([channel, text]));
      });
      assert.equal(await subscriber.subscribe("news"), 1);
      assert.equal(await publisher.publish("news", "hello"), 1);
      assert.deepEqual(await message, ["news", "hello"]);
      await Promise.all([subscriber.quit(), publisher.quit()]);
    });

    it("comes back when its connection is cut", async () => {
      await using server = await LocalServer.start();
      const [redis, killer] = [open(server), open(server)];
      const id = await redis.client("ID");
      await killer.client("KILL", "ID", id);
      assert.equal(await redis.ping(), "PONG");
      assert.notEqual(await redis.client("ID"), id);
      await Promise.all([redis.quit(), killer.quit()]);
    });
  });
}
