// SHA-1 (FIPS 180-4), by which SCRIPT LOAD and EVALSHA name a script, and of which DEBUG DIGEST
// makes the sum of a data set. Not for security.
import { copyBytes } from "./ascii.ts";

const blockSize = 64;
/** Bytes that the length of a message takes at its end. */
const lengthBytes = 8;

/** Scratch of a sum: the five words so far, the schedule of a block, the last one or two blocks. */
const state = new Int32Array(5);
const schedule = new Int32Array(80);
const tail = new Uint8Array(2 * blockSize);
const tailView = new DataView(tail.buffer);

/** The SHA-1 of the bytes as 40 lower-case hexadecimal digits. */
export function sha1Hex(bytes: Uint8Array): string {
  sum(bytes, 0, bytes.length);
  let hex = "";
  for (const word of state) hex += (word >>> 0).toString(16).padStart(8, "0");
  return hex;
}

/** Writes the SHA-1 of a range to the first 20 bytes of `target`, which may be the range's own. */
export function sha1Into(
  bytes: Uint8Array,
  offset: number,
  length: number,
  target: Uint8Array,
): void {
  sum(bytes, offset, length);
  for (let index = 0; index < 20; index++) {
    target[index] = state[index >> 2] >>> (24 - (index & 3) * 8);
  }
}

/** Leaves the sum in `state`. */
function sum(bytes: Uint8Array, offset: number, length: number): void {
  state[0] = 0x67452301;
  state[1] = 0xefcdab89;
  state[2] = 0x98badcfe;
  state[3] = 0x10325476;
  state[4] = 0xc3d2e1f0;
  const wholeEnd = offset + length - (length % blockSize);
  for (let at = offset; at < wholeEnd; at += blockSize) addBlock(bytes, at);
  const tailEnd = fillTail(bytes, wholeEnd, length);
  for (let at = 0; at < tailEnd; at += blockSize) addBlock(tail, at);
}

/** The rest of the message, a one bit, zeros, and the message's length in bits, big-endian. */
function fillTail(bytes: Uint8Array, restStart: number, length: number): number {
  const rest = length % blockSize;
  const size = rest + 1 + lengthBytes > blockSize ? 2 * blockSize : blockSize;
  tail.fill(0, 0, size);
  copyBytes(bytes, restStart, tail, 0, rest);
  tail[rest] = 0x80;
  tailView.setUint32(size - 8, Math.floor(length / 2 ** 29));
  tailView.setUint32(size - 4, (length << 3) >>> 0);
  return size;
}

function addBlock(bytes: Uint8Array, offset: number): void {
  for (let index = 0; index < 16; index++) {
    const at = offset + index * 4;
    schedule[index] =
      (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let index = 16; index < 80; index++) {
    schedule[index] = rotateLeft(
      schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14] ^ schedule[index - 16],
      1,
    );
  }
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  for (let index = 0; index < 80; index++) {
    const next = (rotateLeft(a, 5) + mix(index, b, c, d) + e + schedule[index]) | 0;
    e = d;
    d = c;
    c = rotateLeft(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

/** The round function and constant of step `index`. */
function mix(index: number, b: number, c: number, d: number): number {
  if (index < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (index < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (index < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

function rotateLeft(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count));
}
