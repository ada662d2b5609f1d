// Manifests that Redis writes are read and written back as they were; others say what is wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { formatManifest, ManifestError, parseManifest } from "./aof-manifest.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

const usual = [
  "file appendonly.aof.2.base.rdb seq 2 type b\n",
  "file appendonly.aof.1.incr.aof seq 1 type h\n",
  "file appendonly.aof.4.incr.aof seq 4 type i\n",
  "file appendonly.aof.5.incr.aof seq 5 type i\n",
].join("");

test("a manifest of Redis is read and written as it was", () => {
  const manifest = parseManifest(bytesOf(usual));
  assert.deepEqual(manifest, {
    base: { name: "appendonly.aof.2.base.rdb", sequence: 2 },
    history: [{ name: "appendonly.aof.1.incr.aof", sequence: 1 }],
    incrementals: [
      { name: "appendonly.aof.4.incr.aof", sequence: 4 },
      { name: "appendonly.aof.5.incr.aof", sequence: 5 },
    ],
  });
  assert.equal(textOf(formatManifest(manifest)), usual);
});

test("comments, blanks, other cases, unknown pairs and quotes", () => {
  const text = '#comment\n  FILE "a b\\x41\\"" SEQ 3 type incremental later thing \r\n';
  assert.deepEqual(parseManifest(bytesOf(text)).incrementals, [{ name: 'a bA"', sequence: 3 }]);
});

test("names are quoted as Redis quotes them", () => {
  const base = { name: 'a b\t"\\é', sequence: 1 };
  const text = textOf(formatManifest({ base, history: [], incrementals: [] }));
  assert.equal(text, 'file "a b\\t\\"\\\\\\xc3\\xa9" seq 1 type b\n');
});

test("any name comes back", () => {
  const file = fc.record(
    {
      name: fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => !/[/\\\0]/.test(name)),
      sequence: fc.integer({ min: 1, max: 2 ** 40 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(file, fc.array(file), (base, history) => {
      const manifest = { base, history, incrementals: [base] };
      assert.deepEqual(parseManifest(formatManifest(manifest)), manifest);
    }),
  );
});

test("what is wrong is told as Redis tells it", () => {
  const invalid = "Invalid AOF manifest file format";
  const cases: [string, string, number][] = [
    ["", "Found an empty AOF manifest", 0],
    ["\n", invalid, 1],
    ["file a seq 1\n", invalid, 1],
    ["file a seq 1 type b more\n", invalid, 1],
    ["file a seq 0 type b\n", invalid, 1],
    ["file a seq x type b\n", invalid, 1],
    ['file "a seq 1 type b\n', invalid, 1],
    ['file "" seq 1 type b\n', invalid, 1],
    ["file a seq 1 type b", "The AOF manifest file contains too long line", 0],
    [`file ${"a".repeat(1020)} seq 1 type b\n`, "The AOF manifest file contains too long line", 0],
    ["file ../a seq 1 type b\n", "File can't be a path, just a filename", 1],
    ["file a seq 1 type x\n", "Unknown AOF file type", 1],
    ["#\nfile a seq 1 type b\nfile b seq 2 type b\n", "Found duplicate base file information", 3],
    ["file a seq 2 type i\nfile b seq 2 type i\n", "Found a non-monotonic sequence number", 2],
  ];
  for (const [text, reason, line] of cases) {
    assert.throws(
      () => parseManifest(bytesOf(text)),
      (error) => {
        assert.ok(error instanceof ManifestError);
        assert.equal(error.message, reason, text);
        assert.equal(error.logLines.length, line > 0 ? 4 : 2, text);
        if (line > 0) {
          assert.equal(error.logLines[1], `Reading the manifest file, at line ${line}\n`);
        }
        return true;
      },
    );
  }
});
