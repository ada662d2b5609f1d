// The generator behind `math.random`: the 48-bit linear congruential generator of drand48, as
// Redis's src/rand.c has it, so that a script draws the same numbers as it would there.
//
//   X(n+1) = (0x5DEECE66D * X(n) + 0xB) mod 2^48; a draw is the high 31 bits.

/** The state is kept as two halves of 24 bits, whose products are exact. */
const half = 0x100_0000;
const multiplierLow = 0xece66d;
const multiplierHigh = 0x5de;
const increment = 0xb;

/** The state that Redis starts with; it goes on from script to script. */
const seedDefault = 0x1234_abcd;

/** What a seed stands before, as the low 16 bits. */
const seedLow = 0x330e;

export class Lrand48 {
  #low = 0;
  #high = 0;

  constructor(seed = seedDefault) {
    this.seed(seed);
  }

  /** Takes the low 32 bits of a number. */
  seed(value: number): void {
    const bits = value >>> 0;
    this.#low = (bits & 0xff) * 0x1_0000 + seedLow;
    this.#high = bits >>> 8;
  }

  /** A whole number from 0 to 2^31 - 1. */
  next(): number {
    const low = this.#low * multiplierLow + increment;
    const carry = Math.floor(low / half);
    const high = this.#low * multiplierHigh + this.#high * multiplierLow + carry;
    this.#low = low % half;
    this.#high = high % half;
    return this.#high * 0x80 + (this.#low >>> 17);
  }
}
