// The program itself, killed while clients write, again and again over the same files: with
// `appendfsync always` all that was answered is there afterwards, and transactions are whole.
//
// DURABILITY_ROUNDS makes it longer, DURABILITY_SEED repeats when it is killed, as far as clocks
// let it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../src/bytes/random.ts";
import type { Client } from "../support/client.ts";
import { ServerProcess } from "../support/server.ts";

const rounds = Number(process.env["DURABILITY_ROUNDS"] ?? 5);
const seed = Number(process.env["DURABILITY_SEED"] ?? Date.now() % 1_000_000);
const writerCount = 4;
const answersMax = 600;
/** Keys that make a rewrite last for longer than it takes to kill it. */
const ballastKeys = 2000;
const keyDelayUs = 500;

/**
 * Writes as fast as it is answered, in transactions of which the numbers say how many they were.
 */
class Writer {
  sent = 0;
  answered = 0;
  readonly #name: string;

  constructor(index: number) {
    this.#name = `writer:${index}`;
  }

  /** Until the connection ends. */
  async write(client: Client, onAnswer: () => void): Promise<void> {
    const name = this.#name;
    try {
      for (;;) {
        const push = `RPUSH ${name}:list ${this.sent}`;
        this.sent++;
        await client.pipeline("MULTI", push, `INCR ${name}:count`, "EXEC", `SET ${name}:last x`);
        this.answered++;
        onAnswer();
      }
    } catch (error) {
      assert.match(String(error), /connection closed/);
    } finally {
      client.destroy();
    }
  }

  /** Fails unless all that was answered is there; goes on from what is. */
  async check(client: Client): Promise<void> {
    const found = Number((await client.run("GET", `${this.#name}:count`)) ?? 0);
    const list = await client.run("LRANGE", `${this.#name}:list`, 0, -1);
    assert.deepEqual(
      list,
      Array.from({ length: found }, (_, index) => String(index)),
    );
    const bounds = `answered ${this.answered}, found ${found}, sent ${this.sent}`;
    assert.ok(this.answered <= found && found <= this.sent, bounds);
    this.answered = found;
    this.sent = found;
  }
}

async function start(directory: string): Promise<ServerProcess> {
  const persistence = ["--appendonly", "yes", "--appendfsync", "always"];
  const rewrites = ["--auto-aof-rewrite-percentage", "0"];
  return ServerProcess.start(["--dir", directory, ...persistence, ...rewrites]);
}

/** Begins a rewrite that is slow; `ends`: waits until it is complete. */
async function rewrite(client: Client, ends: boolean): Promise<void> {
  await client.run("CONFIG", "SET", "rdb-key-save-delay", ends ? 1 : keyDelayUs);
  await client.run("BGREWRITEAOF");
  if (!ends) return;
  while ((await client.text("INFO", "persistence")).includes("in_progress:1"));
}

async function fill(directory: string): Promise<void> {
  await using server = await start(directory);
  const client = await server.connect();
  const keys = Array.from({ length: ballastKeys }, (_, index) => [`ballast:${index}`, "ballast"]);
  await client.run("MSET", ...keys.flat());
  client.destroy();
}

test(`killed ${rounds} times, seed ${seed}`, async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "respite-durability-"));
  const random = seededRandom(seed);
  const writers = Array.from({ length: writerCount }, (_, index) => new Writer(index));
  let killedInRewrite = 0;
  let answers = 0;
  try {
    await fill(directory);
    for (let round = 0; round <= rounds; round++) {
      await using server = await start(directory);
      const client = await server.connect();
      for (const writer of writers) await writer.check(client);
      assert.equal(await client.run("GET", `ballast:${random.below(ballastKeys)}`), "ballast");
      if (round === rounds) break;
      const last = 50 + random.below(answersMax);
      let left = last;
      const clients = await Promise.all(writers.map(() => server.connect()));
      const isOver = new Promise<void>((resolve) => {
        const count = (): void => (left-- === 0 ? resolve() : undefined);
        for (const [index, writer] of writers.entries()) void writer.write(clients[index], count);
      });
      if (round % 3 > 0) await rewrite(client, round % 3 === 2);
      await isOver;
      const info = round % 3 === 1 ? await client.text("INFO", "persistence") : "";
      server.child.kill("SIGKILL");
      await server.ended;
      if (info.includes("aof_rewrite_in_progress:1")) killedInRewrite++;
      answers += last;
      client.destroy();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  assert.ok(rounds < 2 || killedInRewrite > 0);
  context.diagnostic(`${answers} transactions answered, ${killedInRewrite} times in a rewrite`);
});
