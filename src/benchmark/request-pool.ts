// Requests made before they are needed: a block of bytes with thousands of them side by side, drawn
// as the workload says, so that sending a pipeline is handing the socket a part of the block.
//
// A request is written from a template whose blanks are of a fixed width, so its bytes are copied
// and the blanks filled in. A word may hold one blank:
//
//   {key}     a key's number, by the distribution; when filling, 0, 1, 2, ... in turn
//   {member}  a number below the count of keys, each as likely
//   {score}   the same below a million
//   {next}    0, 1, 2, ... in turn
//   {value}   printable bytes, as many as values have
//
// Numbers have twelve digits, as redis-benchmark writes them.
import type { Random } from "../bytes/random.ts";
import type { KeyDistribution } from "./key-distribution.ts";
import { keyDrawer } from "./key-distribution.ts";

const blanks = ["key", "member", "score", "next", "value"] as const;
type Blank = (typeof blanks)[number];

/** What is sent and waited for as one: a command, or a few that belong together. */
export interface Unit {
  readonly commands: readonly (readonly string[])[];
  /** How often it is chosen, beside the others of its workload; 1 unless said otherwise. */
  readonly weight?: number;
  /** Sent as a line of words instead of an array of them. */
  readonly isInline?: boolean;
}

export interface PoolOptions {
  readonly units: readonly Unit[];
  readonly keys: number;
  readonly distribution: KeyDistribution;
  readonly valueBytes: number;
  readonly random: Random;
}

const digits = 12;
const scoreLimit = 1_000_000;
const poolBytesMax = 16 * 1024 * 1024;
const poolUnitsMax = 100_000;
const noiseBytes = 64 * 1024;

export class RequestPool {
  readonly bytes: Buffer;
  /** At i: where unit i begins; one more than there are units. */
  readonly starts: Uint32Array;
  /** At i: replies that the units before i bring; one more than there are units. */
  readonly replies: Uint32Array;

  private constructor(bytes: Buffer, starts: Uint32Array, replies: Uint32Array) {
    this.bytes = bytes;
    this.starts = starts;
    this.replies = replies;
  }

  get unitCount(): number {
    return this.starts.length - 1;
  }

  /** Requests to be sent again and again, as many as are a fair sample. */
  static draw(options: PoolOptions): RequestPool {
    const templates = options.units.map((unit) => new Template(unit, options.valueBytes));
    const largest = Math.max(...templates.map((template) => template.bytes.length));
    const count = Math.max(Math.min(poolUnitsMax, Math.floor(poolBytesMax / largest)), 1);
    const choose = chooser(options.units, options.random);
    const chosen = Array.from({ length: count }, () => templates[choose()]);
    const filler = new Filler(
      options,
      keyDrawer(options.distribution, options.keys, options.random),
    );
    return RequestPool.#write(chosen, filler);
  }

  /** Each of the units, in order, for each of the keys from `first` to `end` - 1. */
  static sequence(options: PoolOptions, first: number, end: number): RequestPool {
    const templates = options.units.map((unit) => new Template(unit, options.valueBytes));
    const chosen = Array.from({ length: end - first }, () => templates).flat();
    let written = 0;
    const nextPerKey = templates
      .flatMap((template) => template.blanks)
      .filter(({ blank }) => blank === "next").length;
    const drawKey = (): number => first + Math.floor(written / templates.length);
    const filler = new Filler(options, drawKey, first * nextPerKey);
    return RequestPool.#write(chosen, filler, () => written++);
  }

  static #write(
    templates: readonly Template[],
    filler: Filler,
    wrote: () => void = () => undefined,
  ): RequestPool {
    const starts = new Uint32Array(templates.length + 1);
    const replies = new Uint32Array(templates.length + 1);
    for (const [index, template] of templates.entries()) {
      starts[index + 1] = starts[index] + template.bytes.length;
      replies[index + 1] = replies[index] + template.replies;
    }
    const bytes = Buffer.allocUnsafe(starts[templates.length]);
    for (const [index, template] of templates.entries()) {
      bytes.set(template.bytes, starts[index]);
      for (const { blank, offset } of template.blanks) {
        filler.fill(bytes, starts[index] + offset, blank);
      }
      wrote();
    }
    return new RequestPool(bytes, starts, replies);
  }
}

/** The bytes of a unit, and where its blanks are. */
class Template {
  readonly bytes: Buffer;
  readonly blanks: readonly { readonly blank: Blank; readonly offset: number }[];
  readonly replies: number;

  constructor(unit: Unit, valueBytes: number) {
    const parts: Buffer[] = [];
    const found: { blank: Blank; offset: number }[] = [];
    let size = 0;
    const put = (text: string): void => {
      parts.push(Buffer.from(text, "latin1"));
      size += text.length;
    };
    for (const command of unit.commands) {
      if (unit.isInline === true) {
        put(`${command.join(" ")}\r\n`);
        continue;
      }
      put(`*${command.length}\r\n`);
      for (const word of command) {
        const { text, blank, position } = openBlank(word, valueBytes);
        put(`$${text.length}\r\n`);
        if (blank !== undefined) found.push({ blank, offset: size + position });
        put(`${text}\r\n`);
      }
    }
    this.bytes = Buffer.concat(parts);
    this.blanks = found;
    this.replies = unit.commands.length;
  }
}

/** A word with its blank as wide as what will stand there. */
function openBlank(
  word: string,
  valueBytes: number,
): { text: string; blank?: Blank; position: number } {
  for (const blank of blanks) {
    const position = word.indexOf(`{${blank}}`);
    if (position === -1) continue;
    const width = blank === "value" ? valueBytes : digits;
    return { text: word.replace(`{${blank}}`, "0".repeat(width)), blank, position };
  }
  return { text: word, position: 0 };
}

class Filler {
  readonly #options: PoolOptions;
  readonly #drawKey: () => number;
  readonly #noise: Buffer;
  #next: number;

  constructor(options: PoolOptions, drawKey: () => number, next = 0) {
    this.#options = options;
    this.#drawKey = drawKey;
    this.#next = next;
    this.#noise = noise(options.random, noiseBytes + options.valueBytes);
  }

  fill(bytes: Buffer, at: number, blank: Blank): void {
    const { random, keys, valueBytes } = this.#options;
    if (blank === "key") writeDigits(bytes, at, this.#drawKey());
    else if (blank === "member") writeDigits(bytes, at, random.below(keys));
    else if (blank === "score") writeDigits(bytes, at, random.below(scoreLimit));
    else if (blank === "next") writeDigits(bytes, at, this.#next++);
    else {
      const start = random.below(noiseBytes);
      bytes.set(this.#noise.subarray(start, start + valueBytes), at);
    }
  }
}

function writeDigits(bytes: Buffer, at: number, number: number): void {
  let rest = number;
  for (let position = digits - 1; position >= 0; position--) {
    const shorter = Math.floor(rest / 10);
    bytes[at + position] = 0x30 + rest - shorter * 10;
    rest = shorter;
  }
}

/** Letters: values that no server takes for numbers. */
function noise(random: Random, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; at++) bytes[at] = 0x61 + random.below(26);
  return bytes;
}

/** A function that draws an index of `units` by their weights. */
function chooser(units: readonly Unit[], random: Random): () => number {
  const weights = units.map((unit) => unit.weight ?? 1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return () => {
    let drawn = random.below(sum);
    return weights.findIndex((weight) => (drawn -= weight) < 0);
  };
}
