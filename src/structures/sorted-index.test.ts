// The sorted index against a plain sorted array.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "../bytes/ascii.ts";
import type { Random } from "../bytes/random.ts";
import { seededRandom } from "../bytes/random.ts";
import type { Ref } from "../memory/arena.ts";
import { Arena, noRef } from "../memory/arena.ts";
import { entryKey } from "./hash-table.ts";
import {
  IndexPosition,
  checkSortedIndex,
  countOfMembersBelow,
  countOfScoresBelow,
  entryAt,
  freeFirstLeaf,
  initSortedIndex,
  insertEntry,
  memberHeaderBytes,
  memberOffset,
  moveEntry,
  rankOfEntry,
  removeAtRank,
  removeEntry,
  scoreOf,
  seekRank,
  setScore,
  sortedIndexCount,
  sortedIndexHeaderBytes,
  stepBack,
  stepForward,
} from "./sorted-index.ts";

interface Item {
  score: number;
  readonly member: string;
  readonly ref: Ref;
}

/** An index and, beside it, an array of the same entries. */
class Pair {
  readonly arena = new Arena();
  readonly header: Ref;
  readonly items: Item[] = [];

  constructor() {
    this.header = this.arena.allocate(sortedIndexHeaderBytes);
    initSortedIndex(this.arena, this.header);
  }

  add(score: number, member: string): void {
    const bytes = asciiBytes(member);
    const { arena } = this;
    const ref = arena.allocate(memberHeaderBytes + bytes.length);
    arena.words[ref >>> 16][((ref & 0xffff) << 2) + entryKey] = bytes.length;
    arena.bytes[ref >>> 16].set(bytes, memberOffset(ref));
    setScore(arena, ref, score);
    insertEntry(arena, this.header, ref);
    this.#place({ score, member, ref });
  }

  #place(item: Item): void {
    this.items.splice(this.countBefore(item), 0, item);
  }

  countBefore(item: { score: number; member: string }): number {
    let first = 0;
    let end = this.items.length;
    while (first < end) {
      const middle = (first + end) >>> 1;
      if (compare(this.items[middle], item) < 0) first = middle + 1;
      else end = middle;
    }
    return first;
  }

  free(item: Item): void {
    this.arena.free(item.ref, memberHeaderBytes + item.member.length);
  }

  remove(rank: number): void {
    const [item] = this.items.splice(rank, 1);
    removeEntry(this.arena, this.header, item.ref);
    this.free(item);
  }

  removeAt(rank: number): void {
    const [item] = this.items.splice(rank, 1);
    assert.equal(removeAtRank(this.arena, this.header, rank), item.ref);
    this.free(item);
  }

  move(rank: number, score: number): void {
    const [item] = this.items.splice(rank, 1);
    moveEntry(this.arena, this.header, item.ref, score);
    assert.ok(Object.is(scoreOf(this.arena, item.ref), score));
    item.score = score;
    this.#place(item);
  }

  /** All that can be asked of the index, of some entries. */
  check(random: Random): void {
    const { arena, header, items } = this;
    checkSortedIndex(arena, header);
    assert.equal(sortedIndexCount(arena, header), items.length);
    const position = new IndexPosition();
    for (let tries = 0; tries < 20 && items.length > 0; tries++) {
      const rank = random.below(items.length);
      const item = items[rank];
      assert.equal(rankOfEntry(arena, header, item.ref), rank);
      seekRank(arena, header, rank, position);
      assert.equal(entryAt(arena, position), item.ref);
      for (const orEqual of [0, 1]) {
        const isBelow = (score: number): boolean =>
          score < item.score || (orEqual === 1 && score === item.score);
        const below = items.filter((each) => isBelow(each.score)).length;
        assert.equal(countOfScoresBelow(arena, header, item.score, orEqual), below);
      }
    }
    assert.equal(countOfScoresBelow(arena, header, Infinity, 1), items.length);
    assert.equal(countOfScoresBelow(arena, header, -Infinity, 0), 0);
  }

  /** Both ways through all entries. */
  checkOrder(): void {
    const { arena, header, items } = this;
    if (items.length === 0) return;
    const refs = items.map((item) => item.ref);
    const position = new IndexPosition();
    const forward: Ref[] = [];
    seekRank(arena, header, 0, position);
    for (; entryAt(arena, position) !== noRef; stepForward(arena, position)) {
      forward.push(entryAt(arena, position));
    }
    assert.deepEqual(forward, refs);
    const backward: Ref[] = [];
    seekRank(arena, header, items.length - 1, position);
    for (; entryAt(arena, position) !== noRef; stepBack(arena, position)) {
      backward.push(entryAt(arena, position));
    }
    assert.deepEqual(backward, refs.toReversed());
  }

  /** Frees everything and sees that nothing is left. */
  end(): void {
    const { arena, header } = this;
    while (!freeFirstLeaf(arena, header, (ref) => this.release(ref)));
    assert.equal(sortedIndexCount(arena, header), 0);
    arena.free(header, sortedIndexHeaderBytes);
    assert.equal(arena.usedBytes, 0);
    arena.check();
  }

  release(ref: Ref): void {
    const item = this.items.shift();
    assert.equal(ref, item?.ref);
    if (item !== undefined) this.free(item);
  }
}

