// The table against a Set, and the guarantees of its scan while it grows and shrinks.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "../bytes/ascii.ts";
import { hashBytes } from "../bytes/hash.ts";
import { seededRandom } from "../bytes/random.ts";
import type { Ref } from "../memory/arena.ts";
import { Arena, noRef } from "../memory/arena.ts";
import { HashTable, entryKey } from "./hash-table.ts";

const headerBytes = 12;

/** A table with the owner's part beside it: entries with a text as their key. */
class TextTable {
  readonly arena = new Arena();
  readonly table = new HashTable(this.arena, headerBytes);

  hash(text: string): number {
    const bytes = asciiBytes(text);
    return hashBytes(bytes, 0, bytes.length, 1, 2);
  }

  find(text: string): Ref {
    const bytes = asciiBytes(text);
    return this.table.find(bytes, 0, bytes.length, this.hash(text));
  }

  make(text: string): Ref {
    const ref = this.arena.allocate(headerBytes + text.length);
    const at = (ref & 0xffff) << 2;
    this.arena.words[ref >>> 16][at + entryKey] = text.length;
    this.arena.bytes[ref >>> 16].set(asciiBytes(text), (at << 2) + headerBytes);
    return ref;
  }

  insert(text: string): void {
    this.table.insert(this.make(text), this.hash(text));
  }

  remove(text: string): void {
    const ref = this.find(text);
    this.table.remove(ref);
    this.arena.free(ref, headerBytes + text.length);
  }

  text(ref: Ref): string {
    const at = (ref & 0xffff) << 2;
    const start = (at << 2) + headerBytes;
    const length = this.arena.words[ref >>> 16][at + entryKey];
    return Buffer.from(this.arena.bytes[ref >>> 16].subarray(start, start + length)).toString();
  }
}

