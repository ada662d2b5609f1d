// Union, intersection and difference of sorted sets and sets: ZUNION, ZINTER, ZDIFF, their STORE
// forms and ZINTERCARD.
//
// The rules are Redis's (src/t_zset.c): an intersection walks through the smallest source and looks
// into the others; a difference either looks for each member of the first source in all others, or
// takes the others' members out of a copy of it, whichever promises less work. The result is a
// large sorted set that belongs to no key.
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { insertEntry, scoreOf, setScore } from "../structures/sorted-index.ts";
import type { Keyspace } from "./keyspace.ts";
import { encoding, recordType } from "./record.ts";
import { freeSomeOf } from "./value.ts";
import type { ScoreSource } from "./zset-source.ts";
import {
  deleteLarge,
  findLarge,
  indexOf,
  insertLarge,
  makeEntry,
  newLarge,
  reserve,
} from "./zset-value.ts";

/** How the scores of one member in several sources become one. */
export type Aggregate = (a: number, b: number) => number;

export const aggregates: {
  readonly sum: Aggregate;
  readonly min: Aggregate;
  readonly max: Aggregate;
} = {
  sum: (a, b) => numberOrZero(a + b),
  min: (a, b) => (b < a ? b : a),
  max: (a, b) => (b > a ? b : a),
};

/** Infinities of both signs make 0 together, and so does an infinity with a weight of 0. */
function numberOrZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

export type Combination = (
  keyspace: Keyspace,
  sources: readonly ScoreSource[],
  aggregate: Aggregate,
) => Ref;

function bySize(sources: readonly ScoreSource[]): ScoreSource[] {
  return [...sources].sort((a, b) => a.count - b.count);
}

/** A new large set that holds the union. */
export function uniteSources(
  keyspace: Keyspace,
  sources: readonly ScoreSource[],
  aggregate: Aggregate,
): Ref {
  const { arena } = keyspace;
  const root = newLarge(keyspace);
  const sorted = bySize(sources);
  reserve(keyspace, root, sorted.at(-1)?.count ?? 0);
  // Scores may change until all sources were seen; only then the entries get their places in the
  // index.
  for (const source of sorted) {
    source.forEach((bytes, offset, length, each) => {
      const score = numberOrZero(each * source.weight);
      const entry = findLarge(keyspace, root, bytes, offset, length);
      if (entry === noRef) {
        const hash = keyspace.hash(bytes, offset, length);
        makeEntry(keyspace, root, bytes, offset, length, hash, score);
      } else {
        setScore(arena, entry, aggregate(scoreOf(arena, entry), score));
      }
      return true;
    });
  }
  const table = keyspace.tables.zset;
  table.load(root);
  table.forEach((entry) => insertEntry(arena, indexOf(root), entry));
  return root;
}

/**
 * Visits the members that all sources have, with their scores; ends when the visitor says false.
 */
function intersect(
  sources: readonly ScoreSource[],
  aggregate: Aggregate,
  visit: (bytes: Uint8Array, offset: number, length: number, score: number) => boolean,
): void {
  const [first, ...others] = bySize(sources);
  first.forEach((bytes, offset, length, each) => {
    let score = numberOrZero(each * first.weight);
    for (const other of others) {
      const value = other.ref === first.ref ? each : other.find(bytes, offset, length);
      if (Number.isNaN(value)) return true;
      // Not made 0 when it is NaN, unlike the first one: that is how Redis has it.
      score = aggregate(score, value * other.weight);
    }
    return visit(bytes, offset, length, score);
  });
}

/** A new large set that holds the intersection. */
export function intersectSources(
  keyspace: Keyspace,
  sources: readonly ScoreSource[],
  aggregate: Aggregate,
): Ref {
  const root = newLarge(keyspace);
  intersect(sources, aggregate, (bytes, offset, length, score) => {
    insertLarge(keyspace, root, bytes, offset, length, score);
    return true;
  });
  return root;
}

/** How many members all sources have, but at most `limit`; 0: no limit. */
export function countIntersection(sources: readonly ScoreSource[], limit: number): number {
  let count = 0;
  intersect(sources, aggregates.sum, () => {
    count++;
    return count !== limit;
  });
  return count;
}

/** A new large set that holds what the first source has and no other. */
export function subtractSources(keyspace: Keyspace, sources: readonly ScoreSource[]): Ref {
  const root = newLarge(keyspace);
  const [first, ...others] = sources;
  if (others.some((other) => other.ref === first.ref)) return root;
  const total = sources.reduce((sum, source) => sum + source.count, 0);
  // Looking up is the cheaper step, and often ends early.
  if ((first.count * sources.length) / 2 <= total) lookUpAll(keyspace, root, first, others);
  else takeOut(keyspace, root, first, others);
  return root;
}

function lookUpAll(
  keyspace: Keyspace,
  root: Ref,
  first: ScoreSource,
  others: readonly ScoreSource[],
): void {
  const largestFirst = bySize(others).reverse();
  first.forEach((bytes, offset, length, score) => {
    for (const other of largestFirst) {
      if (!Number.isNaN(other.find(bytes, offset, length))) return true;
    }
    insertLarge(keyspace, root, bytes, offset, length, score);
    return true;
  });
}

function takeOut(
  keyspace: Keyspace,
  root: Ref,
  first: ScoreSource,
  others: readonly ScoreSource[],
): void {
  first.forEach((bytes, offset, length, score) => {
    insertLarge(keyspace, root, bytes, offset, length, score);
    return true;
  });
  for (const other of others) {
    other.forEach((bytes, offset, length) => {
      const entry = findLarge(keyspace, root, bytes, offset, length);
      if (entry !== noRef) deleteLarge(keyspace, root, entry);
      return true;
    });
  }
}

/** Frees a result that was only shown: at once when it is small, else between turns. */
export function discardResult(keyspace: Keyspace, root: Ref): void {
  const budget = 1024;
  if (!freeSomeOf(keyspace, recordType.zset, encoding.skiplist, root, budget)) {
    keyspace.reclaimer.takeValue(recordType.zset, encoding.skiplist, root);
  }
}
