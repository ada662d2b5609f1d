// How long a command's calls took: counts on a scale that is fine for short times and coarse for
// long ones, as HdrHistogram does it with two significant digits. So percentiles and bounds come
// out as Redis's do.
//
// Nanoseconds below 256 have a count each. Above, each doubling is cut into 128 equal parts. The
// counts of a doubling (an octave) are made when it is first needed, 1 KiB each; a command's times
// lie in a few of them.
const octaveSize = 128;
const octaveBits = 7;
const timeMaxNs = 1_000_000_000;
const octaveCount = 24;
/** The bounds that LATENCY HISTOGRAM tells, each twice the one before. */
const firstBoundNs = 1024;

export class LatencyHistogram {
  readonly #octaves: (Float64Array | undefined)[] = Array.from<undefined>({ length: octaveCount });
  #total = 0;

  /** Calls that were recorded. */
  get total(): number {
    return this.#total;
  }

  /** Counts `calls` that took so long each; more than a second counts as a second. */
  record(microseconds: number, calls: number): void {
    const index = indexOf(Math.min(Math.max(microseconds * 1000, 1), timeMaxNs));
    const octave = (this.#octaves[index >>> octaveBits] ??= new Float64Array(octaveSize));
    octave[index & (octaveSize - 1)] += calls;
    this.#total += calls;
  }

  /** The time, in microseconds, that so many percent of the calls did not exceed. */
  percentileUs(percent: number): number {
    const wanted = Math.max(Math.floor((percent / 100) * this.#total + 0.5), 1);
    let count = 0;
    for (const [highestNs, calls] of this.#counts()) {
      count += calls;
      if (count >= wanted) return highestNs / 1000;
    }
    return 0;
  }

  /**
   * Pairs of a bound in whole microseconds and the calls that took no longer; bounds that add none
   * are left out.
   */
  cumulative(): [boundUs: number, calls: number][] {
    const pairs: [number, number][] = [];
    let boundNs = highestOf(indexOf(firstBoundNs));
    let levelNs = firstBoundNs;
    let count = 0;
    for (const [highestNs, calls] of this.#counts()) {
      while (highestNs > boundNs) {
        levelNs *= 2;
        boundNs = highestOf(indexOf(levelNs));
      }
      count += calls;
      const boundUs = Math.floor(boundNs / 1000);
      const last = pairs.at(-1);
      if (last?.[0] === boundUs) last[1] = count;
      else pairs.push([boundUs, count]);
    }
    return pairs;
  }

  /** The longest time of each part that has calls, in nanoseconds, and their number. */
  *#counts(): Iterable<[highestNs: number, calls: number]> {
    for (const [octave, counts] of this.#octaves.entries()) {
      if (counts === undefined) continue;
      for (const [position, calls] of counts.entries()) {
        if (calls > 0) yield [highestOf(octave * octaveSize + position), calls];
      }
    }
  }
}

/** The part of the scale that a time is in. */
function indexOf(ns: number): number {
  const whole = Math.floor(ns);
  const shift = Math.max(24 - Math.clz32(whole), 0);
  return shift * octaveSize + (whole >>> shift);
}

/** The longest time of a part. */
function highestOf(index: number): number {
  if (index < 2 * octaveSize) return index;
  const shift = (index >>> octaveBits) - 1;
  const start = ((index & (octaveSize - 1)) + octaveSize) * 2 ** shift;
  return start + 2 ** shift - 1;
}
