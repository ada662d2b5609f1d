// The score against a kernel of our own.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OomScore } from "./oom-score.ts";

/** A kernel that lets the score of an unprivileged process only rise above zero. */
function kernel(score: string): { text: string; read(): string; write(text: string): void } {
  return {
    text: score,
    read() {
      return this.text;
    },
    write(text) {
      if (Number(text) < 0) throw new Error("EACCES");
      this.text = text;
    },
  };
}

const failure = "Failed to set current oom_score_adj. Check server logs.";

describe("the score that tells whom the kernel ends first", () => {
  it("is added to the process's own, or replaces it, within the kernel's bounds", () => {
    const file = kernel("100\n");
    const score = new OomScore({ file, warn: () => undefined });
    assert.equal(score.apply("yes", 50), undefined);
    assert.equal(file.text, "150\n");
    score.apply("absolute", 50);
    assert.equal(file.text, "50\n");
    score.apply("yes", 2000);
    assert.equal(file.text, "1000\n");
  });

  it("goes back to the process's own, and is not touched before it is asked for", () => {
    const file = kernel("7\n");
    const score = new OomScore({ file, warn: () => undefined });
    score.apply("no", 50);
    assert.equal(file.text, "7\n");
    score.apply("yes", 50);
    score.apply("no", 50);
    assert.equal(file.text, "7\n");
    file.text = "300\n";
    score.apply("no", 50);
    assert.equal(file.text, "300\n");
    score.apply("yes", 1);
    assert.equal(file.text, "301\n");
  });

  it("says so when the kernel refuses", () => {
    const warnings: string[] = [];
    const file = kernel("0\n");
    const score = new OomScore({ file, warn: (message) => warnings.push(message) });
    assert.equal(score.apply("yes", -1), failure);
    assert.match(warnings[0], /Unable to set oom_score_adj: Error: EACCES/);
    assert.equal(score.apply("no", -1), undefined);
    assert.equal(file.text, "0\n");
  });
});
