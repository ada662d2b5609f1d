// Listpacks against arrays, against the bytes that Redis writes, and against damaged bytes.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { Arena } from "../memory/arena.ts";
import {
  ListpackEntry,
  appendListpack,
  copyListpack,
  deleteEntries,
  entryAt,
  entryBytesOf,
  entryEquals,
  findEntry,
  firstEntry,
  freeListpack,
  insertEntry,
  insertInteger,
  isValidListpack,
  lastEntry,
  listpackBytes,
  listpackCapacity,
  listpackLength,
  listpackView,
  loadListpack,
  newListpack,
  nextEntry,
  positionOrNone,
  previousEntry,
  readEntry,
  replaceEntry,
  replaceInteger,
  skipEntries,
} from "./listpack.ts";

const entry = new ListpackEntry();

/** A listpack of texts, with the model's operations on it. */
class TextListpack {
  readonly arena = new Arena();
  ref: Ref = newListpack(this.arena);

  constructor(texts: readonly string[] = []) {
    for (const text of texts) this.insert(0, text);
  }

  insert(position: number, text: string): void {
    const bytes = asciiBytes(`<${text}>`);
    this.ref = insertEntry(this.arena, this.ref, position, bytes, 1, text.length);
  }

  replace(position: number, text: string): void {
    const bytes = asciiBytes(`<${text}>`);
    this.ref = replaceEntry(this.arena, this.ref, position, bytes, 1, text.length);
  }

  remove(position: number, count: number): void {
    this.ref = deleteEntries(this.arena, this.ref, position, count);
  }

  at(index: number): number {
    return entryAt(this.arena, this.ref, index);
  }

  text(position: number): string {
    readEntry(this.arena, this.ref, position, entry);
    return latin1(entry.bytes, entry.offset, entry.offset + entry.length);
  }

  forward(): string[] {
    const texts: string[] = [];
    let position = firstEntry(this.arena, this.ref);
    for (; position !== 0; position = nextEntry(this.arena, this.ref, position)) {
      texts.push(this.text(position));
    }
    return texts;
  }

  backward(): string[] {
    const texts: string[] = [];
    let position = lastEntry(this.arena, this.ref);
    for (; position !== 0; position = previousEntry(this.arena, this.ref, position)) {
      texts.push(this.text(position));
    }
    return texts;
  }

  bytes(): Uint8Array {
    const view = new Slice();
    listpackView(this.arena, this.ref, view);
    return view.copy();
  }

  check(expected: readonly string[]): void {
    assert.deepEqual(this.forward(), expected);
    assert.deepEqual(this.backward(), expected.toReversed());
    assert.equal(listpackLength(this.arena, this.ref), expected.length);
    const bytes = this.bytes();
    assert.ok(isValidListpack(bytes, 0, bytes.length, true));
    assert.equal(this.arena.usedBytes, listpackCapacity(bytes.length));
    this.arena.check();
  }
}

const edges = [7, 12, 15, 23, 31, 53, 63].flatMap((power) =>
  [-1n, 0n, 1n].flatMap((near) => [2n ** BigInt(power) + near, -(2n ** BigInt(power)) + near]),
);
const numbers = fc.oneof(
  fc.constantFrom(...edges).map(String),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.integer({ min: -5000, max: 5000 }).map(String),
);
const nearNumbers = fc.constantFrom(
  "",
  "-",
  "-0",
  "00",
  "01",
  "+1",
  "1 ",
  "9/",
  "1e3",
  "-a",
  "0x1",
);
const texts = fc.oneof(
  numbers,
  nearNumbers,
  fc.string({ unit: fc.constantFrom("a", "7", "\0", "\xff", "-"), maxLength: 80 }),
  fc
    .constantFrom(0, 62, 63, 64, 125, 126, 127, 128, 4095, 4096, 16380, 16383)
    .map((n) => "x".repeat(n)),
);

