// Random requests for comparisons and simulations: from a seed, over few keys so that they meet,
// with values at the borders where encodings and number ranges change.
import { seededRandom } from "../../src/bytes/random.ts";
import type { Random } from "../../src/bytes/random.ts";

const keys = ["a", "b", "c", "d", "e", "", "key:with:a:longer:name", "\u0000\r\n\u00ff"];
const integers = [
  "0",
  "1",
  "-1",
  "7",
  "10000",
  "9007199254740991",
  "-9007199254740992",
  "9223372036854775806",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "-9223372036854775807",
];
const floats = ["0.1", "-1.5", "3.0e3", "1e400", "inf", "nan", "0x10", " 1", "1 ", "5.", "-.5", ""];
const lengths = [0, 1, 20, 43, 44, 45, 46, 100, 1023, 1024, 1025, 3000];

export class RequestGenerator {
  readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)];
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.random.below(count) === 0;
  }

  /** Some of the items, in any order, each at most once. */
  some<T>(items: readonly T[]): T[] {
    const left = [...items];
    const taken: T[] = [];
    while (left.length > 0 && !this.oneIn(3)) {
      taken.push(...left.splice(this.random.below(left.length), 1));
    }
    return taken;
  }

  key(): string {
    return this.pick(keys);
  }

  integer(): string {
    return this.oneIn(3) ? this.pick(integers) : String(this.random.below(200) - 100);
  }

  number(): string {
    return this.oneIn(3) ? this.pick(floats) : this.integer();
  }

  value(): string {
    const kind = this.random.below(4);
    if (kind === 0) return this.number();
    if (kind === 1) return "x".repeat(this.pick(lengths));
    return this.text(this.random.below(12));
  }

  text(length: number): string {
    return Array.from({ length }, () =>
      this.pick(["a", "b", "c", "d", "e", "\r", "\n", "\u0000", "\u00ff"]),
    ).join("");
  }

  /** Sometimes in small letters, to see that case does not matter. */
  word(text: string): string {
    return this.oneIn(4) ? text.toLowerCase() : text;
  }

  /**
   * A time in seconds or milliseconds that is far enough away to be the same on both sides of a
   * comparison.
   */
  absoluteTime(unit: "s" | "ms"): string {
    // The largest number is too large in seconds only; in milliseconds it is a time that we do not
    // keep exactly.
    if (this.oneIn(6)) return this.pick(["0", "-1", "1", "12345", "x"]);
    if (this.oneIn(20) && unit === "s") return "9223372036854775807";
    const seconds = 4_000_000_000 + this.random.below(5);
    return String(unit === "s" ? seconds : seconds * 1000 + this.random.below(3));
  }

  relativeTime(unit: "s" | "ms"): string {
    if (this.oneIn(6))
      return this.pick(["0", "-1", "", "9223372036854775807", "-99999999999999999"]);
    const seconds = 1_000_000 * (1 + this.random.below(3));
    return String(unit === "s" ? seconds : seconds * 1000);
  }

  /** `EX 100` and its kin. */
  expiry(): string[] {
    switch (this.random.below(4)) {
      case 0:
        return [this.word("EX"), this.relativeTime("s")];
      case 1:
        return [this.word("PX"), this.relativeTime("ms")];
      case 2:
        return [this.word("EXAT"), this.absoluteTime("s")];
      default:
        return [this.word("PXAT"), this.absoluteTime("ms")];
    }
  }
}
