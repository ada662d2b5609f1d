// That blocks never overlap, that what is freed is used again, and that emptied chunks go back.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { seededRandom } from "../bytes/random.ts";
import type { Ref } from "./arena.ts";
import { Arena, blockBytes, noRef } from "./arena.ts";

interface Block {
  readonly ref: Ref;
  readonly size: number;
  readonly mark: number;
}

/** Sizes at the borders between the three kinds of block, and anything below. */
const sizes = [
  0,
  1,
  15,
  16,
  17,
  4096,
  65_535,
  65_536,
  65_537,
  69_632,
  300_000,
  1 << 20,
  (1 << 20) + 1,
];

function bytesOf(arena: Arena, { ref, size }: Block): Uint8Array {
  const start = (ref & 0xffff) << 4;
  return arena.bytes[ref >>> 16].subarray(start, start + size);
}

/** Allocates a block and fills it, so that another block over it would be noticed. */
function allocate(arena: Arena, size: number, mark: number): Block {
  const block = { ref: arena.allocate(size), size, mark };
  assert.notEqual(block.ref, noRef);
  assert.equal(bytesOf(arena, block).length, size, "the block lies inside its chunk");
  bytesOf(arena, block).fill(mark);
  return block;
}

function assertIntact(arena: Arena, block: Block): void {
  const bytes = bytesOf(arena, block);
  assert.ok(
    bytes.every((byte) => byte === block.mark),
    `block ${block.ref} of ${block.size} bytes`,
  );
}

describe("Arena", () => {
  it("never gives a byte to two blocks, whatever is allocated and freed in whatever order", () => {
    const step = fc.record({
      isAllocation: fc.boolean(),
      size: fc.oneof(fc.constantFrom(...sizes), fc.nat(2000)),
      choice: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const arena = new Arena();
        const blocks: Block[] = [];
        for (const [index, { isAllocation, size, choice }] of steps.entries()) {
          if (isAllocation || blocks.length === 0) {
            blocks.push(allocate(arena, size, (index * 37) & 0xff));
          } else {
            const [block] = blocks.splice(choice % blocks.length, 1);
            assertIntact(arena, block);
            arena.free(block.ref, block.size);
          }
        }
        arena.check();
        const used = blocks.reduce((sum, block) => sum + blockBytes(block.size), 0);
        assert.equal(arena.usedBytes, used);
        for (const block of blocks) assertIntact(arena, block);
        for (const block of blocks) arena.free(block.ref, block.size);
        arena.check();
        assert.equal(arena.usedBytes, 0);
      }),
      { numRuns: 60 },
    );
  });

  it("reuses what was freed and gives chunks back when all of their blocks are gone", () => {
    const arena = new Arena();
    const random = seededRandom(7);
    const blocks = Array.from({ length: 60_000 }, (_, index) => {
      return allocate(arena, 16 + random.below(400), index & 0xff);
    });
    const capacity = arena.capacityBytes;
    assert.ok(capacity > 10 << 20);
    for (const block of blocks.splice(0, 30_000)) arena.free(block.ref, block.size);
    for (let count = 0; count < 20_000; count++) {
      blocks.push(allocate(arena, 16 + random.below(400), count & 0xff));
    }
    assert.ok(arena.capacityBytes <= capacity, "no growth while there is free room");
    for (const block of blocks) assertIntact(arena, block);
    for (const block of blocks) arena.free(block.ref, block.size);
    arena.check();
    assert.equal(arena.usedBytes, 0);
    assert.ok(arena.capacityBytes <= 1 << 20, `${arena.capacityBytes} bytes are kept`);
  });

  it("releases the pages of chunks that it does not need, and uses these chunks first", () => {
    const arena = new Arena();
    let released = 0;
    arena.releasePages = (bytes) => {
      released += bytes.length;
      // What the system may make of it.
      bytes.fill(0xee);
    };
    const fill = (): Block[] =>
      Array.from({ length: 400 }, (_, index) => allocate(arena, 50_000, index & 0xff));
    const drop = (blocks: readonly Block[]): void => {
      for (const block of blocks) {
        assertIntact(arena, block);
        arena.free(block.ref, block.size);
      }
    };
    const first = fill();
    const buffers = new Set(arena.bytes.map((bytes) => bytes.buffer));
    const capacity = arena.capacityBytes;
    drop(first);
    assert.equal(released, capacity - arena.capacityBytes - (4 << 20), "all but four spare ones");
    const second = fill();
    assert.ok(arena.bytes.every((bytes) => buffers.has(bytes.buffer)));
    drop(second);
    arena.check();
    released = 0;
    arena.trim();
    assert.equal(released, 4 << 20);
    arena.free(arena.allocate(5 << 20), 5 << 20);
    assert.equal(released, (4 << 20) + (5 << 20), "a chunk of its own");
  });

  it("cuts a larger free block rather than taking a new chunk", () => {
    const arena = new Arena();
    const large = allocate(arena, 60_000, 1);
    const rest: Block[] = [];
    while (arena.capacityBytes <= 1 << 20) rest.push(allocate(arena, 60_000, 2));
    arena.free(large.ref, large.size);
    const capacity = arena.capacityBytes;
    const small = allocate(arena, 100, 3);
    const spare = allocate(arena, 40_000, 4);
    assert.equal(arena.capacityBytes, capacity);
    arena.check();
    for (const block of rest) assertIntact(arena, block);
    for (const block of [small, spare]) assertIntact(arena, block);
  });

  it("knows which sizes take the same space", () => {
    const arena = new Arena();
    assert.ok(arena.sameBlock(1, 16));
    assert.ok(!arena.sameBlock(16, 17));
    assert.ok(arena.sameBlock(65_537, 69_632));
    assert.equal(blockBytes(0), 16);
    assert.equal(blockBytes((1 << 20) + 1), (1 << 20) + 4096);
  });
});
