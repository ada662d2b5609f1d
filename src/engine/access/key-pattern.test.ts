// Keys and patterns: the short way for prefixes gives the glob matcher's answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "../../bytes/ascii.ts";
import { globMatches } from "../../bytes/glob.ts";
import { KeyPattern, matchesKey, neededPermissions, permission } from "./key-pattern.ts";

test("a pattern that is a prefix and a star is known as one", () => {
  const lengths = ["key:*", "*", "a**", "a", "", "a?*", "[a]*", "a\\*", "\\a*", "abc*"].map(
    (text) => new KeyPattern(text, permission.all).prefixLength,
  );
  assert.deepEqual(lengths, [4, -1, -1, -1, -1, -1, -1, -1, -1, 3]);
});

test("keys match as the glob matcher says", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "*", "?", "[", "]", "\\"),
    maxLength: 6,
  });
  const prefix = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 3 }).map((s) => `${s}*`);
  fc.assert(
    fc.property(fc.oneof(text, prefix), text, fc.nat(3), (pattern, key, offset) => {
      const bytes = asciiBytes("x".repeat(offset) + key);
      const patternBytes = asciiBytes(pattern);
      const expected = globMatches(patternBytes, 0, pattern.length, bytes, offset, key.length, 0);
      const made = new KeyPattern(pattern, permission.all);
      assert.equal(matchesKey(made, bytes, offset, key.length), expected);
    }),
    { numRuns: 2000 },
  );
});

test("what is done with a key tells the permissions that it needs", () => {
  assert.equal(neededPermissions(["RO", "ACCESS"]), permission.read);
  assert.equal(neededPermissions(["OW", "UPDATE"]), permission.write);
  assert.equal(neededPermissions(["RW", "ACCESS", "DELETE"]), permission.all);
  assert.equal(neededPermissions(["RW", "INSERT"]), permission.write);
  // EXISTS and TYPE learn nothing of the value.
  assert.equal(neededPermissions(["RO"]), permission.none);
});
