// What is kept of each event, and for how long.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LatencyMonitor } from "./latency-monitor.ts";

describe("LatencyMonitor", () => {
  it("keeps the worst of each second, of 160 seconds, and the worst ever", () => {
    let nowMs = 0;
    const monitor = new LatencyMonitor(() => nowMs);
    monitor.add("command", 500);
    assert.equal(monitor.find("command"), undefined);
    monitor.thresholdMs = 100;
    monitor.add("command", 99.9);
    assert.equal(monitor.events.size, 0);
    for (let second = 0; second < 200; second++) {
      nowMs = second * 1000;
      for (const ms of [200, 900 - second, 300]) monitor.add("command", ms);
    }
    const { samples, maxMs } = monitor.find("command")!;
    assert.equal(maxMs, 900);
    assert.equal(samples.length, 160);
    assert.deepEqual(samples[0], { timeSeconds: 40, ms: 860 });
    assert.deepEqual(samples[159], { timeSeconds: 199, ms: 701 });
    monitor.add("aof-write", 100);
    assert.deepEqual([monitor.forget("AOF-write"), monitor.forget("none")], [true, false]);
    assert.equal(monitor.reset(), 1);
  });
});
