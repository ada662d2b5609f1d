// Quicklists against arrays, under all limits, and the nodes that Redis would give them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import type { Ref } from "../memory/arena.ts";
import { Arena } from "../memory/arena.ts";
import { ListpackEntry, firstEntry, insertEntry, newListpack } from "./listpack.ts";
import {
  ListCursor,
  closeCursor,
  findNext,
  findPrevious,
  moveNext,
  movePrevious,
  readElement,
  seekListpack,
  seekQuicklist,
} from "./quicklist-cursor.ts";
import {
  deleteBackward,
  deleteForward,
  deleteRange,
  insertAfter,
  insertBefore,
  replaceElement,
} from "./quicklist-edit.ts";
import { firstNode, isCompressed, nextNode } from "./quicklist-node.ts";
import type { QuicklistLimits } from "./quicklist.ts";
import {
  appendNode,
  checkQuicklist,
  copyQuicklist,
  deleteFirst,
  deleteLast,
  freeQuicklist,
  newQuicklist,
  nodeCount,
  pushFirst,
  pushLast,
  quicklistBytes,
  quicklistLength,
  quicklistOf,
  singleNodeBytes,
  takeListpack,
} from "./quicklist.ts";

const entry = new ListpackEntry();
const cursor = new ListCursor();

type Edit = typeof insertAfter;

class TextList {
  readonly arena = new Arena();
  root: Ref = newQuicklist(this.arena);
  readonly limits: QuicklistLimits;

  constructor(limits: Partial<QuicklistLimits> = {}) {
    this.limits = {
      listMaxListpackSize: -2,
      listCompressDepth: 0,
      listPlainBytesMin: 0,
      ...limits,
    };
  }

  push(text: string): void {
    pushLast(this.arena, this.root, this.limits, asciiBytes(`<${text}`), 1, text.length);
  }

  pushFirst(text: string): void {
    pushFirst(this.arena, this.root, this.limits, asciiBytes(`<${text}`), 1, text.length);
  }

  seek(index: number): boolean {
    return seekQuicklist(this.arena, this.root, index, cursor);
  }

  edit(index: number, change: Edit, text: string): void {
    assert.ok(this.seek(index));
    const bytes = asciiBytes(`<${text}`);
    change(this.arena, this.root, this.limits, cursor, bytes, 1, text.length);
  }

  text(): string {
    readElement(this.arena, cursor, entry);
    return latin1(entry.bytes, entry.offset, entry.offset + entry.length);
  }

  forward(): string[] {
    const texts: string[] = [];
    for (let more = this.seek(0); more; more = moveNext(this.arena, cursor))
      texts.push(this.text());
    return texts;
  }

  backward(): string[] {
    const texts: string[] = [];
    for (let more = this.seek(-1); more; more = movePrevious(this.arena, cursor)) {
      texts.push(this.text());
    }
    return texts;
  }

  compressedNodes(): boolean[] {
    const nodes: boolean[] = [];
    for (
      let node = firstNode(this.arena, this.root);
      node !== 0;
      node = nextNode(this.arena, node)
    ) {
      nodes.push(isCompressed(this.arena, node));
    }
    return nodes;
  }

  /** The elements of each node. */
  shape(): string[][] {
    const nodes = new Map<number, string[]>();
    for (let more = this.seek(0); more; more = moveNext(this.arena, cursor)) {
      const texts = nodes.get(cursor.node) ?? [];
      nodes.set(cursor.node, [...texts, this.text()]);
    }
    return [...nodes.values()];
  }

  check(expected: readonly string[]): void {
    checkQuicklist(this.arena, this.root);
    assert.equal(quicklistLength(this.arena, this.root), expected.length);
    assert.deepEqual(this.forward(), expected);
    assert.deepEqual(this.backward(), expected.toReversed());
    assert.equal(quicklistBytes(this.arena, this.root), this.arena.usedBytes);
    this.arena.check();
  }
}

const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", "7"), maxLength: 12 }),
  fc.integer({ min: -300, max: 300 }).map(String),
  fc.integer({ min: 0, max: 9 }).map((n) => "compressible ".repeat(n * n)),
);
const limits = fc.record({
  listMaxListpackSize: fc.constantFrom(-1, -2, -5, 0, 1, 2, 3, 8),
  listCompressDepth: fc.constantFrom(0, 0, 1, 2),
  listPlainBytesMin: fc.constantFrom(0, 0, 1, 9, 100),
});
const kinds = ["push", "unshift", "pop", "shift", "after", "before", "set", "cut", "drop", "back"];

function applyStep(
  list: TextList,
  model: string[],
  kind: string,
  number: number,
  text: string,
): void {
  const index = model.length === 0 ? 0 : number % model.length;
  if (kind === "push" || model.length === 0) {
    list.push(text);
    model.push(text);
  } else if (kind === "unshift") {
    list.pushFirst(text);
    model.unshift(text);
  } else if (kind === "pop") {
    deleteLast(list.arena, list.root, list.limits);
    model.pop();
  } else if (kind === "shift") {
    deleteFirst(list.arena, list.root, list.limits);
    model.shift();
  } else if (kind === "after") {
    list.edit(index, insertAfter, text);
    model.splice(index + 1, 0, text);
  } else if (kind === "before") {
    list.edit(index - model.length, insertBefore, text);
    model.splice(index, 0, text);
  } else if (kind === "set") {
    list.edit(index, replaceElement, text);
    model[index] = text;
  } else if (kind === "cut") {
    const count = Math.min(model.length - index, number % 9);
    deleteRange(list.arena, list.root, list.limits, index, count, cursor);
    model.splice(index, count);
  } else {
    list.seek(index);
    const remove = kind === "drop" ? deleteForward : deleteBackward;
    const isMore = remove(list.arena, list.root, list.limits, cursor);
    model.splice(index, 1);
    const next = kind === "drop" ? index : index - 1;
    assert.equal(isMore ? list.text() : undefined, model[next]);
    if (isMore) closeCursor(list.arena, cursor);
  }
}