function compare(
  a: { score: number; member: string },
  b: { score: number; member: string },
): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return a.member < b.member ? -1 : a.member > b.member ? 1 : 0;
}

const scores = {
  equal: () => 0,
  few: (random: Random) => random.below(5) - 2,
  many: (random: Random) => random.below(100_000) / 8 - 5000,
  extreme: (random: Random) => {
    const items = [
      0,
      -0,
      Infinity,
      -Infinity,
      5e-324,
      -5e-324,
      Number.MAX_VALUE,
      -1e308,
      0.1,
      -0.1,
    ];
    return items[random.below(items.length)];
  },
};

/** Grows, shrinks and changes a set at random, more of the one or the other for a while. */
function churn(pair: Pair, random: Random, steps: number, score: (random: Random) => number): void {
  let number = pair.items.length * 10;
  for (let step = 0; step < steps; step++) {
    const isGrowing = (step >>> 9) % 3 !== 2;
    const kind = random.below(10);
    const { length } = pair.items;
    if (length === 0 || kind < (isGrowing ? 6 : 1)) {
      pair.add(score(random), `${random.below(1000)}:${number++}`);
    } else if (kind < 8) {
      if (random.below(2) === 0) pair.remove(random.below(length));
      else pair.removeAt([0, length - 1, random.below(length)][random.below(3)]);
    } else {
      pair.move(random.below(length), score(random));
    }
  }
}

describe("sorted index", () => {
  for (const [name, score] of Object.entries(scores)) {
    it(`is a sorted array for ${name} scores`, () => {
      fc.assert(
        fc.property(fc.integer(), fc.integer({ min: 1, max: 6000 }), (seed, steps) => {
          const random = seededRandom(seed);
          const pair = new Pair();
          for (let round = 0; round < 3; round++) {
            churn(pair, random, steps, score);
            pair.check(random);
          }
          pair.checkOrder();
          pair.end();
        }),
        { numRuns: 25 },
      );
    });
  }

  it("stays whole while it is emptied from either end or anywhere", () => {
    for (const mode of [0, 1, 2]) {
      const random = seededRandom(mode);
      const pair = new Pair();
      for (let number = 0; number < 12_000; number++) pair.add(random.below(1000), `m${number}`);
      while (pair.items.length > 0) {
        const last = pair.items.length - 1;
        pair.removeAt([0, last, random.below(last + 1)][mode]);
        if (last % 1000 === 0) pair.check(random);
      }
      pair.end();
    }
  });

  it("fills its nodes when scores only rise or only fall", () => {
    for (const sign of [1, -1]) {
      const pair = new Pair();
      const count = 300_000;
      for (let number = 0; number < count; number++) {
        const member = String(number).padStart(7, "0");
        const ref = pair.arena.allocate(memberHeaderBytes + 7);
        pair.arena.words[ref >>> 16][((ref & 0xffff) << 2) + entryKey] = 7;
        pair.arena.bytes[ref >>> 16].set(asciiBytes(member), memberOffset(ref));
        setScore(pair.arena, ref, number * sign);
        insertEntry(pair.arena, pair.header, ref);
      }
      const bytes = checkSortedIndex(pair.arena, pair.header);
      assert.ok(bytes / count < 13.5, `${bytes / count} bytes an entry`);
    }
  });

  it("finds members in an index of equal scores", () => {
    const pair = new Pair();
    const random = seededRandom(7);
    const word = (): string =>
      String.fromCharCode(97 + random.below(26)).repeat(1 + random.below(9));
    const members = new Set(Array.from({ length: 20_000 }, () => word() + word() + word()));
    for (const member of members) pair.add(1, member);
    for (let tries = 0; tries < 2000; tries++) {
      const text = random.below(2) === 0 ? word() : word() + word() + word();
      const before = pair.countBefore({ score: 1, member: text });
      const expected = [before, before + (members.has(text) ? 1 : 0)];
      for (const orEqual of [0, 1]) {
        const bytes = asciiBytes(text);
        const found = countOfMembersBelow(pair.arena, pair.header, bytes, 0, bytes.length, orEqual);
        assert.equal(found, expected[orEqual]);
      }
    }
  });

  it("answers for an empty index", () => {
    const pair = new Pair();
    assert.equal(countOfScoresBelow(pair.arena, pair.header, 5, 1), 0);
    assert.equal(countOfMembersBelow(pair.arena, pair.header, asciiBytes("a"), 0, 1, 1), 0);
    pair.end();
  });
});