function keys(count: number, prefix = "k"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

describe("HashTable", () => {
  it("holds what a Set holds through any insertions and removals", () => {
    const step = fc.tuple(fc.constantFrom("add", "remove", "replace", "rehash"), fc.nat(60));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const texts = new TextTable();
        const model = new Set<string>();
        for (const [kind, number] of steps) {
          const text = `key${number}`;
          assert.equal(texts.find(text) !== noRef, model.has(text));
          if (kind === "rehash") {
            texts.table.rehash(number);
          } else if (kind === "add" && !model.has(text)) {
            texts.insert(text);
            model.add(text);
          } else if (kind === "remove" && model.delete(text)) {
            texts.remove(text);
          } else if (kind === "replace" && model.has(text)) {
            const old = texts.find(text);
            texts.table.replace(old, texts.make(text));
            texts.arena.free(old, headerBytes + text.length);
          }
          assert.equal(texts.table.count, model.size);
        }
        texts.table.check();
        const found: string[] = [];
        texts.table.forEach((ref) => found.push(texts.text(ref)));
        assert.deepEqual(found.sort(), [...model].sort());
      }),
      { numRuns: 150 },
    );
  });

  it("grows and shrinks without losing an entry", () => {
    const texts = new TextTable();
    const all = keys(20_000);
    for (const text of all) texts.insert(text);
    texts.table.check();
    while (texts.table.rehash(100)) continue;
    texts.table.check();
    assert.ok(texts.table.bucketCount >= 20_000 && texts.table.bucketCount <= 65_536);
    for (const text of all.slice(10)) texts.remove(text);
    while (texts.table.rehash(100)) continue;
    texts.table.check();
    assert.ok(texts.table.bucketCount <= 128, `${texts.table.bucketCount} buckets for 10 entries`);
    for (const text of all.slice(0, 10)) assert.notEqual(texts.find(text), noRef);
  });

  it("moves no bucket while it is paused", () => {
    const texts = new TextTable();
    for (const text of keys(9)) texts.insert(text);
    assert.ok(texts.table.isRehashing);
    texts.table.pause();
    for (const text of keys(200, "x")) texts.insert(text);
    assert.ok(texts.table.isRehashing && !texts.table.rehash(1000));
    texts.table.resume();
    while (texts.table.rehash(1000)) continue;
    assert.ok(!texts.table.isRehashing);
    texts.table.check();
  });

  for (const change of ["grows", "shrinks", "grows and shrinks"]) {
    it(`visits in a scan all entries that stay while it ${change}`, () => {
      const seed = Math.floor(Math.random() * 2 ** 32);
      const random = seededRandom(seed);
      for (let round = 0; round < 60; round++) scanWhileChanging(change, random, `seed ${seed}`);
    });
  }

  function scanWhileChanging(
    change: string,
    random: ReturnType<typeof seededRandom>,
    note: string,
  ): void {
    const texts = new TextTable();
    const stays = keys(1 + random.below(50), "stays");
    for (const text of stays) texts.insert(text);
    const extra = change === "grows" ? [] : keys(random.below(1500), "extra");
    for (const text of extra) texts.insert(text);
    const seen = new Set<string>();
    let cursor = 0;
    let added = 0;
    do {
      cursor = texts.table.scan(cursor, (ref) => seen.add(texts.text(ref)));
      for (let count = random.below(20); count > 0; count--) {
        const isGrowing = change === "grows" || (change !== "shrinks" && random.below(2) === 0);
        if (isGrowing && added < 3000) texts.insert(`added${added++}`);
        else if (extra.length > 0) texts.remove(extra.pop()!);
        texts.table.rehash(random.below(4));
      }
    } while (cursor !== 0);
    for (const text of stays) assert.ok(seen.has(text), `${text} was not visited, ${note}`);
  }

  it("visits each entry once in a scan of a table that does not change", () => {
    for (const count of [0, 1, 4, 5, 9, 64, 65, 1000]) {
      const texts = new TextTable();
      for (const text of keys(count)) texts.insert(text);
      const seen: string[] = [];
      let cursor = 0;
      do {
        cursor = texts.table.scan(cursor, (ref) => seen.push(texts.text(ref)));
      } while (cursor !== 0);
      assert.deepEqual(seen.sort(), keys(count).sort());
    }
  });

  it("visits all entries in slices", () => {
    const texts = new TextTable();
    for (const text of keys(700)) texts.insert(text);
    const seen: string[] = [];
    for (let at = 0; at >= 0;)
      at = texts.table.forEachFrom(at, 10, (ref) => seen.push(texts.text(ref)));
    assert.deepEqual(seen.sort(), keys(700).sort());
  });

  it("picks random entries about equally often, also between two tables", () => {
    const texts = new TextTable();
    const random = seededRandom(11);
    for (const text of keys(40)) texts.insert(text);
    assert.ok(texts.table.isRehashing);
    const counts = new Map<string, number>();
    const draws = 40_000;
    for (let draw = 0; draw < draws; draw++) {
      const text = texts.text(texts.table.randomEntry((limit) => random.below(limit)));
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    assert.equal(counts.size, 40);
    // Chains make some entries rarer, but none by more than its chain is long.
    for (const [text, count] of counts) assert.ok(count > draws / 40 / 6, `${text}: ${count}`);
  });

  it("has room for what was reserved and needs no second table", () => {
    const texts = new TextTable();
    texts.table.reserve(1000);
    for (const text of keys(1000)) texts.insert(text);
    assert.ok(!texts.table.isRehashing);
    assert.equal(texts.table.bucketCount, 1024);
  });

  it("notices an entry in a wrong bucket", () => {
    const texts = new TextTable();
    for (const text of keys(3)) texts.insert(text);
    const ref = texts.find("k1");
    texts.arena.words[ref >>> 16][((ref & 0xffff) << 2) + 1] ^= 1;
    assert.throws(() => texts.table.check(), /in bucket/);
  });
});
