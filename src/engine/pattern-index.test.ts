// The index against comparing with every pattern.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "../bytes/ascii.ts";
import { globMatches } from "../bytes/glob.ts";
import type { Patterned } from "./pattern-index.ts";
import { PatternIndex } from "./pattern-index.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "[", "]", "\\", "^", "-") });
const channels = fc.string({ unit: fc.constantFrom("a", "b", "*", "[", "\\") });

function matchesOf(index: PatternIndex<Patterned>, channel: string): Patterned[] {
  const found: Patterned[] = [];
  index.visitMatches(asciiBytes(channel), (entry) => void found.push(entry));
  return found;
}

test("finds the patterns that match, whatever they begin with, and no others", () => {
  fc.assert(
    fc.property(fc.array(letters), fc.array(letters), channels, (kept, removed, channel) => {
      const index = new PatternIndex<Patterned>();
      const entries = kept.map((text) => ({ bytes: asciiBytes(text) }));
      const gone = removed.map((text) => ({ bytes: asciiBytes(text) }));
      for (const entry of [...entries, ...gone]) index.add(entry);
      for (const entry of gone) index.remove(entry);
      const bytes = asciiBytes(channel);
      const expected = entries.filter((entry) =>
        globMatches(entry.bytes, 0, entry.bytes.length, bytes, 0, bytes.length, 0),
      );
      assert.deepEqual(new Set(matchesOf(index, channel)), new Set(expected));
    }),
  );
});

test("removing what was never added changes nothing", () => {
  const index = new PatternIndex<Patterned>();
  const entry = { bytes: asciiBytes("news.*") };
  index.add(entry);
  index.remove({ bytes: asciiBytes("news.*") });
  index.remove({ bytes: asciiBytes("other.*") });
  assert.deepEqual(matchesOf(index, "news.today"), [entry]);
});
