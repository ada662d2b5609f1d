// Integers of any width at any bit of a string: BITFIELD. The highest bit comes first; what lies
// behind the end of the string is 0.
//
// Widths of up to 41 bits span at most six whole bytes and are numbers; wider ones are BigInts,
// exact to i64 and u63.
import type { Slice } from "../bytes/slices.ts";

/** `i8`, `u63`: how many bits, and whether the first one is a sign. */
export interface FieldType {
  readonly isSigned: boolean;
  readonly bits: number;
}

export type Overflow = "wrap" | "sat" | "fail";

const numberBitsMax = 41;
/** Sums of a field and a number below this are exact. */
const exactMax = 2 ** 52;

/** The field at a bit offset: a BigInt when it is wide. */
export function readField(slice: Slice, offset: number, type: FieldType): number | bigint {
  const { bits } = type;
  if (bits > numberBitsMax) {
    const raw = readWide(slice, offset, bits);
    return type.isSigned ? BigInt.asIntN(bits, raw) : raw;
  }
  const first = Math.floor(offset / 8);
  const last = Math.floor((offset + bits - 1) / 8);
  let value = 0;
  for (let at = first; at <= last; at++) value = value * 256 + byteAt(slice, at);
  const behind = last * 8 + 7 - (offset + bits - 1);
  const raw = Math.floor(value / 2 ** behind) % 2 ** bits;
  return type.isSigned && raw >= 2 ** (bits - 1) ? raw - 2 ** bits : raw;
}

function byteAt(slice: Slice, at: number): number {
  return at < slice.length ? slice.bytes[slice.offset + at] : 0;
}

function readWide(slice: Slice, offset: number, bits: number): bigint {
  const first = Math.floor(offset / 8);
  const last = Math.floor((offset + bits - 1) / 8);
  let value = 0n;
  for (let at = first; at <= last; at++) value = (value << 8n) | BigInt(byteAt(slice, at));
  return BigInt.asUintN(bits, value >> BigInt(last * 8 + 7 - (offset + bits - 1)));
}

/** Writes the low `bits` bits of a value; the string is long enough. */
export function writeField(
  slice: Slice,
  offset: number,
  bits: number,
  value: number | bigint,
): void {
  let rest = BigInt.asUintN(bits, BigInt(value));
  let end = offset + bits;
  let left = bits;
  const { bytes } = slice;
  while (left > 0) {
    const at = slice.offset + Math.floor((end - 1) / 8);
    const low = 7 - ((end - 1) % 8);
    const taken = Math.min(left, 8 - low);
    const mask = ((1 << taken) - 1) << low;
    bytes[at] = (bytes[at] & ~mask) | ((Number(rest & 0xffn) << low) & mask);
    rest >>= BigInt(taken);
    end -= taken;
    left -= taken;
  }
}

/**
 * What a field of that type becomes when it is to hold `value`; undefined when it cannot and must
 * not.
 */
export function fitField(
  value: number | bigint,
  type: FieldType,
  overflow: Overflow,
): number | bigint | undefined {
  if (typeof value === "number" && type.bits <= numberBitsMax) {
    return fitNumber(value, type, overflow);
  }
  const exact = BigInt(value);
  const bits = BigInt(type.bits);
  const max = type.isSigned ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  const min = type.isSigned ? -max - 1n : 0n;
  if (exact >= min && exact <= max) return exact;
  if (overflow === "fail") return undefined;
  if (overflow === "sat") return exact > max ? max : min;
  return type.isSigned ? BigInt.asIntN(type.bits, exact) : BigInt.asUintN(type.bits, exact);
}

function fitNumber(value: number, type: FieldType, overflow: Overflow): number | undefined {
  const size = 2 ** type.bits;
  const max = type.isSigned ? size / 2 - 1 : size - 1;
  const min = type.isSigned ? -size / 2 : 0;
  if (value >= min && value <= max) return value;
  if (overflow === "fail") return undefined;
  if (overflow === "sat") return value > max ? max : min;
  const wrapped = ((value % size) + size) % size;
  return wrapped > max ? wrapped - size : wrapped;
}

/** The sum of a field and an increment, exactly. */
export function addToField(field: number | bigint, increment: number | bigint): number | bigint {
  if (typeof field === "number" && typeof increment === "number" && isSmall(increment)) {
    return field + increment;
  }
  return BigInt(field) + BigInt(increment);
}

function isSmall(value: number): boolean {
  return value < exactMax && value > -exactMax;
}
