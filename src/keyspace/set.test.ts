// All operations on sets at once, against a plain model: a JavaScript Set a key. The limits of the
// compact encodings are low, so that each set passes through all of them. At the end all memory
// must have come back. Then: random picks are fair.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../bytes/random.ts";
import type { Random } from "../bytes/random.ts";
import { Slice, slicesOf } from "../bytes/slices.ts";
import { noRef } from "../memory/arena.ts";
import { checkIntset } from "../structures/intset.ts";
import type { Database } from "./database.ts";
import { keyEvents } from "./key-event.ts";
import { Keyspace } from "./keyspace.ts";
import { copyKey, deleteKey } from "./keys.ts";
import { encoding } from "./record.ts";
import {
  collectSets,
  intersectSets,
  storeIntersection,
  storeResult,
  subtractSets,
  uniteSets,
  visitResult,
} from "./set-algebra.ts";
import { SetCursor } from "./set-cursor.ts";
import { SetMember } from "./set-member.ts";
import { SetState, loadSet } from "./set-members.ts";
import { chooseMembers, drawMembers, popMembers } from "./set-random.ts";
import { scanMembers } from "./set-scan.ts";
import {
  addMembers,
  countSet,
  isMember,
  moveMember,
  openMembers,
  popMember,
  randomMember,
  readSet,
  removeMembers,
} from "./set.ts";

const integers = ["0", "-1", "32767", "32768", "2147483648", "9007199254740993"];
const borders = ["-9223372036854775808", "9223372036854775807", "9223372036854775808", "01", ""];

class SetModel {
  readonly random: Random;
  readonly keyspace: Keyspace;
  readonly db: Database;
  readonly model = new Map<string, Set<string>>();
  readonly memberCount: number;

