// Transactions of several clients at once, of all sizes: what one has queued must not become
// another's, though the memory of those that have ended is used again.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../src/bytes/random.ts";
import type { Client } from "../support/client.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 60_000 };
const rounds = 200;
const sizes = [0, 1, 20, 63, 64, 300, 1023, 1025, 5000, 20_000];

/** One client's transaction: what it asks for, one request at a time, and what EXEC must reply. */
class Conversation {
  readonly client: Client;
  readonly name: string;
  expected: string[] = [];

  constructor(client: Client, name: string) {
    this.client = client;
    this.name = name;
  }

  async queue(value: string): Promise<void> {
    assert.equal(await this.client.run("SET", this.name, value), "QUEUED");
    assert.equal(await this.client.run("GET", this.name), "QUEUED");
    this.expected.push("OK", value);
  }

  async end(isDiscarded: boolean): Promise<void> {
    if (isDiscarded) assert.equal(await this.client.run("DISCARD"), "OK");
    else assert.deepEqual(await this.client.run("EXEC"), this.expected);
    assert.equal(await this.client.run("MULTI"), "OK");
    this.expected = [];
  }
}

describe("transactions of several clients", limits, () => {
  it("keep to themselves what they have queued", async () => {
    await using server = await LocalServer.start();
    const random = seededRandom(7);
    const all: Conversation[] = [];
    for (const name of ["a", "b", "c", "d"]) {
      const client = await server.connect();
      assert.equal(await client.run("MULTI"), "OK");
      all.push(new Conversation(client, name));
    }
    for (let round = 0; round < rounds; round++) {
      const each = all[random.below(all.length)];
      const size = sizes[random.below(sizes.length)];
      const count = random.below(20) === 0 ? 100 : random.below(4);
      for (let index = 0; index < count; index++) {
        await each.queue(`${each.name}${round}.${index}`.padEnd(size, each.name));
      }
      if (random.below(3) === 0) await each.end(random.below(4) === 0);
    }
  });

  it("give their memory back, and tell how much they hold", async () => {
    await using server = await LocalServer.start();
    const client = await server.connect();
    await client.run("MULTI");
    await client.run("SET", "k", "x".repeat(100_000));
    const other = await server.connect();
    assert.match(await other.text("CLIENT", "LIST"), /multi=1 .*multi-mem=100\d\d\d /);
    assert.deepEqual(await client.run("EXEC"), ["OK"]);
    await client.run("MULTI");
    assert.match(await other.text("CLIENT", "LIST"), /multi=0 .*multi-mem=0 /);
  });
});
