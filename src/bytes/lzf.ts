// LZF, the compression of strings in RDB files and DUMP payloads, and of quicklist nodes. The
// stream is a sequence of literal runs and of references to earlier output:
//
//   000LLLLL, then L + 1 bytes        literal run of 1-32 bytes
//   LLLOOOOO OOOOOOOO                 L 1-6: L + 2 bytes (3-8) from O + 1 (1-8192) bytes back
//   111OOOOO LLLLLLLL OOOOOOOO        L + 9 bytes (9-264) from O + 1 bytes back
//
// The compressor is deterministic: the same input gives the same bytes, whatever came before.
// The decompressor trusts nothing: corrupt input ends in -1, never outside the two ranges.

const literalMax = 32;
const distanceMax = 8192;
const matchMin = 3;
const matchMax = 264;
/** Matches shorter than this fit the short form of a reference. */
const longMatchMin = 9;

/**
 * For each hash of three bytes, where they were last seen, as `base` + position. We share it
 * between calls; entries below the `base` of a call are left from earlier ones, so it needs no
 * clearing.
 */
const slotBits = 14;
const slots = new Int32Array(1 << slotBits);
const baseMax = 2 ** 30;
let nextBase = 1;

function takeBase(length: number): number {
  if (nextBase + length > baseMax) {
    slots.fill(0);
    nextBase = 1;
  }
  const base = nextBase;
  nextBase += length;
  return base;
}

function slotOf(bytes: Uint8Array, at: number): number {
  const three = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
  return Math.imul(three, 0x9e3779b1) >>> (32 - slotBits);
}

/**
 * Compresses `length` bytes (at most 512 MiB) into `to`, at most `room` bytes of it. Returns the
 * compressed size, or 0 when it does not fit, which is how the caller says what gain is worth it.
 */
export function compressLzf(
  from: Uint8Array,
  fromOffset: number,
  length: number,
  to: Uint8Array,
  toOffset: number,
  room: number,
): number {
  const end = fromOffset + length;
  const toEnd = toOffset + room;
  // Adding this to an offset in `from` gives a slot's value.
  const bias = takeBase(length) - fromOffset;
  const searchEnd = end - matchMin;
  let at = fromOffset;
  let literalStart = fromOffset;
  let out = toOffset;
  while (at <= searchEnd) {
    const slot = slotOf(from, at);
    const candidate = slots[slot] - bias;
    slots[slot] = at + bias;
    const distance = at - candidate;
    if (
      candidate < fromOffset ||
      distance > distanceMax ||
      from[candidate] !== from[at] ||
      from[candidate + 1] !== from[at + 1] ||
      from[candidate + 2] !== from[at + 2]
    ) {
      at++;
    } else {
      out = writeLiterals(from, literalStart, at, to, out, toEnd);
      if (out === -1) return 0;
      const matched = matchLength(from, candidate, at, end);
      if (out + (matched < longMatchMin ? 2 : 3) > toEnd) return 0;
      out = writeReference(to, out, matched, distance - 1);
      at += matched;
      literalStart = at;
      // Two more entries let the next match start inside this one; entering all costs more time
      // than it saves room.
      if (at <= searchEnd) {
        slots[slotOf(from, at - 2)] = at - 2 + bias;
        slots[slotOf(from, at - 1)] = at - 1 + bias;
      }
    }
  }
  out = writeLiterals(from, literalStart, end, to, out, toEnd);
  return out === -1 ? 0 : out - toOffset;
}

/** How many bytes at `candidate` and at `at` are the same; the caller knows of the first three. */
function matchLength(from: Uint8Array, candidate: number, at: number, end: number): number {
  const limit = end - at < matchMax ? end - at : matchMax;
  let length = matchMin;
  while (length < limit && from[candidate + length] === from[at + length]) length++;
  return length;
}

/** Writes literal runs for bytes `start` to `end`: the offset after them, or -1 without room. */
function writeLiterals(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  toOffset: number,
  toEnd: number,
): number {
  let at = start;
  let out = toOffset;
  while (at < end) {
    const count = end - at < literalMax ? end - at : literalMax;
    if (out + 1 + count > toEnd) return -1;
    to[out++] = count - 1;
    for (let index = 0; index < count; index++) to[out + index] = from[at + index];
    out += count;
    at += count;
  }
  return out;
}

function writeReference(
  to: Uint8Array,
  offset: number,
  length: number,
  distanceLess1: number,
): number {
  let out = offset;
  if (length < longMatchMin) {
    to[out++] = ((length - 2) << 5) | (distanceLess1 >>> 8);
  } else {
    to[out++] = 0xe0 | (distanceLess1 >>> 8);
    to[out++] = length - longMatchMin;
  }
  to[out++] = distanceLess1 & 0xff;
  return out;
}

/**
 * Decompresses `length` bytes into `to`, at most `room` bytes of it. Returns how many it wrote,
 * which the caller compares with what it expected, or -1 for input that is corrupt or needs more
 * room.
 */
export function decompressLzf(
  from: Uint8Array,
  fromOffset: number,
  length: number,
  to: Uint8Array,
  toOffset: number,
  room: number,
): number {
  const end = fromOffset + length;
  const toEnd = toOffset + room;
  let at = fromOffset;
  let out = toOffset;
  while (at < end) {
    const control = from[at++];
    if (control < literalMax) {
      const count = control + 1;
      if (at + count > end || out + count > toEnd) return -1;
      for (let index = 0; index < count; index++) to[out + index] = from[at + index];
      at += count;
      out += count;
    } else {
      let count = (control >>> 5) + 2;
      const isLong = count === longMatchMin;
      if (end - at < (isLong ? 2 : 1)) return -1;
      if (isLong) count += from[at++];
      const source = out - (((control & 0x1f) << 8) | from[at++]) - 1;
      if (source < toOffset || out + count > toEnd) return -1;
      // Forwards and byte by byte: a reference may reach into what it is writing, which repeats it.
      for (let index = 0; index < count; index++) to[out + index] = to[source + index];
      out += count;
    }
  }
  return out - toOffset;
}
