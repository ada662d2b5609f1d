// Requests however they are cut into pieces, and everything that is no request.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { asciiBytes } from "../bytes/ascii.ts";
import { viewed } from "../bytes/viewed.ts";
import { RequestParser, parsed } from "./request-parser.ts";

const limits = { argumentBytesMax: 512 * 1024 * 1024 };

function argumentsOf(parser: RequestParser): string[] {
  return Array.from({ length: parser.args.count }, (_, index) => parser.args.latin1(index));
}

/** In memory whose words can be read, as all input of the server is, or in any other. */
function bytesOf(text: string, hasView: boolean): Uint8Array {
  return hasView ? viewed(asciiBytes(text)) : asciiBytes(text);
}

/** `*1\r\n$4\r\nPING\r\n` and the like. */
function encode(requests: readonly (readonly string[])[]): string {
  const bulk = (word: string): string => `$${word.length}\r\n${word}\r\n`;
  return requests.map((words) => `*${words.length}\r\n${words.map(bulk).join("")}`).join("");
}

/** Everything that a parser says of the text, to the first request that is incomplete or wrong. */
function outcomesOf(text: string, hasView: boolean): unknown[] {
  const bytes = bytesOf(text, hasView);
  const parser = new RequestParser(limits);
  const outcomes: unknown[] = [];
  let status = parser.parse(bytes, 0, bytes.length);
  for (; status === parsed.request; status = parser.parse(bytes, parser.position, bytes.length)) {
    outcomes.push(argumentsOf(parser), parser.position);
  }
  const isFailed = status === parsed.failed;
  outcomes.push(status, isFailed ? parser.failure.text : parser.needed, parser.isInside);
  return outcomes;
}

/** Parses all requests of the text, which comes in pieces that end at the given offsets. */
function parseInPieces(text: string, ends: readonly number[], hasView = false): string[][] {
  const bytes = bytesOf(text, hasView);
  const parser = new RequestParser(limits);
  const requests: string[][] = [];
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    for (;;) {
      const isReady = !parser.isInside || end >= parser.needed;
      const status = isReady ? parser.parse(bytes, start, end) : parsed.incomplete;
      if (status === parsed.incomplete) break;
      assert.equal(status, parsed.request, parser.failure.text);
      requests.push(argumentsOf(parser));
      start = parser.position;
    }
  }
  return requests;
}

function failureOf(text: string, parser = new RequestParser(limits)): string {
  const bytes = asciiBytes(text);
  assert.equal(parser.parse(bytes, 0, bytes.length), parsed.failed);
  return parser.failure.text;
}

