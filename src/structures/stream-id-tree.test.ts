// The tree of stream IDs against a sorted array, under random insertions, removals and searches.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../bytes/random.ts";
import { Arena } from "../memory/arena.ts";
import { StreamId, compareIds, setWords } from "./stream-id.ts";
import {
  IdCursor,
  findId,
  idAt,
  idTreeCount,
  insertId,
  newIdTree,
  payloadAt,
  removeId,
  seekCeiling,
  seekFirst,
  seekFloor,
  seekLast,
  setPayload,
} from "./stream-id-tree.ts";
import { checkIdTree, copyIdTree, freeIdTree, idTreeBytes } from "./stream-id-tree-walk.ts";

const seed = Number(process.env["TREE_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

function idOf(value: number): StreamId {
  // Spread over all four words, so that the order of each of them matters.
  return setWords(new StreamId(), value >>> 15, (value << 17) | 3, value & 1, value & 0x80000001);
}

function ordered(values: Iterable<number>): number[] {
  return [...values].toSorted((a, b) => a - b);
}

describe("the tree of stream IDs", () => {
  for (const shape of ["ascending", "random", "descending", "sliding"]) {
    it(`agrees with a sorted array: ${shape}, seed ${seed}`, () => {
      const random = seededRandom(seed);
      const arena = new Arena();
      const tree = newIdTree(arena, 2);
      const model = new Set<number>();
      const cursor = new IdCursor();
      const id = new StreamId();
      const steps = 12_000;
      for (let step = 0; step < steps; step++) {
        let value = random.below(20_000);
        if (shape === "ascending" || shape === "sliding") value = step;
        if (shape === "descending") value = steps - step;
        assert.equal(insertId(arena, tree, idOf(value), cursor), !model.has(value));
        setPayload(arena, tree, cursor, 1, value);
        model.add(value);
        if (shape === "sliding" && step > 500) {
          const old = step - 500 + random.below(3);
          assert.equal(removeId(arena, tree, idOf(old)), model.delete(old));
        } else if (random.below(3) === 0) {
          const old = random.below(20_000);
          assert.equal(removeId(arena, tree, idOf(old)), model.delete(old));
        }
        if (step % 2000 === 0) checkIdTree(arena, tree);
      }
      const sorted = ordered(model);
      checkIdTree(arena, tree);
      assert.equal(idTreeCount(arena, tree), sorted.length);
      for (let probe = 0; probe < 3000; probe++) {
        const value = random.below(20_100);
        const floor = sorted.findLast((each) => each <= value);
        const ceiling = sorted.find((each) => each >= value);
        assert.equal(seekFloor(arena, tree, idOf(value), cursor), floor !== undefined);
        if (floor !== undefined) assert.equal(payloadAt(arena, tree, cursor, 1), floor);
        assert.equal(seekCeiling(arena, tree, idOf(value), cursor), ceiling !== undefined);
        if (ceiling !== undefined) {
          idAt(arena, tree, cursor, id);
          assert.equal(compareIds(id, idOf(ceiling)), 0);
        }
        assert.equal(findId(arena, tree, idOf(value), cursor), model.has(value));
      }
      assert.equal(seekFirst(arena, tree, cursor), true);
      assert.equal(payloadAt(arena, tree, cursor, 1), sorted[0]);
      assert.equal(seekLast(arena, tree, cursor), true);
      assert.equal(payloadAt(arena, tree, cursor, 1), sorted.at(-1));
      const copy = copyIdTree(arena, tree, 2, (word) => word + 1);
      checkIdTree(arena, copy);
      seekFirst(arena, copy, cursor);
      assert.equal(payloadAt(arena, copy, cursor, 1), sorted[0] + 1);
      assert.equal(idTreeBytes(arena, tree) + idTreeBytes(arena, copy), arena.usedBytes);
      while (!freeIdTree(arena, copy, 100)) continue;
      for (const value of sorted.toSorted(() => random.below(3) - 1)) {
        assert.equal(removeId(arena, tree, idOf(value)), true);
      }
      assert.equal(seekFirst(arena, tree, cursor), false);
      assert.equal(freeIdTree(arena, tree, 1), true);
      assert.equal(arena.usedBytes, 0);
      arena.check();
    });
  }
});
