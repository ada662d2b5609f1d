// Files that real Redis writes here and now, of generated values in several databases: loaded, they
// must have the digest that Redis itself gives for its data.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Slices } from "../../src/bytes/slices.ts";
import { commands } from "../../src/commands/commands.ts";
import { AofLoader } from "../../src/persistence/aof-loader.ts";
import { parseManifest } from "../../src/persistence/aof-manifest.ts";
import { FileSource } from "../../src/persistence/file-source.ts";
import { RdbLoader } from "../../src/persistence/rdb-loader.ts";
import { RdbReader } from "../../src/persistence/rdb-reader.ts";
import { NodeDisk } from "../../src/server/node-disk.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import { parseReplies } from "../support/reply.ts";
import { RequestGenerator } from "../support/request-generator.ts";
import { valueRequests, valueTypes } from "../support/value-requests.ts";

const skip = reasonToSkip();
const seed = Number(process.env["FILES_SEED"] ?? Date.now() % 1_000_000);
const farMs = 4_102_444_800_000;
const keysOfEachType = 30;
const listener = {
  auxiliary: () => {},
  functionLibrary: () => undefined,
  modulePassedOver: () => {},
  emptyKeyPassedOver: () => {},
};

/** Values of every type in databases 0 and 7, some of which expire one day. */
function generated(from: RequestGenerator, prefix: string): (string | number)[][] {
  const requests: (string | number)[][] = [];
  for (const database of [0, 7]) {
    requests.push(["SELECT", database]);
    for (let index = 0; index < valueTypes.length * keysOfEachType; index++) {
      const key = `${prefix}:${index}`;
      requests.push(...valueRequests(from, key, valueTypes[index % valueTypes.length]));
      if (from.oneIn(4)) requests.push(["PEXPIREAT", key, farMs + index]);
    }
  }
  return requests;
}

describe(`what real Redis writes, seed ${seed}`, { skip }, () => {
  let redis: RealRedis;
  let directory = "";
  const from = new RequestGenerator(seed);

  async function reply(...request: (string | number)[]): Promise<unknown> {
    const [bytes] = await redis.run([request]);
    return parseReplies(bytes)[0];
  }

  /** Asks until Redis has done it. */
  async function waitFor(line: string): Promise<void> {
    while (!String(await reply("INFO", "persistence")).includes(line));
  }

  before(async () => {
    redis = await RealRedis.start();
    [, directory] = (await reply("CONFIG", "GET", "dir")) as string[];
  });
  after(() => redis.stop());

  test("an RDB file", async () => {
    await redis.run(generated(from, "rdb"));
    await redis.run([["SELECT", 0], ["SAVE"]]);
    const harness = new EngineHarness(commands, { settings: { enableDebugCommand: "yes" } });
    const file = new NodeDisk().open(join(directory, "dump.rdb"), "read");
    const reader = new RdbReader(new Uint8Array(0), 0, 0, new FileSource(file, 0, 1 << 12));
    const options = {
      policy: "noeviction",
      duplicates: "refused",
      expired: "dropped",
      checksum: "compared",
    } as const;
    const loader = new RdbLoader(harness.keyspace, reader, options, listener);
    while (!loader.step(10_000));
    file.close();
    assert.equal(loader.keysLoaded, 2 * valueTypes.length * keysOfEachType);
    assert.equal(harness.run("DEBUG", "DIGEST"), await reply("DEBUG", "DIGEST"));
  });

  test("an append-only file: an RDB base and commands", async () => {
    await redis.run([["CONFIG", "SET", "appendonly", "yes"]]);
    await waitFor("aof_rewrite_in_progress:0");
    await redis.run(generated(from, "aof"));
    await redis.run([["SELECT", 0], ["MULTI"], ["SET", "a", 1], ["INCR", "a"], ["EXEC"]]);
    const place = {
      workingDirectory: directory,
      directoryName: "appendonlydir",
      fileName: "appendonly.aof",
    };
    const folder = join(directory, "appendonlydir");
    const name = readdirSync(folder).find((each) => each.endsWith(".manifest")) ?? "";
    const manifest = parseManifest(readFileSync(join(folder, name)));
    assert.equal(manifest.incrementals.length, 1);
    const harness = new EngineHarness(commands, { settings: { enableDebugCommand: "yes" } });
    const loader = new AofLoader(
      harness.keyspace,
      new NodeDisk(),
      manifest,
      { place, cutsTornEnd: false, policy: "noeviction", checksum: "compared" },
      {
        rdb: listener,
        log: () => {},
        fileLoaded: () => {},
        transactionDropped: () => assert.fail("nothing is torn"),
        execute(args: Slices): boolean {
          harness.runBytes(...Array.from({ length: args.count }, (_, index) => args.copy(index)));
          return true;
        },
      },
    );
    while (!loader.step(10_000));
    assert.equal(loader.loadedBytes, loader.totalBytes);
    harness.run("SELECT", 0);
    assert.equal(harness.run("GET", "a"), "2");
    assert.equal(harness.run("DEBUG", "DIGEST"), await reply("DEBUG", "DIGEST"));
  });
});