  constructor(seed: number, memberCount: number) {
    this.random = seededRandom(seed);
    this.keyspace = new Keyspace({ databases: 1, random: this.random });
    this.keyspace.setTime(1_000_000);
    this.keyspace.limits.setMaxIntsetEntries = 20;
    this.keyspace.limits.setMaxListpackEntries = 12;
    this.keyspace.limits.setMaxListpackValue = 20;
    this.db = this.keyspace.databases[0];
    this.memberCount = memberCount;
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  key(): string {
    return `key${this.below(5)}`;
  }

  member(): string {
    const kind = this.below(40);
    if (kind === 0) return integers[this.below(integers.length)];
    if (kind === 1) return borders[this.below(borders.length)];
    if (kind === 2) return "long ".repeat(this.below(300));
    const number = this.below(this.memberCount);
    return kind < 12 ? `m${number}` : String(number);
  }

  members(): string[] {
    return Array.from({ length: this.below(25) === 0 ? 40 : 3 }, () => this.member());
  }

  set(key: string): Set<string> {
    return this.model.get(key) ?? new Set<string>();
  }

  put(key: string, set: Set<string>): void {
    if (set.size > 0) this.model.set(key, set);
    else this.model.delete(key);
  }

  step(): void {
    const key = this.key();
    const kind = this.below(16);
    if (kind <= 3) this.add(key);
    else if (kind <= 5) this.remove(key);
    else if (kind === 6) this.move(key);
    else if (kind === 7) this.pop(key);
    else if (kind === 8) this.popSeveral(key);
    else if (kind === 9) this.pick(key);
    else if (kind <= 11) this.combine(key);
    else if (kind <= 13) this.store(key);
    else if (kind === 14) this.copyOrDelete(key);
    else this.scan(key);
    if (this.below(20) === 0) this.keyspace.reclaimer.reclaim(10);
  }

  add(key: string): void {
    const members = this.members();
    const set = this.set(key);
    const before = set.size;
    for (const member of members) set.add(member);
    this.put(key, set);
    assert.equal(addMembers(this.db, slicesOf([key, ...members]), 0, 1), set.size - before);
  }

  remove(key: string): void {
    const members = this.members();
    const set = this.set(key);
    const removed = members.filter((member) => set.delete(member)).length;
    this.put(key, set);
    assert.equal(removeMembers(this.db, slicesOf([key, ...members]), 0, 1), removed);
  }

  move(key: string): void {
    const [to, member] = [this.key(), this.member()];
    const isThere = this.set(key).has(member);
    assert.equal(moveMember(this.db, slicesOf([key, to, member]), 0, 1, 2), isThere);
    if (!isThere) return;
    const from = this.set(key);
    from.delete(member);
    this.put(key, from);
    this.put(to, this.set(to).add(member));
  }

  pop(key: string): void {
    const set = this.set(key);
    const popped = new Slice();
    assert.equal(popMember(this.db, slicesOf([key]), 0, popped), set.size > 0);
    if (set.size === 0) return;
    assert.ok(set.delete(popped.toString()), "what was popped was a member");
    this.put(key, set);
  }

  popSeveral(key: string): void {
    const set = this.set(key);
    const count = 1 + this.below(set.size + 3);
    let begun = -1;
    let visited = 0;
    const begin = (total: number): void => void (begun = total);
    const expected = Math.min(count, set.size);
    popMembers(this.db, slicesOf([key]), 0, count, begin, (member) => {
      assert.ok(set.delete(textOf(member)));
      visited++;
    });
    assert.deepEqual([begun, visited], [expected, expected]);
    this.put(key, set);
  }

  pick(key: string): void {
    const args = slicesOf([key]);
    const set = this.set(key);
    const member = new SetMember();
    assert.equal(randomMember(this.db, args, 0, member), set.size > 0);
    if (set.size === 0) return;
    assert.ok(set.has(textOf(member)));
    const state = new SetState();
    readSet(this.db, args, 0, state);
    const count = 1 + this.below(set.size + 3);
    const chosen: string[] = [];
    const visit = (each: SetMember): void => void chosen.push(textOf(each));
    chooseMembers(this.keyspace, state, count, visit);
    assert.equal(chosen.length, Math.min(count, set.size));
    assert.equal(new Set(chosen).size, chosen.length, "distinct ones");
    drawMembers(this.keyspace, state, count, visit);
    assert.ok(chosen.every((each) => set.has(each)));
  }

  /** Some keys, and what union, intersection and difference of their sets are. */
  operands(): { keys: string[]; union: Set<string>; common: Set<string>; rest: Set<string> } {
    const keys = Array.from({ length: 1 + this.below(4) }, () => this.key());
    const [first, ...others] = keys.map((key) => this.set(key));
    const union = new Set(first);
    for (const set of others) for (const member of set) union.add(member);
    const isIn = (member: string) => (set: Set<string>) => set.has(member);
    return {
      keys,
      union,
      common: new Set([...first].filter((member) => others.every(isIn(member)))),
      rest: new Set([...first].filter((member) => !others.some(isIn(member)))),
    };
  }

  combine(key: string): void {
    const { keys, union, common, rest } = this.operands();
    for (const [operation, expected] of [
      [uniteSets, union],
      [subtractSets, rest],
    ] as const) {
      const found: string[] = [];
      let begun = -1;
      const begin = (count: number): void => void (begun = count);
      visitResult(this.db, slicesOf([key, ...keys]), operation, begin, (member) => {
        found.push(textOf(member));
      });
      assert.equal(begun, found.length);
      assert.deepEqual(found.sort(), [...expected].sort());
    }
    const sets = collectSets(this.db, slicesOf(keys), 0, keys.length);
    const found: string[] = [];
    intersectSets(this.keyspace, sets, 0, (member) => {
      member.render();
      found.push(textOf(member));
    });
    assert.deepEqual(found.sort(), [...common].sort());
    const limit = this.below(5);
    const limited = limit === 0 ? common.size : Math.min(limit, common.size);
    assert.equal(
      intersectSets(this.keyspace, sets, limit, () => undefined),
      limited,
    );
  }

  store(key: string): void {
    const { keys, union, common, rest } = this.operands();
    const args = slicesOf(["STORE", key, ...keys]);
    const kind = this.below(3);
    const expected = [union, common, rest][kind];
    let count = 0;
    if (kind === 0) count = storeResult(this.db, args, uniteSets, keyEvents.sunionstore);
    else if (kind === 1) count = storeIntersection(this.db, args);
    else count = storeResult(this.db, args, subtractSets, keyEvents.sdiffstore);
    assert.equal(count, expected.size);
    this.put(key, expected);
  }

  copyOrDelete(key: string): void {
    const to = this.key();
    const args = slicesOf([key, to]);
    if (this.below(3) === 0) {
      assert.equal(deleteKey(this.db, args, 0), this.model.delete(key));
    } else if (to !== key) {
      const isDone = copyKey(this.db, this.db, args, 0, 1, { replace: true });
      assert.equal(isDone, this.model.has(key));
      if (isDone) this.model.set(to, new Set(this.set(key)));
    }
  }

  scan(key: string): void {
    const found = new Set<string>();
    const step = { cursor: 0, count: 3, pattern: 0 };
    do {
      scanMembers(this.db, slicesOf([key]), 0, step, {
        begin: (next) => void (step.cursor = next),
        visit: (member) => void found.add(textOf(member)),
      });
    } while (step.cursor !== 0);
    assert.deepEqual(found, this.set(key));
  }

  check(): void {
    const { arena, tables } = this.keyspace;
    arena.check();
    assert.equal(this.db.size, this.model.size);
    for (const [key, set] of this.model) {
      const args = slicesOf([key]);
      assert.equal(countSet(this.db, args, 0), set.size);
      const cursor = new SetCursor();
      const found: string[] = [];
      openMembers(this.db, args, 0, cursor);
      while (cursor.next()) {
        cursor.member.render();
        found.push(textOf(cursor.member));
      }
      assert.deepEqual(found.sort(), [...set].sort());
      for (const member of [...set].slice(0, 20)) {
        assert.ok(isMember(this.db, slicesOf([key, member]), 0, 1));
      }
      const state = new SetState();
      const ref = this.db.peek(args, 0);
      assert.notEqual(ref, noRef);
      loadSet(arena, ref, state);
      if (state.encoding === encoding.intset) checkIntset(arena, state.root);
      if (state.encoding !== encoding.hashtable) continue;
      tables.set.load(state.root);
      tables.set.check();
    }
  }
}

function textOf({ bytes, offset, length }: SetMember): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString("latin1");
}

