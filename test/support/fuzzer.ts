// Makes what a hostile or broken client might send: well-formed requests with wild arguments, and
// streams that are damaged on the way. Seeded, so that a run can be repeated.
import { seededRandom } from "../../src/bytes/random.ts";
import type { Random } from "../../src/bytes/random.ts";
import { encodeRequest } from "./client.ts";

/** Words that mean something somewhere: options, numbers at their limits, keys that get all types. */
const words = [
  ..."a b c k1 k2 k3 l s h z x st".split(" "),
  ..."0 1 -1 2 10 100 -100 1.5 -0 +inf -inf nan 1e400 0x10 9223372036854775807".split(" "),
  ..."-9223372036854775808 18446744073709551615 4294967296 2147483648 -2147483649".split(" "),
  ..."* $ > - + ( [ (1 [a 1-1 0-0 5-* 18446744073709551615-18446744073709551615".split(" "),
  ..."NX XX GT LT CH EX PX EXAT PXAT KEEPTTL GET LIMIT COUNT MATCH TYPE STORE BY ASC".split(" "),
  ..."WITHSCORES WEIGHTS AGGREGATE SUM MIN MAX LEFT RIGHT BEFORE AFTER RANK MAXLEN".split(" "),
  ..."MINID ~ = BLOCK STREAMS GROUP CREATE MKSTREAM NOACK FIELDS AND OR XOR NOT u8 i16".split(" "),
  ..."OVERFLOW SAT WRAP FAIL SET INCRBY BYTE BIT REPLACE ABSTTL REV BYSCORE BYLEX km".split(" "),
  ..."FROMMEMBER FROMLONLAT BYRADIUS BYBOX 13.36 38.11 WITHCOORD string list hash ON".split(" "),
];

/** Commands that a fuzzer must not send: they end the server, stop it, or make it wait. */
const leftOut = new Set(["SHUTDOWN", "DEBUG", "CONFIG", "CLIENT", "MONITOR"]);

export class Fuzzer {
  readonly random: Random;
  readonly #names: readonly string[];

  constructor(seed: number, names: readonly string[]) {
    this.random = seededRandom(seed);
    this.#names = names
      .map((name) => name.toUpperCase())
      .filter((name) => !leftOut.has(name.split("|")[0]));
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.random.below(list.length)];
  }

  /** One argument: a word, raw bytes, or something long. */
  #argument(): string | Uint8Array {
    const kind = this.random.below(40);
    if (kind === 0) return new Uint8Array(this.random.below(3));
    if (kind === 1) return Uint8Array.from({ length: 9 }, () => this.random.below(256));
    if (kind === 2) return "x".repeat(this.random.below(5000));
    return this.#pick(words);
  }

  /** A well-formed request for a command that exists. */
  request(): Buffer {
    const name = this.#pick(this.#names).split("|");
    const count = this.random.below(this.random.below(4) === 0 ? 14 : 6);
    const args = Array.from({ length: count }, () => this.#argument());
    return encodeRequest([...name, ...args]);
  }

  /** Bytes of a few requests, damaged in up to four places. */
  damaged(): Buffer {
    const bytes = Buffer.concat([this.request(), this.request(), Buffer.from("PING\r\n")]);
    for (let count = this.random.below(5); count > 0; count--) {
      bytes[this.random.below(bytes.length)] = this.#pick([
        ...Buffer.from("*$\r\n-0129 \"'\\\0\xff"),
      ]);
    }
    const cut = this.random.below(3) === 0 ? this.random.below(bytes.length) : bytes.length;
    return bytes.subarray(0, cut);
  }
}