describe("RequestParser", () => {
  const text =
    "*3\r\n$3\r\nSET\r\n$0\r\n\r\n$12\r\na\r\n*1\r\n$1\r\nx\r\nPING 'a b'\r\n*1\r\n$4\r\nQUIT\r\n";
  const requests = [["SET", "", "a\r\n*1\r\n$1\r\nx"], ["PING", "a b"], ["QUIT"]];

  it("finds the requests wherever the stream is cut in two", () => {
    for (let cut = 0; cut <= text.length; cut++) {
      assert.deepEqual(parseInPieces(text, [cut]), requests, `cut at ${cut}`);
      assert.deepEqual(parseInPieces(text, [cut], true), requests, `cut at ${cut}`);
    }
  });

  it("finds them when each byte comes alone", () => {
    const ends = Array.from({ length: text.length }, (_, index) => index);
    assert.deepEqual(parseInPieces(text, ends), requests);
    assert.deepEqual(parseInPieces(text, ends, true), requests);
  });

  it("gives back any arguments, however they are cut", () => {
    const word = fc.oneof(
      fc.string({ unit: "binary-ascii" }),
      fc.string({ unit: "binary-ascii", minLength: 95, maxLength: 105 }),
    );
    const words = fc.array(word, { minLength: 1, maxLength: 11 });
    const pieces = fc.array(fc.nat(1000));
    fc.assert(
      fc.property(fc.array(words, { maxLength: 5 }), pieces, fc.boolean(), (all, cuts, hasView) => {
        const encoded = encode(all);
        const ends = cuts.map((cut) => Math.min(cut, encoded.length)).sort((a, b) => a - b);
        assert.deepEqual(parseInPieces(encoded, ends, hasView), all);
      }),
    );
  });

  it("says the same of any text, whether words of it can be read or not", () => {
    const all = fc.array(fc.array(fc.string({ unit: "binary-ascii" }), { minLength: 1 }));
    const damage = fc.record({ at: fc.nat(), as: fc.constantFrom(..."*$\r\n0129: -x".split("")) });
    fc.assert(
      fc.property(all, fc.array(damage, { maxLength: 3 }), fc.nat(), (sent, damages, cut) => {
        let damaged = encode(sent);
        for (const { at, as } of damages) {
          const place = at % (damaged.length + 1);
          damaged = damaged.slice(0, place) + as + damaged.slice(place + 1);
        }
        damaged = damaged.slice(0, cut % (damaged.length + 1));
        assert.deepEqual(outcomesOf(damaged, true), outcomesOf(damaged, false));
      }),
      { numRuns: 2000 },
    );
  });

  it("goes on in a buffer where the bytes lie further to the front", () => {
    const first = asciiBytes("xxxx*2\r\n$3\r\nGET\r\n$5\r\nhe");
    const parser = new RequestParser(limits);
    assert.equal(parser.parse(first, 4, first.length), parsed.incomplete);
    assert.equal(parser.needed, first.length + 5);
    parser.rebase(4);
    const moved = asciiBytes("*2\r\n$3\r\nGET\r\n$5\r\nhello\r\n");
    assert.equal(parser.parse(moved, 0, moved.length), parsed.request);
    assert.deepEqual(argumentsOf(parser), ["GET", "hello"]);
  });

  it("takes counts of zero or less for empty requests", () => {
    assert.deepEqual(parseInPieces("*0\r\n*-1\r\n\r\n*1\r\n$1\r\na\r\n", []), [[], [], [], ["a"]]);
  });

  it("refuses what is no protocol, in Redis's words", () => {
    const invalidCount = "ERR Protocol error: invalid multibulk length";
    assert.equal(failureOf("*x\r\n"), invalidCount);
    assert.equal(failureOf("*\r\n"), invalidCount);
    assert.equal(failureOf("*2147483648\r\n"), invalidCount);
    assert.equal(failureOf("*99999999999999999999\r\n"), invalidCount);
    const invalidLength = "ERR Protocol error: invalid bulk length";
    assert.equal(failureOf("*1\r\n$-1\r\n"), invalidLength);
    assert.equal(failureOf("*1\r\n$1x\r\n"), invalidLength);
    assert.equal(failureOf("*1\r\n$536870913\r\n"), invalidLength);
    assert.equal(failureOf("*1\r\n:1\r\n"), "ERR Protocol error: expected '$', got ':'");
    assert.equal(failureOf("GET 'a\r\n"), "ERR Protocol error: unbalanced quotes in request");
    assert.equal(failureOf('GET "a"b\r\n'), "ERR Protocol error: unbalanced quotes in request");
  });

  it("refuses lines that do not end", () => {
    const long = "1".repeat(64 * 1024 + 1);
    assert.equal(failureOf(`*${long}`), "ERR Protocol error: too big mbulk count string");
    assert.equal(failureOf(`*1\r\n$${long}`), "ERR Protocol error: too big bulk count string");
    assert.equal(failureOf(long), "ERR Protocol error: too big inline request");
  });

  it("allows little to those who have not said who they are", () => {
    const parser = new RequestParser(limits);
    parser.isUnauthenticated = true;
    const count = "ERR Protocol error: unauthenticated multibulk length";
    assert.equal(failureOf("*11\r\n", parser), count);
    parser.reset();
    const length = "ERR Protocol error: unauthenticated bulk length";
    assert.equal(failureOf("*1\r\n$16385\r\n", parser), length);
    parser.reset();
    const bytes = asciiBytes("*1\r\n$4\r\nAUTH\r\n");
    assert.equal(parser.parse(bytes, 0, bytes.length), parsed.request);
  });

  it("splits inline requests as a shell would, by Redis's rules", () => {
    const cases: [string, string[]][] = [
      ["SET  k\tv", ["SET", "k", "v"]],
      ["  ", []],
      [`"a b" 'c d'`, ["a b", "c d"]],
      [String.raw`"\n\r\t\b\a\\\"\x41\xzz"`, ['\n\r\t\b\u0007\\"Axzz']],
      [String.raw`'\n\''`, [String.raw`\n'`]],
      ['""', [""]],
    ];
    for (const [line, words] of cases) {
      for (const end of ["\n", "\r\n"])
        assert.deepEqual(parseInPieces(line + end, []), [words], line);
    }
  });
});
