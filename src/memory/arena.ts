// The arena: all user data, outside the JavaScript heap.
//
// Memory comes in chunks, each one ArrayBuffer seen as bytes and as 32-bit words. A `Ref` is an
// int32: the chunk's number in the high 16 bits, the offset in units of 16 bytes in the low 16. Ref
// 0 is "none" (chunk 0 has no memory). Every block has exactly one owner, who knows its size and
// gives it back on `free`; nothing is stored with a live block. Three kinds of block, by size:
//
//   1 .. 64 KiB      small: cut from shared chunks of 1 MiB, exact-fit free lists by 16 bytes
//   .. 1 MiB         a run of 4 KiB pages in a shared chunk (`page-runs.ts`)
//   above            a chunk of its own
//
// Blocks are not zeroed. A small chunk whose last block is freed is taken apart and its memory
// given back, so the arena shrinks after a FLUSHALL: at once where the system can be told to take
// pages (`releasePages`), else when the host collects garbage, which it is in no hurry to do.
// `usedBytes` counts what blocks occupy, to the byte that cannot be given to others.
import { viewed, viewedBytes } from "../bytes/viewed.ts";
import { PageRuns, chunkBytes, pageBytes } from "./page-runs.ts";

declare const refBrand: unique symbol;
/**
 * Address of a block in an {@link Arena}; 0 is none. Always an int32, so it fits a word of a block.
 */
export type Ref = number & { readonly [refBrand]: true };
export const noRef = 0 as Ref;

export const unitBytes = 16;
const chunkUnits = chunkBytes / unitBytes;
const smallBytesMax = 64 * 1024;
const classCount = smallBytesMax / unitBytes + 1;
/** One less than the 16 bits allow, so that the number of chunks itself fits. */
const chunksMax = 0xffff;
/** Empty chunks that keep their memory for the next growth. */
const spareChunksMax = 4;
/** The same for one chunk that was a single block: whoever sets large values sets more of them. */
const spareBlockBytesMax = 4 * 1024 * 1024;

/**
 * A free small block: its own words link it into the list of its class.
 *
 *   word 0  next free block of the class      word 1  previous one, 0 for the head
 *   word 2  size in units                     (word 3 unused)
 */
const freeNext = 0;
const freePrevious = 1;
const freeUnits = 2;

/** Thrown when 65,535 chunks are in use: 64 GiB of small blocks. */
export class ArenaFullError extends Error {
  override name = "ArenaFullError";
}

const emptyBytes = viewedBytes(0);
const emptyWords = new Int32Array(0);

export class Arena {
  /**
   * Chunk number -> the chunk's memory. Read it through `ref >>> 16`; never keep an entry across an
   * allocation.
   */
  readonly bytes: Uint8Array[] = [emptyBytes];
  readonly words: Int32Array[] = [emptyWords];
  /** Bytes occupied by live blocks, rounded up to what nobody else can use. */
  usedBytes = 0;
  /** Bytes of all chunks: what the system sees of us. */
  capacityBytes = 0;
  /**
   * Gives the memory under an array back to the system, whatever it holds: it reads as zeroes then,
   * or as what it held, until it is written to. Undefined where that cannot be done.
   */
  releasePages: ((bytes: Uint8Array) => void) | undefined;

  readonly #heads = new Int32Array(classCount);
  /** One bit a class: whether its list has a block; finds the next larger free block quickly. */
  readonly #occupied = new Int32Array((classCount >>> 5) + 1);
  /** Live units of each small chunk. */
  #liveUnits = new Int32Array(64);
  readonly #freeNumbers: number[] = [];
  readonly #spareChunks: ArrayBuffer[] = [];
  /** Empty chunks whose memory is the system's again: they are used before new ones are made. */
  readonly #releasedChunks: ArrayBuffer[] = [];
  #spareBlock: ArrayBuffer | undefined;
  readonly #runs: PageRuns;
  #current = -1;
  #bumpUnit = chunkUnits;

