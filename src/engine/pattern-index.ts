// Patterns by what they begin with, so that a message is compared only with those that could match.
//
// `news.*` begins with `news.`, and only channels that do so too can match it. Patterns are kept by
// the letters before their first special one; a channel looks its own beginnings up, one for each
// length that occurs among the patterns, and those are few even where the patterns are many.
import { globMatches } from "../bytes/glob.ts";
import { latin1 } from "../bytes/ascii.ts";

const asterisk = 0x2a;
const questionMark = 0x3f;
const openingBracket = 0x5b;
const backslash = 0x5c;

/** Something that stands for a pattern. */
export interface Patterned {
  readonly bytes: Uint8Array;
}

export class PatternIndex<Entry extends Patterned> {
  /** By the length of the beginning, then by the beginning (Latin-1). */
  readonly #byLength = new Map<number, Map<string, Set<Entry>>>();

  add(entry: Entry): void {
    const beginning = beginningOf(entry.bytes);
    let beginnings = this.#byLength.get(beginning.length);
    if (beginnings === undefined) {
      beginnings = new Map();
      this.#byLength.set(beginning.length, beginnings);
    }
    const entries = beginnings.get(beginning);
    if (entries === undefined) beginnings.set(beginning, new Set([entry]));
    else entries.add(entry);
  }

  remove(entry: Entry): void {
    const beginning = beginningOf(entry.bytes);
    const beginnings = this.#byLength.get(beginning.length);
    const entries = beginnings?.get(beginning);
    if (beginnings === undefined || entries === undefined) return;
    entries.delete(entry);
    if (entries.size === 0) beginnings.delete(beginning);
    if (beginnings.size === 0) this.#byLength.delete(beginning.length);
  }

  /** Calls `visit` with every entry whose pattern matches the channel. */
  visitMatches(channel: Uint8Array, visit: (entry: Entry) => void): void {
    for (const [length, beginnings] of this.#byLength) {
      if (length > channel.length) continue;
      const entries = beginnings.get(latin1(channel, 0, length));
      if (entries === undefined) continue;
      for (const entry of entries) {
        const { bytes } = entry;
        const isMatch = globMatches(bytes, 0, bytes.length, channel, 0, channel.length, 0);
        if (isMatch) visit(entry);
      }
    }
  }
}

function beginningOf(pattern: Uint8Array): string {
  const end = pattern.findIndex(
    (byte) =>
      byte === asterisk || byte === questionMark || byte === openingBracket || byte === backslash,
  );
  return latin1(pattern, 0, end === -1 ? pattern.length : end);
}
