// What redis-benchmark writes with --csv, read back.
import assert from "node:assert/strict";
import { it } from "node:test";
import { parseCsv } from "./cross-check.ts";

const head =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms",' +
  '"p99_latency_ms","max_latency_ms"\n';

it("the last test's figures are taken, whatever its name holds", () => {
  const fill = '"LPUSH (needed to benchmark LRANGE)","1.00","1","1","1","1","1","1"\n';
  const test = '"LRANGE_100 (first 100, elements)","24650.55","4.1","0.2","2.5","5.5","6.25","9"\n';
  assert.deepEqual(parseCsv(head + fill + test), {
    testCount: 2,
    commandsPerSecond: 24650.55,
    p50Us: 2500,
    p99Us: 6250,
  });
});

it("anything else is refused", () => {
  assert.throws(() => parseCsv(head), /redis-benchmark wrote/);
  assert.throws(() => parseCsv("Could not connect"), /Could not connect/);
});
