// The log that replicas share, against a plain array of all its bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  array,
  assert as assertProperty,
  double,
  integer,
  nat,
  oneof,
  property,
  record,
} from "fast-check";
import { BlockLog, blockBytes } from "./block-log.ts";

test("any window of what is kept is what was appended, however it came", () => {
  const sizes = oneof(integer({ min: 0, max: 40 }), integer({ min: 0, max: 3 * blockBytes }));
  const steps = array(record({ size: sizes, trim: double({ min: 0, max: 1, noNaN: true }) }), {
    maxLength: 30,
  });
  const windows = property(steps, nat(1_000_000), nat(), (list, first, seed) => {
    const log = new BlockLog(first);
    const all: number[] = [];
    for (const [round, { size, trim }] of list.entries()) {
      const bytes = Uint8Array.from({ length: size + 2 }, (_, index) => seed + round * 7 + index);
      log.append(bytes, 1, size);
      for (let index = 0; index < size; index++) all.push(bytes[index + 1]);
      assert.equal(log.end, first + all.length);
      log.trim(log.start + Math.floor(trim * (log.end - log.start)));
      checkWindow(log, all, first);
    }
  });
  assertProperty(windows, { numRuns: 60 });
});

function checkWindow(log: BlockLog, all: readonly number[], first: number): void {
  const kept = log.copy(log.start, log.end - log.start);
  assert.deepEqual([...kept], all.slice(log.start - first));
  for (let place = log.start; place < log.end;) {
    const index = log.indexAt(place);
    const count = log.countAt(place);
    assert.ok(count > 0 && index + count <= blockBytes);
    const block = log.blockAt(place);
    assert.equal(block[index], all[place - first]);
    assert.equal(block[index + count - 1], all[place - first + count - 1]);
    place += count;
  }
}

test("a log that is trimmed takes no more than what is kept, and a block or two", () => {
  const log = new BlockLog(0);
  const piece = new Uint8Array(10_000);
  for (let count = 0; count < 1000; count++) {
    log.append(piece, 0, piece.length);
    log.trim(log.end - 100_000);
  }
  assert.equal(log.end - log.start, 100_000);
  assert.ok(log.memoryBytes <= 5 * blockBytes, `${log.memoryBytes}`);
});
