// Lua as real Redis runs it, inside EVAL, and as we do: values, types and every error text.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { seededRandom } from "../../src/bytes/random.ts";
import type { Random } from "../../src/bytes/random.ts";
import { comparedSeed } from "../support/comparison.ts";
import {
  formatCall,
  jsonChange,
  jsonDecoding,
  jsonEncoding,
  jsonText,
  libraryCall,
  patternCall,
  program,
} from "../support/lua-generator.ts";
import { describeOwn, describeReal } from "../support/lua-harness.ts";
import { oddSnippets, readSnippets } from "../support/lua-snippets.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";

/** Pieces of each kind in a run. */
const generatedCount = 300;

describe("Lua does what it does in Redis", { skip: reasonToSkip() }, () => {
  let redis: RealRedis;
  before(async () => {
    redis = await RealRedis.start();
  });
  after(() => redis.stop());

  async function compareGenerated(make: (random: Random) => string): Promise<void> {
    const random = seededRandom(comparedSeed);
    await compare(Array.from({ length: generatedCount }, () => make(random)));
  }

  async function compare(snippets: readonly string[]): Promise<void> {
    const expected = await describeReal(redis, snippets);
    for (const [at, snippet] of snippets.entries()) {
      const own = describeOwn(snippet);
      // How deep is too deep depends on the machine, and so does the line where it ends.
      if (own.includes("stack overflow") && expected[at].includes("stack overflow")) continue;
      assert.equal(own, expected[at], snippet);
    }
  }

  it("in the language", () => compare(readSnippets("language")));
  it("in errors", () => compare(readSnippets("errors")));
  it("in the libraries", () => compare(readSnippets("libraries")));
  it(`in generated programs, seed ${comparedSeed}`, () => compareGenerated(program));
  it(`in generated patterns, seed ${comparedSeed}`, () => compareGenerated(patternCall));
  it(`in generated formats, seed ${comparedSeed}`, () => compareGenerated(formatCall));
  it(`in generated data, seed ${comparedSeed}`, () => compareGenerated(libraryCall));
  it(`in generated JSON, seed ${comparedSeed}`, () => compareGenerated(jsonText));
  it(`in decoding documents, seed ${comparedSeed}`, () => compareGenerated(jsonDecoding));
  it(`in encoding values, seed ${comparedSeed}`, () => compareGenerated(jsonEncoding));
  it(`in changing what was decoded, seed ${comparedSeed}`, () => compareGenerated(jsonChange));
  it("in errors of syntax", () => compare([...readSnippets("syntax"), ...oddSnippets]));
});
