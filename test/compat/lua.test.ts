// Lua as real Redis runs it, inside EVAL, and as we do: values, types and every error text.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { describeOwn, describeReal } from "../support/lua-harness.ts";
import { oddSnippets, readSnippets } from "../support/lua-snippets.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";

describe("Lua does what it does in Redis", { skip: reasonToSkip() }, () => {
  let redis: RealRedis;
  before(async () => {
    redis = await RealRedis.start();
  });
  after(() => redis.stop());

  async function compare(snippets: readonly string[]): Promise<void> {
    const expected = await describeReal(redis, snippets);
    for (const [at, snippet] of snippets.entries()) {
      assert.equal(describeOwn(snippet), expected[at], snippet);
    }
  }

  it("in the language", () => compare(readSnippets("language")));
  it("in errors", () => compare(readSnippets("errors")));
  it("in the libraries", () => compare(readSnippets("libraries")));
  it("in errors of syntax", () => compare([...readSnippets("syntax"), ...oddSnippets]));
});
