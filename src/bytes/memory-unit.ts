// Amounts of memory as redis.conf and CONFIG SET write them: memtoull in Redis's src/util.c.

const units: ReadonlyMap<string, bigint> = new Map([
  ["", 1n],
  ["b", 1n],
  ["k", 1000n],
  ["kb", 1024n],
  ["m", 1000n ** 2n],
  ["mb", 1024n ** 2n],
  ["g", 1000n ** 3n],
  ["gb", 1024n ** 3n],
]);

/** Redis copies the digits to a buffer of this size, the terminator included. */
const digitsMax = 127;
const amountMax = 2n ** 64n - 1n;

/**
 * The number of bytes that the text names, or undefined: digits, then a unit of `units` in any
 * case. Signs, fractions and spaces are refused; no digits at all mean 0, as in Redis. An amount
 * above 2^53 is rounded to a double.
 *
 * Redis differs: an amount of 2^64 or more wraps round there (17179869184gb is 0); here it is
 * 2^64 - 1, which Redis itself answers when the digits alone are that large.
 */
export function parseMemory(text: string): number | undefined {
  const match = /^([0-9]*)([a-zA-Z]*)$/.exec(text);
  if (match === null) return undefined;
  const [, digits, unitText] = match;
  const unit = units.get(unitText.toLowerCase());
  if (unit === undefined || digits.length > digitsMax) return undefined;
  const amount = BigInt(digits) * unit;
  return Number(amount > amountMax ? amountMax : amount);
}
