// Which keys eviction chooses. Its order is approximate: a test says how many of the keys that
// should go have gone, from seeded random numbers, and which must not go at all.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { latin1 } from "../bytes/ascii.ts";
import { seededRandom } from "../bytes/random.ts";
import { slicesOf } from "../bytes/slices.ts";
import { noRef } from "../memory/arena.ts";
import type { EvictionPolicy } from "./eviction.ts";
import { Eviction } from "./eviction.ts";
import { Keyspace } from "./keyspace.ts";
import { noExpiry, setString } from "./string.ts";

const startMs = 1_700_000_000_000;

class EvictionTest {
  readonly keyspace: Keyspace;
  readonly eviction: Eviction;
  readonly evicted: string[] = [];

  constructor(policy: EvictionPolicy, seed = 1) {
    this.keyspace = new Keyspace({ databases: 3, random: seededRandom(seed) });
    this.keyspace.uses.isOn = policy.endsWith("lfu");
    this.keyspace.setTime(startMs);
    this.eviction = new Eviction(this.keyspace);
    this.eviction.policy = policy;
    this.keyspace.observer = {
      keyChanged: () => undefined,
      keyEvent: () => undefined,
      keyExpired: () => undefined,
      keyEvicted: (database, bytes, offset, length) => {
        this.evicted.push(`${database.index}:${latin1(bytes, offset, offset + length)}`);
      },
      databaseReplaced: () => undefined,
    };
  }

  set(key: string, { expiryMs = noExpiry, database = 0 } = {}): void {
    const args = slicesOf([Buffer.from("SET"), Buffer.from(key), Buffer.from("value")]);
    setString(this.keyspace.databases[database], args, 1, 2, expiryMs);
  }

  read(key: string): boolean {
    return this.keyspace.databases[0].read(slicesOf([Buffer.from(key)]), 0) !== noRef;
  }

  advance(ms: number): void {
    this.keyspace.setTime(this.keyspace.nowMs + ms);
  }

  evict(count: number): void {
    for (let left = count; left > 0; left--) assert.ok(this.eviction.evictOne());
  }
}

/** The last few of the right keys are seldom among those that are looked at. */
function mostOf(count: number): number {
  return (3 * count) / 4;
}

/** Share of the keys named `prefix` that are left. */
function shareLeft(test: EvictionTest, prefix: string, count: number): number {
  const gone = test.evicted.filter((name) => name.startsWith(`0:${prefix}`)).length;
  return 1 - gone / count;
}

