// CRC-16/XMODEM: polynomial 0x1021, most significant bit first, starting at 0. Redis Cluster maps a
// key to its slot by it; the check value of "123456789" is 0x31c3.

const table = makeTable();

function makeTable(): Uint16Array {
  const entries = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    }
    entries[byte] = crc;
  }
  return entries;
}

/** The checksum of `length` bytes, 0 to 65535. */
export function crc16(bytes: Uint8Array, offset: number, length: number): number {
  let crc = 0;
  for (let index = offset; index < offset + length; index++) {
    crc = ((crc << 8) & 0xff00) ^ table[(crc >>> 8) ^ bytes[index]];
  }
  return crc;
}