describe("a keyspace of sets", () => {
  for (const memberCount of [8, 40, 600]) {
    it(`is what JavaScript's Sets are, over ${memberCount} members`, () => {
      const seed = Number(process.env["KEYSPACE_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
      const steps = Number(process.env["KEYSPACE_STEPS"] ?? 8000);
      const test = new SetModel(seed, memberCount);
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

describe("random members", () => {
  const size = 100;
  const drawsEach = 200;
  /** Chi-squared with 99 degrees of freedom is above this once in a million times. */
  const chiSquaredMax = 180;

  /** How far the counts are from equal ones. */
  function chiSquared(counts: ReadonlyMap<string, number>): number {
    let sum = 0;
    for (let number = 0; number < size; number++) {
      sum += ((counts.get(String(number)) ?? 0) - drawsEach) ** 2 / drawsEach;
    }
    return sum;
  }

  for (const kind of ["intset", "listpack", "hashtable"] as const) {
    it(`are equally likely, of a set that is a ${kind}`, () => {
      const keyspace = new Keyspace({ databases: 1, random: seededRandom(7) });
      const { limits } = keyspace;
      if (kind !== "intset") limits.setMaxIntsetEntries = 0;
      if (kind === "hashtable") limits.setMaxListpackEntries = 0;
      const [db] = keyspace.databases;
      const numbers = Array.from({ length: size }, (_, index) => String(index));
      addMembers(db, slicesOf(["s", ...numbers]), 0, 1);
      const state = new SetState();
      readSet(db, slicesOf(["s"]), 0, state);
      assert.equal(state.encoding, encoding[kind]);
      const drawn = new Map<string, number>();
      const count = (member: SetMember): void => {
        drawn.set(textOf(member), (drawn.get(textOf(member)) ?? 0) + 1);
      };
      drawMembers(keyspace, state, size * drawsEach, count);
      assert.ok(chiSquared(drawn) < chiSquaredMax, `drawn: ${chiSquared(drawn)}`);
      for (const share of [10, 50]) {
        drawn.clear();
        const rounds = (size * drawsEach) / share;
        for (let round = 0; round < rounds; round++) chooseMembers(keyspace, state, share, count);
        assert.ok(chiSquared(drawn) < chiSquaredMax, `${share} chosen: ${chiSquared(drawn)}`);
      }
    });
  }
});
