// All operations on hashes at once, fields that expire among them, against a plain model: a Map of
// fields a key. The limits of the compact encodings are low, so that each hash passes through all
// of them. At the end all memory must have come back.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../bytes/random.ts";
import type { Random } from "../bytes/random.ts";
import { Slice, slicesOf } from "../bytes/slices.ts";
import type { Slices } from "../bytes/slices.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { expiryCondition } from "./expiry.ts";
import { HashCursor } from "./hash-cursor.ts";
import {
  expireFields,
  expireFieldsSlice,
  fieldOutcome,
  persistFields,
  readAndDeleteFields,
  readAndExpireFields,
  readFieldTimes,
  setExpiringFields,
} from "./hash-expire.ts";
import { headOf } from "./hash-expiries.ts";
import { checkHeap } from "./hash-expiry-heap.ts";
import { HashState, loadHash } from "./hash-fields.ts";
import { incrementField } from "./hash-increment.ts";
import { chooseFields, readForPick } from "./hash-random.ts";
import { scanFields } from "./hash-scan.ts";
import {
  deleteFields,
  openFields,
  readField,
  readHash,
  setFieldIfAbsent,
  setFields,
} from "./hash.ts";
import { Keyspace } from "./keyspace.ts";
import { copyKey, deleteKey, moveKey, renameKey } from "./keys.ts";
import { encoding } from "./record.ts";

interface Field {
  value: string;
  /** -1: never. */
  timeMs: number;
}

type Hash = Map<string, Field>;

const databaseCount = 2;
/** Short, at the borders of listpack entries, of inline values, of small blocks. */
const sizes = [0, 1, 5, 19, 20, 21, 63, 64, 1000, 1024, 1025, 5000, 70_000];

class HashModel {
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly model = Array.from({ length: databaseCount }, () => new Map<string, Hash>());
  readonly fieldCount: number;

