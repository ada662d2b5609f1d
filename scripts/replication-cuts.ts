// Cuts the link between a primary and its replica again and again while the primary is written to,
// and compares all that both have in the end:
// `node scripts/replication-cuts.ts --writes 1000000 --cuts 20`. Ours above Redis, below it, and
// above ours; `--pairs ours:redis` runs one of them.
import { parseArgs } from "node:util";
import type { Kind } from "../test/support/cut-run.ts";
import { runWithCuts } from "../test/support/cut-run.ts";

const { values } = parseArgs({
  options: {
    writes: { type: "string", default: "1000000" },
    cuts: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    pairs: { type: "string", default: "ours:redis,redis:ours,ours:ours" },
  },
});

for (const pair of values.pairs.split(",")) {
  const [primary, replica] = pair.split(":") as [Kind, Kind];
  const { writes, cuts, seed } = values;
  console.log(`${primary} -> ${replica}: ${writes} writes, ${cuts} cuts, seed ${seed}`);
  const outcome = await runWithCuts({
    primary,
    replica,
    writes: Number(writes),
    cuts: Number(cuts),
    seed: Number(seed),
  });
  const { refused, ...figures } = outcome;
  console.log(`  equal; ${JSON.stringify(figures)}`);
  for (const [text, count] of refused) console.log(`  ${count} refused: ${text}`);
}
