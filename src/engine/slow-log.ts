// SLOWLOG: the latest commands that took longer than a limit.
//
// An entry keeps copies, cut to sizes that no request can exceed: the log takes a few kilobytes an
// entry at most, whatever was asked.
import { asciiBytes } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Session } from "./session.ts";

/** Redis's limits: more arguments, or bytes of one, are only counted. */
const argumentsMax = 32;
const argumentBytesMax = 128;

/** What stands for an argument that nobody may see. */
export const redacted: Uint8Array = asciiBytes("(redacted)");

export interface SlowCommand {
  /** Counts all that were ever logged; goes on after RESET. */
  readonly id: number;
  /** When it ended, in seconds since 1970. */
  readonly timeSeconds: number;
  readonly microseconds: number;
  readonly words: readonly Uint8Array[];
  readonly clientAddress: string;
  readonly clientName: string;
}

export class SlowLog {
  /** Commands that took at least so long are logged; Infinity: none. */
  thresholdUs = 10_000;
  #lengthMax = 128;
  #nextId = 0;
  /** The oldest first. */
  #entries: SlowCommand[] = [];

  get length(): number {
    return this.#entries.length;
  }

  set lengthMax(value: number) {
    this.#lengthMax = value;
    if (this.length > value) this.#entries = this.#entries.slice(this.length - value);
  }

  /** The latest `count`, the last one first. */
  latest(count: number): SlowCommand[] {
    return this.#entries.slice(-count || this.length).toReversed();
  }

  reset(): void {
    this.#entries = [];
  }

  /** Keeps a command that took so long; `secrets` are the indexes of arguments to hide. */
  add(
    session: Session,
    args: Slices,
    secrets: readonly number[],
    { microseconds, nowMs }: { readonly microseconds: number; readonly nowMs: number },
  ): void {
    if (this.#lengthMax === 0) return;
    if (this.length >= this.#lengthMax) this.#entries.shift();
    this.#entries.push({
      id: this.#nextId++,
      timeSeconds: Math.floor(nowMs / 1000),
      microseconds: Math.floor(microseconds),
      words: shownWords(args, secrets),
      clientAddress: session.link.remoteAddress,
      clientName: session.name,
    });
  }
}

function shownWords(args: Slices, secrets: readonly number[]): Uint8Array[] {
  const words: Uint8Array[] = [];
  const isCut = args.count > argumentsMax;
  const shownCount = isCut ? argumentsMax - 1 : args.count;
  for (let index = 0; index < shownCount; index++) {
    words.push(secrets.includes(index) ? redacted : shownWord(args, index));
  }
  if (isCut) words.push(asciiBytes(`... (${args.count - shownCount} more arguments)`));
  return words;
}

function shownWord(args: Slices, index: number): Uint8Array {
  const { bytes } = args;
  const offset = args.offsets[index];
  const length = args.lengths[index];
  if (length <= argumentBytesMax) return bytes.slice(offset, offset + length);
  const rest = asciiBytes(`... (${length - argumentBytesMax} more bytes)`);
  const word = new Uint8Array(argumentBytesMax + rest.length);
  word.set(bytes.subarray(offset, offset + argumentBytesMax));
  word.set(rest, argumentBytesMax);
  return word;
}
