// Makes what a hostile or broken client might send: requests with wild arguments, requests that
// follow a command's declared syntax with values at its limits, and streams that are damaged on the
// way. Seeded, so that a run can be repeated.
import { seededRandom } from "../../src/bytes/random.ts";
import type { Random } from "../../src/bytes/random.ts";
import { commands } from "../../src/commands/commands.ts";
import type { CommandDeclaration } from "../../src/engine/command.ts";
import type { Word } from "../../src/engine/word.ts";
import type { Argument } from "./engine-harness.ts";
import { encodeRequest } from "./client.ts";

/**
 * Words that mean something somewhere: options, numbers at their limits, keys of all types. No
 * large negative number but the largest: SRANDMEMBER, as in Redis, would repeat itself so often.
 */
const words = [
  ..."a b c k1 k2 k3 l s h z x st".split(" "),
  ..."0 1 -1 2 10 100 -100 1.5 -0 +inf -inf nan 1e400 0x10 9223372036854775807".split(" "),
  ..."-9223372036854775808 18446744073709551615 4294967296 2147483648 -100000".split(" "),
  ..."* $ > - + ( [ (1 [a 1-1 0-0 5-* 18446744073709551615-18446744073709551615".split(" "),
  ..."NX XX GT LT CH EX PX EXAT PXAT KEEPTTL GET LIMIT COUNT MATCH TYPE STORE BY ASC".split(" "),
  ..."WITHSCORES WEIGHTS AGGREGATE SUM MIN MAX LEFT RIGHT BEFORE AFTER RANK MAXLEN".split(" "),
  ..."MINID ~ = BLOCK STREAMS GROUP CREATE MKSTREAM NOACK FIELDS AND OR XOR NOT u8 i16".split(" "),
  ..."OVERFLOW SAT WRAP FAIL SET INCRBY BYTE BIT REPLACE ABSTTL REV BYSCORE BYLEX km".split(" "),
  ..."FROMMEMBER FROMLONLAT BYRADIUS BYBOX 13.36 38.11 WITHCOORD string list hash ON".split(" "),
];

/** Commands that a fuzzer must not send: they end the server, stop it, or change its settings. */
const leftOut = new Set(
  "SHUTDOWN DEBUG CONFIG CLIENT MONITOR SYNC PSYNC REPLICAOF SLAVEOF FAILOVER".split(" "),
);

/** Few keys, so that commands meet those that others have made. */
const keys = "k1 k2 l s h z x st b {t}1 {t}2".split(" ");

const integers = "0 1 -1 2 3 10 -10 100 1000 65536 4294967296 9223372036854775807".split(" ");
const doubles = "0 -0 1 1.5 -2.5 3e10 1e-300 1.7e308 +inf -inf nan 12345678901234567890".split(" ");
const patterns = ["*", "k?", "[a-z]*", "{t}*", "\\\\", "["];

/** Syntax of commands and subcommands by their full names. */
function syntaxOf(declarations: readonly CommandDeclaration[]): Map<string, readonly Word[]> {
  const found = new Map<string, readonly Word[]>();
  for (const { name, words: own, subcommands = [] } of declarations) {
    found.set(name.toUpperCase(), own);
    for (const each of subcommands) {
      found.set(`${name}|${each.name}`.toUpperCase(), each.words);
    }
  }
  return found;
}

const syntax = syntaxOf(commands);

export class Fuzzer {
  readonly random: Random;
  readonly #names: readonly string[];
  /** What a `numkeys` has announced; 0: nothing. */
  #keyCount = 0;

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
    return encodeRequest(this.random.below(3) === 0 ? this.wildWords() : this.shapedWords());
  }

  /** A command with any arguments. */
  wildWords(): Argument[] {
    const name = this.#pick(this.#names).split("|");
    const count = this.random.below(this.random.below(4) === 0 ? 14 : 6);
    const args = Array.from({ length: count }, () => this.#argument());
    return [...name, ...args];
  }

  /** The words of a request that follows its command's syntax, but for a mistake now and then. */
  shapedWords(): Argument[] {
    const name = this.#pick(this.#names);
    this.#keyCount = 0;
    const request: Argument[] = name.split("|");
    for (const word of syntax.get(name) ?? []) this.#add(request, word);
    if (this.random.below(20) === 0) request.push(this.#argument());
    if (this.random.below(20) === 0) request.splice(1 + this.random.below(request.length), 1);
    return request;
  }

  #add(request: Argument[], word: Word): void {
    if (word.optional === true && this.random.below(2) === 0) return;
    const isKeys = word.kind === "key" && this.#keyCount > 0;
    const most = isKeys ? this.#keyCount : 1 + this.random.below(3);
    const count = word.many === true ? most : 1;
    for (let index = 0; index < count; index++) {
      const hasToken = word.token !== undefined && (index === 0 || word.manyTokens === true);
      if (hasToken) request.push(word.token);
      this.#addValue(request, word);
    }
  }

  #addValue(request: Argument[], word: Word): void {
    const { children = [] } = word;
    if (word.kind === "pure-token") return;
    if (word.kind === "oneof") this.#add(request, this.#pick(children));
    else if (word.kind === "block") for (const child of children) this.#add(request, child);
    else request.push(this.#value(word));
  }

  #value({ kind, name }: Word): Argument {
    if (this.random.below(30) === 0) return this.#argument();
    if (name === "numkeys") {
      this.#keyCount = 1 + this.random.below(3);
      return this.#keyCount;
    }
    if (kind === "key") return this.#pick(keys);
    if (kind === "integer") {
      return this.random.below(4) === 0 ? this.#pick(integers) : this.random.below(20);
    }
    if (kind === "double") return this.#pick(doubles);
    if (kind === "pattern") return this.#pick(patterns);
    if (kind === "unix-time") return Date.now() + this.random.below(3000) - 1000;
    return this.#argument();
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