  constructor(seed: number, fieldCount: number) {
    this.random = seededRandom(seed);
    this.keyspace = new Keyspace({ databases: databaseCount, random: this.random });
    this.keyspace.setTime(1_000_000);
    this.keyspace.limits.hashMaxListpackEntries = 12;
    this.keyspace.limits.hashMaxListpackValue = 20;
    this.fieldCount = fieldCount;
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  key(): string {
    return `key${this.below(4)}`;
  }

  field(): string {
    const number = this.below(this.fieldCount);
    return number % 40 === 39 ? `field ${number} ${"long ".repeat(6)}` : `f${number}`;
  }

  value(): string {
    if (this.below(3) === 0) return String(this.below(2000) - 1000);
    const size = this.below(8) === 0 ? sizes[this.below(sizes.length)] : this.below(20);
    return String.fromCharCode(128 + this.below(128)).repeat(size);
  }

  fields(): string[] {
    return Array.from({ length: 1 + this.below(4) }, () => this.field());
  }

  time(): number {
    return this.keyspace.nowMs + this.below(100) - 8;
  }

  /**
   * The model's hash; fields whose time is over stay until somebody comes upon them, as in Redis.
   */
  hash(index: number, key: string): Hash {
    return this.model[index].get(key) ?? new Map<string, Field>();
  }

  /** The fields that readers see. */
  live(index: number, key: string): Hash {
    const all = [...this.hash(index, key)];
    return new Map(all.filter(([, { timeMs }]) => !this.isOver(timeMs)));
  }

  isOver(timeMs: number): boolean {
    return timeMs >= 0 && timeMs < this.keyspace.nowMs;
  }

  put(index: number, key: string, hash: Hash): void {
    if (hash.size > 0) this.model[index].set(key, hash);
    else this.model[index].delete(key);
  }

  /** What a look at a field does to one whose time is over. */
  touch(index: number, key: string, field: string): Field | undefined {
    const hash = this.hash(index, key);
    const found = hash.get(field);
    if (found === undefined || !this.isOver(found.timeMs)) return found;
    hash.delete(field);
    this.put(index, key, hash);
    return undefined;
  }

  step(): void {
    const index = this.below(databaseCount);
    const db = this.keyspace.databases[index];
    const kind = this.below(100);
    if (kind < 8) this.keyspace.setTime(this.keyspace.nowMs + this.below(30));
    else if (kind < 12) this.sweep(index);
    else if (kind < 15) this.keyspace.reclaimer.reclaim(20);
    else if (kind < 16) this.keyspace.swap(0, 1);
    else this.stepOnKey(index, db, this.key(), kind % 14);
    if (kind === 15) this.model.reverse();
  }

  stepOnKey(index: number, db: Database, key: string, kind: number): void {
    if (kind <= 2) this.set(index, db, key);
    else if (kind === 3) this.setIfAbsent(index, db, key);
    else if (kind === 4) this.get(index, db, key);
    else if (kind === 5) this.remove(index, db, key);
    else if (kind <= 7) this.expire(index, db, key);
    else if (kind === 8) this.persist(index, db, key);
    else if (kind === 9) this.increment(index, db, key);
    else if (kind === 10) this.readAndChange(index, db, key);
    else if (kind === 11) this.setExpiring(index, db, key);
    else if (kind === 12) this.copyOrMove(index, db, key);
    else this.walk(index, db, key);
  }

  set(index: number, db: Database, key: string): void {
    const pairs = Array.from({ length: this.below(20) === 0 ? 30 : 2 }, () => [
      this.field(),
      this.value(),
    ]);
    const hash = this.hash(index, key);
    const before = hash.size;
    for (const [field, value] of pairs) hash.set(field, { value, timeMs: -1 });
    this.put(index, key, hash);
    const created = setFields(db, slicesOf([key, ...pairs.flat()]), 0, 1);
    assert.equal(created, hash.size - before);
  }

  setIfAbsent(index: number, db: Database, key: string): void {
    const field = this.field();
    const value = this.value();
    const isThere = this.touch(index, key, field) !== undefined;
    assert.equal(setFieldIfAbsent(db, slicesOf([key, field, value]), 0, 1), !isThere);
    if (isThere) return;
    this.put(index, key, this.hash(index, key).set(field, { value, timeMs: -1 }));
  }

  get(index: number, db: Database, key: string): void {
    const field = this.field();
    const expected = this.touch(index, key, field);
    const value = new Slice();
    assert.equal(readField(db, slicesOf([key, field]), 0, 1, value), expected !== undefined);
    if (expected !== undefined) assert.equal(value.toString(), expected.value);
  }

  remove(index: number, db: Database, key: string): void {
    const fields = this.fields();
    const hash = this.hash(index, key);
    const removed = fields.filter((field) => hash.delete(field)).length;
    this.put(index, key, hash);
    assert.equal(deleteFields(db, slicesOf([key, ...fields]), 0, 1), removed);
  }

  expire(index: number, db: Database, key: string): void {
    const { always, nx, xx, gt, lt } = expiryCondition;
    const condition = [always, always, nx, xx, gt, lt][this.below(6)];
    const timeMs = this.time();
    const fields = this.fields();
    const expected = fields.map((field) => this.expireOne(index, key, field, timeMs, condition));
    const codes: number[] = [];
    const args = slicesOf([key, ...fields]);
    expireFields(db, args, 0, 1, { timeMs, condition }, (code) => codes.push(code));
    assert.deepEqual(codes, expected);
  }

  expireOne(index: number, key: string, name: string, timeMs: number, condition: number): number {
    const hash = this.hash(index, key);
    const field = hash.get(name);
    if (field === undefined) return fieldOutcome.missing;
    const old = field.timeMs;
    const { nx, xx, gt, lt } = expiryCondition;
    const isRefused =
      (condition === nx && old >= 0) ||
      (condition === xx && old < 0) ||
      (condition === gt && (old < 0 || timeMs <= old)) ||
      (condition === lt && old >= 0 && timeMs >= old);
    if (isRefused) return fieldOutcome.conditionNotMet;
    if (timeMs > this.keyspace.nowMs) {
      field.timeMs = timeMs;
      return fieldOutcome.done;
    }
    hash.delete(name);
    this.put(index, key, hash);
    return fieldOutcome.deleted;
  }

  persist(index: number, db: Database, key: string): void {
    const fields = this.fields();
    const live = this.live(index, key);
    const expected = fields.map((name) => {
      const field = live.get(name);
      if (field === undefined) return fieldOutcome.missing;
      if (field.timeMs < 0) return fieldOutcome.neverExpires;
      field.timeMs = -1;
      return fieldOutcome.done;
    });
    const codes: number[] = [];
    persistFields(db, slicesOf([key, ...fields]), 0, 1, (code) => codes.push(code));
    assert.deepEqual(codes, expected);
  }

  increment(index: number, db: Database, key: string): void {
    const field = this.field();
    const old = this.touch(index, key, field);
    const args = slicesOf([key, field]);
    if (old !== undefined && !/^(0|-?[1-9]\d*)$/.test(old.value)) {
      assert.throws(() => incrementField(db, args, 0, 1, 5));
      return;
    }
    const value = String(Number(old?.value ?? 0) + 5);
    assert.equal(String(incrementField(db, args, 0, 1, 5)), value);
    const timeMs = old?.timeMs ?? -1;
    this.put(index, key, this.hash(index, key).set(field, { value, timeMs }));
  }

  /** HGETEX and HGETDEL. */
  readAndChange(index: number, db: Database, key: string): void {
    const fields = this.fields();
    const kind = this.below(4);
    const change = kind === 0 ? "none" : kind === 1 ? -1 : this.time();
    const expected: (string | null)[] = [];
    for (const name of fields) {
      const field = this.touch(index, key, name);
      expected.push(field?.value ?? null);
      if (field === undefined || (change === "none" && kind !== 3)) continue;
      if (kind === 3) this.remove1(index, key, name);
      else if (change === -1) field.timeMs = -1;
      else this.expireOne(index, key, name, Number(change), expiryCondition.always);
    }
    const seen: (string | null)[] = [];
    const visitor = {
      present: (value: Slice) => void seen.push(value.toString()),
      absent: () => void seen.push(null),
    };
    const args = slicesOf([key, ...fields]);
    if (kind === 3) readAndDeleteFields(db, args, 0, 1, visitor);
    else readAndExpireFields(db, args, 0, 1, change, visitor);
    assert.deepEqual(seen, expected);
  }

  remove1(index: number, key: string, name: string): void {
    const hash = this.hash(index, key);
    hash.delete(name);
    this.put(index, key, hash);
  }

  /** HSETEX. */
  setExpiring(index: number, db: Database, key: string): void {
    const condition = (["any", "any", "all", "none"] as const)[this.below(4)];
    const time = ["keep" as const, "none" as const, this.time(), this.time()][this.below(4)];
    const pairs = this.fields().map((field) => [field, this.value()]);
    let isMet = true;
    for (const [name] of condition === "any" ? [] : pairs) {
      isMet &&= (this.touch(index, key, name) !== undefined) === (condition === "all");
      if (!isMet) break;
    }
    const args = slicesOf([key, ...pairs.flat()]);
    assert.equal(setExpiringFields(db, args, 0, 1, { condition, time }), isMet);
    if (!isMet) return;
    for (const [name, value] of pairs) {
      const hash = this.hash(index, key);
      const timeMs = time === "keep" ? (hash.get(name)?.timeMs ?? -1) : -1;
      this.put(index, key, hash.set(name, { value, timeMs }));
      if (typeof time === "number") {
        this.expireOne(index, key, name, time, expiryCondition.always);
      }
    }
  }

  copyOrMove(index: number, db: Database, key: string): void {
    const other = 1 - index;
    const target = this.keyspace.databases[other];
    const to = this.key();
    const hash = this.hash(index, key);
    const args = slicesOf([key, to]);
    const copy = new Map([...hash].map(([name, field]) => [name, { ...field }]));
    const kind = this.below(4);
    if (kind === 0 && hash.size > 0) {
      renameKey(db, args, 0, 1, { unlessExists: false });
      this.model[index].delete(key);
      this.model[index].set(to, hash);
    } else if (kind === 1) {
      const isDone = hash.size > 0 && !this.model[other].has(key);
      assert.equal(moveKey(db, target, args, 0), isDone);
      if (!isDone) return;
      this.model[other].set(key, hash);
      this.model[index].delete(key);
    } else if (kind === 2) {
      assert.equal(copyKey(db, target, args, 0, 1, { replace: true }), hash.size > 0);
      if (hash.size > 0) this.model[other].set(to, copy);
    } else if (this.below(3) === 0) {
      assert.equal(deleteKey(db, args, 0), this.model[index].delete(key));
    }
  }

  /** All that walks through a hash, which deletes nothing but for random picks. */
  walk(index: number, db: Database, key: string): void {
    const args = slicesOf([key]);
    const live = this.live(index, key);
    this.checkHash(index, db, args, key);
    const scanned: string[] = [];
    const step = { cursor: 0, count: 3, pattern: 0 };
    do {
      scanFields(db, args, 0, step, {
        begin: (next) => void (step.cursor = next),
        visit: (field) => void scanned.push(field.toString()),
      });
    } while (step.cursor !== 0);
    assert.deepEqual(new Set(scanned), new Set(live.keys()));
    const state = new HashState();
    const count = readForPick(db, args, 0, state);
    assert.equal(count, live.size);
    this.put(index, key, live);
    if (count === 0) return;
    const wanted = 1 + this.below(count + 2);
    const chosen: string[] = [];
    chooseFields(this.keyspace, state, wanted, (field) => void chosen.push(field.toString()));
    assert.equal(new Set(chosen).size, Math.min(wanted, count));
    assert.ok(chosen.every((name) => live.has(name)));
  }

  checkHash(index: number, db: Database, args: Slices, key: string): void {
    const live = this.live(index, key);
    const cursor = new HashCursor();
    const found: [string, Field][] = [];
    assert.equal(openFields(db, args, 0, cursor), live.size);
    while (live.size > 0 && cursor.next()) {
      const { field, value, timeMs } = cursor;
      found.push([field.toString(), { value: value.toString(), timeMs }]);
    }
    const byName = (a: [string, Field], b: [string, Field]): number => (a[0] < b[0] ? -1 : 1);
    assert.deepEqual(found.sort(byName), [...live].sort(byName));
  }

  sweep(index: number): void {
    const db = this.keyspace.databases[index];
    const result = { sampled: 0, expired: 0 };
    let over = 0;
    for (const hash of this.model[index].values()) {
      for (const { timeMs } of hash.values()) if (this.isOver(timeMs)) over++;
    }
    expireFieldsSlice(db, 1000, result);
    assert.equal(result.expired, Math.min(over, 1000));
    for (const key of this.model[index].keys()) this.put(index, key, this.live(index, key));
  }

  check(): void {
    this.keyspace.arena.check();
    for (const [index, db] of this.keyspace.databases.entries()) {
      assert.equal(db.size, this.model[index].size);
      const times = [...this.model[index].values()].map((hash) =>
        [...hash.values()].map(({ timeMs }) => timeMs).filter((timeMs) => timeMs >= 0),
      );
      assert.equal(db.hashExpiries.count, times.filter((each) => each.length > 0).length);
      assert.equal(db.hashExpiries.firstTimeMs, Math.min(...times.flat()));
      for (const key of this.model[index].keys()) this.checkKey(index, db, key);
    }
  }

  checkKey(index: number, db: Database, key: string): void {
    const args = slicesOf([key]);
    this.checkHash(index, db, args, key);
    const { arena, tables } = this.keyspace;
    const state = new HashState();
    const ref = readHash(db, args, 0, state);
    assert.notEqual(ref, noRef);
    loadHash(arena, ref, state);
    if (state.encoding !== encoding.hashtable) return;
    tables.hash.load(state.root);
    tables.hash.check();
    const head = headOf(arena, state.encoding, state.root);
    if (head !== noRef) checkHeap(arena, head);
    const names = [...this.hash(index, key).keys()];
    const times: number[] = [];
    readFieldTimes(db, slicesOf([key, ...names]), 0, 1, (time) => void times.push(time));
    const expected = [...this.hash(index, key).values()].map(({ timeMs }) =>
      this.isOver(timeMs) ? fieldOutcome.missing : timeMs,
    );
    assert.deepEqual(times, expected);
  }
}

describe("a keyspace of hashes", () => {
  for (const fieldCount of [10, 60, 500]) {
    it(`is what Maps are, over ${fieldCount} fields`, () => {
      const seed = Number(process.env["KEYSPACE_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
      const steps = Number(process.env["KEYSPACE_STEPS"] ?? 10_000);
      const test = new HashModel(seed, fieldCount);
      try {
        for (let step = 1; step <= steps; step++) {
          test.step();
          if (step % 50 === 0) test.check();
        }
        test.keyspace.flushAll(true);
        test.keyspace.reclaimer.reclaimAll();
        assert.equal(test.keyspace.arena.usedBytes, 0, "all memory came back");
      } catch (error) {
        throw new Error(`KEYSPACE_SEED=${seed}: ${String(error)}`, { cause: error });
      }
    });
  }
});
