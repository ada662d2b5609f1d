// The bytes of every kind of reply, in both versions of the protocol.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import { Failure } from "../keyspace/failure.ts";
import { ReplyWriter } from "./reply-writer.ts";

/** What is written in the given protocol version. */
function written(protocol: number, write: (reply: ReplyWriter) => void): string {
  const reply = new ReplyWriter();
  reply.protocol = protocol;
  write(reply);
  return latin1(reply.buffer, 0, reply.position);
}

describe("ReplyWriter", () => {
  const cases: [string, (reply: ReplyWriter) => void, string, string][] = [
    ["nil", (reply) => reply.nil(), "$-1\r\n", "_\r\n"],
    ["nilArray", (reply) => reply.nilArray(), "*-1\r\n", "_\r\n"],
    ["true", (reply) => reply.boolean(true), ":1\r\n", "#t\r\n"],
    ["false", (reply) => reply.boolean(false), ":0\r\n", "#f\r\n"],
    ["double", (reply) => reply.double(1.5), "$3\r\n1.5\r\n", ",1.5\r\n"],
    ["infinity", (reply) => reply.double(-Infinity), "$4\r\n-inf\r\n", ",-inf\r\n"],
    ["bigNumber", (reply) => reply.bigNumber("123"), "$3\r\n123\r\n", "(123\r\n"],
    [
      "verbatim",
      (reply) => reply.verbatim("txt", "é"),
      "$2\r\n\u00c3\u00a9\r\n",
      "=6\r\ntxt:\u00c3\u00a9\r\n",
    ],
    ["array", (reply) => reply.array(2), "*2\r\n", "*2\r\n"],
    ["map", (reply) => reply.map(2), "*4\r\n", "%2\r\n"],
    ["set", (reply) => reply.set(2), "*2\r\n", "~2\r\n"],
    ["push", (reply) => reply.push(2), "*2\r\n", ">2\r\n"],
    ["ok", (reply) => reply.ok(), "+OK\r\n", "+OK\r\n"],
    ["pong", (reply) => reply.pong(), "+PONG\r\n", "+PONG\r\n"],
    ["queued", (reply) => reply.queued(), "+QUEUED\r\n", "+QUEUED\r\n"],
    [
      "bulkText",
      (reply) => reply.bulkText("é"),
      "$2\r\n\u00c3\u00a9\r\n",
      "$2\r\n\u00c3\u00a9\r\n",
    ],
    ["bulkLatin1", (reply) => reply.bulkLatin1("é"), "$1\r\né\r\n", "$1\r\né\r\n"],
    ["bulkInteger", (reply) => reply.bulkInteger(-12), "$3\r\n-12\r\n", "$3\r\n-12\r\n"],
  ];
  for (const [name, write, two, three] of cases) {
    it(`writes ${name} in both protocols`, () => {
      assert.equal(written(2, write), two);
      assert.equal(written(3, write), three);
    });
  }

  it("writes integers of any size", () => {
    for (const value of [
      0,
      1,
      -1,
      10,
      2 ** 53 - 1,
      -(2 ** 53 - 1),
      2n ** 63n - 1n,
      -(2n ** 63n),
      0n,
    ]) {
      assert.equal(
        written(2, (reply) => reply.integer(value)),
        `:${value}\r\n`,
      );
    }
  });

  it("keeps line breaks out of simple strings and errors", () => {
    assert.equal(
      written(2, (reply) => reply.simple("a\r\nb")),
      "+a  b\r\n",
    );
    assert.equal(
      written(2, (reply) => reply.failure(new Failure("ERR a\nb"))),
      "-ERR a b\r\n",
    );
  });

  it("counts errors and remembers the last one", () => {
    const reply = new ReplyWriter();
    const failure = new Failure("ERR one");
    reply.failure(new Failure("ERR zero"));
    reply.failure(failure);
    assert.equal(reply.errorCount, 2);
    assert.equal(reply.lastFailure, failure);
  });

  it("puts the header in front of a collection that was begun without a size", () => {
    for (const count of [0, 1, 9, 10, 150_000]) {
      const text = written(3, (reply) => {
        reply.ok();
        const mark = reply.open();
        for (let index = 0; index < count; index++) reply.integer(index);
        reply.close(mark, "array", count);
        reply.ok();
      });
      const items = Array.from({ length: count }, (_, index) => `:${index}\r\n`).join("");
      assert.equal(text, `+OK\r\n*${count}\r\n${items}+OK\r\n`);
    }
  });

  it("nests collections of unknown size", () => {
    const text = written(3, (reply) => {
      const outer = reply.open();
      const inner = reply.open();
      reply.bulkLatin1("a");
      reply.integer(5);
      reply.close(inner, "map", 1);
      reply.close(outer, "push", 1);
    });
    assert.equal(text, ">1\r\n%1\r\n$1\r\na\r\n:5\r\n");
  });

  it("grows its buffer at any place and leaves the old one to those who still send from it", () => {
    const reply = new ReplyWriter();
    const before = reply.buffer;
    const size = before.length;
    for (let space = 0; space < 40; space++) {
      reply.position = size - space;
      reply.buffer = before;
      const start = reply.position;
      reply.bulk(asciiBytes("hello"), 1, 3);
      assert.equal(latin1(reply.buffer, start, reply.position), "$3\r\nell\r\n");
    }
    assert.equal(before.length, size);
    const large = new Uint8Array(1 << 20).fill(0x61);
    reply.bulk(large, 0, large.length);
    assert.ok(reply.buffer.length > 1 << 20);
  });

  it("refuses a reply that would take all memory, before it has taken it", () => {
    const reply = new ReplyWriter();
    reply.position = 2 ** 31 - 10;
    assert.throws(() => reply.bulk(asciiBytes("hello"), 0, 5), Failure);
    assert.ok(reply.buffer.length < 1 << 20);
  });
});
