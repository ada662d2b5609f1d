// Reading floating-point numbers exactly: the syntax that C's strtod and strtold accept, and the
// correct rounding (to nearest, ties to even) of what it spells to any binary format.
// BigInt throughout, so for cold paths; `double.ts` and `long-double.ts` build on it.

/** A number as written: the integer that `digits` spells times the base to `exponent`. */
export interface FloatText {
  readonly kind: "decimal" | "hexadecimal" | "infinity";
  readonly isNegative: boolean;
  /** Digits of base 10 or 16, at least one, without the point; "" for infinity. */
  readonly digits: string;
  /** The power of 10 for `decimal`, of 2 for `hexadecimal`; may be any size, even infinite. */
  readonly exponent: number;
}

/** A non-negative number: `mantissa` times 2 to `exponent`. */
export interface Binary {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** A binary format: how many bits a mantissa has, and the least exponent that its last bit has. */
export interface BinaryFormat {
  readonly precision: number;
  readonly exponentMin: number;
  /** Numbers of 2 to this power or more are infinite. */
  readonly exponentEnd: number;
}

const decimalPattern = /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/;
const hexadecimalPattern = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)(?:[pP]([+-]?[0-9]+))?$/;
const infinityPattern = /^([+-]?)inf(?:inity)?$/i;

const zero: Binary = { mantissa: 0n, exponent: 0 };

/** What the whole text spells, or undefined. NaN, spaces and trailing characters are refused. */
export function parseFloatText(text: string): FloatText | undefined {
  const infinity = infinityPattern.exec(text);
  if (infinity !== null) {
    return { kind: "infinity", isNegative: infinity[1] === "-", digits: "", exponent: 0 };
  }
  const decimal = decimalPattern.exec(text);
  const match = decimal ?? hexadecimalPattern.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction, exponentText = "0"] = match;
  const digits = whole + fraction;
  if (digits === "") return undefined;
  const isDecimal = decimal !== null;
  return {
    kind: isDecimal ? "decimal" : "hexadecimal",
    isNegative: sign === "-",
    digits,
    exponent: Number(exponentText) - fraction.length * (isDecimal ? 1 : 4),
  };
}

/** Whether a finite number is zero because it is written so, not because it is too small. */
export function isWrittenZero(text: FloatText): boolean {
  return /^0+$/.test(text.digits);
}

/**
 * The magnitude of a finite number in a format: 0n when it is too small for it, an infinite
 * exponent when it is too large.
 */
export function roundToBinary(text: FloatText, format: BinaryFormat): Binary {
  const digits = text.digits.replace(/^0+/, "");
  if (digits === "") return zero;
  const isDecimal = text.kind === "decimal";
  // The number is less than 2 to this power, and at least an eighth or a tenth of that. Far outside
  // the format we answer at once, since the powers below would be huge.
  const magnitude = isDecimal
    ? (digits.length + text.exponent) * Math.log2(10)
    : digits.length * 4 + text.exponent;
  if (magnitude > format.exponentEnd + 8) return { mantissa: 1n, exponent: Infinity };
  if (magnitude < format.exponentMin - 8) return zero;
  const exact = isDecimal
    ? truncateDecimal(digits, text.exponent, format)
    : { mantissa: BigInt(`0x${digits}`), exponent: text.exponent };
  return roundBinary(exact, format);
}

/** A decimal as a binary with at least two bits more than the format, the last one for the rest. */
function truncateDecimal(digits: string, exponent: number, format: BinaryFormat): Binary {
  const numerator = BigInt(digits) * 10n ** BigInt(Math.max(exponent, 0));
  const denominator = 10n ** BigInt(Math.max(-exponent, 0));
  const excess = bitLength(numerator) - bitLength(denominator);
  const lastBit = Math.max(excess - format.precision - 2, format.exponentMin - 2);
  const scaled = lastBit < 0 ? numerator << BigInt(-lastBit) : numerator;
  const divisor = lastBit > 0 ? denominator << BigInt(lastBit) : denominator;
  const quotient = scaled / divisor;
  const isExact = quotient * divisor === scaled;
  return { mantissa: (quotient << 1n) | (isExact ? 0n : 1n), exponent: lastBit - 1 };
}

/** The nearest number of the format, ties to even; above its range the exponent is infinite. */
export function roundBinary({ mantissa, exponent }: Binary, format: BinaryFormat): Binary {
  const excess = Math.max(bitLength(mantissa) - format.precision, format.exponentMin - exponent);
  let rounded = mantissa;
  if (excess > 0) rounded = shiftRightToEven(mantissa, excess);
  if (rounded === 0n) return zero;
  const roundedExponent = excess > 0 ? exponent + excess : exponent;
  if (bitLength(rounded) + roundedExponent > format.exponentEnd) {
    return { mantissa: 1n, exponent: Infinity };
  }
  return { mantissa: rounded, exponent: roundedExponent };
}

/** `value` divided by 2 to `count` (at least 1), to the nearest integer, ties to even. */
export function shiftRightToEven(value: bigint, count: number): bigint {
  const shift = BigInt(count);
  const quotient = value >> shift;
  const rest = value - (quotient << shift);
  const half = 1n << (shift - 1n);
  const roundsUp = rest > half || (rest === half && (quotient & 1n) === 1n);
  return roundsUp ? quotient + 1n : quotient;
}

function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const hexadecimal = value.toString(16);
  return hexadecimal.length * 4 - Math.clz32(parseInt(hexadecimal[0], 16)) + 28;
}
