// Quoting as Redis's sdssplitargs and sdscatrepr do it, and text that keeps every byte.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  decodeText,
  encodeText,
  fromByteString,
  quoteText,
  splitArguments,
  toByteString,
} from "./text.ts";

test("any bytes survive being held as text", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual([...encodeText(decodeText(bytes))], [...bytes]);
    }),
  );
});

test("bytes around the edges of UTF-8 survive too", () => {
  const pieces = ["\ufffd", "ä", "€", "😀", "a"].map((text) => Array.from(Buffer.from(text)));
  const broken = [
    [0xff],
    [0xc3],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xed, 0xa0, 0x80],
    [0xc0, 0x80],
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces, ...broken)), (parts) => {
      const bytes = Uint8Array.from(parts.flat());
      assert.deepEqual([...encodeText(decodeText(bytes))], [...bytes]);
    }),
  );
});

test("valid UTF-8 reads as the characters that it is", () => {
  assert.equal(decodeText(Buffer.from("pässword \ufffd 😀")), "pässword \ufffd 😀");
  assert.equal(decodeText(Uint8Array.from([0x61, 0xff, 0xc3, 0xa4])), "a\udcffä");
});

test("text and bytes held one a character are the same thing twice", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const byteString = Buffer.from(bytes).toString("latin1");
      assert.equal(toByteString(decodeText(bytes)), byteString);
      assert.equal(fromByteString(byteString), decodeText(bytes));
    }),
  );
  assert.equal(toByteString("ä"), "\u00c3\u00a4");
});

test("quoted text splits into the one argument that it was", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = decodeText(bytes);
      const quoted = quoteText(text);
      assert.match(quoted, /^"[\x20-\x7e]*"$/);
      assert.deepEqual(splitArguments(quoted), [text]);
      assert.deepEqual(splitArguments(`a ${quoted}\t${quoted}`), ["a", text, text]);
    }),
  );
});

const splits: readonly (readonly [string, string[] | undefined])[] = [
  ["", []],
  ["  \t ", []],
  ["set a b", ["set", "a", "b"]],
  [" a\t\vb \r\n", ["a", "b"]],
  ['""', [""]],
  ["''", [""]],
  ['"a b" c', ["a b", "c"]],
  [String.raw`"\x41\n\r\t\b\a\"\\\q"`, ['A\n\r\t\b\u0007"\\q']],
  [String.raw`"\x4"`, ["x4"]],
  [String.raw`"\xff"`, ["\udcff"]],
  [String.raw`"\xc3\xa4"`, ["ä"]],
  [String.raw`'it\'s \n'`, [String.raw`it's \n`]],
  [String.raw`'a\\'`, undefined],
  [String.raw`'a\\b'`, [String.raw`a\\b`]],
  [String.raw`a\n`, [String.raw`a\n`]],
  ['a"b c"', ["ab c"]],
  ["a'b c' d", ["ab c", "d"]],
  ['"a', undefined],
  ["'a", undefined],
  ['"a"b', undefined],
  ["'a'b", undefined],
  [String.raw`"a\"`, undefined],
  [String.raw`"a\\" b`, ["a\\", "b"]],
];

test("lines split as Redis splits them", () => {
  for (const [line, expected] of splits) {
    assert.deepEqual(splitArguments(line), expected, JSON.stringify(line));
  }
});
