// Doubles as C on x86-64 converts them to 64-bit integers, and bytes from and to such integers.

const longEnd = 2 ** 63;
const unsignedEnd = 2 ** 64;

/** What does not fit, NaN among it, becomes the least integer. */
export function toLong(value: number): bigint {
  if (!(value >= -longEnd && value < longEnd)) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}

export function toUnsignedLong(value: number): bigint {
  if (value >= longEnd && value < unsignedEnd) return BigInt(value);
  return value >= unsignedEnd ? 0n : BigInt.asUintN(64, toLong(value));
}

/** The low bytes of an unsigned integer, most significant first, as a Latin-1 string. */
export function bigEndian(value: bigint, size: number): string {
  let text = "";
  for (let left = value, at = 0; at < size; at++, left >>= 8n) {
    text = String.fromCharCode(Number(left & 0xffn)) + text;
  }
  return text;
}

/** Undoes `bigEndian`; of more than eight bytes the last eight count. */
export function readBigEndian(text: string): bigint {
  let value = 0n;
  for (let at = Math.max(0, text.length - 8); at < text.length; at++) {
    value = (value << 8n) | BigInt(text.charCodeAt(at));
  }
  return value;
}

export function reversed(text: string): string {
  let result = "";
  for (let at = text.length - 1; at >= 0; at--) result += text[at];
  return result;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The bytes of a double, or with four bytes of a float, most significant first. */
export function writeDouble(value: number, size: 4 | 8): string {
  if (size === 4) scratch.setFloat32(0, value);
  else scratch.setFloat64(0, value);
  let text = "";
  for (let at = 0; at < size; at++) text += String.fromCharCode(scratch.getUint8(at));
  return text;
}

export function readDouble(text: string): number {
  for (let at = 0; at < text.length; at++) scratch.setUint8(at, text.charCodeAt(at));
  return text.length === 4 ? scratch.getFloat32(0) : scratch.getFloat64(0);
}
