// All operations on strings and keys at once, against a plain model: a Map a database.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { latin1 } from "../bytes/ascii.ts";
import { seededRandom } from "../bytes/random.ts";
import type { Random } from "../bytes/random.ts";
import { Slice, slicesOf } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { expireKey, expireSlice, expiryCondition, persistKey } from "./expiry.ts";
import { Failure, incrementOverflow, noSuchKey, notInteger } from "./failure.ts";
import { incrementString } from "./increment.ts";
import { Keyspace } from "./keyspace.ts";
import { copyKey, deleteKey, forEachKey, moveKey, randomKey, renameKey, scanKeys } from "./keys.ts";
import { expiryOf, keyLength, keyOffset } from "./record.ts";
import {
  appendString,
  keepExpiry,
  noExpiry,
  readString,
  setString,
  setStringRange,
} from "./string.ts";

interface Entry {
  value: string;
  /** -1: never. */
  expiryMs: number;
}

const databaseCount = 3;
/** Borders of inline strings, of small blocks, of page runs. */
const sizes = [0, 1, 5, 15, 16, 17, 100, 1023, 1024, 1025, 5000, 66_000];

class ModelTest {
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly model = Array.from({ length: databaseCount }, () => new Map<string, Entry>());
  readonly keyCount: number;

