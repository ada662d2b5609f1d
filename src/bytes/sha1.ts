// SHA-1 (FIPS 180-4), by which SCRIPT LOAD and EVALSHA name a script. Not for security, and not for
// hot paths: a script is hashed once.

const blockSize = 64;

/** The SHA-1 of the bytes as 40 lower-case hexadecimal digits. */
export function sha1Hex(bytes: Uint8Array): string {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const schedule = new Int32Array(80);
  const padded = pad(bytes);
  for (let offset = 0; offset < padded.length; offset += blockSize) {
    addBlock(state, schedule, padded, offset);
  }
  let hex = "";
  for (const word of state) hex += (word >>> 0).toString(16).padStart(8, "0");
  return hex;
}

/** The message, a one bit, zeros, and the message's length in bits as 64 bits, big-endian. */
function pad(bytes: Uint8Array): Uint8Array {
  const blockCount = Math.floor((bytes.length + 8) / blockSize) + 1;
  const padded = new Uint8Array(blockCount * blockSize);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
  return padded;
}

function addBlock(
  state: Int32Array,
  schedule: Int32Array,
  bytes: Uint8Array,
  offset: number,
): void {
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
  let [a, b, c, d, e] = state;
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
