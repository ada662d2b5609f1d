// CRC-64 with the Jones polynomial 0xad93d23594c935a9, bits reflected, starting at 0: the checksum
// of RDB files and DUMP payloads. The check value of "123456789" is 0xe9c6d914c4b8d9ca.
//
// The 64 bits are two 32-bit halves, since BigInt is far too slow here. Eight bytes are taken at a
// time: the tables say what a byte contributes when 0 to 7 more bytes follow it.
//
//   low, high: 8 tables x 256 words; entry [distance * 256 + byte] is the contribution's half

const reflectedLow = 0xac4bc9b5 | 0;
const reflectedHigh = 0x95ac9329 | 0;
const sliceCount = 8;

const lowTable = new Int32Array(sliceCount * 256);
const highTable = new Int32Array(sliceCount * 256);
fillTables();

function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let low = byte;
    let high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (carry !== 0) {
        low ^= reflectedLow;
        high ^= reflectedHigh;
      }
    }
    lowTable[byte] = low;
    highTable[byte] = high;
  }
  for (let entry = 256; entry < sliceCount * 256; entry++) {
    const low = lowTable[entry - 256];
    const high = highTable[entry - 256];
    lowTable[entry] = lowTable[low & 0xff] ^ ((low >>> 8) | (high << 24));
    highTable[entry] = highTable[low & 0xff] ^ (high >>> 8);
  }
}

/** A running checksum: feed it any number of ranges, read it at any time. */
export class Crc64 {
  #low = 0;
  #high = 0;

  /** Bits 0 to 31 of the checksum so far, as a signed integer. */
  get low(): number {
    return this.#low;
  }

  /** Bits 32 to 63 of the checksum so far, as a signed integer. */
  get high(): number {
    return this.#high;
  }

  reset(): void {
    this.#low = 0;
    this.#high = 0;
  }

  update(bytes: Uint8Array, offset: number, length: number): void {
    let low = this.#low;
    let high = this.#high;
    const end = offset + length;
    const slicedEnd = offset + (length & ~7);
    let at = offset;
    for (; at < slicedEnd; at += 8) {
      const a =
        low ^ (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
      const b =
        high ^
        (bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24));
      const a0 = 0x700 | (a & 0xff);
      const a1 = 0x600 | ((a >>> 8) & 0xff);
      const a2 = 0x500 | ((a >>> 16) & 0xff);
      const a3 = 0x400 | (a >>> 24);
      const b0 = 0x300 | (b & 0xff);
      const b1 = 0x200 | ((b >>> 8) & 0xff);
      const b2 = 0x100 | ((b >>> 16) & 0xff);
      const b3 = b >>> 24;
      low =
        lowTable[a0] ^
        lowTable[a1] ^
        lowTable[a2] ^
        lowTable[a3] ^
        lowTable[b0] ^
        lowTable[b1] ^
        lowTable[b2] ^
        lowTable[b3];
      high =
        highTable[a0] ^
        highTable[a1] ^
        highTable[a2] ^
        highTable[a3] ^
        highTable[b0] ^
        highTable[b1] ^
        highTable[b2] ^
        highTable[b3];
    }
    for (; at < end; at++) {
      const entry = (low ^ bytes[at]) & 0xff;
      low = lowTable[entry] ^ ((low >>> 8) | (high << 24));
      high = highTable[entry] ^ (high >>> 8);
    }
    this.#low = low;
    this.#high = high;
  }

  /** Writes the checksum as RDB stores it: 8 bytes, little-endian. Returns the offset after it. */
  write(bytes: Uint8Array, offset: number): number {
    for (let index = 0; index < 4; index++) {
      bytes[offset + index] = this.#low >>> (index * 8);
      bytes[offset + 4 + index] = this.#high >>> (index * 8);
    }
    return offset + 8;
  }

  /** Whether the 8 little-endian bytes at `offset` are this checksum. */
  isStoredAt(bytes: Uint8Array, offset: number): boolean {
    for (let index = 0; index < 4; index++) {
      if (bytes[offset + index] !== ((this.#low >>> (index * 8)) & 0xff)) return false;
      if (bytes[offset + 4 + index] !== ((this.#high >>> (index * 8)) & 0xff)) return false;
    }
    return true;
  }
}