  constructor(seed: number, keyCount: number) {
    this.random = seededRandom(seed);
    this.keyspace = new Keyspace({ databases: databaseCount, random: this.random });
    this.keyspace.setTime(1_000_000);
    this.keyCount = keyCount;
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  /** The model's entry, or none when its time is over. */
  entry(index: number, key: string): Entry | undefined {
    const found = this.model[index].get(key);
    if (found === undefined) return undefined;
    if (found.expiryMs >= 0 && found.expiryMs < this.keyspace.nowMs) {
      this.model[index].delete(key);
      return undefined;
    }
    return found;
  }

  key(): string {
    const number = this.below(this.keyCount);
    return number % 7 === 0 ? `key ${number} ${"long ".repeat(number % 30)}` : `k${number}`;
  }

  value(): string {
    if (this.below(3) === 0) return String(this.below(1000) - 500);
    return String.fromCharCode(this.below(256)).repeat(sizes[this.below(sizes.length)]);
  }

  step(): void {
    const index = this.below(databaseCount);
    const db = this.keyspace.databases[index];
    const key = this.key();
    const kind = this.below(1000);
    if (kind < 8) this.flush(index);
    else if (kind < 60) this.keyspace.setTime(this.keyspace.nowMs + this.below(30));
    else if (kind < 80) expireSlice(db, 20, { sampled: 0, expired: 0 });
    else if (kind < 100) this.keyspace.reclaimer.reclaim(10);
    else this.stepOnKey(index, key, kind % 9);
  }

  stepOnKey(index: number, key: string, kind: number): void {
    const db = this.keyspace.databases[index];
    const entry = this.entry(index, key);
    if (kind === 0) this.set(index, key);
    else if (kind === 1) this.append(index, key);
    else if (kind === 2) this.setRange(index, key);
    else if (kind === 3) this.increment(index, key);
    else if (kind === 4) this.expire(index, key);
    else if (kind === 5) this.rename(index, key);
    else if (kind === 6) this.copyOrMove(index, key);
    else if (kind === 7) this.read(db, key, entry);
    else assert.equal(deleteKey(db, slicesOf([key]), 0), this.model[index].delete(key));
  }

  read(db: Database, key: string, entry: Entry | undefined): void {
    const slice = new Slice();
    const args = slicesOf([key]);
    assert.equal(readString(db, args, 0, slice), entry !== undefined);
    if (entry === undefined) return;
    assert.ok(slice.toString() === entry.value, `value of ${key}`);
    assert.equal(expiryOf(this.keyspace.arena, db.peek(args, 0)), entry.expiryMs);
  }

  set(index: number, key: string): void {
    const value = this.value();
    const old = this.entry(index, key);
    const kind = this.below(3);
    const dueMs = kind === 0 ? this.keyspace.nowMs + this.below(60) : noExpiry;
    const isKept = kind === 1 && old !== undefined;
    const db = this.keyspace.databases[index];
    setString(db, slicesOf([key, value]), 0, 1, isKept ? keepExpiry : dueMs);
    this.model[index].set(key, { value, expiryMs: isKept ? old.expiryMs : dueMs });
  }

  append(index: number, key: string): void {
    const added = this.value();
    const old = this.entry(index, key);
    const value = (old?.value ?? "") + added;
    // Keys that are appended to again and again must not take all the memory.
    if (value.length > 300_000) return;
    const db = this.keyspace.databases[index];
    assert.equal(appendString(db, slicesOf([key, added]), 0, 1), value.length);
    this.model[index].set(key, { value, expiryMs: old?.expiryMs ?? noExpiry });
  }

  setRange(index: number, key: string): void {
    const start = sizes[this.below(sizes.length)];
    const added = this.value();
    const old = this.entry(index, key);
    const before = old?.value ?? "";
    const db = this.keyspace.databases[index];
    const length = setStringRange(db, slicesOf([key, added]), 0, start, 1);
    if (added === "") {
      assert.equal(length, before.length);
      return;
    }
    const head = before.slice(0, start).padEnd(start, "\u0000");
    const value = head + added + before.slice(start + added.length);
    assert.equal(length, value.length);
    this.model[index].set(key, { value, expiryMs: old?.expiryMs ?? noExpiry });
  }

  increment(index: number, key: string): void {
    const delta = this.below(10) === 0 ? 2n ** 62n : BigInt(this.below(100) - 50);
    const old = this.entry(index, key);
    const before = old?.value ?? "0";
    const db = this.keyspace.databases[index];
    const run = (): unknown => incrementString(db, slicesOf([key]), 0, delta);
    const isInteger = /^(0|-?[1-9]\d{0,18})$/.test(before);
    if (!isInteger || BigInt.asIntN(64, BigInt(before)) !== BigInt(before)) {
      assert.throws(run, (error) => error === notInteger);
      return;
    }
    const sum = BigInt(before) + delta;
    if (BigInt.asIntN(64, sum) !== sum) {
      assert.throws(run, (error) => error === incrementOverflow);
      return;
    }
    assert.equal(String(run()), String(sum));
    this.model[index].set(key, { value: String(sum), expiryMs: old?.expiryMs ?? noExpiry });
  }

  expire(index: number, key: string): void {
    const db = this.keyspace.databases[index];
    const entry = this.entry(index, key);
    if (this.below(4) === 0) {
      assert.equal(persistKey(db, slicesOf([key]), 0), entry !== undefined && entry.expiryMs >= 0);
      if (entry !== undefined) entry.expiryMs = noExpiry;
      return;
    }
    const dueMs = this.keyspace.nowMs + this.below(60) - 5;
    const isSet = expireKey(db, slicesOf([key]), 0, dueMs, expiryCondition.always);
    assert.equal(isSet, entry !== undefined);
    if (entry === undefined) return;
    if (dueMs <= this.keyspace.nowMs) this.model[index].delete(key);
    else entry.expiryMs = dueMs;
  }

  rename(index: number, from: string): void {
    const to = this.key();
    const source = this.entry(index, from);
    const unlessExists = this.below(2) === 0;
    const db = this.keyspace.databases[index];
    const run = (): boolean => renameKey(db, slicesOf([from, to]), 0, 1, { unlessExists });
    if (source === undefined) {
      assert.throws(run, (error) => error === noSuchKey);
      return;
    }
    const isTaken = this.entry(index, to) !== undefined;
    assert.equal(run(), !(unlessExists && isTaken));
    if (unlessExists && isTaken) return;
    this.model[index].delete(from);
    this.model[index].set(to, source);
  }

  copyOrMove(index: number, from: string): void {
    const isMove = this.below(2) === 0;
    const targetIndex = (index + 1 + this.below(databaseCount - 1)) % databaseCount;
    const to = isMove ? from : this.key();
    const replace = this.below(2) === 0;
    const [db, target] = [this.keyspace.databases[index], this.keyspace.databases[targetIndex]];
    const source = this.entry(index, from);
    const isTaken = this.entry(targetIndex, to) !== undefined;
    const isDone = source !== undefined && (!isTaken || (!isMove && replace));
    const args = slicesOf([from, to]);
    if (isMove) assert.equal(moveKey(db, target, args, 0), isDone);
    else assert.equal(copyKey(db, target, args, 0, 1, { replace }), isDone);
    if (!isDone) return;
    this.model[targetIndex].set(to, { ...source });
    if (isMove) this.model[index].delete(from);
  }

  flush(index: number): void {
    this.keyspace.databases[index].flush(true);
    this.model[index].clear();
  }

  keyText(ref: Ref): string {
    const { arena } = this.keyspace;
    const start = keyOffset(arena, ref);
    return latin1(arena.bytes[ref >>> 16], start, start + keyLength(arena, ref));
  }

  check(): void {
    this.keyspace.arena.check();
    for (const [index, db] of this.keyspace.databases.entries()) {
      db.table.check();
      const live = [...this.model[index].keys()].filter((key) => this.entry(index, key));
      for (const key of live) this.read(db, key, this.model[index].get(key));
      const filter = { args: slicesOf([]), pattern: 0, type: -1 };
      const found: string[] = [];
      forEachKey(db, filter, (ref) => found.push(this.keyText(ref)));
      assert.deepEqual(found.sort(), live.sort());
      this.checkScan(db, live);
      const volatile = live.filter((key) => this.model[index].get(key)!.expiryMs >= 0);
      // Scanning has deleted what was over, so that both know the same keys.
      assert.equal(db.volatileKeys.count, volatile.length);
      assert.equal(db.size, live.length);
      const random = randomKey(db);
      assert.equal(random !== noRef, live.length > 0);
      if (random !== noRef) assert.ok(live.includes(this.keyText(random)));
    }
  }

  checkScan(db: Database, live: string[]): void {
    const filter = { args: slicesOf([]), pattern: 0, type: -1 };
    const found: Ref[] = [];
    let cursor = 0;
    do cursor = scanKeys(db, cursor, 3, filter, found);
    while (cursor !== 0);
    assert.deepEqual(found.map((ref) => this.keyText(ref)).sort(), live.sort());
  }
}

describe("a keyspace of strings", () => {
  for (const keyCount of [12, 400]) {
    it(`is what Maps are, over ${keyCount} keys`, () => {
      const seed = Number(process.env["KEYSPACE_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
      const steps = Number(process.env["KEYSPACE_STEPS"] ?? 12_000);
      const test = new ModelTest(seed, keyCount);
      try {
        for (let step = 1; step <= steps; step++) {
          test.step();
          if (step % 1000 === 0) test.check();
        }
        for (const [index] of test.keyspace.databases.entries()) {
          for (const key of test.model[index].keys()) {
            deleteKey(test.keyspace.databases[index], slicesOf([key]), 0);
          }
          assert.equal(test.keyspace.databases[index].size, 0);
        }
        test.keyspace.reclaimer.reclaimAll();
        assert.equal(test.keyspace.arena.usedBytes, 0, "all memory came back");
      } catch (error) {
        const text = error instanceof Failure ? error.text : String(error);
        throw new Error(`KEYSPACE_SEED=${seed}: ${text}`, { cause: error });
      }
    });
  }
});
