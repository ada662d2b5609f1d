// Numbers as the reports write them: three digits that matter, and a unit that suits.

/** `950`, `12.3k`, `1.23M`. */
export function count(number: number): string {
  if (number >= 999_500) return `${threeDigits(number / 1e6)}M`;
  if (number >= 999.5) return `${threeDigits(number / 1e3)}k`;
  return threeDigits(number);
}

/** `85 µs`, `1.25 ms`, `2.1 s`. */
export function microseconds(us: number): string {
  if (us >= 999_500) return `${threeDigits(us / 1e6)} s`;
  if (us >= 999.5) return `${threeDigits(us / 1e3)} ms`;
  return `${Math.round(us)} µs`;
}

/** `0.86`, `1.43`, `12.1`. */
export function threeDigits(number: number): string {
  if (number >= 99.95) return String(Math.round(number));
  return number >= 9.995 ? number.toFixed(1) : number.toFixed(2);
}

/** The mean of ratios: half as much and twice as much cancel out. */
export function geometricMean(ratios: readonly number[]): number {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
