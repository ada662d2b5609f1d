// Kills the primary of a group under three real Sentinels again and again while clients write:
// `node scripts/sentinel-failovers.ts --failovers 20`. `--group ours,redis,ours` names the servers,
// the first primary first, `--down-after 1000` Sentinel's down-after-milliseconds. Shows how long
// nothing was confirmed each time, what was lost, and how many failovers were begun in all: more
// than were asked for when Sentinels took a primary for dead that was alive.
import { parseArgs } from "node:util";
import type { Kind } from "../test/support/cut-run.ts";
import { runFailovers } from "../test/support/sentinel-group.ts";

const { values } = parseArgs({
  options: {
    failovers: { type: "string", default: "20" },
    group: { type: "string", default: "ours,ours,ours" },
    "down-after": { type: "string", default: "1500" },
  },
});

const kinds = values.group.split(",") as Kind[];
const outcome = await runFailovers({
  kinds,
  failovers: Number(values.failovers),
  downAfterMs: Number(values["down-after"]),
  onFailover: (ms) => console.log(`another one after ${Math.round(ms)} ms`),
});
const times = outcome.failoverMs.map((ms) => Math.round(ms));
const sorted = times.toSorted((a, b) => a - b);
console.log(`${values.group}: ms of each ${times.join(" ")}`);
console.log(`min ${sorted[0]}, median ${sorted[sorted.length >> 1]}, max ${sorted.at(-1)}`);
console.log(`${outcome.begun} failovers begun`);
console.log(`${outcome.confirmed} writes confirmed, ${outcome.lost} of them lost`);
