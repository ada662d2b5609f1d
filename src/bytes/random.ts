// The source of random numbers that the layers below the server ask for, and a seeded one: the same
// seed gives the same numbers on every machine, so a run can be repeated. Not for secrets.

export interface Random {
  /** A whole number from 0 to 2^32 - 1, each as likely. */
  next32(): number;
  /** A whole number from 0 to `limit` - 1, each as likely; `limit` is 1 to 2^53 - 1. */
  below(limit: number): number;
}

const range32 = 2 ** 32;
const range53 = 2 ** 53;

/** A generator that depends on the low 32 bits of `seed` alone. */
export function seededRandom(seed: number): Random {
  return new SeededRandom(seed);
}

/** sfc32 of Chris Doty-Humphrey's PractRand: three words of state and a counter. */
class SeededRandom implements Random {
  #a: number;
  #b = 0;
  #c = 0;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    // The seed's bits have spread over the whole state after this many steps.
    for (let step = 0; step < 12; step++) this.next32();
  }

  next32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  below(limit: number): number {
    if (limit > range32) return this.#below53(limit);
    // We draw again in the last, incomplete multiple of the limit: it would favour low numbers.
    const end = range32 - (range32 % limit);
    let drawn = this.next32();
    while (drawn >= end) drawn = this.next32();
    return drawn % limit;
  }

  #below53(limit: number): number {
    const end = range53 - (range53 % limit);
    for (;;) {
      const drawn = (this.next32() >>> 11) * range32 + this.next32();
      if (drawn < end) return drawn % limit;
    }
  }
}
