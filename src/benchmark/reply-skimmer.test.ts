// The skimmer on replies of every type, cut into chunks at any place.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, assert as check, constantFrom, integer, property } from "fast-check";
import { ReplySkimmer } from "./reply-skimmer.ts";

const replies = [
  "+OK\r\n",
  "-ERR no\r\n",
  ":-12\r\n",
  "$5\r\nhe\r\no\r\n",
  "$0\r\n\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "*0\r\n",
  "*3\r\n:1\r\n*2\r\n+a\r\n$1\r\nb\r\n$-1\r\n",
  "*2\r\n*0\r\n*1\r\n*0\r\n",
  "%1\r\n+k\r\n*2\r\n:1\r\n:2\r\n",
  "%0\r\n",
  "~2\r\n:1\r\n:2\r\n",
  ">2\r\n+message\r\n+x\r\n",
  "=7\r\ntxt:abc\r\n",
  "_\r\n",
  "#t\r\n",
  ",1.5\r\n",
  "(123456789012345678901234567890\r\n",
];

describe("ReplySkimmer", () => {
  it("counts replies, wherever the stream is cut", () => {
    check(
      property(
        array(constantFrom(...replies), { minLength: 1 }),
        array(integer({ min: 1, max: 7 }), { minLength: 1 }),
        (chosen, sizes) => {
          const bytes = Buffer.from(chosen.join(""));
          const skimmer = new ReplySkimmer();
          let counted = 0;
          for (let at = 0, cut = 0; at < bytes.length; cut++) {
            const size = Math.min(sizes[cut % sizes.length], bytes.length - at);
            counted += skimmer.skim(bytes.subarray(at, at + size), size);
            at += size;
          }
          assert.equal(counted, chosen.length);
          assert.equal(skimmer.errors, chosen.filter((reply) => reply.startsWith("-")).length);
        },
      ),
    );
  });

  it("counts each reply as its last byte comes", () => {
    for (const reply of replies) {
      const skimmer = new ReplySkimmer();
      const bytes = Buffer.from(reply);
      const counts = [...bytes].map((_, at) => skimmer.skim(bytes.subarray(at), 1));
      assert.deepEqual(counts, [...new Array<number>(bytes.length - 1).fill(0), 1], reply);
    }
  });

  it("looks at no byte beyond the size that it is given", () => {
    const skimmer = new ReplySkimmer();
    assert.equal(skimmer.skim(Buffer.from("+OK\r\n+OK\r\n"), 7), 1);
  });

  it("keeps the text of the first error, also within an array and cut in two", () => {
    const skimmer = new ReplySkimmer();
    for (const text of ["*2\r\n+OK\r\n-ERR fir", "st\r\n", "-ERR second\r\n"]) {
      skimmer.skim(Buffer.from(text), text.length);
    }
    assert.equal(skimmer.errors, 2);
    assert.equal(skimmer.errorText, "ERR first");
  });
});
