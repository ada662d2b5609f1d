// Writes of every kind under load while the link to the replica is cut: in the end both have the
// same data, and each cut has cost what was missed, never a full resynchronization.
// `scripts/replication-cuts.ts` does the same at any size.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Kind } from "../support/cut-run.ts";
import { runWithCuts } from "../support/cut-run.ts";
import { reasonToSkip } from "../support/real-redis.ts";

const seed = Number(process.env["REPLICATION_SEED"] ?? Date.now() % 1_000_000);
const writes = 4000;
const cuts = 3;

const pairs: readonly (readonly [Kind, Kind])[] = [
  ["ours", "redis"],
  ["redis", "ours"],
  ["ours", "ours"],
];

// Much of the time is spent waiting, so the pairs wait at the same time.
describe(`mixed writes over a link that is cut, seed ${seed}`, { concurrency: true }, () => {
  for (const [primary, replica] of pairs) {
    const skip = primary === replica ? false : reasonToSkip();
    it(`${primary} -> ${replica}`, { skip }, async () => {
      const outcome = await runWithCuts({ primary, replica, writes, cuts, seed });
      const { syncFull, partialOk, partialErr } = outcome;
      assert.deepEqual(
        { syncFull, partialOk, partialErr },
        { syncFull: 1, partialOk: cuts, partialErr: 0 },
      );
      const refused = [...outcome.refused.values()].reduce((sum, count) => sum + count, 0);
      assert.ok(refused < writes / 10, `${refused} requests were refused`);
    });
  }
});
