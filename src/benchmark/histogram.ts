// How long requests took, as HdrHistogram counts it: fine parts for short times, coarse ones for
// long times, so that p50 and p99.9 are both exact to within one part in 128 whatever the load was.
//
// The unit is a tenth of a microsecond. Times below 256 units have a part each; above, each
// doubling is cut into 128 equal parts, up to 2^32 units (seven minutes). 26 KiB, made once:
// recording allocates nothing. Histograms of several generators are added up; between processes
// they travel as the parts that are not empty.
const unitsPerUs = 10;
const octaveBits = 7;
const octaveSize = 1 << octaveBits;
const exactBits = octaveBits + 1;
const partCount = (32 - exactBits + 2) * octaveSize;
const unitMax = 2 ** 32 - 1;

/** Pairs of a part's index and its count, in order, one after the other. */
export type HistogramParts = readonly number[];

export class Histogram {
  readonly #counts = new Float64Array(partCount);
  #total = 0;
  #maxUnits = 0;

  static from(parts: HistogramParts): Histogram {
    const histogram = new Histogram();
    histogram.add(parts);
    return histogram;
  }

  /** Times that were recorded. */
  get total(): number {
    return this.#total;
  }

  /** The longest time, in microseconds. */
  get maxUs(): number {
    return this.#maxUnits / unitsPerUs;
  }

  /** Counts a time so many times; negative times count as none. */
  record(microseconds: number, times: number): void {
    const units = Math.min(Math.max(Math.round(microseconds * unitsPerUs), 0), unitMax);
    this.#counts[partOf(units)] += times;
    this.#total += times;
    if (units > this.#maxUnits) this.#maxUnits = units;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#maxUnits = 0;
  }

  /**
   * The time, in microseconds, that so many percent did not exceed; 0 when nothing was recorded.
   */
  percentileUs(percent: number): number {
    const wanted = Math.max(Math.ceil((percent / 100) * this.#total - 1e-9), 1);
    let count = 0;
    for (let part = 0; part < partCount; part++) {
      count += this.#counts[part];
      if (count >= wanted) return Math.min(highestOf(part), this.#maxUnits) / unitsPerUs;
    }
    return 0;
  }

  /** What `from` and `add` take. */
  parts(): number[] {
    const parts: number[] = [];
    for (let part = 0; part < partCount; part++) {
      if (this.#counts[part] > 0) parts.push(part, this.#counts[part]);
    }
    return parts;
  }

  /** Adds what another histogram has counted. */
  add(parts: HistogramParts): void {
    for (let at = 0; at < parts.length; at += 2) {
      this.#counts[parts[at]] += parts[at + 1];
      this.#total += parts[at + 1];
      this.#maxUnits = Math.max(this.#maxUnits, highestOf(parts[at]));
    }
  }
}

function partOf(units: number): number {
  const shift = Math.max(32 - exactBits - Math.clz32(units), 0);
  return shift * octaveSize + (units >>> shift);
}

/** The longest time of a part, in units. */
function highestOf(part: number): number {
  const shift = Math.max((part >>> octaveBits) - 1, 0);
  const start = (part - shift * octaveSize) * 2 ** shift;
  return start + 2 ** shift - 1;
}
