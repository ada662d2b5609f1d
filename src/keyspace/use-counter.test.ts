// The counter of uses against the figures that Redis publishes for its own, and through time.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../bytes/random.ts";
import { UseCounter } from "./use-counter.ts";

const minuteMs = 60_000;

function counterAfter(counter: UseCounter, uses: number): number {
  let access = counter.newAccess;
  for (let use = 0; use < uses; use++) access = counter.used(access);
  return counter.current(access);
}

describe("UseCounter", () => {
  it("begins at 5 and grows with the logarithm of the uses", () => {
    const counter = new UseCounter(seededRandom(1));
    assert.equal(counterAfter(counter, 0), 5);
    // The table in redis.conf: 18 after 1000 uses, 142 after 100,000, 255 after a million.
    const thousand = counterAfter(counter, 1000);
    assert.ok(thousand >= 14 && thousand <= 24, String(thousand));
    const many = counterAfter(counter, 100_000);
    assert.ok(many >= 125 && many <= 160, String(many));
  });

  it("grows by each use when the factor is 0, up to 255", () => {
    const counter = new UseCounter(seededRandom(1));
    counter.logFactor = 0;
    assert.equal(counterAfter(counter, 10), 15);
    assert.equal(counterAfter(counter, 1000), 255);
  });

  it("falls by one for each time of decay, and not below 0", () => {
    const counter = new UseCounter(seededRandom(1));
    counter.decayMinutes = 2;
    counter.setTime(10 * minuteMs);
    const access = counter.newAccess;
    counter.setTime(13 * minuteMs);
    assert.equal(counter.current(access), 4);
    counter.setTime(14 * minuteMs);
    assert.equal(counter.current(access), 3);
    counter.setTime(100 * minuteMs);
    assert.equal(counter.current(access), 0);
    counter.decayMinutes = 0;
    assert.equal(counter.current(access), 5);
  });

  it("counts on when the minutes come round", () => {
    const counter = new UseCounter(seededRandom(1));
    counter.setTime(0xffff * minuteMs);
    const access = counter.newAccess;
    counter.setTime((0xffff + 3) * minuteMs);
    assert.equal(counter.current(access), 2);
    assert.equal(counter.current(counter.used(access)), 3);
  });
});