describe("quicklist", () => {
  it("holds what an array holds through any changes, under any limits", () => {
    const step = fc.tuple(fc.constantFrom(...kinds), fc.nat(), texts);
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 80 }), (chosen, steps) => {
        const list = new TextList(chosen);
        const model: string[] = [];
        for (const [kind, number, text] of steps) applyStep(list, model, kind, number, text);
        list.check(model);
        const copy = copyQuicklist(list.arena, list.root);
        while (!freeQuicklist(list.arena, list.root, 1)) continue;
        list.root = copy;
        list.check(model);
        while (!freeQuicklist(list.arena, list.root, 1)) continue;
        assert.equal(list.arena.usedBytes, 0);
      }),
      { numRuns: 400 },
    );
  });

  it("finds elements in both directions, how far they are, and gives up after so many", () => {
    const held = fc.array(fc.constantFrom<string[]>("a", "b", "1", "22"), {
      minLength: 1,
      maxLength: 30,
    });
    const wanted = fc.constantFrom("a", "b", "1", "22", "3");
    fc.assert(
      fc.property(limits, held, wanted, fc.nat(), fc.nat(40), (chosen, model, text, at, count) => {
        const list = new TextList(chosen);
        for (const each of model) list.push(each);
        const index = at % model.length;
        const bytes = asciiBytes(`<${text}`);
        list.seek(index);
        const forward = model.slice(index, index + count).indexOf(text);
        assert.equal(findNext(list.arena, cursor, bytes, 1, text.length, count), forward);
        if (forward >= 0) assert.equal(list.text(), text);
        closeCursor(list.arena, cursor);
        list.seek(index);
        const backward = model.slice(Math.max(0, index + 1 - count), index + 1).toReversed();
        assert.equal(
          findPrevious(list.arena, cursor, bytes, 1, text.length, count),
          backward.indexOf(text),
        );
        if (backward.includes(text)) assert.equal(list.text(), text);
        closeCursor(list.arena, cursor);
        list.check(model);
      }),
    );
  });

  it("gives each node as many elements as the setting says", () => {
    const list = new TextList({ listMaxListpackSize: 3 });
    for (const text of "abcdefg") list.push(text);
    assert.deepEqual(list.shape(), [["a", "b", "c"], ["d", "e", "f"], ["g"]]);
    list.pushFirst("z");
    assert.deepEqual(list.shape(), [["z"], ["a", "b", "c"], ["d", "e", "f"], ["g"]]);
    list.edit(2, insertAfter, "x");
    assert.deepEqual(list.shape(), [["z", "a", "b"], ["x", "c"], ["d", "e", "f"], ["g"]]);
  });

  it("gives each node as many bytes as the setting says", () => {
    const list = new TextList({ listMaxListpackSize: -1 });
    for (let index = 0; index < 10; index++) list.push("x".repeat(1000));
    assert.deepEqual(
      list.shape().map((node) => node.length),
      [4, 4, 2],
    );
    list.push("y".repeat(4097));
    list.push("z");
    assert.deepEqual(
      list.shape().map((node) => node.length),
      [4, 4, 2, 1, 1],
    );
  });

  it("compresses the nodes beyond the depth, and folds those that were looked at", () => {
    const list = new TextList({ listMaxListpackSize: 1, listCompressDepth: 2 });
    const model = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(100));
    for (const text of model) list.push(text);
    const expected = [false, false, true, true, true, true, false, false];
    assert.deepEqual(list.compressedNodes(), expected);
    list.check(model);
    assert.deepEqual(list.compressedNodes(), expected);
    deleteFirst(list.arena, list.root, list.limits);
    assert.deepEqual(list.compressedNodes(), expected.slice(1).with(1, false));
    const before = list.arena.usedBytes;
    list.edit(3, replaceElement, "8".repeat(100));
    assert.equal(list.arena.usedBytes, before);
  });

  it("becomes a listpack and comes from one", () => {
    const arena = new Arena();
    let listpack = newListpack(arena);
    for (const text of ["a", "5", "c"]) {
      listpack = insertEntry(arena, listpack, 0, asciiBytes(text), 0, 1);
    }
    const root = quicklistOf(arena, listpack);
    assert.equal(singleNodeBytes(arena, root), 15);
    assert.equal(quicklistLength(arena, root), 3);
    appendNode(arena, root, newListpack(arena));
    assert.equal(nodeCount(arena, root), 1);
    const taken = takeListpack(arena, root);
    assert.equal(taken, listpack);
    assert.ok(seekListpack(arena, taken, -1, cursor));
    assert.equal(findPrevious(arena, cursor, asciiBytes("a"), 0, 1, 9), 2);
    assert.equal(cursor.position, firstEntry(arena, taken));
    assert.equal(movePrevious(arena, cursor), false);
    arena.check();
  });

  it("says that a list of more nodes, or of one large element, is no listpack", () => {
    const many = new TextList({ listMaxListpackSize: 1 });
    many.push("a");
    many.push("b");
    assert.equal(singleNodeBytes(many.arena, many.root), -1);
    const large = new TextList({ listPlainBytesMin: 1 });
    large.push("a");
    assert.equal(singleNodeBytes(large.arena, large.root), -1);
    assert.deepEqual(large.forward(), ["a"]);
  });
});
