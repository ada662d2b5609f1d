// Real Sentinels over servers of ours, and over a group that Redis is part of: when the primary is
// killed a replica takes over, clients carry on, and nothing is lost that a replica had confirmed.
// `scripts/sentinel-failovers.ts` does the same any number of times.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Kind } from "../support/cut-run.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import { runFailovers } from "../support/sentinel-group.ts";

const groups: readonly (readonly Kind[])[] = [
  ["ours", "ours", "ours"],
  ["ours", "redis", "ours"],
];

// Most of the time is spent waiting, so the groups wait at the same time.
describe("under Sentinel", { skip: reasonToSkip(), concurrency: true }, () => {
  for (const kinds of groups) {
    it(`a killed primary is replaced: ${kinds.join(", ")}`, async () => {
      const { failoverMs, confirmed, lost } = await runFailovers({ kinds, failovers: 1 });
      assert.equal(failoverMs.length, 1);
      assert.ok(confirmed > 0);
      assert.equal(lost, 0);
    });
  }
});
