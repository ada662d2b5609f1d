// Tests of `glob.ts`: examples with known answers, and properties over generated input.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "./ascii.ts";
import { globMatches } from "./glob.ts";

function matches(pattern: string, subject: string, caseInsensitive = 0): boolean {
  // Stars around the pattern and letters around the subject must not be looked at.
  const patternBytes = asciiBytes(`*${pattern}*`);
  const subjectBytes = asciiBytes(`ab${subject}ab`);
  return globMatches(
    patternBytes,
    1,
    pattern.length,
    subjectBytes,
    2,
    subject.length,
    caseInsensitive,
  );
}

// Each is a pattern, a space and a subject, with the answer that stringmatchlen of Redis gives.
const matching = [
  "* a, ** ab, a a, h?llo hello, h*llo hllo, h*llo heeeello, h[ae]llo hallo, h[^e]llo hallo",
  "h[a-b]llo hbllo, h[b-a]llo hallo, a* a, a** a, *a*b* xaybz, *ab aab, a\\*b a*b, \\a a",
  "a\\ a\\, [\\]] ], [\\^a] ^, [a\\-z] -, [abc b, [^ x, [a-] _, [a-] ], [*] *, [?] ?",
  "*[0-9] key1, *? a, ???* abc, [a-c-e] -, a*a*a*a*b aaaaaab, [\\ \\, [^a b",
  "[\u0080-a] \u00ff, [\u0080-a] A, [\\] ], [a- -, [a- a",
].flatMap((line) => line.split(", "));
const notMatching = [
  "a b, a aa, aa a, h?llo hllo, h[^e]llo hello, h[a-b]llo hcllo, [ a, [] a, [^a-z] b, [a-z] A",
  "a\\*b axb, \\* a, *b aba, ?? a, *a*b* ba, [] ], [a\\-z] b, a[b ac, *[ a, [a-] [, [^a a",
  "[z-\u00e9] {, [\u0080-a] b, [\\] \\, [a- A, [a- b",
].flatMap((line) => line.split(", "));

describe("globMatches", () => {
  it("answers as Redis does", () => {
    for (const text of matching) {
      const [pattern, subject] = text.split(" ");
      assert.ok(matches(pattern, subject), text);
    }
    for (const text of notMatching) {
      const [pattern, subject] = text.split(" ");
      assert.ok(!matches(pattern, subject), text);
    }
  });

  it("matches an empty subject with the empty pattern alone", () => {
    assert.ok(matches("", ""));
    assert.ok(!matches("*", ""));
    assert.ok(!matches("", "a"));
  });

  it("ignores the case of letters when asked to", () => {
    for (const [pattern, subject] of [
      ["HELLO", "hello"],
      ["h[A-C]llo", "hbllo"],
      ["h[a-c]LLO", "hBllo"],
      ["[b-d]", "B"],
      ["[b-d]", "D"],
      ["\\A", "a"],
      ["[XYZ]", "y"],
    ]) {
      assert.ok(matches(pattern, subject, 1), pattern);
      assert.ok(!matches(pattern, subject, 0), pattern);
    }
    assert.ok(!matches("[\\A]", "a", 1), "an escaped member of a class keeps its case");
    assert.ok(!matches("@", "`", 1));
  });

  it("compares the bytes of a range as glibc's tolower makes them when it ignores case", () => {
    assert.ok(!matches("[\u00e9-b]", "a", 1));
    assert.ok(matches("[\u00e9-b]", "a", 0));
    assert.ok(matches("[\u00ff-b]", "a", 1));
  });

  it("agrees with a regular expression on patterns without classes", () => {
    const unit = fc.constantFrom("a", "b", "*", "?");
    const pattern = fc.string({ unit, maxLength: 8 });
    const subject = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(pattern, subject, (globText, text) => {
        const source = globText.replaceAll("*", ".*").replaceAll("?", ".");
        assert.equal(matches(globText, text), new RegExp(`^${source}$`).test(text));
      }),
      { numRuns: 3000 },
    );
  });

  it("agrees with a regular expression on classes", () => {
    const member = fc.constantFrom("a", "c", "e", "a-c", "b-e");
    const members = fc.array(member, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(members, fc.boolean(), fc.constantFrom("a", "b", "d", "f"), (list, not, byte) => {
        const source = `[${not ? "^" : ""}${list.join("")}]`;
        assert.equal(matches(source, byte), new RegExp(`^${source}$`).test(byte));
      }),
    );
  });

  it("ends on any bytes and never reads a byte outside its ranges", () => {
    const bytes = fc.uint8Array({ maxLength: 12 });
    fc.assert(
      fc.property(bytes, bytes, fc.nat(1), (pattern, subject, fold) => {
        const alone = globMatches(pattern, 0, pattern.length, subject, 0, subject.length, fold);
        for (const filler of [0x2a, 0x5d, 0x2d, 0x5e, 0x5c]) {
          const longPattern = new Uint8Array(20).fill(filler);
          longPattern.set(pattern, 2);
          const longSubject = new Uint8Array(20).fill(filler);
          longSubject.set(subject, 3);
          const length = subject.length;
          assert.equal(
            globMatches(longPattern, 2, pattern.length, longSubject, 3, length, fold),
            alone,
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("takes pattern times subject steps at most", () => {
    // Exponential in the number of stars, this would not end before the sun does.
    assert.ok(!matches(`${"a*".repeat(2000)}b`, "a".repeat(50_000)));
    assert.ok(!matches(`${"*a".repeat(50)}${"?".repeat(200)}b`, "a".repeat(5000)));
    assert.ok(matches("*".repeat(100_000), "a"));
  });
});