  constructor() {
    this.#runs = new PageRuns(
      () => this.#addChunk(this.#chunkBuffer()),
      (chunk) => this.#dropChunk(chunk),
    );
  }

  /**
   * A block of at least `size` bytes, contents undefined. Throws {@link ArenaFullError}, or
   * RangeError by the system.
   */
  allocate(size: number): Ref {
    if (size > smallBytesMax) return this.#allocateLarge(size);
    const units = size === 0 ? 1 : (size + 15) >>> 4;
    this.usedBytes += units << 4;
    const head = this.#heads[units];
    if (head !== 0) {
      this.#unlink(head, units);
      this.#liveUnits[head >>> 16] += units;
      return head as Ref;
    }
    if (this.#bumpUnit + units <= chunkUnits) return this.#bump(units);
    return this.#allocateSlow(units);
  }

  /**
   * The same with all bytes 0. A block of more than a chunk is fresh memory of the system's, which
   * is 0 already.
   */
  allocateZeroed(size: number): Ref {
    if (size > chunkBytes) {
      this.usedBytes += blockBytes(size);
      return (this.#addChunk(new ArrayBuffer(blockBytes(size))) << 16) as Ref;
    }
    const ref = this.allocate(size);
    const start = (ref & 0xffff) << 4;
    this.bytes[ref >>> 16].fill(0, start, start + size);
    return ref;
  }

  /** Gives back a block of `size` bytes: the size that it was allocated with. */
  free(ref: Ref, size: number): void {
    if (size > smallBytesMax) {
      this.#freeLarge(ref, size);
      return;
    }
    const units = size === 0 ? 1 : (size + 15) >>> 4;
    this.usedBytes -= units << 4;
    this.#link(ref, units);
    const chunk = ref >>> 16;
    const live = this.#liveUnits[chunk] - units;
    this.#liveUnits[chunk] = live;
    if (live === 0 && chunk !== this.#current) this.#takeApart(chunk);
  }

  /**
   * Whether blocks of both sizes take the same space, so that one can become the other in place.
   */
  sameBlock(sizeA: number, sizeB: number): boolean {
    return blockBytes(sizeA) === blockBytes(sizeB);
  }

  /** Bytes of the small free lists: allocated from the system, not in use, ready for use. */
  get freeBytes(): number {
    return this.capacityBytes - this.usedBytes;
  }

  /** Walks all free lists and counters; throws when they disagree. For tests. */
  check(): void {
    let free = 0;
    for (let units = 1; units < classCount; units++) {
      let previous = 0;
      for (
        let ref = this.#heads[units];
        ref !== 0;
        ref = this.words[ref >>> 16][(ref & 0xffff) << 2]
      ) {
        const words = this.words[ref >>> 16];
        const at = (ref & 0xffff) << 2;
        if (words[at + freeUnits] !== units)
          throw new Error(`free block ${ref} in the wrong class`);
        if (words[at + freePrevious] !== previous)
          throw new Error(`free block ${ref} linked wrongly`);
        free += units;
        previous = ref;
      }
      const bit = (this.#occupied[units >>> 5] >>> (units & 31)) & 1;
      if (bit !== (previous === 0 ? 0 : 1))
        throw new Error(`class ${units}: occupied bit is wrong`);
    }
    let live = 0;
    let chunks = 0;
    for (let chunk = 0; chunk < this.bytes.length; chunk++) {
      if (this.#liveUnits[chunk] >= 0 && this.bytes[chunk].length > 0) {
        live += this.#liveUnits[chunk];
        chunks++;
      }
    }
    const untouched = this.#current < 0 ? 0 : chunkUnits - this.#bumpUnit;
    if (live + free + untouched !== chunks * chunkUnits) {
      throw new Error(
        `units lost: ${live} live, ${free} free, ${untouched} untouched of ${chunks} chunks`,
      );
    }
  }

  #bump(units: number): Ref {
    const ref = (this.#current << 16) | this.#bumpUnit;
    this.#bumpUnit += units;
    this.#liveUnits[this.#current] += units;
    return ref as Ref;
  }

  /**
   * No block of this class and no room in the current chunk: split a larger free block, else take a
   * new chunk.
   */
  #allocateSlow(units: number): Ref {
    const larger = this.#largerClass(units);
    if (larger !== 0) {
      const ref = this.#heads[larger];
      this.#unlink(ref, larger);
      this.#link(ref + units, larger - units);
      this.#liveUnits[ref >>> 16] += units;
      return ref as Ref;
    }
    const chunk = this.#addChunk(this.#chunkBuffer());
    this.#retireCurrent();
    this.#current = chunk;
    this.#liveUnits[chunk] = 0;
    this.#bumpUnit = 0;
    return this.#bump(units);
  }

  /**
   * What is left of the current chunk goes to the free lists, so that it can be taken apart like
   * any other.
   */
  #retireCurrent(): void {
    const chunk = this.#current;
    if (chunk < 0) return;
    while (this.#bumpUnit < chunkUnits) {
      const units = Math.min(chunkUnits - this.#bumpUnit, classCount - 1);
      this.#link((chunk << 16) | this.#bumpUnit, units);
      this.#bumpUnit += units;
    }
    this.#current = -1;
    if (this.#liveUnits[chunk] === 0) this.#takeApart(chunk);
  }

  /** Smallest class above `units` that has a free block; 0 when there is none. */
  #largerClass(units: number): number {
    let word = (units + 1) >>> 5;
    let bits = word < this.#occupied.length ? this.#occupied[word] & (-1 << ((units + 1) & 31)) : 0;
    while (bits === 0) {
      word++;
      if (word >= this.#occupied.length) return 0;
      bits = this.#occupied[word];
    }
    return (word << 5) + 31 - Math.clz32(bits & -bits);
  }

  #link(ref: number, units: number): void {
    const words = this.words[ref >>> 16];
    const at = (ref & 0xffff) << 2;
    const head = this.#heads[units];
    words[at + freeNext] = head;
    words[at + freePrevious] = 0;
    words[at + freeUnits] = units;
    if (head === 0) this.#occupied[units >>> 5] |= 1 << (units & 31);
    else this.words[head >>> 16][((head & 0xffff) << 2) + freePrevious] = ref;
    this.#heads[units] = ref | 0;
  }

  #unlink(ref: number, units: number): void {
    const words = this.words[ref >>> 16];
    const at = (ref & 0xffff) << 2;
    const next = words[at + freeNext];
    const previous = words[at + freePrevious];
    if (next !== 0) this.words[next >>> 16][((next & 0xffff) << 2) + freePrevious] = previous;
    if (previous === 0) this.#heads[units] = next;
    else this.words[previous >>> 16][((previous & 0xffff) << 2) + freeNext] = next;
    if (next === 0 && previous === 0) this.#occupied[units >>> 5] &= ~(1 << (units & 31));
  }

  /**
   * All blocks of the chunk are free, hence each starts where the one before ends: unlink them,
   * drop the chunk.
   */
  #takeApart(chunk: number): void {
    const words = this.words[chunk];
    let unit = 0;
    while (unit < chunkUnits) {
      const units = words[(unit << 2) + freeUnits];
      this.#unlink((chunk << 16) | unit | 0, units);
      unit += units;
    }
    this.#dropChunk(chunk);
  }

  #chunkBuffer(): ArrayBuffer {
    return this.#spareChunks.pop() ?? this.#releasedChunks.pop() ?? new ArrayBuffer(chunkBytes);
  }

  #addChunk(buffer: ArrayBuffer): number {
    const chunk = this.#freeNumbers.pop() ?? this.bytes.length;
    if (chunk >= chunksMax) throw new ArenaFullError("out of memory: all arena chunks are in use");
    this.bytes[chunk] = viewed(new Uint8Array(buffer));
    this.words[chunk] = new Int32Array(buffer);
    if (chunk >= this.#liveUnits.length) {
      const grown = new Int32Array(this.#liveUnits.length * 2);
      grown.set(this.#liveUnits);
      this.#liveUnits = grown;
    }
    this.#liveUnits[chunk] = -1;
    this.capacityBytes += buffer.byteLength;
    return chunk;
  }

  #dropChunk(chunk: number): void {
    const buffer = this.bytes[chunk].buffer as ArrayBuffer;
    this.capacityBytes -= buffer.byteLength;
    if (buffer.byteLength > spareBlockBytesMax) this.releasePages?.(this.bytes[chunk]);
    else if (buffer.byteLength > chunkBytes) this.#spareBlock = buffer;
    else if (this.#spareChunks.length < spareChunksMax) this.#spareChunks.push(buffer);
    else this.#release(buffer);
    this.bytes[chunk] = emptyBytes;
    this.words[chunk] = emptyWords;
    this.#liveUnits[chunk] = 0;
    this.#freeNumbers.push(chunk);
  }

  #release(buffer: ArrayBuffer): void {
    if (this.releasePages === undefined) return;
    this.releasePages(new Uint8Array(buffer));
    this.#releasedChunks.push(buffer);
  }

  /** Gives back what is kept for the next growth, too. */
  trim(): void {
    for (const buffer of this.#spareChunks.splice(0)) this.#release(buffer);
    if (this.#spareBlock !== undefined) this.releasePages?.(new Uint8Array(this.#spareBlock));
    this.#spareBlock = undefined;
  }

  #allocateLarge(size: number): Ref {
    this.usedBytes += blockBytes(size);
    if (size <= chunkBytes) return this.#runs.allocate(Math.ceil(size / pageBytes)) as Ref;
    return (this.#addChunk(this.#blockBuffer(blockBytes(size))) << 16) as Ref;
  }

  #blockBuffer(bytes: number): ArrayBuffer {
    const spare = this.#spareBlock;
    if (spare?.byteLength !== bytes) return new ArrayBuffer(bytes);
    this.#spareBlock = undefined;
    return spare;
  }

  #freeLarge(ref: Ref, size: number): void {
    this.usedBytes -= blockBytes(size);
    if (size <= chunkBytes) this.#runs.free(ref, Math.ceil(size / pageBytes));
    else this.#dropChunk(ref >>> 16);
  }
}

/** Bytes that a block of `size` bytes takes from the arena. */
export function blockBytes(size: number): number {
  if (size <= smallBytesMax) return size === 0 ? unitBytes : (size + 15) & ~15;
  return Math.ceil(size / pageBytes) * pageBytes;
}