function isInteger64(text: string): boolean {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return false;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

describe("listpack", () => {
  it("has the bytes that Redis gives it", () => {
    const known: [string, string][] = [
      ["0", "00 01"],
      ["127", "7f 01"],
      ["128", "c0 80 02"],
      ["-1", "df ff 02"],
      ["-4096", "d0 00 02"],
      ["4095", "cf ff 02"],
      ["4096", "f1 00 10 03"],
      ["-32768", "f1 00 80 03"],
      ["32768", "f2 00 80 00 04"],
      ["-8388608", "f2 00 00 80 04"],
      ["8388608", "f3 00 00 80 00 05"],
      ["2147483648", "f4 00 00 00 80 00 00 00 00 09"],
      ["-9223372036854775808", "f4 00 00 00 00 00 00 00 80 09"],
      ["9223372036854775808", "93 39323233333732303336383534373735383038 14"],
      ["ab", "82 61 62 03"],
      ["", "80 01"],
      ["x".repeat(64), `e0 40 ${"78".repeat(64)} 42`],
      ["x".repeat(200), `e0 c8 ${"78".repeat(200)} 01 ca`],
      ["x".repeat(4096), `f0 00 10 00 00 ${"78".repeat(4096)} 20 85`],
    ];
    for (const [text, hex] of known) {
      const list = new TextListpack([text]);
      const body = hex.replaceAll(" ", "");
      const total = Buffer.alloc(4);
      total.writeUInt32LE(7 + body.length / 2);
      const expected = `${total.toString("hex")}0100${body}ff`;
      assert.equal(Buffer.from(list.bytes()).toString("hex"), expected, text.slice(0, 20));
      assert.equal(entryBytesOf(asciiBytes(text), 0, text.length), body.length / 2);
    }
  });

  it("holds what an array holds through any insertions, replacements and deletions", () => {
    const step = fc.tuple(
      fc.constantFrom("insert", "append", "replace", "delete"),
      fc.nat(),
      texts,
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new TextListpack();
        const model: string[] = [];
        for (const [kind, number, text] of steps) {
          const index = model.length === 0 ? 0 : number % model.length;
          if (kind === "append" || model.length === 0) {
            list.insert(0, text);
            model.push(text);
          } else if (kind === "insert") {
            list.insert(list.at(index), text);
            model.splice(index, 0, text);
          } else if (kind === "replace") {
            list.replace(list.at(index - model.length), text);
            model[index] = text;
          } else {
            const count = 1 + (number % 3);
            const position = list.at(index);
            list.remove(position, count);
            model.splice(index, count);
            const next = positionOrNone(list.arena, list.ref, position);
            assert.equal(next === 0 ? undefined : list.text(next), model[index]);
          }
        }
        list.check(model);
        freeListpack(list.arena, list.ref);
        assert.equal(list.arena.usedBytes, 0);
      }),
    );
  });

  it("tells integers from texts, and their value when a number can hold it", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const list = new TextListpack([text]);
        assert.equal(list.text(list.at(0)), text);
        assert.equal(entry.isInteger, isInteger64(text));
        assert.equal(entry.isSafe, isInteger64(text) && Number.isSafeInteger(Number(text)));
        if (entry.isSafe) assert.equal(entry.integer, Number(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("stores a number as it stores its digits", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70000, max: 70000 })),
        (value) => {
          const list = new TextListpack(["a", "b"]);
          const expected = new TextListpack(["a", String(value)]).bytes();
          list.ref = replaceInteger(list.arena, list.ref, list.at(1), value);
          assert.deepEqual(list.bytes(), expected);
          list.remove(list.at(1), 1);
          list.ref = insertInteger(list.arena, list.ref, 0, value);
          assert.deepEqual(list.bytes(), expected);
        },
      ),
    );
  });

  it("finds the first entry that is the text, passing over others", () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 20 }), texts, fc.nat(3), (held, wanted, skip) => {
        const list = new TextListpack(held);
        const bytes = asciiBytes(`1${wanted}1`);
        const from = firstEntry(list.arena, list.ref);
        const found = findEntry(list.arena, list.ref, from, bytes, 1, wanted.length, skip);
        const index = held.findIndex((text, at) => at % (skip + 1) === 0 && text === wanted);
        assert.equal(found, index < 0 ? 0 : list.at(index));
        for (const [at, text] of held.entries()) {
          const isEqual = entryEquals(list.arena, list.ref, list.at(at), bytes, 1, wanted.length);
          assert.equal(isEqual, text === wanted);
        }
      }),
    );
  });

  it("finds an integer that is held as a text, as Redis does", () => {
    const bytes = Uint8Array.of(11, 0, 0, 0, 1, 0, 0x82, 0x31, 0x32, 3, 0xff);
    const arena = new Arena();
    const ref = loadListpack(arena, bytes, 0, bytes.length);
    assert.equal(findEntry(arena, ref, 6, asciiBytes("12"), 0, 2, 0), 6);
    assert.equal(findEntry(arena, ref, 6, asciiBytes("13"), 0, 2, 0), 0);
  });

  it("counts its elements while they are too many for its header", () => {
    const list = new TextListpack();
    for (let index = 0; index < 65534; index++) list.insert(0, "1");
    assert.deepEqual(Array.from(list.bytes().subarray(4, 6)), [0xfe, 0xff]);
    list.insert(0, "2");
    list.insert(0, "3");
    assert.deepEqual(Array.from(list.bytes().subarray(4, 6)), [0xff, 0xff]);
    assert.equal(listpackLength(list.arena, list.ref), 65536);
    assert.equal(list.text(list.at(-1)), "3");
    list.remove(list.at(0), 65500);
    assert.equal(listpackLength(list.arena, list.ref), 36);
    assert.deepEqual(Array.from(list.bytes().subarray(4, 6)), [36, 0]);
    assert.equal(list.at(36), 0);
    assert.equal(list.at(-37), 0);
  });

  it("copies and joins", () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 9 }), fc.array(texts, { maxLength: 9 }), (a, b) => {
        const list = new TextListpack(a);
        const other = new TextListpack(b).bytes();
        const tail = loadListpack(list.arena, other, 0, other.length);
        list.ref = appendListpack(list.arena, list.ref, tail);
        freeListpack(list.arena, tail);
        list.check([...a, ...b]);
        const copy = copyListpack(list.arena, list.ref);
        freeListpack(list.arena, list.ref);
        list.ref = copy;
        list.check([...a, ...b]);
        const middle = skipEntries(list.arena, list.ref, 6, a.length);
        assert.equal(positionOrNone(list.arena, list.ref, middle), list.at(a.length));
        assert.equal(
          skipEntries(list.arena, list.ref, 6, 99),
          listpackBytes(list.arena, list.ref) - 1,
        );
      }),
    );
  });

  it("takes a little more memory than its bytes, never more than an eighth", () => {
    for (let bytes = 7; bytes < 300000; bytes += bytes < 5000 ? 1 : 97) {
      const capacity = listpackCapacity(bytes);
      assert.ok(capacity >= bytes && capacity - bytes < Math.max(16, bytes / 8), String(bytes));
      assert.equal(capacity % 16, 0);
    }
    assert.equal(listpackCapacity(1 << 30), 1 << 30);
  });
});

describe("isValidListpack", () => {
  it("approves of every listpack, also within other bytes", () => {
    fc.assert(
      fc.property(fc.array(texts), (held) => {
        const bytes = new TextListpack(held).bytes();
        const around = new Uint8Array(bytes.length + 9).fill(0xff);
        around.set(bytes, 4);
        assert.ok(isValidListpack(around, 4, bytes.length, true));
        assert.ok(!isValidListpack(around, 4, bytes.length + 1, false));
        assert.ok(!isValidListpack(around, 4, bytes.length - 1, false));
      }),
    );
  });

  it("lets nothing pass that cannot be walked both ways within its bounds", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 6 }), changes, (held, changed) => {
        const bytes = new TextListpack(held).bytes();
        for (const [at, byte] of changed) bytes[at % bytes.length] = byte;
        if (!isValidListpack(bytes, 0, bytes.length, true)) return;
        const list = new TextListpack();
        list.ref = loadListpack(list.arena, bytes, 0, bytes.length);
        const forward = list.forward();
        assert.deepEqual(list.backward(), forward.toReversed());
        assert.equal(listpackLength(list.arena, list.ref), forward.length);
      }),
      { numRuns: 2000 },
    );
  });
});
