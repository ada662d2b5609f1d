// How often a key is used, under the LFU policies: then the access word of a record holds, instead
// of seconds,
//
//   bits 8..23  the minute of the last use, 16 bits
//        0..7   a counter that stands for the logarithm of the number of uses
//
// A use raises the counter with a chance that falls as the counter grows, and time lowers it: by
// one for each `decayMinutes`. The figures are Redis's.
import type { Random } from "../bytes/random.ts";

/** A new key is not the first to go, though it was hardly used. */
const newKeyCounter = 5;
const counterMax = 255;
const counterBits = 8;
const minutesMask = 0xffff;
const msPerMinute = 60_000;
const range32 = 2 ** 32;

export class UseCounter {
  /** Whether the policy is one of LFU: access words are of this form. */
  isOn = false;
  /** `lfu-log-factor`: how slowly the counter grows. */
  logFactor = 10;
  /** `lfu-decay-time`; 0: the counter never falls. */
  decayMinutes = 1;
  readonly #random: Random;
  #minute = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  setTime(nowMs: number): void {
    this.#minute = Math.floor(nowMs / msPerMinute) & minutesMask;
  }

  /** The access word of a key that is made now. */
  get newAccess(): number {
    return (this.#minute << counterBits) | newKeyCounter;
  }

  /** The counter, 0 to 255, lowered for the time since the last use. */
  current(access: number): number {
    const counter = access & counterMax;
    if (this.decayMinutes === 0) return counter;
    const idleMinutes = (this.#minute - (access >>> counterBits)) & minutesMask;
    return Math.max(0, counter - Math.floor(idleMinutes / this.decayMinutes));
  }

  /** The access word after one more use. */
  used(access: number): number {
    let counter = this.current(access);
    if (counter < counterMax) {
      const chance = 1 / (Math.max(0, counter - newKeyCounter) * this.logFactor + 1);
      if (this.#random.next32() < chance * range32) counter++;
    }
    return (this.#minute << counterBits) | counter;
  }
}
