// Hostile input, for a few seconds: the parser must find the same requests and the same mistakes
// however the bytes are cut, and a server must live through wild requests and damaged streams. A
// long run is `npm run fuzz`.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { RequestParser, parsed } from "../../src/resp/request-parser.ts";
import { Client } from "../support/client.ts";
import { Fuzzer } from "../support/fuzzer.ts";
import { LocalServer } from "../support/server.ts";

const corpus = join(import.meta.dirname, "corpus");
const limits = { argumentBytesMax: 512 * 1024 * 1024 };
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const rounds = 3000;

/** Requests and the mistake that ended them, of bytes that come in pieces which end at `cuts`. */
function parseInPieces(bytes: Uint8Array, cuts: readonly number[]): string[] {
  const parser = new RequestParser(limits);
  const found: string[] = [];
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    for (;;) {
      const status = parser.parse(bytes, start, end);
      if (status === parsed.incomplete) break;
      if (status === parsed.failed) return [...found, parser.failure.text];
      const { args } = parser;
      found.push(Array.from({ length: args.count }, (_, index) => args.latin1(index)).join("\n"));
      start = parser.position;
      if (start >= end) break;
    }
  }
  return found;
}

function assertSameHoweverCut(bytes: Uint8Array, fuzzer: Fuzzer): void {
  const whole = parseInPieces(bytes, []);
  const cuts = Array.from({ length: 4 }, () => fuzzer.random.below(bytes.length + 1));
  cuts.sort((a, b) => a - b);
  assert.deepEqual(parseInPieces(bytes, cuts), whole, `seed ${seed}, cuts ${cuts.join(" ")}`);
}

const names = ["GET", "SET", "ZADD", "XADD", "HSET", "SORT", "OBJECT|ENCODING", "SCAN"];

describe("hostile input", () => {
  it(`is parsed the same however it is cut, seed ${seed}`, () => {
    const fuzzer = new Fuzzer(seed, names);
    for (let round = 0; round < rounds; round++) assertSameHoweverCut(fuzzer.damaged(), fuzzer);
  });

  for (const name of readdirSync(corpus)) {
    it(`of the corpus: ${name}`, async () => {
      const bytes = readFileSync(join(corpus, name));
      const fuzzer = new Fuzzer(1, names);
      for (let round = 0; round < 20; round++) assertSameHoweverCut(bytes, fuzzer);
      await using local = await LocalServer.start({ protoMaxBulkLen: 1024 * 1024 });
      const client = await Client.connect({ port: local.port });
      client.send(bytes);
      client.end();
      await client.closed;
      assert.equal(await (await local.connect()).run("PING"), "PONG");
    });
  }

  it(`does not take the server down, seed ${seed}`, async () => {
    await using local = await LocalServer.start({ protoMaxBulkLen: 1024 * 1024 });
    const asking = await local.connect();
    const fuzzer = new Fuzzer(seed, (await asking.run("COMMAND", "LIST")) as string[]);
    for (let round = 0; round < 60; round++) {
      const client = await Client.connect({ port: local.port });
      client.isDiscarding = true;
      const isDamaged = round % 3 === 0;
      const parts = Array.from({ length: 50 }, () =>
        isDamaged ? fuzzer.damaged() : fuzzer.request(),
      );
      client.send(Buffer.concat(parts));
      client.end();
      // One that waits for a key would wait for ever.
      await Promise.race([client.closed, asking.run("PING").then(() => asking.run("PING"))]);
      client.destroy();
    }
    assert.equal(await asking.run("PING"), "PONG");
  });
});
