// A snapshot is the data set of one instant, whatever is written while it is taken.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import { CommandSnapshotWriter } from "../../src/persistence/command-snapshot-writer.ts";
import type { ByteSink } from "../../src/persistence/byte-stream.ts";
import { SnapshotWriter } from "../../src/persistence/snapshot-writer.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { genericRequest, stringRequest } from "../support/key-requests.ts";
import { readSnapshot, snapshotBytes } from "../support/memory-snapshot.ts";
import { ReplyError, parseReplies } from "../support/reply.ts";
import { RequestGenerator } from "../support/request-generator.ts";
import { valueRequests, valueTypes } from "../support/value-requests.ts";

const rounds = Number(process.env["SNAPSHOT_ROUNDS"] ?? 12);
const firstSeed = Number(process.env["SNAPSHOT_SEED"] ?? Date.now() % 1_000_000);
const keyCount = 200;
const options = { compresses: true, hasChecksum: true, policy: "noeviction", facts: [] };

type Run = (...request: (string | number)[]) => void;

class MemorySink implements ByteSink {
  readonly #parts: Uint8Array[] = [];

  write(bytes: Uint8Array, offset: number, length: number): void {
    this.#parts.push(bytes.slice(offset, offset + length));
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}

function harness(): EngineHarness {
  return new EngineHarness(commands, { settings: { enableDebugCommand: "yes" } });
}

/** The digest of what a snapshot holds. */
function digestOf(snapshot: Uint8Array, nowMs: number): unknown {
  const restored = harness();
  restored.keyspace.setTime(nowMs);
  // Those over their time are in the digest, and must come back.
  restored.keyspace.expires = false;
  readSnapshot(restored.keyspace, snapshot, { policy: "noeviction", duplicates: "refused" });
  return restored.run("DEBUG", "DIGEST");
}

/** The same of a snapshot that consists of commands. */
function digestOfCommands(snapshot: Uint8Array, nowMs: number): unknown {
  const restored = harness();
  restored.keyspace.setTime(nowMs);
  restored.keyspace.expires = false;
  for (const request of parseReplies(snapshot) as string[][]) {
    const reply = restored.run(...request);
    assert.ok(
      !(reply instanceof ReplyError),
      `${request.join(" ").slice(0, 200)}: ${String(reply)}`,
    );
  }
  return restored.run("DEBUG", "DIGEST");
}

function keyName(from: RequestGenerator): string {
  return from.oneIn(4) ? from.key() : `key${from.random.below(keyCount)}`;
}

/** Values that are written in slices, one of each kind. */
function makeLarge(run: Run): void {
  const each = (make: (index: number) => (string | number)[]): (string | number)[] =>
    Array.from({ length: 3000 }, (_, index) => make(index)).flat();
  run("HSET", "large hash", ...each((index) => [`field${index}`, "v".repeat(index % 90)]));
  run("SADD", "large set", ...each((index) => [`member${index}`]));
  run("ZADD", "large zset", ...each((index) => [index / 7, `member${index}`]));
  run("RPUSH", "large list", ...each((index) => [`${index}`.repeat(100)]));
  for (let index = 1; index < 9000; index++) run("XADD", "large stream", `${index}-1`, "f", index);
  run("XGROUP", "CREATE", "large stream", "group", "0");
  run("XREADGROUP", "GROUP", "group", "me", "COUNT", 500, "STREAMS", "large stream", ">");
  run("SETRANGE", "large string", 3 << 20, "end");
}

/** Requests that change large values, delete them and put others in their place. */
function changeLarge(from: RequestGenerator): (string | number)[] {
  const name = from.pick(["hash", "set", "zset", "list", "stream", "string"]);
  return from.pick([
    ["DEL", `large ${name}`],
    ["RENAME", `large ${name}`, keyName(from)],
    ["COPY", `large ${name}`, "large copy", "REPLACE"],
    ["SET", `large ${name}`, "small now"],
    ["PEXPIRE", `large ${name}`, from.random.below(20)],
    ["HSET", "large hash", "field7", "other", "new", "field"],
    ["HDEL", "large hash", "field8"],
    ["SMOVE", "large set", "large set 2", `member${from.random.below(3000)}`],
    ["ZINCRBY", "large zset", 3, `member${from.random.below(3000)}`],
    ["LPUSH", "large list", "first"],
    ["LREM", "large list", 1, "77".repeat(50)],
    ["XDEL", "large stream", `${from.random.below(9000)}-1`],
    ["XACK", "large stream", "group", `${from.random.below(500)}-1`],
    ["APPEND", "large string", "more"],
    ["SINTERSTORE", "large set", "large set", "large set 2"],
    ["SUNIONSTORE", "large set 3", "large set", "large set 2"],
  ]);
}

function change(from: RequestGenerator): (string | number | bigint | Uint8Array)[][] {
  if (from.oneIn(60)) return [from.pick([["FLUSHDB"], ["SWAPDB", 0, 1], ["SWAPDB", 1, 2]])];
  if (from.oneIn(20)) return [["SELECT", from.random.below(4)]];
  if (from.oneIn(10)) return [["DEL", keyName(from)]];
  if (from.oneIn(6)) return [changeLarge(from)];
  if (from.oneIn(3)) return [[...stringRequest(from)]];
  if (from.oneIn(2)) return [[...genericRequest(from)]];
  return valueRequests(from, keyName(from), from.pick(valueTypes));
}

describe("a snapshot", () => {
  for (let round = 0; round < rounds; round++) {
    const seed = firstSeed + round;
    it(`is of the instant at which it began, seed ${seed}`, () => {
      const from = new RequestGenerator(seed);
      const ours = harness();
      if (round % 4 === 0) makeLarge((...request) => void ours.run(...request));
      for (let left = keyCount; left > 0; left--) {
        if (from.oneIn(10)) ours.run("SELECT", from.random.below(4));
        for (const request of valueRequests(from, keyName(from), from.pick(valueTypes))) {
          ours.run(...request);
        }
      }
      const digest = ours.run("DEBUG", "DIGEST");
      const { nowMs } = ours;
      const sink = new MemorySink();
      const isRdb = round % 3 < 2;
      const writer = isRdb
        ? new SnapshotWriter(ours.keyspace, sink, options)
        : new CommandSnapshotWriter(ours.keyspace, sink, { hasTimestamps: false });
      let looks = 0;
      const isOver = (): boolean => looks-- <= 0;
      do {
        for (let left = from.random.below(12); left > 0; left--) {
          for (const request of change(from)) ours.run(...request);
        }
        if (from.oneIn(5)) ours.advance(from.random.below(10));
        ours.keyspace.reclaimer.reclaim(from.random.below(100));
        looks = from.random.below(3);
      } while (!writer.step(isOver));
      const written = isRdb ? digestOf(sink.bytes, nowMs) : digestOfCommands(sink.bytes, nowMs);
      assert.equal(written, digest);
      for (const { table } of ours.keyspace.databases) table.check();
      const after = ours.run("DEBUG", "DIGEST");
      assert.equal(digestOf(snapshotBytes(ours.keyspace, options), ours.nowMs), after);
      // What was kept for the snapshot has been given back.
      ours.run("FLUSHALL");
      ours.keyspace.reclaimer.reclaimAll();
      assert.equal(ours.keyspace.arena.usedBytes, 0);
    });
  }
});
