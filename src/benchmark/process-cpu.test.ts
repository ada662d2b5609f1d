// CPU times as systems write them, and that of this process, which is known.
import assert from "node:assert/strict";
import { it } from "node:test";
import { cpuSeconds, secondsOfPs, secondsOfStat } from "./process-cpu.ts";

it("Linux's stat is read past a name with spaces and parentheses", () => {
  const text = "42 (a b) c) R 1 42 42 0 -1 4194304 100 0 0 0 250 75 0 0 20 0 1 0 100 1000 10";
  assert.equal(secondsOfStat(text), 3.25);
});

it("the formats of ps", () => {
  assert.equal(secondsOfPs("  0:01.50\n"), 1.5);
  assert.equal(secondsOfPs("01:02:03"), 3723);
  assert.equal(secondsOfPs("2-00:00:10"), 172_810);
  assert.throws(() => secondsOfPs("TIME"), RangeError);
});

it("that of this process is what it says itself", { skip: unknownHere() }, () => {
  const own = (): number => process.cpuUsage().user + process.cpuUsage().system;
  const low = own() / 1e6;
  const told = cpuSeconds(process.pid) ?? 0;
  const high = own() / 1e6;
  // The kernel adds up what a running thread used only now and then.
  assert.ok(told > low * 0.8 - 0.1 && told < high + 0.1, `${told}, not ${low} to ${high}`);
});

it("of a process that is not there, nothing", () => {
  assert.equal(cpuSeconds(2 ** 30), undefined);
});

function unknownHere(): string | false {
  return process.platform === "win32" ? "Windows does not tell it to others" : false;
}
