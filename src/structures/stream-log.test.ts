// Streams against a plain array of entries: appending, deleting, trimming, walking both ways.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../bytes/random.ts";
import { slicesOf } from "../bytes/slices.ts";
import type { Random } from "../bytes/random.ts";
import type { Ref } from "../memory/arena.ts";
import { Arena } from "../memory/arena.ts";
import { isValidListpack, listpackBytes } from "./listpack.ts";
import { StreamCursor } from "./stream-cursor.ts";
import { StreamId, readId, setWords } from "./stream-id.ts";
import { IdCursor, nextPlace, payloadAt, seekFirst } from "./stream-id-tree.ts";
import {
  appendEntry,
  copyStreamRoot,
  deleteEntry,
  freeStreamNodes,
  hasEntry,
  streamNodeBytes,
  trimStream,
  updateFirstId,
} from "./stream-log.ts";
import {
  firstIdWord,
  newStream,
  streamLength,
  streamNodes,
  streamRootBytes,
} from "./stream-root.ts";

const seed = Number(process.env["STREAM_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

interface Entry {
  readonly time: number;
  readonly fields: readonly string[];
}

/** Times that make the deltas within a node pass every width, also that of more than 2^53. */
function idOf(time: number): StreamId {
  return setWords(new StreamId(), time >>> 6, Math.imul(time, 0x4000001), time, time & 7);
}

function someFields(random: Random): string[] {
  const values = [
    "",
    "1",
    "-7",
    "300",
    "70000",
    "9007199254740993",
    "x",
    "y".repeat(70),
    "z".repeat(5000),
  ];
  const value = (): string => values[random.below(random.below(20) === 0 ? 9 : 8)];
  if (random.below(3) > 0) return ["name", value(), "5", value()];
  return Array.from({ length: 2 * (1 + random.below(3)) }, () => value());
}

function walked(cursor: StreamCursor): Entry[] {
  const found: Entry[] = [];
  while (cursor.next()) {
    const fields: string[] = [];
    // Every other entry is left half read, which the walk must not mind.
    const count = found.length % 2 === 0 ? cursor.fieldCount : cursor.fieldCount >> 1;
    for (let index = 0; index < count; index++) {
      cursor.nextField();
      for (const { bytes, offset, length } of [cursor.field, cursor.value]) {
        fields.push(Buffer.from(bytes.subarray(offset, offset + length)).toString("latin1"));
      }
    }
    found.push({ time: cursor.id.seqHigh, fields });
  }
  return found;
}

function expected(entries: readonly Entry[]): Entry[] {
  return entries.map(({ time, fields }, index) => ({
    time,
    fields: index % 2 === 0 ? fields : fields.slice(0, (fields.length >> 2) * 2),
  }));
}

function checkAll(arena: Arena, root: Ref, model: readonly Entry[]): void {
  const cursor = new StreamCursor();
  cursor.open(arena, root);
  assert.deepEqual(walked(cursor), expected(model));
  cursor.openReverse(arena, root);
  assert.deepEqual(walked(cursor), expected(model.toReversed()));
  assert.equal(streamLength(arena, root), model.length);
  const first = new StreamId();
  readId(arena, root, firstIdWord, first);
  assert.equal(first.seqHigh, model[0]?.time ?? 0);
  const place = new IdCursor();
  const tree = streamNodes(arena, root);
  for (let isOn = seekFirst(arena, tree, place); isOn; isOn = nextPlace(arena, place)) {
    const node = payloadAt(arena, tree, place, 0) as Ref;
    const bytes = arena.bytes[node >>> 16];
    const size = listpackBytes(arena, node);
    assert.ok(isValidListpack(bytes, (node & 0xffff) << 4, size, true), "a node is no listpack");
  }
}

describe("a stream", () => {
  it(`holds what a list of entries would, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const arena = new Arena();
    const root = newStream(arena);
    let model: Entry[] = [];
    let time = 1;
    const cursor = new StreamCursor();
    const limits = { streamNodeMaxBytes: 4096, streamNodeMaxEntries: 150 };
    for (let step = 0; step < 6000; step++) {
      const fields = someFields(random);
      time += 1 + random.below(3);
      appendEntry(arena, root, idOf(time), slicesOf(fields), 0, fields.length / 2, limits);
      model.push({ time, fields });
      const wanted = time - random.below(300);
      if (random.below(3) === 0 && wanted > 0) {
        const isThere = model.some((each) => each.time === wanted);
        assert.equal(hasEntry(arena, root, idOf(wanted)), isThere);
        assert.equal(deleteEntry(arena, root, idOf(wanted)), isThere);
        updateFirstId(arena, root);
        model = model.filter((each) => each.time !== wanted);
      }
      if (random.below(300) === 0) {
        const minimum = time - random.below(500);
        const byId = random.below(2) === 0;
        const kept = byId
          ? model.filter((each) => each.time >= minimum)
          : model.slice(-Math.max(1, random.below(400)));
        const removed = trimStream(arena, root, {
          lengthMax: byId ? -1 : kept.length,
          minId: idOf(Math.max(0, minimum)),
          isApproximate: false,
          limit: 0,
        });
        assert.equal(removed, model.length - kept.length);
        model = kept;
      }
      if (step % 500 === 0) checkAll(arena, root, model);
    }
    checkAll(arena, root, model);
    for (let probe = 0; probe < 200; probe++) {
      const from = time - random.below(400);
      const to = from + random.below(50);
      cursor.open(arena, root, idOf(from), idOf(to));
      const within = model.filter((each) => each.time >= from && each.time <= to);
      assert.deepEqual(walked(cursor), expected(within));
      cursor.openReverse(arena, root, idOf(from), idOf(to));
      assert.deepEqual(walked(cursor), expected(within.toReversed()));
    }
    const copy = copyStreamRoot(arena, root);
    checkAll(arena, copy, model);
    const bytes = streamNodeBytes(arena, root) + streamNodeBytes(arena, copy);
    assert.equal(arena.usedBytes, bytes + 2 * 80);
    for (const each of [root, copy]) {
      while (!freeStreamNodes(arena, each, 100)) continue;
      arena.free(each, streamRootBytes);
    }
    assert.equal(arena.usedBytes, 0);
    arena.check();
  });
});