describe("Eviction", () => {
  it("deletes nothing without a policy, and nothing where nothing is", () => {
    const none = new EvictionTest("noeviction");
    none.set("k");
    assert.equal(none.eviction.evictOne(), false);
    for (const policy of ["allkeys-lru", "allkeys-lfu", "allkeys-random"] as const) {
      assert.equal(new EvictionTest(policy).eviction.evictOne(), false);
    }
  });

  it("under LRU deletes keys that are not used, and keeps those that are", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const test = new EvictionTest("allkeys-lru", seed);
      const count = 1000;
      for (let index = 0; index < count; index++) test.set(`old:${index}`);
      for (let index = 0; index < count; index++) test.set(`used:${index}`);
      test.advance(10_000);
      for (let index = 0; index < count; index++) assert.ok(test.read(`used:${index}`));
      test.evict(mostOf(count));
      const used = shareLeft(test, "used", count);
      assert.ok(used > 0.97, `seed ${seed}: ${used} of the used keys are left`);
      assert.equal(test.keyspace.statistics.evicted, mostOf(count));
    }
  });

  it("under LRU deletes the older half of keys of all ages", () => {
    const test = new EvictionTest("allkeys-lru");
    const count = 4000;
    for (let index = 0; index < count; index++) {
      test.set(`${index < count / 2 ? "old" : "young"}:${index}`);
      test.advance(1000);
    }
    test.evict(count / 2);
    const young = shareLeft(test, "young", count / 2);
    assert.ok(young > 0.85, `${young} of the younger keys are left`);
  });

  it("under LFU deletes keys that are used less, the older uses counting less", () => {
    const test = new EvictionTest("allkeys-lfu");
    const count = 500;
    for (let index = 0; index < count; index++) {
      test.set(`rare:${index}`);
      test.set(`often:${index}`);
      for (let use = 0; use < 50; use++) assert.ok(test.read(`often:${index}`));
    }
    test.advance(60_000);
    for (let index = 0; index < count; index++) assert.ok(test.read(`rare:${index}`));
    test.evict(mostOf(count));
    const often = shareLeft(test, "often", count);
    assert.ok(often > 0.95, `${often} of the keys are left that are used often`);
  });

  it("under volatile-ttl deletes the keys whose end is nearest, and no others", () => {
    const test = new EvictionTest("volatile-ttl");
    const count = 1000;
    for (let index = 0; index < count; index++) {
      test.set(`late:${index}`, { expiryMs: startMs + 2e9 + index * 1000 });
      test.set(`soon:${index}`, { expiryMs: startMs + 1e6 + index * 1000 });
      test.set(`never:${index}`);
    }
    test.evict(mostOf(count));
    const late = shareLeft(test, "late", count);
    assert.ok(late > 0.97, `${late} of the keys are left that end late`);
    test.evict(2 * count - mostOf(count));
    assert.equal(test.eviction.evictOne(), false);
    assert.equal(shareLeft(test, "never", count), 1);
  });

  it("deletes from every database, and of the expiring keys alone if it must", () => {
    const policies = ["lru", "lfu", "random"].flatMap((order) => [
      [`allkeys-${order}`, 60] as const,
      [`volatile-${order}`, 30] as const,
    ]);
    for (const [policy, expected] of policies) {
      const test = new EvictionTest(policy as EvictionPolicy);
      for (let index = 0; index < 60; index++) {
        const expiryMs = index % 2 === 0 ? startMs + 1e6 : noExpiry;
        test.set(`${index}`, { expiryMs, database: index % 3 });
      }
      test.evict(expected);
      assert.equal(test.eviction.evictOne(), false, policy);
      assert.equal(new Set(test.evicted).size, expected);
      const left = test.keyspace.databases.reduce((sum, each) => sum + each.size, 0);
      assert.equal(left, 60 - expected);
    }
  });

  it("does not choose what was used, moved or deleted since it was seen", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const test = new EvictionTest("allkeys-lru", seed);
      test.eviction.samples = 64;
      for (let index = 0; index < 16; index++) test.set(`${index}`);
      test.advance(1000);
      // The pool holds the others now.
      test.evict(1);
      const left = Array.from({ length: 16 }, (_, index) => `${index}`).filter(
        (key) => !test.evicted.includes(`0:${key}`),
      );
      for (const [index, key] of left.slice(1).entries()) {
        if (index % 3 === 0) assert.ok(test.read(key));
        else if (index % 3 === 1) test.set(key, { expiryMs: startMs + 1e9 });
        else
          test.keyspace.databases[0].discard(
            test.keyspace.databases[0].peek(slicesOf([Buffer.from(key)]), 0),
          );
      }
      test.evict(1);
      assert.deepEqual(test.evicted.slice(1), [`0:${left[0]}`], `seed ${seed}`);
    }
  });

  it("chooses well while the table grows or shrinks, and when it is sparse", () => {
    const test = new EvictionTest("allkeys-lru");
    test.keyspace.databases[0].table.resizable = false;
    for (let index = 0; index < 5000; index++) test.set(`${index}`);
    test.keyspace.databases[0].table.resizable = true;
    test.set("last");
    assert.ok(test.keyspace.databases[0].table.isRehashing);
    test.evict(4990);
    test.keyspace.databases[0].table.check();
    assert.equal(test.keyspace.databases[0].size, 11);
    test.evict(11);
    assert.equal(test.eviction.evictOne(), false);
  });
});
