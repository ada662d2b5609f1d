// Of this process, what it knows of itself.
import assert from "node:assert/strict";
import { it } from "node:test";
import { residentBytes } from "./process-memory.ts";

const unknown = process.platform === "win32" ? "Windows does not tell it to others" : false;

it("the resident memory of this process", { skip: unknown }, () => {
  const told = residentBytes(process.pid) ?? 0;
  const own = process.memoryUsage.rss();
  assert.ok(Math.abs(told / own - 1) < 0.2, `${told}, not ${own}`);
});

it("of a process that is not there, nothing", () => {
  assert.equal(residentBytes(2 ** 30), undefined);
});
