// Every example of a command that writes, over real links: a primary of ours with a replica of ours
// and one that is real Redis, which have the same data after each example, streams' groups, times
// and functions included. Examples that Redis 7.0 does not know run with ours alone.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client, encodeRequest } from "../support/client.ts";
import { assertSameFacts, readFacts } from "../support/data-facts.ts";
import type { Facts, FactsOptions } from "../support/data-facts.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";
import { exampleWords, isNewerThan70, writeExamples } from "../support/write-examples.ts";

const patienceMs = 10_000;

/** A primary with one replica, asked and compared through clients. */
class Link {
  readonly #primary: Client;
  readonly #replica: Client;
  readonly #facts: FactsOptions;
  /** Who runs the examples: what waits in one of them holds up nobody else. */
  readonly #writer: Client;

  constructor(primary: Client, writer: Client, replica: Client, facts: FactsOptions) {
    this.#primary = primary;
    this.#writer = writer;
    this.#replica = replica;
    this.#facts = facts;
  }

  async run(example: readonly string[]): Promise<void> {
    await this.#primary.run("FLUSHALL");
    await this.#primary.run("FUNCTION", "FLUSH");
    for (const request of ["SELECT 0", ...example]) await this.#request(request);
    const expected = await this.#read(this.#primary);
    assert.ok(Number(await this.#writer.run("WAIT", 1, patienceMs)) >= 1);
    const actual = await this.#read(this.#replica);
    assertSameFacts(actual, expected, `actual is the replica's: ${example.join(" | ")}`);
  }

  async #request(request: string): Promise<void> {
    const [name, ms] = request.split(" ");
    const words =
      name === "advance"
        ? ["DEBUG", "SLEEP", String(Number(ms) / 1000)]
        : exampleWords(request, Date.now());
    this.#writer.send(encodeRequest(words));
    const reply = await this.#writer.next();
    const isUnknown = reply instanceof ReplyError && /unknown command/i.test(reply.text);
    assert.ok(!isUnknown, request);
  }

  async #read(client: Client): Promise<Facts> {
    return readFacts(client, this.#facts);
  }
}

describe("every example leaves the same data in a replica", () => {
  let primary: LocalServer;

  before(async () => {
    primary = await LocalServer.start({ enableDebugCommand: "yes", replDisklessSyncDelay: 0 });
    // Nothing may expire by itself between the one reading and the other.
    await (await primary.connect()).run("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  });

  after(() => primary[Symbol.asyncDispose]());

  async function attached(replica: Client, facts: FactsOptions): Promise<Link> {
    const client = await primary.connect();
    await replica.run("REPLICAOF", "127.0.0.1", primary.port);
    const endMs = Date.now() + patienceMs;
    while (!(await replica.text("INFO", "replication")).includes("master_link_status:up")) {
      assert.ok(Date.now() < endMs);
    }
    return new Link(client, await primary.connect(), replica, facts);
  }

  test("of ours", async () => {
    await using replica = await LocalServer.start({ enableDebugCommand: "yes" });
    const link = await attached(await replica.connect(), {});
    for (const example of writeExamples) await link.run(example);
  });

  test("that is real Redis", { skip: reasonToSkip() }, async () => {
    const replica = await RealRedis.start();
    const client = await Client.connect({ port: replica.port });
    try {
      const link = await attached(client, { isOld: true });
      const known = writeExamples.filter((each) => !each.some((one) => isNewerThan70(one)));
      assert.ok(known.length > 100, `${known.length} examples`);
      for (const example of known) await link.run(example);
    } finally {
      client.destroy();
      await replica.stop();
    }
  });
});
